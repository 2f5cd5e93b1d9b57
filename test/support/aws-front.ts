/** A door before the stand-in for AWS: sees every request, and may answer in its place. */
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request as sendRequest } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FrontRequest {
  readonly method: string;
  readonly path: string;
  /** The action, such as `CreateChangeSet`; empty for protocols that know it by the path. */
  readonly action: string;
  /** The operation of a JSON protocol, such as `AmazonSQS.GetQueueAttributes`; empty for others. */
  readonly target: string;
  /** Read when it is asked for: it may hold a whole template. */
  readonly form: URLSearchParams;
  readonly body: string;
}

export interface FrontAnswer {
  readonly status: number;
  readonly body: string;
}

export interface AwsFront {
  readonly url: string;
  readonly requests: FrontRequest[];
  /** Answers in AWS's place where it answers at all. */
  intercept: (request: FrontRequest) => FrontAnswer | undefined;
  /** What whoever asked is told, instead of what AWS answered. */
  rewrite: (request: FrontRequest, answer: string) => string;
  /** Told once AWS has done what it was asked for, before whoever asked knows. */
  afterwards: (request: FrontRequest) => void;
  close(): Promise<void>;
}

export async function startAwsFront(behind: string): Promise<AwsFront> {
  const requests: FrontRequest[] = [];
  const agent = new Agent({ keepAlive: true });
  const server = createServer(async (request, response) => {
    const body = await readBody(request);
    const isForm = /x-www-form-urlencoded/.test(request.headers['content-type'] ?? '');
    const text = body.toString();
    const method = request.method ?? 'GET';
    const target = String(request.headers['x-amz-target'] ?? '');
    const [, named] = (isForm && /(?:^|&)Action=(\w*)/.exec(text)) || [];
    const action = named ?? target.split('.').at(-1) ?? '';
    const seen = {
      ...{ method, path: request.url ?? '/', action, target, body: text },
      get form() {
        return new URLSearchParams(isForm ? text : '');
      },
    };
    requests.push(seen);
    const own = front.intercept(seen);
    if (own !== undefined) {
      response.writeHead(own.status, { 'content-type': 'text/xml' }).end(own.body);
      return;
    }
    const headers = { ...passOn(request), 'content-length': body.length };
    const sent = sendRequest(`${behind}${seen.path}`, { method, headers, agent }).end(body);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const whole = await readBody(answer);
    // Queues are called at the address that their name holds: it has to lead through the door, too.
    const answered = asText(whole, answer, (text) =>
      front.rewrite(seen, text.replaceAll(behind, front.url)),
    );
    front.afterwards(seen);
    response.writeHead(answer.statusCode ?? 500, passOn(answer));
    response.end(method === 'HEAD' ? undefined : answered);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const front: AwsFront = {
    url: `http://127.0.0.1:${port}`,
    requests,
    intercept: () => undefined,
    rewrite: (_, answer) => answer,
    afterwards: () => undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        agent.destroy();
      }),
  };
  return front;
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The headers that are not about one connection alone. */
function passOn({ headers }: IncomingMessage): IncomingMessage['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)));
}

/** The answer, changed where it is text. */
function asText(
  body: Buffer,
  { headers }: IncomingMessage,
  change: (text: string) => string,
): Buffer {
  const isText = /xml|json/.test(headers['content-type'] ?? '');
  return isText ? Buffer.from(change(body.toString())) : body;
}

const HOP_BY_HOP = new Set([
  'connection',
  'content-length',
  'transfer-encoding',
  'content-encoding',
  'accept-encoding',
  'expect',
  'host',
  'keep-alive',
]);

/** What CloudFormation answers when an action ends well. */
export function answerOf(action: string, result: string): FrontAnswer {
  const xmlns = 'http://cloudformation.amazonaws.com/doc/2010-05-15/';
  return {
    status: 200,
    body: `<${action}Response xmlns="${xmlns}"><${action}Result>${result}</${action}Result></${action}Response>`,
  };
}

/** What CloudFormation answers when it refuses. */
export function refusalOf(code: string, message: string, status = 400): FrontAnswer {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, body: `<ErrorResponse>${error}<RequestId>1</RequestId></ErrorResponse>` };
}

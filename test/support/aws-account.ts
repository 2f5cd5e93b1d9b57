/** Accounts in the stand-in for AWS: what is made in one is not seen in another. */
import { createHash } from 'node:crypto';
import { Agent, type IncomingMessage, request as sendRequest } from 'node:http';
import { relative } from 'node:path';
import { expect, inject } from 'vitest';

const url = inject('standInUrl');

/** For `describe.runIf`: whether the stand-in for AWS runs on this machine. */
export const hasAws = url !== undefined;

/** By this setting, which the SDK passes on, a client is known to be a test's and not the product's. */
export const OF_TEST = Symbol.for('pynvest: of a test');

export interface AwsAccount {
  readonly id: string;
  /** The endpoint of all services. */
  readonly url: string;
  readonly clientSettings: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly [OF_TEST]: true;
  };
  /** What an SDK, a command or a function needs in its environment to work in this account. */
  readonly environment: Readonly<Record<string, string>>;
  /** A request that no client signs. */
  fetch(path: string, init?: PlainRequest): Promise<PlainAnswer>;
}

export interface PlainRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface PlainAnswer {
  readonly status: number;
  readonly ok: boolean;
  readonly bytes: Buffer;
}

/** For the environment of a command: no settings of AWS on this machine reach it. */
export const noSettings = {
  AWS_CONFIG_FILE: '/nonexistent/config',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_PROFILE: '',
  AWS_DEFAULT_REGION: '',
} as const;

const region = 'sa-east-1';
/** How many each test file has had: the modules are loaded once for several files. */
const accounts = new Map<string, number>();

/** An empty account, another one at each call; its number is the same in every run. */
export function newAccount(): AwsAccount {
  if (url === undefined) throw new Error('there is no stand-in for AWS on this machine');
  const file = relative(process.cwd(), expect.getState().testPath ?? '');
  const count = (accounts.get(file) ?? 0) + 1;
  accounts.set(file, count);
  const id = numberOf(`${file} ${count}`);
  // The stand-in takes an access key of twelve digits for the account, and checks no signature.
  const credentials = { accessKeyId: id, secretAccessKey: 'test' };
  const authorization = `AWS4-HMAC-SHA256 Credential=${id}/20260101/${region}/`;
  return {
    id,
    url,
    clientSettings: { endpoint: url, region, credentials, [OF_TEST]: true },
    environment: {
      ...noSettings,
      AWS_ENDPOINT_URL: url,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: id,
      AWS_SECRET_ACCESS_KEY: 'test',
    },
    fetch: (path, init = {}) =>
      send(`${url}${path}`, { ...init, headers: { ...init.headers, authorization } }),
  };
}

const agent = new Agent({ keepAlive: true });

/** As `fetch` does it, which takes as long as the SDK does for a request. */
async function send(
  to: string,
  { method = 'GET', headers = {}, body = '' }: PlainRequest,
): Promise<PlainAnswer> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const length = String(Buffer.byteLength(body));
    const options = { agent, method, headers: { ...headers, 'content-length': length } };
    sendRequest(to, options, resolve).once('error', reject).end(body);
  });
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  const [status, bytes] = [answer.statusCode ?? 0, Buffer.concat(parts)];
  return { status, ok: status >= 200 && status < 300, bytes };
}

/** Twelve digits, the first of them not 0. */
function numberOf(text: string): string {
  const hash = createHash('sha256').update(text).digest().readUInt32BE();
  return String(100_000_000_000 + hash);
}

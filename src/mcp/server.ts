/**
 * The Model Context Protocol server: an assistant asks a lake in a folder, by tools that only read.
 */

import { PassThrough } from 'node:stream';
import { type JSONRPCMessage, McpServer } from '@modelcontextprotocol/server';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import pLimit from 'p-limit';
import { QueryError } from '../errors.ts';
import { answerSchema, formatAnswer, formatError, type ToolContext } from './answer.ts';
import { historyTools } from './history-tools.ts';
import { lakeTools } from './lake-tools.ts';
import { marketTools } from './market-tools.ts';
import { rankingTools } from './ranking-tools.ts';
import type { Tool } from './tool.ts';

export const tools: readonly Tool[] = [
  ...marketTools,
  ...rankingTools,
  ...historyTools,
  ...lakeTools,
];

const INSTRUCTIONS = `Figures of Brazilian stocks (ações) and real-estate funds (FIIs), from a data lake on the person's
machine that is collected from fundamentus.com.br each trading day, and from B3's price history if it was imported.
Nothing is live: say the day of a figure, which is the answer's day. Where day is null the rows do not say it: select the
column of the day, and never take lake_newest_day for it. Columns have Portuguese names (describe_columns): vlr_ amounts in
reais or ratios, pct_ and yields fractions (0.1 is 10%), dt_ days. Null means that the source prints no value. A long answer
has next_offset. These tools only read; what fills or repairs the lake is a pynvest command in an answer's
notes, for the person to run.`;

/** Each call has an engine with threads of its own: more at once would only be slower. */
const MAX_CALLS_AT_ONCE = 2;

function createServer(context: ToolContext, version: string): McpServer {
  const server = new McpServer(
    { name: 'pynvest', title: 'pynvest', version },
    { instructions: INSTRUCTIONS.replaceAll('\n', ' ') },
  );
  const limit = pLimit(MAX_CALLS_AT_ONCE);
  for (const tool of tools) {
    server.registerTool(
      tool.name,
      {
        ...{ title: tool.title, description: tool.description, inputSchema: tool.input },
        outputSchema: answerSchema,
        annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
      },
      (args, { mcpReq }) => limit(() => callTool(tool, args, context, mcpReq.signal)),
    );
  }
  return server;
}

/** The answer of a tool, or its error as one. */
export async function callTool(
  tool: Tool,
  args: Record<string, unknown>,
  context: ToolContext,
  signal: AbortSignal,
) {
  try {
    signal.throwIfAborted();
    const engine = await context.openEngine();
    const interrupt = (): void => engine.interrupt?.();
    signal.addEventListener('abort', interrupt);
    try {
      // It may have been cancelled while the engine was opened.
      signal.throwIfAborted();
      return formatAnswer(await tool.answer(args, engine, context));
    } finally {
      signal.removeEventListener('abort', interrupt);
      engine.close();
    }
  } catch (error) {
    if (signal.aborted) return formatError(new QueryError('the call was cancelled'));
    return formatError(error);
  }
}

/**
 * Serves on standard input and output until the client has closed it and has all answers, or until `signal` is aborted.
 * @param onError is called with errors that no answer reports to the client
 */
export async function serve(
  context: ToolContext,
  version: string,
  { signal, onError }: { readonly signal: AbortSignal; onError(error: Error): void },
): Promise<void> {
  const transport = new AnsweringTransport();
  const closed = new Promise<void>((resolve) => {
    const connection = serveStdio(
      () => {
        const server = createServer(context, version);
        server.server.onclose = resolve;
        return server;
      },
      { onerror: onError, transport },
    );
    // A client that never asked anything leaves no server behind that would be closed.
    transport.onEnd(resolve);
    signal.addEventListener('abort', () => void connection.close().finally(resolve));
  });
  await closed;
}

/**
 * Standard input and output as the transport of a server that answers what it was asked before it ends: a client that
 * sends its requests and closes its side at once, as `printf … | pynvest mcp` does, still reads all answers.
 */
class AnsweringTransport extends StdioServerTransport {
  /** What the transport reads: it ends once the answers are written, and not with standard input. */
  readonly #input: PassThrough;
  readonly #pending = new Set<string | number>();
  #isAskedNoMore = false;

  constructor() {
    const input = new PassThrough();
    super(input);
    this.#input = input;
  }

  override async start(): Promise<void> {
    const handle = this.onmessage;
    this.onmessage = (message) => {
      this.#noteQuestion(message);
      handle?.(message);
    };
    await super.start();
    const { stdin } = process;
    const end = (): void => {
      this.#isAskedNoMore = true;
      this.#endIfAnswered();
    };
    stdin.once('end', end).once('close', end);
    stdin.on('error', (error) => this.onerror?.(error));
    stdin.pipe(this.#input, { end: false });
  }

  /** Calls back once there is nothing more to read, and all is answered. */
  onEnd(callback: () => void): void {
    this.#input.once('close', callback);
  }

  override async send(message: JSONRPCMessage): Promise<void> {
    await super.send(message);
    if (!('method' in message) && message.id !== undefined) this.#pending.delete(message.id);
    this.#endIfAnswered();
  }

  override async close(): Promise<void> {
    process.stdin.unpipe(this.#input);
    process.stdin.pause();
    await super.close();
  }

  #noteQuestion(message: JSONRPCMessage): void {
    if (!('method' in message)) return;
    const { method, params } = message;
    // A subscription has no answer that would end it, and a call that is cancelled has none.
    if ('id' in message && !method.startsWith('subscriptions/')) this.#pending.add(message.id);
    if (method !== 'notifications/cancelled') return;
    const { requestId } = params ?? {};
    if (typeof requestId === 'string' || typeof requestId === 'number') {
      this.#pending.delete(requestId);
      this.#endIfAnswered();
    }
  }

  #endIfAnswered(): void {
    if (!this.#isAskedNoMore) return;
    // What has arrived is not yet read.
    if (this.#input.readableLength > 0) setImmediate(() => this.#endIfAnswered());
    else if (this.#pending.size === 0) this.#input.end();
  }
}

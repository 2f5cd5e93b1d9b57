/**
 * Standard input and output as the transport of a server that answers what it was asked before it ends: a client that sends its
 * requests and closes its side at once, as `printf … | pynvest mcp` does, still reads all answers.
 */
import { PassThrough } from 'node:stream';
import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';

export class AnsweringTransport extends StdioServerTransport {
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

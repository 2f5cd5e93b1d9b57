/** A terminal that keeps what is written to it. */
import { Writable } from 'node:stream';
import type { TerminalOptions } from '../../src/cli/option.ts';
import { createTerminal, type Terminal } from '../../src/cli/terminal/terminal.ts';

export interface FakeTerminal {
  readonly terminal: Terminal;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Waits until all that was written to stdout has come. */
  end(): Promise<void>;
}

export interface FakeTerminalOptions extends TerminalOptions {
  /** The width of a screen; without it, stdout is a pipe. */
  readonly columns?: number;
}

export function fakeTerminal({ columns, ...options }: FakeTerminalOptions = {}): FakeTerminal {
  // Only stdout is waited for: what is written to it comes as a slow reader takes it.
  const stdout = fakeStream(setImmediate);
  const stderr = fakeStream();
  if (columns !== undefined) Object.assign(stdout.stream, { isTTY: true, columns });
  return {
    terminal: terminalOn(stdout, stderr, options),
    stdout: stdout.text,
    stderr: stderr.text,
    end: () =>
      new Promise((resolve) => {
        stdout.stream.end(() => resolve());
      }),
  };
}

export interface FakeStream {
  readonly stream: NodeJS.WriteStream;
  readonly text: () => string;
}

/** A stream that is no terminal, and the text that was written to it. */
export function fakeStream(take: (done: () => void) => void = (done) => done()): FakeStream {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    highWaterMark: 64,
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      take(() => done());
    },
  });
  return {
    // A stream that only gathers has all that a command asks of standard output.
    stream: stream as unknown as NodeJS.WriteStream,
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}

export function terminalOn(
  { stream: stdout }: FakeStream,
  { stream: stderr }: FakeStream,
  options: TerminalOptions,
): Terminal {
  return createTerminal(options, () => undefined, { stdout, stderr });
}

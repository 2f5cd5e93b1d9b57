/** A terminal that keeps what it is told. */
import { Writable } from 'node:stream';
import pc from 'picocolors';
import type { Terminal } from '../../src/cli/terminal/terminal.ts';

export interface FakeTerminal {
  readonly terminal: Terminal;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Waits until all that was written to stdout has come. */
  end(): Promise<void>;
}

export interface FakeTerminalOptions {
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  /** The width of a screen; without it, stdout is a pipe. */
  readonly columns?: number;
}

export function fakeTerminal({
  quiet = false,
  verbose = false,
  columns,
}: FakeTerminalOptions = {}): FakeTerminal {
  // Only stdout is waited for: what is written to it comes as a slow reader takes it.
  const stdout = gatherer(setImmediate);
  const stderr = gatherer((done) => done());
  // A stream that only gathers has all that the command asks of a terminal's.
  const out = stdout.stream as unknown as NodeJS.WriteStream;
  if (columns !== undefined) Object.assign(out, { isTTY: true, columns });
  return {
    terminal: {
      stdout: out,
      stderr: stderr.stream as unknown as NodeJS.WriteStream,
      quiet,
      verbose,
      colors: pc.createColors(false),
      notice(text) {
        if (!quiet) stderr.stream.write(`${text}\n`);
      },
      warn(text) {
        stderr.stream.write(`! ${text}\n`);
      },
      onBrokenPipe: () => undefined,
    },
    stdout: stdout.text,
    stderr: stderr.text,
    end: () =>
      new Promise((resolve) => {
        stdout.stream.end(() => resolve());
      }),
  };
}

function gatherer(take: (done: () => void) => void): {
  readonly stream: Writable;
  readonly text: () => string;
} {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    highWaterMark: 64,
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      take(() => done());
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}

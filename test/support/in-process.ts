/**
 * `pynvest` in this process: its own program and handlers over streams of a test, where the process is not what is
 * tested. It takes a tenth of the time of a process, most of which is Node's start and the loading of modules.
 */
import { PassThrough, Readable } from 'node:stream';
import { runProgram } from '../../src/cli/program.ts';
import {
  type CommandOptions,
  type CommandResult,
  commandEnvironment,
  setEnvironment,
} from './command.ts';
import { type FakeStream, fakeStream, terminalOn } from './fake-terminal.ts';

/** Signals and events that a command listens to for as long as its process lives. */
const EVENTS = ['SIGINT', 'SIGTERM', 'exit'] as const;

let last: Promise<unknown> = Promise.resolve();

/** Does something before and after a work, which it must call. */
export type Around = <T>(work: () => Promise<T>) => Promise<T>;

export interface ProcessOptions extends Omit<CommandOptions, 'preload'> {
  /** The width of the screen that shows both outputs; without it, they are pipes. */
  readonly columns?: number | undefined;
  /** What somebody types at the keyboard once they are asked this. */
  readonly typed?: { readonly question: string; readonly keys: string };
  /** Is given the run of the command once that has its turn. */
  readonly around?: Around;
}

/** Runs `pynvest` with these arguments to its end. One at a time: the environment is this process's. */
export function pynvest(
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<CommandResult> {
  const { around = (work) => work() } = options;
  const result = last.then(() =>
    withProcess(options, (stdin) => around(() => run(args, stdin, options))),
  );
  last = result.catch(() => undefined);
  return result;
}

async function run(
  words: readonly string[],
  stdin: PassThrough,
  { columns, typed }: ProcessOptions,
): Promise<CommandResult> {
  let answered = typed === undefined;
  const stdout = fakeStream();
  const stderr: FakeStream = fakeStream((done) => {
    done();
    if (answered || typed === undefined || !stderr.text().includes(typed.question)) return;
    answered = true;
    stdin.write(typed.keys);
  });
  if (columns !== undefined) {
    for (const { stream } of [stdout, stderr]) Object.assign(stream, createScreen(stream, columns));
  }
  const status = await runProgram(words, (options) => terminalOn(stdout, stderr, options));
  return { status, signal: undefined, stdout: stdout.text(), stderr: stderr.text() };
}

/** What a stream to a screen of this width has: its cursor is moved by what is written, as on any terminal. */
function createScreen(stream: NodeJS.WriteStream, columns: number) {
  const send = (sequence: string): boolean => stream.write(`\u001b[${sequence}`);
  return {
    ...{ isTTY: true, columns },
    cursorTo: (column: number) => send(`${column + 1}G`),
    clearLine: (side: -1 | 0 | 1) => send(side === 0 ? '2K' : side === 1 ? '0K' : '1K'),
    // Up, if anywhere.
    moveCursor: (_: number, rows: number) => rows >= 0 || send(`${-rows}A`),
  };
}

/** Gives this process the environment and the standard input of a command, and takes them away after it. */
async function withProcess<Result>(
  { env = {}, input = '', columns, typed }: ProcessOptions,
  work: (stdin: PassThrough) => Promise<Result>,
): Promise<Result> {
  const environment = { ...process.env };
  const stdin = Object.getOwnPropertyDescriptor(process, 'stdin');
  const listeners = EVENTS.map((event) => process.listeners(event as 'exit'));
  setEnvironment(commandEnvironment({ ...(columns && { TERM: 'xterm-256color' }), ...env }));
  const keyboard = Object.assign(new PassThrough(), { isTTY: true });
  const value = typed === undefined ? Readable.from([input]) : keyboard;
  Object.defineProperty(process, 'stdin', { value, configurable: true });
  try {
    return await work(keyboard);
  } finally {
    setEnvironment(environment);
    if (stdin !== undefined) Object.defineProperty(process, 'stdin', stdin);
    for (const [index, event] of EVENTS.entries()) {
      for (const listener of process.listeners(event as 'exit')) {
        if (!listeners[index]?.includes(listener)) process.removeListener(event, listener);
      }
    }
  }
}

/**
 * How the command ends: exit statuses, error messages, interruptions and broken pipes.
 */

import { CommanderError } from 'commander';
import { describeDiskError } from '../disk-errors.ts';
import { PynvestError, UsageError } from '../errors.ts';
import type { Terminal } from './terminal/terminal.ts';

export const ExitStatus = {
  done: 0,
  failed: 1,
  wrongUsage: 2,
  /** Some of it failed; what did is listed. */
  doneInPart: 3,
  interrupted: 130,
} as const;

export type ExitStatus = (typeof ExitStatus)[keyof typeof ExitStatus];

/** Says what went wrong and answers the exit status. A stack trace only with `--verbose`. */
export function reportError(error: unknown, terminal: Terminal): ExitStatus {
  // Nobody reads on, so nobody asked.
  if (isPipeBroken) return ExitStatus.done;
  const { stderr, colors, verbose } = terminal;
  // commander has said it already; help and version end well.
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? ExitStatus.done : ExitStatus.wrongUsage;
  }
  const interruption = findInterruption(error);
  if (interruption !== undefined) {
    stderr.write(`Interrupted. ${interruption.message}\n`);
    return ExitStatus.interrupted;
  }
  const message = error instanceof Error ? error.message : String(error);
  const hint =
    error instanceof PynvestError
      ? error.hint
      : 'This is a bug in pynvest: --verbose shows where it happened.';
  stderr.write(`${colors.red('error:')} ${message}\n`);
  if (hint !== undefined) stderr.write(`${hint}\n`);
  if (verbose && error instanceof Error) stderr.write(`${formatErrorStack(error)}\n`);
  return error instanceof UsageError ? ExitStatus.wrongUsage : ExitStatus.failed;
}

function formatErrorStack(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by: ${formatErrorStack(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}

/**
 * Ends quietly when whoever reads our output goes away (`pynvest … | head`), and says so in one line
 * when the output cannot be written (a full disk behind `>`).
 */
export function handleBrokenPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return exitOnBrokenPipe();
    process.stderr.write(`error: cannot write the output: ${describeDiskError(error)}\n`);
    process.exit(ExitStatus.failed);
  });
  process.stderr.on('error', () => undefined);
}

/** How long what goes on elsewhere may take to stop once nobody reads us. */
const STOP_TIMEOUT_MS = 3_000;

let isPipeBroken = false;
const stopCallbacks: (() => Promise<void>)[] = [];

/** Has work that goes on elsewhere, such as a query in AWS, stopped before the reader's leave ends us. */
export function stopOnBrokenPipe(stop: () => Promise<void>): void {
  stopCallbacks.push(stop);
}

function exitOnBrokenPipe(): void {
  if (isPipeBroken) return;
  isPipeBroken = true;
  const end = (): never => process.exit(ExitStatus.done);
  setTimeout(end, STOP_TIMEOUT_MS);
  void Promise.allSettled(stopCallbacks.map((stop) => stop())).then(end);
}

/** What is said of an interruption: when it comes, and when the work has ended for it. */
export interface InterruptionMessages {
  readonly started: string;
  readonly finished: string;
}

const RUN_INTERRUPTION: InterruptionMessages = {
  started: 'keeping what has come',
  finished: 'What is stored stays; run the command again to complete it.',
};

/** A signal that Ctrl-C or a polite kill aborts; a second Ctrl-C ends at once. */
export function abortOnInterrupt(
  terminal: Terminal,
  { started: coming, finished: done }: InterruptionMessages = RUN_INTERRUPTION,
): AbortSignal {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(ExitStatus.interrupted);
    terminal.notice(`\nInterrupted: ${coming}. Once more ends at once.`);
    controller.abort(new InterruptedError(done));
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return controller.signal;
}

/** An interruption arrives as itself, or as the cause of whatever it stopped. */
function findInterruption(error: unknown): InterruptedError | undefined {
  if (!(error instanceof Error)) return undefined;
  return [error, error.cause].find((each) => each instanceof InterruptedError);
}

class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

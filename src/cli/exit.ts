/**
 * How the command ends: exit statuses, error messages, interruptions and broken pipes.
 */

import { CommanderError } from 'commander';
import { describeDiskError } from '../atomic-file.ts';
import { PynvestError, UsageError } from '../errors.ts';
import type { Terminal } from './terminal/terminal.ts';

export const ExitStatus = {
  done: 0,
  failed: 1,
  wrongUsage: 2,
  /** A part failed; what failed is listed. */
  doneInPart: 3,
  interrupted: 130,
} as const;

export type ExitStatus = (typeof ExitStatus)[keyof typeof ExitStatus];

/** Prints what went wrong, and returns the exit status. A stack trace only with `--verbose`. */
export function reportError(error: unknown, terminal: Terminal): ExitStatus {
  const { stderr, colors, verbose } = terminal;
  // commander has printed its message; help and version are no failure.
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

/**
 * Lets the process fail unless its work returns. Node ends a process that waits for nothing any more, such as for a
 * connection that was lost without an error, and would end it with status 0 or with one of its own.
 *
 * @returns what to call with the status of the work
 */
export function failUnlessEnded(): (status: ExitStatus) => void {
  process.exitCode = ExitStatus.failed;
  const fail = (): void => {
    process.exitCode = ExitStatus.failed;
    process.stderr.write(
      'error: the work stopped before its end, and nothing says why\n' +
        'Run the command again: what is stored stays, and is completed.\n',
    );
  };
  process.once('beforeExit', fail);
  return (status) => {
    process.removeListener('beforeExit', fail);
    process.exitCode = status;
  };
}

function formatErrorStack(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by: ${formatErrorStack(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}

/** How long work elsewhere may take to stop once the pipe is broken. */
const STOP_TIMEOUT_MS = 3_000;

interface BrokenPipe {
  /** Whether the reader of stdout has closed it: what fails from then on is of no interest. */
  readonly isBroken: boolean;
  readonly onBroken: Terminal['onBrokenPipe'];
}

/**
 * Ends the process quietly when the reader of stdout closes it (`pynvest … | head`), and with a message where the
 * output cannot be written (`>` to a full disk). Called once a process.
 */
export function handleBrokenPipe(): BrokenPipe {
  let isBroken = false;
  const stopCallbacks: (() => Promise<void>)[] = [];
  const end = (): never => process.exit(ExitStatus.done);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      process.stderr.write(`error: cannot write the output: ${describeDiskError(error)}\n`);
      process.exit(ExitStatus.failed);
    }
    if (isBroken) return;
    isBroken = true;
    setTimeout(end, STOP_TIMEOUT_MS);
    void Promise.allSettled(stopCallbacks.map((stop) => stop())).then(end);
  });
  process.stderr.on('error', () => undefined);
  return {
    get isBroken() {
      return isBroken;
    },
    onBroken: (stop) => void stopCallbacks.push(stop),
  };
}

/** What is printed when the interruption arrives, and when the work has ended because of it. */
export interface InterruptionMessages {
  readonly started: string;
  readonly finished: string;
}

const RUN_INTERRUPTION: InterruptionMessages = {
  started: 'keeping what has been read',
  finished: 'What is stored stays; run the command again to complete it.',
};

/** A signal that SIGINT (Ctrl-C) or SIGTERM aborts; a second one ends the process at once. */
export function abortOnInterrupt(
  terminal: Terminal,
  { started, finished }: InterruptionMessages = RUN_INTERRUPTION,
): AbortSignal {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(ExitStatus.interrupted);
    terminal.notice(`\nInterrupted: ${started}. Press Ctrl-C again to stop at once.`);
    controller.abort(new InterruptedError(finished));
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return controller.signal;
}

/** An interruption is thrown as itself, or as the cause of the error of the work that it stopped. */
function findInterruption(error: unknown): InterruptedError | undefined {
  if (!(error instanceof Error)) return undefined;
  return [error, error.cause].find((each) => each instanceof InterruptedError);
}

class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

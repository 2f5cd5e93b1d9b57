/**
 * How the command ends: exit statuses, error messages, interruptions and broken pipes.
 */

import { CommanderError } from 'commander';
import { describeDiskError, getErrorCode, PynvestError, UsageError } from '../errors.ts';
import type { Terminal } from './terminal/terminal.ts';

export const ExitStatus = {
  done: 0,
  failed: 1,
  wrongUsage: 2,
  /** A part failed; what failed is listed. */
  doneInPart: 3,
  /** By SIGINT (Ctrl-C). */
  interrupted: 130,
  /** By SIGTERM; as a shell calls the status of a process that it ends. */
  terminated: 143,
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
    stderr.write(`${terminal.format(`Interrupted. ${interruption.message}`)}\n`);
    return interruption.status;
  }
  const { message, hint } = describeError(error);
  const lines = [`error: ${message}`, ...(hint === undefined ? [] : [hint])].join('\n');
  const text = terminal.format(lines);
  stderr.write(`${colors.red('error:')}${text.slice('error:'.length)}\n`);
  if (verbose && error instanceof Error) {
    stderr.write(`${terminal.format(formatErrorStack(error))}\n`);
  }
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
      'error: pynvest stopped unexpectedly, before its work was complete\n' +
        'Run the command again: what is stored stays, and is completed.\n',
    );
  };
  process.once('beforeExit', fail);
  return (status) => {
    process.removeListener('beforeExit', fail);
    process.exitCode = status;
  };
}

interface ErrorText {
  readonly message: string;
  readonly hint: string | undefined;
}

function describeError(error: unknown): ErrorText {
  if (error instanceof PynvestError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = getErrorCode(error);
  if (code === 'EMFILE' || code === 'ENFILE') {
    const hint = 'Raise the limit of open files, such as with `ulimit -n 4096`, and run it again.';
    return { message: describeDiskError(error), hint };
  }
  return { message, hint: 'This is a bug in pynvest: --verbose shows where it happened.' };
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

/**
 * On the listeners of `abortOnInterrupt`. Others do not end the work: packages that remove their locks listen too, and
 * end nothing while others listen.
 */
const ABORTS_WORK = Symbol('aborts the work');

/** Whether an interruption ends the work in an orderly way. */
export function endsOnInterrupt(): boolean {
  return process.listeners('SIGINT').some((listener) => ABORTS_WORK in listener);
}

/** A signal that SIGINT (Ctrl-C) or SIGTERM aborts; a second one ends the process at once. */
export function abortOnInterrupt(
  terminal: Terminal,
  { started, finished }: InterruptionMessages = RUN_INTERRUPTION,
): AbortSignal {
  const controller = new AbortController();
  const abort = (signal: NodeJS.Signals): void => {
    const status = getSignalStatus(signal);
    if (controller.signal.aborted) process.exit(status);
    // The terminal shows ^C where the cursor is.
    if (terminal.stderr.isTTY) terminal.notice('');
    terminal.notice(`Interrupted: ${started}. Press Ctrl-C again to stop at once.`);
    controller.abort(new InterruptedError(finished, status));
  };
  const interrupt = Object.assign(abort, { [ABORTS_WORK]: true });
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return controller.signal;
}

/** An interruption is thrown as itself, or as the cause of the error of the work that it stopped. */
function findInterruption(error: unknown): InterruptedError | undefined {
  if (!(error instanceof Error)) return undefined;
  return [error, error.cause].find((each) => each instanceof InterruptedError);
}

/** The status of a process that one of these signals ends. */
export function getSignalStatus(signal: NodeJS.Signals): ExitStatus {
  return signal === 'SIGTERM' ? ExitStatus.terminated : ExitStatus.interrupted;
}

class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
  readonly status: ExitStatus;

  constructor(message: string, status: ExitStatus) {
    super(message);
    this.status = status;
  }
}

/** How the command ends: exit statuses, errors in plain words, quiet ends of pipes. */
import { CommanderError } from 'commander';
import { diskReason } from '../disk-errors.ts';
import { PynvestError, UsageError } from '../errors.ts';
import type { Terminal } from './terminal.ts';

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
  if (isLeaving) return ExitStatus.done;
  const { stderr, colors, verbose } = terminal;
  // commander has said it already; help and version end well.
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? ExitStatus.done : ExitStatus.wrongUsage;
  }
  const interruption = interruptionIn(error);
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
  if (verbose && error instanceof Error) stderr.write(`${describe(error)}\n`);
  return error instanceof UsageError ? ExitStatus.wrongUsage : ExitStatus.failed;
}

function describe(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by: ${describe(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}

/**
 * Ends quietly when whoever reads our output goes away (`pynvest … | head`), and says so in one line
 * when the output cannot be written (a full disk behind `>`).
 */
export function endWithTheReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return leave();
    process.stderr.write(`error: cannot write the output: ${diskReason(error)}\n`);
    process.exit(ExitStatus.failed);
  });
  process.stderr.on('error', () => undefined);
}

/** How long what goes on elsewhere may take to stop once nobody reads us. */
const LONGEST_LEAVE_MS = 3_000;

let isLeaving = false;
const toStop: (() => Promise<void>)[] = [];

/** Has work that goes on elsewhere, such as a query in AWS, stopped before the reader's leave ends us. */
export function stopWithTheReader(stop: () => Promise<void>): void {
  toStop.push(stop);
}

function leave(): void {
  if (isLeaving) return;
  isLeaving = true;
  const end = (): never => process.exit(ExitStatus.done);
  setTimeout(end, LONGEST_LEAVE_MS);
  void Promise.allSettled(toStop.map((stop) => stop())).then(end);
}

/** What is said of an interruption: when it comes, and when the work has ended for it. */
export interface InterruptionWords {
  readonly coming: string;
  readonly done: string;
}

const WORDS_OF_A_RUN: InterruptionWords = {
  coming: 'keeping what has come',
  done: 'What is stored stays; run the command again to complete it.',
};

/** A signal that Ctrl-C or a polite kill aborts; a second Ctrl-C ends at once. */
export function abortOnInterrupt(
  terminal: Terminal,
  { coming, done }: InterruptionWords = WORDS_OF_A_RUN,
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
function interruptionIn(error: unknown): InterruptedError | undefined {
  if (!(error instanceof Error)) return undefined;
  return [error, error.cause].find((each) => each instanceof InterruptedError);
}

class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

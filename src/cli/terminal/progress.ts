/**
 * Progress of long work: on a terminal one line that changes, elsewhere a line now and then.
 */

import ora from 'ora';
import { formatNumber, type Locale } from '../../presentation/notation.ts';
import { truncate } from '../../text.ts';
import { getWidth, type Terminal } from './terminal.ts';

export interface Progress {
  step(ok: boolean): void;
  stop(): void;
}

/** Count, rate and time left of work whose total is known. */
export function createProgress(terminal: Terminal, what: string, total: number): Progress {
  if (terminal.quiet || total === 0) return { step: () => undefined, stop: () => undefined };
  // With --verbose each page has its line, which is progress enough.
  if (!isInteractive(terminal)) return createLineProgress(terminal, what, total);
  const startedAt = performance.now();
  let done = 0;
  let failed = 0;
  const stop = startStatusLine(terminal, what, () => {
    const seconds = (performance.now() - startedAt) / 1000;
    const rate = (done / seconds).toFixed(0);
    const left = formatTimeLeft(done, total, seconds);
    return `${formatBar(terminal, done, total)}${done}/${total}, ${failed} failed, ${rate}/s, ${left} left`;
  });
  return {
    step(ok) {
      done += 1;
      if (!ok) failed += 1;
    },
    stop,
  };
}

interface ByteProgress {
  add(bytes: number): void;
  stop(): void;
}

/**
 * The same for bytes.
 * @param total may be an estimate, which the bytes exceed
 */
export function createByteProgress(terminal: Terminal, what: string, total: number): ByteProgress {
  if (terminal.quiet || total === 0) return { add: () => undefined, stop: () => undefined };
  const { locale } = terminal;
  const startedAt = performance.now();
  let done = 0;
  const describe = (): string => {
    const seconds = (performance.now() - startedAt) / 1000;
    const whole = Math.max(total, done);
    const rate = formatBytes(done / Math.max(seconds, 0.001), locale);
    const left = done === 0 ? '…' : formatSeconds(Math.ceil(((whole - done) * seconds) / done));
    return `${formatBytes(done, locale)} of ${formatBytes(whole, locale)}, ${rate}/s, ${left} left`;
  };
  if (isInteractive(terminal)) {
    const status = (): string => `${formatBar(terminal, done, total)}${describe()}`;
    const stop = startStatusLine(terminal, what, status);
    return {
      add: (bytes) => {
        done += bytes;
      },
      stop,
    };
  }
  let next = total / 10;
  return {
    add(bytes) {
      done += bytes;
      // A file of some megabytes is done before its line is read.
      if (done < next || performance.now() - startedAt < MIN_LINE_MS) return;
      next = done + total / 10;
      terminal.notice(`${what}: ${describe()}`);
    },
    stop: () => undefined,
  };
}

const MIN_LINE_MS = 2_000;

const BYTE_UNITS = [
  [1e9, 'GB'],
  [1e6, 'MB'],
] as const;

/** Such as `95 MB`, `4,1 MB` or `1,2 GB`; below a megabyte, in kilobytes. */
export function formatBytes(bytes: number, locale: Locale): string {
  const [size, unit] = BYTE_UNITS.find(([least]) => bytes >= least) ?? [1e3, 'kB'];
  const amount = bytes / size;
  return `${formatNumber(amount, locale, amount < 10 ? 1 : 0)} ${unit}`;
}

/** Whether stderr can show a line that is drawn again; the lines of --verbose would tear it. */
export function isInteractive({ stderr, quiet, verbose }: Terminal): boolean {
  if (stderr.isTTY !== true || quiet || verbose) return false;
  // A pseudo-terminal may have no width, and a dumb one no cursor.
  return stderr.columns !== 0 && process.env['TERM'] !== 'dumb';
}

/**
 * Shows a spinner while work of unknown length is under way, on an interactive terminal.
 * @param work may stop the spinner itself, before it shows a progress of its own
 */
export async function withSpinner<T>(
  terminal: Terminal,
  what: string,
  work: (stopSpinner: () => void) => Promise<T>,
): Promise<T> {
  const stop = startSpinner(terminal, what);
  try {
    return await work(stop);
  } finally {
    stop();
  }
}

/** As `withSpinner`, for works that may overlap: they share the spinner. */
export function createSpinner(
  terminal: Terminal,
  what: string,
): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  let stop: (() => void) | undefined;
  return async (work) => {
    stop ??= startSpinner(terminal, what);
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      if (running === 0) {
        stop();
        stop = undefined;
      }
    }
  };
}

function startSpinner(terminal: Terminal, what: string): () => void {
  return isInteractive(terminal) ? startStatusLine(terminal, what, () => '') : () => undefined;
}

/**
 * Starts a line on stderr that is drawn again several times a second; other output appears above it. Only one at a
 * time. Returns what clears it.
 * @param status what follows the spinner and `what`, as it is at the moment
 */
export function startStatusLine(
  terminal: Terminal,
  what: string,
  status: () => string,
): () => void {
  const { stderr, colors } = terminal;
  const spinner = ora({
    stream: stderr,
    isEnabled: true,
    // Keys are left to the questions, and Ctrl-C to the handlers of signals.
    discardStdin: false,
    text: what,
    // Two columns are the spinner's, one separates the status.
    suffixText: () => truncate(status(), Math.max(1, (getWidth(stderr) ?? 80) - what.length - 4)),
    ...(!colors.isColorSupported && { color: false }),
  }).start();
  const stop = (): void => {
    process.off('exit', stop);
    if (spinner.isSpinning) spinner.stop();
  };
  process.once('exit', stop);
  return stop;
}

const MAX_BAR_WIDTH = 24;

/** What the counts and times beside the bar may need: they matter more than the bar does. */
const TEXT_WIDTH = 54;

/** A bar with a space behind it; empty on a narrow screen. */
export function formatBar({ stderr }: Terminal, done: number, total: number): string {
  const width = Math.min(MAX_BAR_WIDTH, (getWidth(stderr) ?? 80) - TEXT_WIDTH);
  if (width <= 0) return '';
  const full = Math.round(width * Math.min(1, done / Math.max(1, total)));
  return `${'█'.repeat(full)}${'░'.repeat(width - full)} `;
}

/** Fewer do not show the pace. */
const MIN_DONE_FOR_ESTIMATE = 8;

/**
 * How long the rest will take, as `40s` or `3m20s`, at the pace of all that is done. Pages arrive in bursts:
 * by the last few of them it would jump at every step. Pure.
 */
export function formatTimeLeft(done: number, total: number, seconds: number): string {
  if (done < Math.min(MIN_DONE_FOR_ESTIMATE, total)) return '…';
  const left = ((total - done) * seconds) / done;
  // The single seconds of minutes would only flicker.
  return formatSeconds(left < 60 ? Math.ceil(left) : Math.ceil(left / 10) * 10);
}

/** Whole seconds as `40s` or `3m20s`. Pure. */
export function formatSeconds(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const rest = seconds % 60;
  return minutes === 0 ? `${rest}s` : `${minutes}m${String(rest).padStart(2, '0')}s`;
}

/** A line at every tenth of the work: a log shows that it goes on, and is not flooded. */
function createLineProgress(terminal: Terminal, what: string, total: number): Progress {
  const every = Math.ceil(total / 10);
  let done = 0;
  let failed = 0;
  return {
    step(ok) {
      done += 1;
      if (!ok) failed += 1;
      if (done % every !== 0 && done !== total) return;
      terminal.notice(`${what}: ${done} of ${total}${failed > 0 ? `, ${failed} failed` : ''}`);
    },
    stop: () => undefined,
  };
}

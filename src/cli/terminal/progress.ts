/**
 * Progress of long work: a bar on a terminal, a line now and then elsewhere.
 */

import cliProgress from 'cli-progress';
import { getWidth, type Terminal } from './terminal.ts';

export interface Progress {
  step(ok: boolean): void;
  stop(): void;
}

/** A bar with count, rate and time left on stderr, where that is a terminal and wanted. */
export function createProgress(terminal: Terminal, what: string, total: number): Progress {
  if (terminal.quiet || total === 0) return { step: () => undefined, stop: () => undefined };
  // With --verbose each page has its line: a bar between them could not be read.
  if (!terminal.stderr.isTTY || terminal.verbose) return createLineProgress(terminal, what, total);
  const startedAt = performance.now();
  let done = 0;
  let failed = 0;
  const format = `${what} {bar} {value}/{total}, {failed} failed, {rate}/s, {left} left`;
  const bar = startBar(terminal, format, total, { failed: 0, rate: '0', left: '…' });
  return {
    step(ok) {
      done += 1;
      if (!ok) failed += 1;
      const seconds = (performance.now() - startedAt) / 1000;
      const left = formatTimeLeft(done, total, seconds);
      bar.update(done, { failed, rate: (done / seconds).toFixed(0), left });
    },
    stop: () => bar.stop(),
  };
}

/** So few say nothing of the pace. */
const MIN_DONE_FOR_ESTIMATE = 8;

/**
 * How long the rest will take, as `40s` or `3m20s`, at the pace of all that is done. Pages come in bursts:
 * by the last few of them it would jump at every step. Pure.
 */
export function formatTimeLeft(done: number, total: number, seconds: number): string {
  if (done < Math.min(MIN_DONE_FOR_ESTIMATE, total)) return '…';
  const left = ((total - done) * seconds) / done;
  // Nobody reads the single seconds of minutes; they would only flicker.
  const rounded = left < 60 ? Math.ceil(left) : Math.ceil(left / 10) * 10;
  const minutes = Math.floor(rounded / 60);
  const rest = rounded % 60;
  return minutes === 0 ? `${rest}s` : `${minutes}m${String(rest).padStart(2, '0')}s`;
}

/** A line at every tenth of the way: a log shows that the work goes on, and is not flooded. */
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

const MAX_BAR_WIDTH = 24;

/** So many columns the words beside the bar may need: counts and times matter more than it does. */
const TEXT_WIDTH = 52;

interface Bar {
  /** @param values what the format names in braces, besides `value` and `total` */
  update(done: number, values: Readonly<Record<string, string | number>>): void;
  setTotal(total: number): void;
  /** Lets the time of the format go on while nothing happens. */
  tick(): void;
  stop(): void;
}

/** Starts a bar on stderr, which must be a terminal. */
export function startBar(
  terminal: Terminal,
  format: string,
  total: number,
  values: Readonly<Record<string, string | number>>,
): Bar {
  const room = (getWidth(terminal.stderr) ?? 80) - TEXT_WIDTH;
  const bar = new cliProgress.SingleBar({
    stream: terminal.stderr,
    format,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: Math.max(0, Math.min(MAX_BAR_WIDTH, room)),
    hideCursor: true,
    clearOnComplete: true,
    gracefulExit: false,
    linewrap: false,
  });
  bar.start(total, 0, values);
  const stop = (): void => bar.stop();
  process.once('exit', stop);
  return {
    update: (done, now) => bar.update(done, now),
    setTotal: (now) => bar.setTotal(now),
    tick: () => bar.updateETA(),
    stop() {
      process.off('exit', stop);
      stop();
    },
  };
}

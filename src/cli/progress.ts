/** How far long work has come: a bar on a terminal, a line now and then elsewhere. */
import { startBar } from './bar.ts';
import type { Terminal } from './terminal.ts';

export interface Progress {
  step(ok: boolean): void;
  stop(): void;
}

/** A bar with count, rate and time left on stderr, where that is a terminal and wanted. */
export function createProgress(terminal: Terminal, what: string, total: number): Progress {
  if (terminal.quiet || total === 0) return { step: () => undefined, stop: () => undefined };
  // With --verbose each page has its line: a bar between them could not be read.
  if (!terminal.stderr.isTTY || terminal.verbose) return linesOf(terminal, what, total);
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
      const left = timeLeft(done, total, seconds);
      bar.update(done, { failed, rate: (done / seconds).toFixed(0), left });
    },
    stop: () => bar.stop(),
  };
}

/** So few say nothing of the pace. */
const TOO_FEW = 8;

/**
 * How long the rest will take, as `40s` or `3m20s`, at the pace of all that is done. Pages come in bursts:
 * by the last few of them it would jump at every step. Pure.
 */
export function timeLeft(done: number, total: number, seconds: number): string {
  if (done < Math.min(TOO_FEW, total)) return '…';
  const left = ((total - done) * seconds) / done;
  // Nobody reads the single seconds of minutes; they would only flicker.
  const rounded = left < 60 ? Math.ceil(left) : Math.ceil(left / 10) * 10;
  const minutes = Math.floor(rounded / 60);
  const rest = rounded % 60;
  return minutes === 0 ? `${rest}s` : `${minutes}m${String(rest).padStart(2, '0')}s`;
}

/** A line at every tenth of the way: a log shows that the work goes on, and is not flooded. */
function linesOf(terminal: Terminal, what: string, total: number): Progress {
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

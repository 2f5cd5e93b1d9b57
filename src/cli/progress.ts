/** How far long work has come: a bar on a terminal, a line now and then elsewhere. */
import cliProgress from 'cli-progress';
import type { Terminal } from './terminal.ts';

export interface Progress {
  step(ok: boolean): void;
  stop(): void;
}

/** A bar with count, rate and time left on stderr, where that is a terminal and wanted. */
export function createProgress(terminal: Terminal, what: string, total: number): Progress {
  if (terminal.quiet || total === 0) return { step: () => undefined, stop: () => undefined };
  if (!terminal.stderr.isTTY) return linesOf(terminal, what, total);
  const bar = new cliProgress.SingleBar({
    stream: terminal.stderr,
    format: `${what} {bar} {value}/{total}, {failed} failed, {rate}/s, {eta_formatted} left`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    gracefulExit: false,
  });
  const startedAt = performance.now();
  let done = 0;
  let failed = 0;
  bar.start(total, 0, { failed: 0, rate: '0' });
  return {
    step(ok) {
      done += 1;
      if (!ok) failed += 1;
      const seconds = (performance.now() - startedAt) / 1000;
      bar.increment(1, { failed, rate: (done / seconds).toFixed(0) });
    },
    stop() {
      bar.stop();
    },
  };
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

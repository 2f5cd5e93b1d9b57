/** A bar on a terminal, which has its cursor back however the process ends. */
import cliProgress from 'cli-progress';
import { type Terminal, widthOf } from './terminal.ts';

const LONGEST_BAR = 24;

/** So many columns the words beside the bar may need: counts and times matter more than it does. */
const ROOM_FOR_WORDS = 52;

export interface Bar {
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
  const room = (widthOf(terminal.stderr) ?? 80) - ROOM_FOR_WORDS;
  const bar = new cliProgress.SingleBar({
    stream: terminal.stderr,
    format,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: Math.max(0, Math.min(LONGEST_BAR, room)),
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

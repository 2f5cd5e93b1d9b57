/** The folder of a lake on this machine, as findings. Pure. */
import { counted } from '../../counted.ts';
import type { LocalPlace } from '../../lake/local-place.ts';
import { type Finding, finding } from './finding.ts';

/** Whether a run is at work in it: files come and go then, and what one saw would be no fault. */
export function isAtWork({ holder }: LocalPlace): boolean {
  return holder !== undefined && !holder.dead;
}

export function placeFindings(place: LocalPlace): Finding[] {
  const { root, closed, isThere, holder, leftovers } = place;
  if (closed !== undefined) {
    const detail = `${closed} cannot be written`;
    return [finding('lake-folder', { status: 'problem', subject: root, detail })];
  }
  const folder = isThere
    ? finding('lake-folder', { status: 'ok', detail: root })
    : finding('lake-folder', {
        status: 'note',
        detail: `${root} is not there yet`,
        remedy: '`pynvest run` makes it.',
      });
  const unlock = { kind: 'unlock' } as const;
  const fix = isThere && !isAtWork(place) ? unlock : undefined;
  const lock =
    holder === undefined
      ? finding('lake-lock', { status: 'ok', detail: 'no run holds the lake' })
      : finding('lake-lock', {
          status: 'note',
          detail: `held by ${holder.who}${holder.dead ? ', which died' : ''}`,
          ...(holder.dead
            ? { fix }
            : { remedy: 'The tables are not looked at while a run is at work.' }),
        });
  const left =
    leftovers === 0
      ? finding('lake-leftovers', { status: 'ok', detail: 'no half-written file' })
      : finding('lake-leftovers', {
          status: 'note',
          detail: counted(leftovers, 'half-written file'),
          fix,
          ...(fix === undefined ? { remedy: 'The run that is at work may be writing them.' } : {}),
        });
  return [folder, lock, left];
}

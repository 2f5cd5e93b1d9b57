/**
 * Rules about the folder of a local lake: access, lock, leftovers and unfinished days. Pure.
 */

import { isoDate, type Partition } from '../../catalog/partition.ts';
import type { FolderState } from '../../lake/local/folder.ts';
import { formatQuantity } from '../../text.ts';
import type { FolderFacts } from '../facts/facts.ts';
import { type Finding, finding } from '../finding.ts';
import { type Concern, type Concerns, formatFirst } from '../status-report.ts';

/** Whether a run is at work in it: files come and go then, and what one saw would be no fault. */
export function isInUse({ lockOwner: holder }: FolderState): boolean {
  return holder !== undefined && !holder.isDead;
}

export function folderFindings(place: FolderState): Finding[] {
  const {
    root,
    inaccessiblePath: closed,
    exists: isThere,
    lockOwner: holder,
    temporaryFiles: leftovers,
  } = place;
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
  const fix = isThere && !isInUse(place) ? unlock : undefined;
  const lock =
    holder === undefined
      ? finding('lake-lock', { status: 'ok', detail: 'no run holds the lake' })
      : finding('lake-lock', {
          status: 'note',
          detail: `held by ${holder.description}${holder.isDead ? ', which died' : ''}`,
          ...(holder.isDead
            ? { fix }
            : { remedy: 'The tables are not looked at while a run is at work.' }),
        });
  const left =
    leftovers === 0
      ? finding('lake-leftovers', { status: 'ok', detail: 'no half-written file' })
      : finding('lake-leftovers', {
          status: 'note',
          detail: formatQuantity(leftovers, 'half-written file'),
          fix,
          ...(fix === undefined ? { remedy: 'The run that is at work may be writing them.' } : {}),
        });
  return [folder, lock, left];
}

/** @param today in São Paulo: of no other day does the site still show the pages */
export function assessFolder(
  { lockOwner: holder, unfinished }: FolderFacts,
  today: Partition,
): Concerns {
  const problems: Concern[] = [];
  const notes: Concern[] = [];
  if (unfinished.length > 0) {
    problems.push({
      code: 'unfinished-day',
      what: `left unfinished by a run: ${formatFirst(unfinished.map(isoDate))}`,
      remedy: completionRemedy(unfinished, today),
    });
  }
  if (holder?.isDead === true) {
    problems.push({
      code: 'dead-lock',
      what: `a run died: ${holder.description}`,
      remedy: '`pynvest run` clears up after it and completes what it left.',
    });
  } else if (holder !== undefined) {
    notes.push({
      code: 'locked',
      what: `a run is at work: ${holder.description}`,
      remedy: 'What its day lacks can be told when it has ended.',
    });
  }
  return { problems, notes };
}

/** Today may lack pages, too: a run reads them, and completes the days before it on its way. */
function completionRemedy(unfinished: readonly Partition[], today: Partition): string {
  const [first, last] = [unfinished.at(0), unfinished.at(-1)];
  if (first === undefined || last === undefined) return '';
  const them = first === last ? 'it' : 'them';
  if (unfinished.includes(today)) return `\`pynvest run\` completes ${them}.`;
  const which =
    first === last ? `--date ${isoDate(first)}` : `--from ${isoDate(first)} --to ${isoDate(last)}`;
  return `\`pynvest backfill ${which}\` completes ${them}.`;
}

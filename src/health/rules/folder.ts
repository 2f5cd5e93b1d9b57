/**
 * Rules about the folder of a local lake: access, lock, leftovers and unfinished days. Pure.
 */

import { isoDate, type Partition, partitionOf } from '../../catalog/partition.ts';
import type { FolderState } from '../../lake/local/folder.ts';
import { formatFirst, formatQuantity } from '../../text.ts';
import { type Facts, isInUse } from '../facts/facts.ts';
import { type Finding, type Fix, finding, findingAsNote, passedCheck } from '../finding.ts';

export function findFolderAccess({ root, exists, inaccessiblePath }: FolderState): Finding[] {
  if (inaccessiblePath !== undefined) {
    const detail = `${inaccessiblePath} cannot be written`;
    return [finding('lake-folder', { subject: root, detail })];
  }
  if (exists) return [passedCheck('lake-folder', { detail: root })];
  return [
    findingAsNote('lake-folder', {
      detail: `${root} does not exist yet`,
      remedy: '`pynvest run` creates it.',
    }),
  ];
}

export function findLock(folder: FolderState): Finding[] {
  const { lockOwner, inaccessiblePath } = folder;
  if (lockOwner === undefined) {
    if (inaccessiblePath !== undefined) return [];
    return [passedCheck('lake-lock', { detail: 'no run holds the lake' })];
  }
  return lockOwner.isDead
    ? [
        finding('dead-lock', {
          detail: `a run died: ${lockOwner.description}`,
          fix: getReleaseFix(folder),
        }),
      ]
    : [finding('locked', { detail: `a run is at work: ${lockOwner.description}` })];
}

export function findLeftovers(folder: FolderState): Finding[] {
  const { temporaryFiles, inaccessiblePath } = folder;
  if (inaccessiblePath !== undefined) return [];
  if (temporaryFiles === 0) {
    return [passedCheck('lake-leftovers', { detail: 'no incomplete file' })];
  }
  return [
    finding('lake-leftovers', {
      detail: formatQuantity(temporaryFiles, 'incomplete file'),
      remedy: isInUse(folder) ? 'The run at work may be writing them.' : undefined,
      fix: getReleaseFix(folder),
    }),
  ];
}

/** Taking the lock over and releasing it removes what a dead run left. */
function getReleaseFix(folder: FolderState): Fix | undefined {
  return folder.exists && !isInUse(folder) ? { kind: 'release-lock' } : undefined;
}

export function findUnfinishedDays(days: readonly Partition[], { now }: Facts): Finding[] {
  if (days.length === 0) return [];
  return [
    finding('day-unfinished', {
      detail: `left unfinished by a run: ${formatFirst(days.map(isoDate))}`,
      remedy: getCompletionRemedy(days, partitionOf(now)),
    }),
  ];
}

/** Today may lack pages, too: a run reads them, and completes the days before it. */
function getCompletionRemedy(days: readonly Partition[], today: Partition): string {
  const [first, last] = [days.at(0), days.at(-1)];
  if (first === undefined || last === undefined) return '';
  const them = first === last ? 'it' : 'them';
  if (days.includes(today)) return `\`pynvest run\` completes ${them}.`;
  const dates =
    first === last ? `--date ${isoDate(first)}` : `--from ${isoDate(first)} --to ${isoDate(last)}`;
  return `\`pynvest backfill ${dates}\` completes ${them}.`;
}

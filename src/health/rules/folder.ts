/**
 * Rules on the folder of the local lake: its access, its lock, what runs left in it, and the days left unfinished.
 */

import { formatIsoDate, getPartition, type Partition } from '../../catalog/partition.ts';
import type { FolderState } from '../../lake/local/layout.ts';
import { formatFirst, formatQuantity } from '../../text.ts';
import { type Facts, isInUse } from '../facts/model.ts';
import {
  createFinding,
  createNote,
  createPassedCheck,
  type Finding,
  type Fix,
} from '../finding.ts';

export function findFolderAccess(folder: FolderState): Finding[] {
  const { root, exists, inaccessiblePath, isOtherFolder } = folder;
  if (inaccessiblePath !== undefined) {
    const detail = `${inaccessiblePath} cannot be written`;
    return [createFinding('lake-folder', { subject: root, detail })];
  }
  if (isOtherFolder) {
    const detail = `${root} is not a lake: it has other files, and no folder sor, sot or spec`;
    return [
      createFinding('lake-folder', { detail, remedy: 'Name the folder of the lake: --lake DIR.' }),
    ];
  }
  if (exists) return [createPassedCheck('lake-folder', { detail: root })];
  return [
    createNote('lake-folder', {
      detail: `${root} does not exist yet`,
      remedy: '`pynvest run` creates it.',
    }),
  ];
}

export function findDemo({ isDemo = false }: FolderState): Finding[] {
  return isDemo ? [createFinding('demo-lake', { detail: 'a demo made this lake' })] : [];
}

export function findLock(folder: FolderState): Finding[] {
  const { lockOwner, inaccessiblePath } = folder;
  if (lockOwner === undefined) {
    if (inaccessiblePath !== undefined) return [];
    return [createPassedCheck('lake-lock', { detail: 'no run holds the lake' })];
  }
  return lockOwner.isDead
    ? [
        createFinding('dead-lock', {
          detail: `a run died: ${lockOwner.description}`,
          fix: getReleaseFix(folder),
        }),
      ]
    : [createFinding('locked', { detail: `a run is in progress: ${lockOwner.description}` })];
}

export function findLeftovers(folder: FolderState): Finding[] {
  const { temporaryFiles, inaccessiblePath } = folder;
  if (inaccessiblePath !== undefined) return [];
  if (temporaryFiles === 0) {
    return [createPassedCheck('lake-leftovers', { detail: 'no incomplete file' })];
  }
  return [
    createFinding('lake-leftovers', {
      detail: formatQuantity(temporaryFiles, 'incomplete file'),
      remedy: isInUse(folder) ? 'The run in progress may be writing them.' : undefined,
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
    createFinding('day-unfinished', {
      detail: `left unfinished by a run: ${formatFirst(days.map(formatIsoDate))}`,
      remedy: getCompletionRemedy(days, getPartition(now)),
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
    first === last
      ? `--date ${formatIsoDate(first)}`
      : `--from ${formatIsoDate(first)} --to ${formatIsoDate(last)}`;
  return `\`pynvest backfill ${dates}\` completes ${them}.`;
}

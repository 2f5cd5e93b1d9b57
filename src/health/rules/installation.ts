/**
 * Rules on the machine: the installation of pynvest, and the folder of the local lake.
 */

import { RECREATE_HINT } from '../../aws/resource-names.ts';
import { formatIsoDate, getPartition, type Partition } from '../../catalog/partition.ts';
import type { FolderState } from '../../lake/local/layout.ts';
import { formatFirst, formatQuantity } from '../../text.ts';
import {
  type AccountFacts,
  type BucketFacts,
  type Facts,
  type FunctionFacts,
  isInUse,
  type QuotaFacts,
  type TriggerFacts,
  type UploadFacts,
} from '../facts/model.ts';
import {
  createFinding,
  createNote,
  createPassedCheck,
  type Finding,
  type Fix,
} from '../finding.ts';

export function reportAccount({ account, region, proxy }: AccountFacts): Finding[] {
  const through = proxy === undefined ? '' : `, through the proxy ${proxy}`;
  return [
    createPassedCheck('aws-access', { detail: `the account ${account}, ${region}${through}` }),
  ];
}

export function findFunctionFaults(functions: readonly FunctionFacts[]): Finding[] {
  const faults = functions.flatMap(({ name: subject, state }) => {
    if (state === undefined)
      return [createFinding('function', { subject, detail: 'does not exist' })];
    const detail = state.hasCode ? state.failure : 'without code';
    return detail === undefined ? [] : [createFinding('function', { subject, detail })];
  });
  if (faults.length > 0) return faults;
  return [
    createPassedCheck('function', { detail: `${functions.length} functions can be started` }),
  ];
}

export function findTriggerFaults(triggers: readonly TriggerFacts[]): Finding[] {
  const faults = triggers.flatMap(({ id: subject, uuid, source }) => {
    if (uuid === undefined || source === undefined) {
      return [
        createFinding('queue-trigger', {
          subject,
          detail: 'does not exist',
          remedy: RECREATE_HINT,
        }),
      ];
    }
    // Such as `Disabled` or `Disabling`.
    if (!source.state.startsWith('Disabl')) return [];
    const detail = `${source.state.toLowerCase()}: the tickers of its queue are not collected`;
    return [
      createFinding('queue-trigger', { subject, detail, fix: { kind: 'enable-trigger', uuid } }),
    ];
  });
  if (faults.length > 0) return faults;
  return [createPassedCheck('queue-trigger', { detail: 'both queues start their function' })];
}

export function findNotificationFaults(buckets: readonly BucketFacts[]): Finding[] {
  const incomplete = buckets.filter(({ isComplete }) => !isComplete);
  if (incomplete.length === 0) {
    return [createPassedCheck('notification', { detail: 'new files start the next function' })];
  }
  return incomplete.map(({ bucket: subject }) =>
    createFinding('notification', {
      subject,
      detail: 'new files do not start the next function, or not as they should',
      fix: { kind: 'add-notifications' },
    }),
  );
}

export function findQuotaFaults({ allowed, needed }: QuotaFacts): Finding[] {
  if (allowed === undefined) return [];
  const detail = `${allowed} functions at once; the system starts up to ${needed}`;
  return [
    allowed < needed
      ? createFinding('aws-quota', { detail })
      : createPassedCheck('aws-quota', { detail }),
  ];
}

/** pynvest writes an object in one request: a multipart upload is another's, and AWS bills it. */
export function findUnfinishedUploads(uploads: readonly UploadFacts[]): Finding[] {
  return uploads
    .filter(({ count }) => count > 0)
    .map(({ bucket: subject, count, hasMore }) =>
      createFinding('lake-leftovers', {
        subject,
        detail: `${count}${hasMore ? ' and more' : ''} uploads that were never completed`,
        remedy:
          'pynvest started none of them: `aws s3api list-multipart-uploads` shows whose they are.',
      }),
    );
}

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

/**
 * Rules on the machine: the installation of pynvest, and the folder of the local lake.
 */

import { RECREATE_HINT } from '../../aws/resource-names.ts';
import { isoDate, type Partition, partitionOf } from '../../catalog/partition.ts';
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
} from '../facts/facts.ts';
import { type Finding, type Fix, finding, findingAsNote, passedCheck } from '../finding.ts';

export function reportAccount({ account, region, proxy }: AccountFacts): Finding[] {
  const through = proxy === undefined ? '' : `, through the proxy ${proxy}`;
  return [passedCheck('aws-access', { detail: `the account ${account}, ${region}${through}` })];
}

export function findFunctionFaults(functions: readonly FunctionFacts[]): Finding[] {
  const faults = functions.flatMap(({ name: subject, state }) => {
    if (state === undefined) return [finding('function', { subject, detail: 'does not exist' })];
    const detail = state.hasCode ? state.failure : 'without code';
    return detail === undefined ? [] : [finding('function', { subject, detail })];
  });
  if (faults.length > 0) return faults;
  return [passedCheck('function', { detail: `${functions.length} functions can be started` })];
}

export function findTriggerFaults(triggers: readonly TriggerFacts[]): Finding[] {
  const faults = triggers.flatMap(({ id: subject, uuid, source }) => {
    if (uuid === undefined || source === undefined) {
      return [
        finding('queue-trigger', { subject, detail: 'does not exist', remedy: RECREATE_HINT }),
      ];
    }
    // Such as `Disabled` or `Disabling`.
    if (!source.state.startsWith('Disabl')) return [];
    const detail = `${source.state.toLowerCase()}: the tickers of its queue are not collected`;
    return [finding('queue-trigger', { subject, detail, fix: { kind: 'enable-trigger', uuid } })];
  });
  if (faults.length > 0) return faults;
  return [passedCheck('queue-trigger', { detail: 'both queues start their function' })];
}

export function findNotificationFaults(buckets: readonly BucketFacts[]): Finding[] {
  const incomplete = buckets.filter(({ isComplete }) => !isComplete);
  if (incomplete.length === 0) {
    return [passedCheck('notification', { detail: 'new files start the next function' })];
  }
  return incomplete.map(({ bucket: subject }) =>
    finding('notification', {
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
    allowed < needed ? finding('aws-quota', { detail }) : passedCheck('aws-quota', { detail }),
  ];
}

/** pynvest writes an object in one request: a multipart upload is another's, and AWS bills it. */
export function findUnfinishedUploads(uploads: readonly UploadFacts[]): Finding[] {
  return uploads
    .filter(({ count }) => count > 0)
    .map(({ bucket: subject, count, hasMore }) =>
      finding('lake-leftovers', {
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
    return [finding('lake-folder', { subject: root, detail })];
  }
  if (isOtherFolder) {
    const detail = `${root} is not a lake: it has other files, and no folder sor, sot or spec`;
    return [finding('lake-folder', { detail, remedy: 'Name the folder of the lake: --lake DIR.' })];
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

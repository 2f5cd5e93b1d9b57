/**
 * Rules about what a deployment created in AWS: functions, queue triggers, notifications, and the quota that they need.
 * Pure.
 */

import { RECREATE_HINT } from '../../aws/resource-names.ts';
import type {
  AccountFacts,
  BucketFacts,
  FunctionFacts,
  QuotaFacts,
  TriggerFacts,
  UploadFacts,
} from '../facts/facts.ts';
import { type Finding, finding, passedCheck } from '../finding.ts';

export function reportAccount({ account, region }: AccountFacts): Finding[] {
  return [passedCheck('aws-access', { detail: `the account ${account}, ${region}` })];
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

/** What carries a day along: schedules, notifications, and what got stuck on the way. */
import {
  GetBucketNotificationConfigurationCommand,
  ListMultipartUploadsCommand,
} from '@aws-sdk/client-s3';
import { assetKinds } from '../../catalog/asset.ts';
import { counted } from '../../counted.ts';
import { MADE_AGAIN } from '../../deploy/made-again.ts';
import { notificationsIn, withOurs } from '../../deploy/notifications.ts';
import { findSchedule, scheduleRules } from '../../deploy/schedules.ts';
import { lettersIn, queueDepth, queueName, queuesOf } from '../queues.ts';
import type { RunningSystem } from '../running-system.ts';
import { type Finding, finding } from './finding.ts';
import type { SystemClients } from './system.ts';

export async function notifications(system: RunningSystem): Promise<Finding[]> {
  const { aws, buckets, stack } = system;
  const prefix = stack.parameters['NamePrefix'] ?? '';
  const findings: Finding[] = [];
  for (const Bucket of new Set([buckets.sor, buckets.sot])) {
    const there = await aws.s3.send(
      new GetBucketNotificationConfigurationCommand({ Bucket, ExpectedBucketOwner: aws.account }),
    );
    const ours = notificationsIn(Bucket, buckets, { prefix, aws });
    if (withOurs(there, ours, true) === undefined) continue;
    const detail = 'new files do not start what follows, or not as they should';
    const fix = { kind: 'notify' } as const;
    findings.push(finding('notification', { status: 'problem', subject: Bucket, detail, fix }));
  }
  if (findings.length > 0) return findings;
  return [finding('notification', { status: 'ok', detail: 'new files start what follows' })];
}

export async function schedules(
  system: RunningSystem,
  { events }: SystemClients,
): Promise<Finding[]> {
  const resources = await system.resources();
  const findings: Finding[] = [];
  for (const { id } of scheduleRules) {
    const subject = resources.get(id) ?? id;
    const rule = await findSchedule(events, subject);
    if (rule === undefined) {
      const remedy = MADE_AGAIN;
      findings.push(
        finding('schedule', { status: 'problem', subject, detail: 'not there', remedy }),
      );
    } else if (rule.state === 'DISABLED') {
      const detail = 'disabled: nothing is collected by itself';
      findings.push(finding('schedule', { status: 'note', subject, detail }));
    }
  }
  if (findings.length > 0) return findings;
  return [finding('schedule', { status: 'ok', detail: 'both schedules are enabled' })];
}

export async function deadLetters(
  system: RunningSystem,
  { sqs }: SystemClients,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const kind of assetKinds) {
    const { dead } = queuesOf(system, kind);
    const letters = lettersIn(await queueDepth(sqs, dead));
    if (letters === 0) continue;
    const detail = `${counted(letters, 'ticker')} failed for good`;
    findings.push(finding('dead-letters', { status: 'problem', subject: queueName(dead), detail }));
  }
  if (findings.length > 0) return findings;
  return [finding('dead-letters', { status: 'ok', detail: 'no ticker failed for good' })];
}

/** pynvest writes an object in one piece: an upload in parts is another's, and its bucket bills it. */
export async function unendedUploads({ aws, buckets }: RunningSystem): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const Bucket of new Set(Object.values(buckets))) {
    const { Uploads = [], IsTruncated } = await aws.s3.send(
      new ListMultipartUploadsCommand({ Bucket, ExpectedBucketOwner: aws.account }),
    );
    if (Uploads.length === 0) continue;
    const detail = `${Uploads.length}${IsTruncated ? ' and more' : ''} uploads that were never ended`;
    const remedy = 'None is of pynvest: `aws s3api list-multipart-uploads` says whose they are.';
    findings.push(finding('lake-leftovers', { status: 'note', subject: Bucket, detail, remedy }));
  }
  return findings;
}

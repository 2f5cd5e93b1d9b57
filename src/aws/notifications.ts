/**
 * S3 notifications by which new files invoke the functions. Buckets that the stack creates carry them from its
 * template; in existing buckets they are merged with the others, and removed when the stack is deleted. S3 replaces
 * a bucket's notifications as a whole, so all others are written back unchanged.
 */

import { setTimeout as wait } from 'node:timers/promises';
import {
  GetBucketNotificationConfigurationCommand,
  type LambdaFunctionConfiguration,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
} from '@aws-sdk/client-s3';
import { sorTables, sotTables } from '../catalog/tables.ts';
import { DeployError } from '../errors.ts';
import type { Host } from '../host.ts';
import { getAwsErrorCode } from './errors.ts';
import type { FunctionName } from './resource-names.ts';
import type { AwsSession } from './session.ts';
import type { StackValues } from './stack.ts';

/** What starts which function; the same stands in the template for the buckets that it makes. */
interface Trigger {
  readonly layer: 'sor' | 'sot';
  readonly table: string;
  readonly suffix: string;
  readonly functionName: FunctionName;
}

export const triggers: readonly Trigger[] = [
  createTrigger('sor', sorTables.acoes.name, 'prep-financial-data-for-acoes'),
  createTrigger('sor', sorTables.fiis.name, 'prep-financial-data-for-fiis'),
  createTrigger('sot', sotTables.acoes.name, 'specialize-financial-data'),
  createTrigger('sot', sotTables.fiis.name, 'specialize-financial-data'),
];

function createTrigger(layer: 'sor' | 'sot', table: string, functionName: FunctionName): Trigger {
  return { layer, table, suffix: layer === 'sor' ? '.raw.parquet' : '.prep.parquet', functionName };
}

export type LayerBuckets = Readonly<Record<'sor' | 'sot', string>>;

/** The buckets whose new files set the chain going, by a stack's outputs; empty where it has none. */
export function getNotifiedBuckets(outputs: StackValues): LayerBuckets {
  return { sor: outputs['SorBucket'] ?? '', sot: outputs['SotBucket'] ?? '' };
}

/** The notifications of this system in one of its buckets. Pure. */
export function createNotifications(
  bucket: string,
  buckets: LayerBuckets,
  {
    prefix,
    aws,
  }: {
    readonly prefix: string;
    readonly aws: Pick<AwsSession, 'account' | 'region' | 'partition'>;
  },
): LambdaFunctionConfiguration[] {
  return triggers
    .filter(({ layer }) => buckets[layer] === bucket)
    .map(({ table, suffix, functionName }) => ({
      Id: `${prefix}-${table}`,
      LambdaFunctionArn: `arn:${aws.partition}:lambda:${aws.region}:${aws.account}:function:${prefix}-lambda-${functionName}`,
      Events: ['s3:ObjectCreated:*'],
      Filter: {
        Key: {
          FilterRules: [
            { Name: 'prefix', Value: `${table}/` },
            { Name: 'suffix', Value: suffix },
          ],
        },
      },
    }));
}

/**
 * A bucket's notifications with ours among them, or without them; undefined where they are so already.
 * Ours are known by their id or their function, whoever put them there: a stack that is gone, say. Pure.
 */
export function mergeNotifications(
  existing: NotificationConfiguration,
  ours: readonly LambdaFunctionConfiguration[],
  wanted: boolean,
): NotificationConfiguration | undefined {
  const ids = new Set(ours.map(({ Id }) => Id));
  const functions = new Set(ours.map(({ LambdaFunctionArn }) => LambdaFunctionArn));
  const isOurs = ({ Id, LambdaFunctionArn }: LambdaFunctionConfiguration): boolean =>
    ids.has(Id) || functions.has(LambdaFunctionArn);
  const there = existing.LambdaFunctionConfigurations ?? [];
  const present = there.filter(isOurs);
  const asTheyShould = wanted
    ? present.length === ours.length &&
      ours.every((each) => present.some((one) => isSameNotification(one, each)))
    : present.length === 0;
  if (asTheyShould) return undefined;
  const functionsNow = [...there.filter((each) => !isOurs(each)), ...(wanted ? ours : [])];
  const { TopicConfigurations, QueueConfigurations, EventBridgeConfiguration } = existing;
  return {
    ...(TopicConfigurations && { TopicConfigurations }),
    ...(QueueConfigurations && { QueueConfigurations }),
    ...(EventBridgeConfiguration && { EventBridgeConfiguration }),
    ...(functionsNow.length > 0 && { LambdaFunctionConfigurations: functionsNow }),
  };
}

function isSameNotification(
  one: LambdaFunctionConfiguration,
  other: LambdaFunctionConfiguration,
): boolean {
  return normalizeNotification(one) === normalizeNotification(other);
}

/** S3 gives ids of its own where none was given, and writes `Prefix` for `prefix`. */
function normalizeNotification({
  LambdaFunctionArn,
  Events,
  Filter,
}: LambdaFunctionConfiguration): string {
  const rules = (Filter?.Key?.FilterRules ?? [])
    .map(({ Name, Value }) => `${Name?.toLowerCase()}=${Value}`)
    .sort();
  return JSON.stringify([LambdaFunctionArn, [...(Events ?? [])].sort(), rules]);
}

/** Whether a bucket lacks notifications of ours, or has other ones in their place. */
export async function needsNotifications(
  aws: AwsSession,
  bucket: string,
  { buckets, prefix }: NotificationTarget,
): Promise<boolean> {
  const existing = await readNotifications(aws, bucket);
  return (
    mergeNotifications(existing, createNotifications(bucket, buckets, { prefix, aws }), true) !==
    undefined
  );
}

function readNotifications(
  { s3, account }: AwsSession,
  bucket: string,
): Promise<NotificationConfiguration> {
  return s3.send(
    new GetBucketNotificationConfigurationCommand({ Bucket: bucket, ExpectedBucketOwner: account }),
  );
}

interface NotificationTarget {
  readonly buckets: LayerBuckets;
  readonly prefix: string;
}

/** Adds our notifications to the buckets. */
export function addNotifications(
  host: Pick<Host, 'notice'>,
  aws: AwsSession,
  notified: NotificationTarget,
): Promise<void> {
  return setNotifications(host, aws, notified, true);
}

/** Takes our notifications out of the buckets, those of a bucket that is gone included. */
export function removeNotifications(
  host: Pick<Host, 'notice'>,
  aws: AwsSession,
  notified: NotificationTarget,
): Promise<void> {
  return setNotifications(host, aws, notified, false);
}

async function setNotifications(
  host: Pick<Host, 'notice'>,
  aws: AwsSession,
  { buckets, prefix }: NotificationTarget,
  wanted: boolean,
): Promise<void> {
  for (const Bucket of new Set(Object.values(buckets).filter((name) => name !== ''))) {
    const ours = createNotifications(Bucket, buckets, { prefix, aws });
    const existing = await readNotifications(aws, Bucket).catch((error: unknown) => {
      // A bucket that no longer exists has no notifications to remove.
      if (!wanted && getAwsErrorCode(error) === 'NoSuchBucket') return undefined;
      throw error;
    });
    const next = existing === undefined ? undefined : mergeNotifications(existing, ours, wanted);
    if (next === undefined) continue;
    await putNotifications(aws, Bucket, next, wanted);
    host.notice(
      `${wanted ? 'Added' : 'Took out'} our notifications ${wanted ? 'to' : 'of'} ${Bucket}`,
    );
  }
}

/** S3 tries each function out; one just made, or its permission, takes a moment to be known to it. */
async function putNotifications(
  { s3, account: ExpectedBucketOwner }: AwsSession,
  Bucket: string,
  NotificationConfiguration: NotificationConfiguration,
  wanted: boolean,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await s3.send(
        new PutBucketNotificationConfigurationCommand({
          Bucket,
          ExpectedBucketOwner,
          NotificationConfiguration,
          // Whether other people's destinations still are there is not ours to find out as we go.
          SkipDestinationValidation: !wanted,
        }),
      );
      return;
    } catch (error) {
      const text = error instanceof Error ? error.message : '';
      if (/unable to validate/i.test(text) && attempt < 5) {
        await wait(attempt * 2_000);
        continue;
      }
      if (/unable to validate|overlap|ambiguously/i.test(text))
        throw createRefusedError(Bucket, text, error);
      throw error;
    }
  }
}

function createRefusedError(bucket: string, text: string, cause: unknown): DeployError {
  return new DeployError(`the bucket ${bucket} does not take our notifications: ${text}`, {
    hint: /overlap|ambiguously/i.test(text)
      ? `Another notification of it is for the same files: aws s3api get-bucket-notification-configuration --bucket ${bucket}`
      : 'One of its notifications, ours or another, goes to what is gone or may not be invoked.',
    cause,
  });
}

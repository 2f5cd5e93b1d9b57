/**
 * S3 notifications by which new files invoke the functions. Buckets that the stack creates have them from its
 * template; in existing buckets they are merged with the others, and removed when the stack is deleted. S3 replaces
 * a bucket's notifications as a whole, so all others are written back unchanged.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetBucketNotificationConfigurationCommand,
  type LambdaFunctionConfiguration,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
} from '@aws-sdk/client-s3';
import { type Dataset, getTable } from '../catalog/dataset.ts';
import { quotes } from '../catalog/datasets/cotacoes.ts';
import { indicators } from '../catalog/datasets.ts';
import { DeployError } from '../errors.ts';
import type { Host } from '../host.ts';
import { getAwsErrorCode } from './errors.ts';
import type { FunctionName } from './resource-names.ts';
import type { AwsSession } from './session.ts';
import type { StackValues } from './stack.ts';

/** Which files invoke which function; the template repeats it for the buckets that it creates. */
interface Trigger {
  readonly layer: 'sor' | 'sot';
  readonly table: string;
  readonly suffix: string;
  readonly functionName: FunctionName;
}

/** By the steps from layer to layer: each data set is typed by a function of its own, and one makes all quotes. */
export const triggers: readonly Trigger[] = [
  ...indicators.map((dataset) =>
    createTrigger(dataset, 'sor', `prep-financial-data-for-${dataset.id}`),
  ),
  ...quotes.derivations.map(({ from }) => createTrigger(from, 'sot', 'specialize-financial-data')),
];

function createTrigger(
  dataset: Dataset,
  layer: 'sor' | 'sot',
  functionName: FunctionName,
): Trigger {
  const suffix = layer === 'sor' ? '.raw.parquet' : '.prep.parquet';
  return { layer, table: getTable(dataset, layer).name, suffix, functionName };
}

export type LayerBuckets = Readonly<Record<'sor' | 'sot', string>>;

/** The buckets whose new files invoke functions, from a stack's outputs; empty where an output is missing. */
export function getNotifiedBuckets(outputs: StackValues): LayerBuckets {
  return { sor: outputs['SorBucket'] ?? '', sot: outputs['SotBucket'] ?? '' };
}

/** The notifications that one of the system's buckets should have. Pure. */
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
 * A bucket's notifications with ours added or removed; undefined where nothing would change. Ours are recognised by
 * their ID or their function, so that those of a stack that no longer exists are found too. Pure.
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
  const current = existing.LambdaFunctionConfigurations ?? [];
  const currentOurs = current.filter(isOurs);
  const isUnchanged = wanted
    ? currentOurs.length === ours.length &&
      ours.every((each) => currentOurs.some((other) => isSameNotification(other, each)))
    : currentOurs.length === 0;
  if (isUnchanged) return undefined;
  const merged = [...current.filter((each) => !isOurs(each)), ...(wanted ? ours : [])];
  const { TopicConfigurations, QueueConfigurations, EventBridgeConfiguration } = existing;
  return {
    ...(TopicConfigurations && { TopicConfigurations }),
    ...(QueueConfigurations && { QueueConfigurations }),
    ...(EventBridgeConfiguration && { EventBridgeConfiguration }),
    ...(merged.length > 0 && { LambdaFunctionConfigurations: merged }),
  };
}

function isSameNotification(
  one: LambdaFunctionConfiguration,
  other: LambdaFunctionConfiguration,
): boolean {
  return normalizeNotification(one) === normalizeNotification(other);
}

/** S3 generates an ID where none was given, and returns `Prefix` for `prefix`. */
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
  target: NotificationTarget,
): Promise<void> {
  return setNotifications(host, aws, target, true);
}

/** Removes our notifications from the buckets; a bucket that no longer exists is no error. */
export function removeNotifications(
  host: Pick<Host, 'notice'>,
  aws: AwsSession,
  target: NotificationTarget,
): Promise<void> {
  return setNotifications(host, aws, target, false);
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
      wanted ? `Added notifications to ${Bucket}` : `Removed notifications from ${Bucket}`,
    );
  }
}

/** S3 checks that it may invoke each function; a new function or permission takes a moment to take effect. */
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
          // Removing ours must not fail because another's destination no longer exists.
          SkipDestinationValidation: !wanted,
        }),
      );
      return;
    } catch (error) {
      const text = error instanceof Error ? error.message : '';
      if (/unable to validate/i.test(text) && attempt < 5) {
        await sleep(attempt * 2_000);
        continue;
      }
      if (/unable to validate|overlap|ambiguously/i.test(text))
        throw createRejectedError(Bucket, text, error);
      throw error;
    }
  }
}

function createRejectedError(bucket: string, text: string, cause: unknown): DeployError {
  return new DeployError(`S3 rejected the notifications of the bucket ${bucket}: ${text}`, {
    hint: /overlap|ambiguously/i.test(text)
      ? `Another of its notifications is for the same files: aws s3api get-bucket-notification-configuration --bucket ${bucket}`
      : 'One of its notifications, ours or another, has a destination that does not exist or may not be invoked.',
    cause,
  });
}

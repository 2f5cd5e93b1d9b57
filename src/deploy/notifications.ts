/**
 * The notifications by which new files set the chain going. Buckets that the stack makes carry them from
 * its template; in buckets that exist already they are merged with whatever is there, and taken out again
 * when the stack goes. S3 knows a bucket's notifications as one whole only, so all others are given back
 * as they came.
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
import { awsCode } from '../lake/aws-errors.ts';
import type { Aws } from './aws.ts';
import type { FunctionName } from './functions.ts';
import type { DeployHost } from './host.ts';
import type { Values } from './settings.ts';

/** What starts which function; the same stands in the template for the buckets that it makes. */
interface Trigger {
  readonly layer: 'sor' | 'sot';
  readonly table: string;
  readonly suffix: string;
  readonly functionName: FunctionName;
}

export const triggers: readonly Trigger[] = [
  trigger('sor', sorTables.acoes.name, 'prep-financial-data-for-acoes'),
  trigger('sor', sorTables.fiis.name, 'prep-financial-data-for-fiis'),
  trigger('sot', sotTables.acoes.name, 'specialize-financial-data'),
  trigger('sot', sotTables.fiis.name, 'specialize-financial-data'),
];

function trigger(layer: 'sor' | 'sot', table: string, functionName: FunctionName): Trigger {
  return { layer, table, suffix: layer === 'sor' ? '.raw.parquet' : '.prep.parquet', functionName };
}

export type Buckets = Readonly<Record<'sor' | 'sot', string>>;

/** The buckets whose new files set the chain going, by a stack's outputs; empty where it has none. */
export function notifiedBuckets(outputs: Values): Buckets {
  return { sor: outputs['SorBucket'] ?? '', sot: outputs['SotBucket'] ?? '' };
}

/** The notifications of this system in one of its buckets. Pure. */
export function notificationsIn(
  bucket: string,
  buckets: Buckets,
  {
    prefix,
    aws,
  }: { readonly prefix: string; readonly aws: Pick<Aws, 'account' | 'region' | 'partition'> },
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
export function withOurs(
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
    ? present.length === ours.length && ours.every((each) => present.some((one) => same(one, each)))
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

function same(one: LambdaFunctionConfiguration, other: LambdaFunctionConfiguration): boolean {
  return essence(one) === essence(other);
}

/** S3 gives ids of its own where none was given, and writes `Prefix` for `prefix`. */
function essence({ LambdaFunctionArn, Events, Filter }: LambdaFunctionConfiguration): string {
  const rules = (Filter?.Key?.FilterRules ?? [])
    .map(({ Name, Value }) => `${Name?.toLowerCase()}=${Value}`)
    .sort();
  return JSON.stringify([LambdaFunctionArn, [...(Events ?? [])].sort(), rules]);
}

export interface NotifiedBuckets {
  readonly buckets: Buckets;
  readonly prefix: string;
}

/** Adds our notifications to the buckets. */
export function addNotifications(
  host: Pick<DeployHost, 'notice'>,
  aws: Aws,
  notified: NotifiedBuckets,
): Promise<void> {
  return setNotifications(host, aws, notified, true);
}

/** Takes our notifications out of the buckets, those of a bucket that is gone included. */
export function takeOutNotifications(
  host: Pick<DeployHost, 'notice'>,
  aws: Aws,
  notified: NotifiedBuckets,
): Promise<void> {
  return setNotifications(host, aws, notified, false);
}

async function setNotifications(
  host: Pick<DeployHost, 'notice'>,
  aws: Aws,
  { buckets, prefix }: NotifiedBuckets,
  wanted: boolean,
): Promise<void> {
  const { s3, account: ExpectedBucketOwner } = aws;
  for (const Bucket of new Set(Object.values(buckets).filter((name) => name !== ''))) {
    const ours = notificationsIn(Bucket, buckets, { prefix, aws });
    const existing = await s3
      .send(new GetBucketNotificationConfigurationCommand({ Bucket, ExpectedBucketOwner }))
      .catch((error: unknown) => {
        // Taking out of a bucket that is gone is done.
        if (!wanted && awsCode(error) === 'NoSuchBucket') return undefined;
        throw error;
      });
    const next = existing === undefined ? undefined : withOurs(existing, ours, wanted);
    if (next === undefined) continue;
    await put(aws, Bucket, next, wanted);
    host.notice(
      `${wanted ? 'Added' : 'Took out'} our notifications ${wanted ? 'to' : 'of'} ${Bucket}`,
    );
  }
}

/** S3 tries each function out; one just made, or its permission, takes a moment to be known to it. */
async function put(
  { s3, account: ExpectedBucketOwner }: Aws,
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
      if (/unable to validate|overlap|ambiguously/i.test(text)) throw refused(Bucket, text, error);
      throw error;
    }
  }
}

function refused(bucket: string, text: string, cause: unknown): DeployError {
  return new DeployError(`the bucket ${bucket} does not take our notifications: ${text}`, {
    hint: /overlap|ambiguously/i.test(text)
      ? `Another notification of it is for the same files: aws s3api get-bucket-notification-configuration --bucket ${bucket}`
      : 'One of its notifications, ours or another, goes to what is gone or may not be invoked.',
    cause,
  });
}

/**
 * The Lambda functions: their state, the triggers by which queues start them, the account's concurrency, invocations.
 */

import { GlueClient } from '@aws-sdk/client-glue';
import {
  GetAccountSettingsCommand,
  GetEventSourceMappingCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { getAwsErrorCode } from './errors.ts';
import type { AwsSession } from './session.ts';

export interface FunctionState {
  readonly hasCode: boolean;
  /** Why it cannot run, with the reason that AWS gives; undefined where it can. */
  readonly failure: string | undefined;
}

/** A function by its name; undefined where there is none. */
export async function findFunction(
  aws: AwsSession,
  name: string,
): Promise<FunctionState | undefined> {
  const found = await ignoreNotFound(() =>
    aws.client(LambdaClient).send(new GetFunctionConfigurationCommand({ FunctionName: name })),
  );
  if (found === undefined) return undefined;
  const { State, StateReason = '', LastUpdateStatus, LastUpdateStatusReason = '' } = found;
  // An inactive function has not run for long: the next invocation activates it.
  const failure =
    State === 'Failed'
      ? `failed: ${StateReason}`
      : LastUpdateStatus === 'Failed'
        ? `its update failed: ${LastUpdateStatusReason}`
        : undefined;
  return { hasCode: found.CodeSize !== 0, failure };
}

export interface EventSource {
  /** As Lambda names it, such as `Enabled` or `Disabling`. */
  readonly state: string;
}

/** An event source mapping by its UUID; undefined where there is none. */
export async function findEventSource(
  aws: AwsSession,
  uuid: string,
): Promise<EventSource | undefined> {
  const found = await ignoreNotFound(() =>
    aws.client(LambdaClient).send(new GetEventSourceMappingCommand({ UUID: uuid })),
  );
  return found === undefined ? undefined : { state: found.State ?? '' };
}

export async function enableEventSource(aws: AwsSession, uuid: string): Promise<void> {
  await aws
    .client(LambdaClient)
    .send(new UpdateEventSourceMappingCommand({ UUID: uuid, Enabled: true }));
}

/** How many functions the account may run at once; undefined where AWS does not say. */
export async function readConcurrencyLimit(aws: AwsSession): Promise<number | undefined> {
  const { AccountLimit: limit } = await aws
    .client(LambdaClient)
    .send(new GetAccountSettingsCommand({}));
  return limit?.UnreservedConcurrentExecutions ?? limit?.ConcurrentExecutions;
}

/** Queues an invocation and returns at once; Lambda repeats one that fails. */
export async function invokeAsync(
  aws: AwsSession,
  functionName: string,
  payload: unknown,
): Promise<void> {
  await aws.client(LambdaClient).send(
    new InvokeCommand({
      FunctionName: functionName,
      InvocationType: 'Event',
      Payload: Buffer.from(JSON.stringify(payload)),
    }),
  );
}

async function ignoreNotFound<T>(request: () => Promise<T>): Promise<T | undefined> {
  try {
    return await request();
  } catch (error) {
    if (getAwsErrorCode(error) === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

/** A request that hangs must not use up the function's time. */
const SETTINGS = {
  maxAttempts: 5,
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
};

export function createS3Client(): S3Client {
  return new S3Client(SETTINGS);
}

export function createGlueClient(): GlueClient {
  return new GlueClient(SETTINGS);
}

export function createSqsClient(): SQSClient {
  return new SQSClient(SETTINGS);
}

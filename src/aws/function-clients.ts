/**
 * Clients for the code that runs in Lambda, where region and credentials come from the environment.
 */

import { GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';

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

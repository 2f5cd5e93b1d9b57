/** Events as AWS hands them to the functions. */
import type { Context, S3Event, SQSEvent } from 'aws-lambda';
import { formatTickerMessage, type TickerMessage } from '../../src/pipeline/collect-messages.ts';

export interface ContextOptions {
  readonly remainingMs?: number;
  readonly functionName?: string;
}

/** The context of an invocation that began now. */
export function contextOf({
  remainingMs = 900_000,
  functionName = 'pynvest-lambda-under-test',
}: ContextOptions = {}): Context {
  const end = Date.now() + remainingMs;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:sa-east-1:000000000000:function:${functionName}`,
    memoryLimitInMB: '192',
    awsRequestId: '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: '2026/11/20/[$LATEST]0123456789abcdef',
    getRemainingTimeInMillis: () => Math.max(0, end - Date.now()),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}

/** A batch of messages; the id of each is its place in the list, such as `message-0`. */
export function sqsEvent(
  bodies: readonly (TickerMessage | string)[],
  sentAt: number = Date.now(),
): SQSEvent {
  return {
    Records: bodies.map((body, index) => ({
      messageId: `message-${index}`,
      receiptHandle: `receipt-${index}`,
      body: typeof body === 'string' ? body : formatTickerMessage(body),
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: String(sentAt),
        SenderId: 'AIDAIENQZJOLO23YVJ4VO',
        ApproximateFirstReceiveTimestamp: String(sentAt + 1),
      },
      messageAttributes: {},
      md5OfBody: '098f6bcd4621d373cade4e832627b4f6',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:sa-east-1:000000000000:pynvest-tickers-acoes-queue',
      awsRegion: 'sa-east-1',
    })),
  };
}

/** Objects that were put, their keys encoded as S3 encodes them. */
export function s3Event(bucket: string, keys: readonly string[]): S3Event {
  return {
    Records: keys.map((key) => ({
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: 'sa-east-1',
      eventTime: '2026-11-20T21:46:01.123Z',
      eventName: 'ObjectCreated:Put',
      userIdentity: { principalId: 'AWS:AROA:pynvest' },
      requestParameters: { sourceIPAddress: '127.0.0.1' },
      responseElements: { 'x-amz-request-id': 'C3D13FE58DE4C810', 'x-amz-id-2': 'FMyUVURIY8' },
      s3: {
        s3SchemaVersion: '1.0',
        configurationId: 'pynvest-prep-acoes',
        bucket: {
          name: bucket,
          ownerIdentity: { principalId: 'A3NL1KOZZKExample' },
          arn: `arn:aws:s3:::${bucket}`,
        },
        object: {
          key: encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+'),
          size: 1024,
          eTag: 'd41d8cd98f00b204e9800998ecf8427e',
          sequencer: '0055AED6DCD90281E5',
        },
      },
    })),
  };
}

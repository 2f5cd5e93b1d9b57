/** The queues of the system: each kind of asset has one that starts its function, and one of dead letters. */
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { AssetKind } from '../catalog/asset.ts';
import { plainly } from '../deploy/aws.ts';
import type { RunningSystem } from './running-system.ts';

/** The addresses of a kind's queues. */
export interface Queues {
  readonly source: string;
  readonly dead: string;
}

export function queuesOf(system: RunningSystem, kind: AssetKind): Queues {
  const name = kind === 'acoes' ? 'Acoes' : 'Fiis';
  return {
    source: system.output(`${name}QueueUrl`),
    dead: system.output(`${name}DeadLetterQueueUrl`),
  };
}

export function sqsClientOf({ aws }: RunningSystem): SQSClient {
  return new SQSClient(aws.clientSettings);
}

export function queueName(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

/** How many messages wait, are in somebody's hands, and are not to be had yet; about, as SQS counts. */
export interface QueueDepth {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export async function queueDepth(client: SQSClient, QueueUrl: string): Promise<QueueDepth> {
  const { Attributes: counts = {} } = await plainly(() =>
    client.send(
      new GetQueueAttributesCommand({
        QueueUrl,
        AttributeNames: [
          'ApproximateNumberOfMessages',
          'ApproximateNumberOfMessagesNotVisible',
          'ApproximateNumberOfMessagesDelayed',
        ],
      }),
    ),
  );
  return {
    visible: Number(counts['ApproximateNumberOfMessages'] ?? 0),
    inFlight: Number(counts['ApproximateNumberOfMessagesNotVisible'] ?? 0),
    delayed: Number(counts['ApproximateNumberOfMessagesDelayed'] ?? 0),
  };
}

/** All the messages of a queue, whatever they wait for. */
export function messagesIn({ visible, inFlight, delayed }: QueueDepth): number {
  return visible + inFlight + delayed;
}

/** The letters of a dead-letter queue, those that somebody looks at just now included. */
export function lettersIn({ visible, inFlight }: QueueDepth): number {
  return visible + inFlight;
}

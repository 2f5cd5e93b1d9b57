/** The system in AWS around the lake: everything that lets a day be collected by itself. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { plainly } from '../../deploy/aws.ts';
import { standingOf } from '../../deploy/stack.ts';
import type { RunningSystem } from '../running-system.ts';
import { type Finding, finding } from './finding.ts';
import { refusal } from './refusal.ts';
import { deadLetters, notifications, schedules, unendedUploads } from './system-flow.ts';
import { functions, queueTriggers, quota } from './system-functions.ts';

export interface SystemClients {
  readonly lambda: LambdaClient;
  readonly sqs: SQSClient;
  readonly events: EventBridgeClient;
}

type Look = (system: RunningSystem, clients: SystemClients) => Promise<Finding[]>;

const LOOKS: readonly (readonly [subject: string, look: Look])[] = [
  ['functions', functions],
  ['queue triggers', queueTriggers],
  ['notifications', notifications],
  ['schedules', schedules],
  ['dead letters', deadLetters],
  ['quota', quota],
  ['uploads', unendedUploads],
];

export async function examineSystem(system: RunningSystem): Promise<Finding[]> {
  const { aws } = system;
  const clients: SystemClients = {
    lambda: new LambdaClient(aws.clientSettings),
    sqs: new SQSClient(aws.clientSettings),
    events: new EventBridgeClient(aws.clientSettings),
  };
  const findings = [accessFinding(system), stackFinding(system)];
  for (const [subject, look] of LOOKS) {
    try {
      findings.push(...(await plainly(() => look(system, clients))));
    } catch (error) {
      findings.push(refusal(error, { subject }));
    }
  }
  for (const client of Object.values(clients)) client.destroy();
  return findings;
}

function accessFinding({ aws }: RunningSystem): Finding {
  const detail = `the account ${aws.account}, ${aws.region}`;
  return finding('aws-access', { status: 'ok', detail });
}

function stackFinding({ stack: { name: subject, status } }: RunningSystem): Finding {
  const standing = standingOf(status);
  if (standing === 'ready') return finding('stack', { status: 'ok', subject, detail: status });
  if (standing === 'busy') {
    const remedy = 'Look again when it has ended.';
    return finding('stack', { status: 'note', subject, detail: status, remedy });
  }
  return finding('stack', { status: 'problem', subject, detail: status });
}

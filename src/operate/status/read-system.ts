/** What the system in AWS tells beside its tables. Each part is asked for by itself: one may be refused. */
import { DescribeRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { plainly } from '../../deploy/aws.ts';
import { awsCode } from '../../lake/aws-errors.ts';
import type { RunningSystem } from '../running-system.ts';
import { readStack, type StackFacts } from './read-stack.ts';
import { type Told, told } from './told.ts';

export interface SystemFacts {
  readonly schedules: Told<readonly ScheduleFacts[]>;
  readonly queues: Told<readonly QueueFacts[]>;
  readonly stateMachine: Told<ExecutionFacts | undefined>;
  readonly stack: Told<StackFacts>;
}

export interface ScheduleFacts {
  readonly purpose: 'collect' | 'dedup';
  readonly rule: string;
  /** `missing` where somebody has removed the rule. */
  readonly state: 'enabled' | 'disabled' | 'missing';
  /** Such as `cron(45 21 * * ? *)`, in UTC; empty where the rule is missing. */
  readonly expression: string;
}

export interface QueueFacts {
  readonly queue: string;
  readonly isDeadLetters: boolean;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export interface ExecutionFacts {
  readonly name: string;
  readonly status: string;
  readonly startedAt: Date;
  /** Undefined while it runs. */
  readonly stoppedAt: Date | undefined;
  /** Why it failed; undefined where it did not, or does not say. */
  readonly cause: string | undefined;
}

export async function readSystem(
  system: RunningSystem,
  { detectDrift }: { readonly detectDrift: boolean },
): Promise<SystemFacts> {
  const [schedules, queues, stateMachine, stack] = await Promise.all([
    told(() => plainly(() => readSchedules(system))),
    told(() => plainly(() => readQueues(system))),
    told(() => plainly(() => lastExecution(system))),
    told(() => plainly(() => readStack(system, detectDrift))),
  ]);
  return { schedules, queues, stateMachine, stack };
}

const RULES = { collect: 'CollectRule', dedup: 'DedupRule' } as const;

async function readSchedules(system: RunningSystem): Promise<ScheduleFacts[]> {
  const names = await system.resources();
  const events = new EventBridgeClient(system.aws.clientSettings);
  return Promise.all(
    (['collect', 'dedup'] as const).map(async (purpose): Promise<ScheduleFacts> => {
      const rule = names.get(RULES[purpose]) ?? RULES[purpose];
      try {
        const answer = await events.send(new DescribeRuleCommand({ Name: rule }));
        const state = answer.State === 'DISABLED' ? 'disabled' : 'enabled';
        return { purpose, rule, state, expression: answer.ScheduleExpression ?? '' };
      } catch (error) {
        if (awsCode(error) !== 'ResourceNotFoundException') throw error;
        return { purpose, rule, state: 'missing', expression: '' };
      }
    }),
  );
}

const QUEUES = [
  { output: 'AcoesQueueUrl', isDeadLetters: false },
  { output: 'FiisQueueUrl', isDeadLetters: false },
  { output: 'AcoesDeadLetterQueueUrl', isDeadLetters: true },
  { output: 'FiisDeadLetterQueueUrl', isDeadLetters: true },
];

async function readQueues(system: RunningSystem): Promise<QueueFacts[]> {
  const sqs = new SQSClient(system.aws.clientSettings);
  return Promise.all(
    QUEUES.map(async ({ output, isDeadLetters }): Promise<QueueFacts> => {
      const url = system.output(output);
      const { Attributes: counts = {} } = await sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: url,
          AttributeNames: [
            'ApproximateNumberOfMessages',
            'ApproximateNumberOfMessagesNotVisible',
            'ApproximateNumberOfMessagesDelayed',
          ],
        }),
      );
      return {
        queue: url.slice(url.lastIndexOf('/') + 1),
        isDeadLetters,
        visible: Number(counts['ApproximateNumberOfMessages'] ?? 0),
        inFlight: Number(counts['ApproximateNumberOfMessagesNotVisible'] ?? 0),
        delayed: Number(counts['ApproximateNumberOfMessagesDelayed'] ?? 0),
      };
    }),
  );
}

/** So many of the newest are looked at: they come in order of time, but an order is quickly made sure of. */
const EXECUTIONS = 100;

async function lastExecution(system: RunningSystem): Promise<ExecutionFacts | undefined> {
  const sfn = new SFNClient(system.aws.clientSettings);
  const stateMachineArn = system.output('StateMachineArn');
  const { executions = [] } = await sfn.send(
    new ListExecutionsCommand({ stateMachineArn, maxResults: EXECUTIONS }),
  );
  const [last] = executions.toSorted(
    (a, b) => (b.startDate?.getTime() ?? 0) - (a.startDate?.getTime() ?? 0),
  );
  if (last?.startDate === undefined) return undefined;
  const status = last.status ?? 'UNKNOWN';
  const hasFailed = status !== 'SUCCEEDED' && status !== 'RUNNING';
  const { error, cause } = hasFailed
    ? await sfn.send(new DescribeExecutionCommand({ executionArn: last.executionArn }))
    : {};
  return {
    name: last.name ?? '',
    status,
    startedAt: last.startDate,
    stoppedAt: last.stopDate,
    cause: [error, cause].filter(Boolean).join(': ') || undefined,
  };
}

/** `pynvest status` of the lake in a folder and of the one in AWS: the same tables, and the system's own faults. */
import {
  CloudWatchClient,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
} from '@aws-sdk/client-eventbridge';
import { SFNClient, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { PurgeQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatIsoDate } from '../../src/catalog/partition.ts';
import type { StatusReport } from '../../src/health/status-report.ts';
import { writeReport } from '../../src/lake/local/lake.ts';
import { writeS3Report } from '../../src/lake/s3/lake.ts';
import { hasAws } from '../support/aws-account.ts';
import { type AwsFront, answerOf, startAwsFront } from '../support/aws-front.ts';
import type { CommandResult } from '../support/command.ts';
import { awayFromDueTime, dueDays } from '../support/due-days.ts';
import { specTable } from '../support/tables.ts';
import { startTwinLakes, type TargetName, type TwinLakes } from '../support/twin-lakes.ts';

const RULE = 'trigger-pynvest-sfn-dedup-sot-spec-tables';

describe.runIf(hasAws)('status of both lakes', () => {
  let twins: TwinLakes;
  let front: AwsFront;
  let days: ReturnType<typeof dueDays>;
  let events: EventBridgeClient;
  let sfn: SFNClient;
  let cloudwatch: CloudWatchClient;
  beforeAll(async () => {
    await awayFromDueTime(3);
    days = dueDays(3);
    twins = await startTwinLakes({ days });
    front = await startAwsFront(twins.system.account.url);
    const settings = twins.system.account.clientSettings;
    events = new EventBridgeClient(settings);
    sfn = new SFNClient(settings);
    cloudwatch = new CloudWatchClient(settings);
  }, 400_000);
  afterAll(async () => {
    await front?.close();
    await twins?.close();
  });

  const statusOf = async (
    target: TargetName,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ status: CommandResult['status']; report: StatusReport }> => {
    const { status, stdout, stderr } = await twins.on(
      target,
      ['status', '--format', 'json', ...args],
      { env },
    );
    if (stdout === '') throw new Error(stderr);
    return { status, report: JSON.parse(stdout) as StatusReport };
  };
  const codes = (concerns: StatusReport['problems']): string[] => concerns.map(({ code }) => code);

  /** A line a table, without the age, which goes on between two calls. */
  const tableLines = async (target: TargetName): Promise<string[][]> => {
    const { stdout } = await twins.on(target, ['status', '--format', 'csv', '--quiet']);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','));
    const age = lines[0]?.indexOf('age_hours') ?? -1;
    expect(age).toBeGreaterThan(0);
    return lines.map((line) => line.filter((_, index) => index !== age));
  };

  test('both are well, and their tables stand alike', async () => {
    const lines = await tableLines('local');
    expect(lines).toHaveLength(6);
    expect(await tableLines('aws')).toEqual(lines);
    for (const target of ['local', 'aws'] as const) {
      const { status, report } = await statusOf(target);
      expect(report.problems, target).toEqual([]);
      expect({ status, untold: report.untold }).toEqual({ status: 0, untold: [] });
      expect(report.tables.at(-1)).toMatchObject({ rows: 5, tickers: 5, expected_tickers: 5 });
    }
  });

  test('the system in AWS is reported part by part', async () => {
    const { report } = await statusOf('aws');
    expect(report).toMatchObject({
      target: 'aws',
      folder: null,
      state_machine: null,
      stack: { name: 'pynvest', status: 'CREATE_COMPLETE', drift: 'never-checked' },
    });
    expect(report.schedules).toEqual([
      {
        purpose: 'collect',
        rule: 'trigger-pynvest-lambda-check-and-delete-partitions',
        state: 'enabled',
        expression: 'cron(45 21 * * ? *)',
        next_firing: expect.stringMatching(/T18:45:00.000-03:00$/),
      },
      {
        purpose: 'dedup',
        rule: RULE,
        state: 'enabled',
        expression: 'cron(0 22 * * ? *)',
        next_firing: expect.stringMatching(/T19:00:00.000-03:00$/),
      },
    ]);
    expect(
      report.queues?.map(({ visible, in_flight, delayed }) => visible + in_flight + delayed),
    ).toEqual([0, 0, 0, 0, 0]);
    expect(report.queues?.map((each) => each.oldest_message_seconds)).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
    expect(report.alarms).toHaveLength(16);
    expect(new Set(report.alarms?.map(({ state }) => state))).toEqual(
      new Set(['insufficient-data']),
    );
  });

  test('a day without some of its tickers: the same is said of both', async () => {
    const last = days.at(-1);
    if (last === undefined) throw new Error('no day');
    const file = { table: specTable, partition: last, name: 'dedup' };
    const whole = await twins.lakes.local.read(file);
    for (const lake of Object.values(twins.lakes)) await lake.write(file, whole.slice(2));
    const [local, aws] = [await statusOf('local'), await statusOf('aws')];
    for (const lake of Object.values(twins.lakes)) await lake.write(file, whole);
    expect(codes(local.report.problems)).toEqual(['missing-tickers']);
    expect(local.report.problems[0]?.what).toMatch(
      /^Spec: 2 tickers listed by the site are missing on/,
    );
    expect(aws.report.problems).toEqual(local.report.problems);
    const elsewhere = await statusOf('aws', [], { PYNVEST_FUNDAMENTUS_URL: 'http://127.0.0.1:9' });
    expect(elsewhere.report.untold).toEqual([]);
    expect(aws.report.missing_tickers).toEqual(local.report.missing_tickers);
    expect([local.status, aws.status]).toEqual([3, 3]);
  });

  test('the newest report of a run is found in both', async () => {
    const report = {
      command: 'run',
      partition: days[0] ?? days[1],
      date: formatIsoDate(days[0] as (typeof days)[number]),
      started_at: '2026-01-05T18:59:00.000-03:00',
      seconds: 2,
      tickers: {
        asked: 6,
        stored: 5,
        failed: [{ ticker: 'XXXX3', kind: 'not-found', reason: 'no such ticker' }],
        rejected: [],
      },
    } as Parameters<typeof writeReport>[1];
    await writeReport(twins.root, report);
    await writeS3Report(twins.system.s3, twins.system.buckets.sor, report);
    const [local, aws] = [await statusOf('local'), await statusOf('aws')];
    expect(local.report.last_run).toMatchObject({ asked: 6, failed: [{ ticker: 'XXXX3' }] });
    expect(aws.report.last_run).toEqual(local.report.last_run);
  });

  test('a schedule that is disabled', async () => {
    await events.send(new DisableRuleCommand({ Name: RULE }));
    const { status, report } = await statusOf('aws');
    await events.send(new EnableRuleCommand({ Name: RULE }));
    expect(status).toBe(3);
    expect(report.problems).toEqual([
      {
        code: 'schedule-disabled',
        what: `${RULE}: the schedule is disabled`,
        remedy: '`pynvest resume` enables it.',
      },
    ]);
    expect(report.schedules?.[1]).toMatchObject({ state: 'disabled', next_firing: null });
  });

  test('a dead letter', async () => {
    const QueueUrl = twins.system.outputs['FiisDeadLetterQueueUrl'];
    await twins.system.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' }));
    const { status, report } = await statusOf('aws');
    await twins.system.sqs.send(new PurgeQueueCommand({ QueueUrl }));
    expect(status).toBe(3);
    expect(report.problems).toEqual([
      expect.objectContaining({
        code: 'dead-letters',
        what: expect.stringMatching(/^pynvest-tickers-fiis-[\w-]+: 1 ticker failed for good$/),
      }),
    ]);
    expect(report.queues?.at(3)).toMatchObject({ dead_letters: true, visible: 1 });
  });

  test('an alarm in ALARM, with since when, what it means and what to do', async () => {
    const AlarmName = 'pynvest-lambda-get-tickers-errors';
    const set = (StateValue: 'ALARM' | 'OK') =>
      cloudwatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'a test' }));
    await set('ALARM');
    const { status, report } = await statusOf('aws');
    const text = await twins.on('aws', ['status', '--format', 'table']);
    await set('OK');
    expect(status).toBe(3);
    const alarm = report.alarms?.find(({ state }) => state === 'alarm');
    expect(alarm).toEqual({ alarm: AlarmName, state: 'alarm', since: expect.any(String) });
    const since = alarm?.since?.slice(0, 16).replace('T', ' ');
    expect(report.problems).toEqual([
      {
        code: 'alarm',
        what: `${AlarmName}: in ALARM since ${since}: the function get-tickers failed`,
        remedy:
          '`pynvest logs get-tickers --errors` shows why. `pynvest redrive` starts the day again once AWS has stopped trying.',
      },
    ]);
    expect(text.stdout).toContain(`\nAlarms     1 of 16 in ALARM: ${AlarmName}\n`);
    const after = await statusOf('aws');
    expect([after.status, after.report.problems]).toEqual([0, []]);
    expect(after.report.alarms?.find((each) => each.alarm === AlarmName)?.state).toBe('ok');
  });

  test('how long the oldest message of a queue waits, as it was measured last', async () => {
    const QueueUrl = twins.system.outputs['AcoesDeadLetterQueueUrl'];
    const queue = 'pynvest-tickers-acoes-dead-letter-queue';
    await cloudwatch.send(
      new PutMetricDataCommand({
        Namespace: 'AWS/SQS',
        MetricData: [
          [11, 400_000],
          [2, 180_000],
          [4, 300_000],
        ].map(([minutesAgo = 0, Value]) => ({
          MetricName: 'ApproximateAgeOfOldestMessage',
          Dimensions: [{ Name: 'QueueName', Value: queue }],
          Timestamp: new Date(Date.now() - minutesAgo * 60_000),
          Value,
        })),
      }),
    );
    await twins.system.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' }));
    const { report } = await statusOf('aws');
    const text = await twins.on('aws', ['status', '--format', 'table']);
    await twins.system.sqs.send(new PurgeQueueCommand({ QueueUrl }));
    const ageIn = ({ queues }: StatusReport) =>
      queues?.find((each) => each.queue === queue)?.oldest_message_seconds;
    expect(report.untold).toEqual([]);
    expect(ageIn(report)).toBe(180_000);
    expect(text.stdout.replaceAll(/\s+/g, ' ')).toContain(`${queue}: 1 waiting, oldest 2 d`);
    // Nothing waits there any more, whatever was measured.
    expect(ageIn((await statusOf('aws')).report)).toBeNull();
  });

  test('a deduplication that failed, with its cause; one that went well after it', async () => {
    const stateMachineArn = twins.system.outputs['StateMachineArn'];
    const start = (partition: unknown) =>
      sfn.send(
        new StartExecutionCommand({ stateMachineArn, input: JSON.stringify({ partition }) }),
      );
    // What no function takes is tried again for a minute and more: somebody stops it.
    const { executionArn } = await start('no day');
    const error = { error: 'TooSlow', cause: 'stopped by hand' };
    await sfn.send(new StopExecutionCommand({ executionArn, ...error }));
    // The stand-in forgets why it was stopped.
    front.intercept = ({ target }) =>
      target === 'AWSStepFunctions.DescribeExecution'
        ? { status: 200, body: JSON.stringify({ executionArn, status: 'ABORTED', ...error }) }
        : undefined;
    const { status, report } = await statusOf('aws', [], { AWS_ENDPOINT_URL: front.url });
    front.intercept = () => undefined;
    expect(status).toBe(3);
    expect(report.problems).toEqual([
      expect.objectContaining({
        code: 'state-machine-failed',
        what: 'the last deduplication ended as ABORTED: TooSlow: stopped by hand',
      }),
    ]);
    expect(report.state_machine).toMatchObject({ status: 'ABORTED' });
    await start(days.at(-1));
    const after = await statusOf('aws');
    expect(after.report.state_machine?.status).toMatch(/RUNNING|SUCCEEDED/);
    expect(codes(after.report.problems)).not.toContain('state-machine-failed');
  });

  test('drift, looked for anew where it is asked for; not where the endpoint knows none', async () => {
    const unknown = await statusOf('aws', ['--drift']);
    expect(unknown.report.stack?.drift).toBe('not-supported');
    expect(codes(unknown.report.notes)).toContain('drift-unknown');
    let asked = 0;
    front.intercept = ({ action }) => {
      if (action === 'DetectStackDrift') {
        return answerOf(action, '<StackDriftDetectionId>1</StackDriftDetectionId>');
      }
      if (action === 'DescribeStackDriftDetectionStatus') {
        asked += 1;
        const status = asked === 1 ? 'DETECTION_IN_PROGRESS' : 'DETECTION_COMPLETE';
        return answerOf(
          action,
          `<DetectionStatus>${status}</DetectionStatus><StackDriftStatus>DRIFTED</StackDriftStatus>`,
        );
      }
      if (action !== 'DescribeStackResourceDrifts') return undefined;
      const member = '<member><LogicalResourceId>DedupRule</LogicalResourceId></member>';
      return answerOf(action, `<StackResourceDrifts>${member}</StackResourceDrifts>`);
    };
    const { status, report } = await statusOf('aws', ['--drift'], { AWS_ENDPOINT_URL: front.url });
    front.intercept = () => undefined;
    expect(asked).toBe(2);
    expect(status).toBe(0);
    expect(report.stack).toMatchObject({ drift: 'drifted', drifted_resources: ['DedupRule'] });
    expect(report.notes.find(({ code }) => code === 'stack-drifted')?.what).toContain('DedupRule');
  });

  test('a part that AWS denies is unavailable; the others are read, and the status is 1', async () => {
    front.intercept = ({ target }) =>
      target === 'AWSEvents.DescribeRule'
        ? { status: 400, body: JSON.stringify({ __type: 'AccessDenied', message: 'not you' }) }
        : undefined;
    const { status, report } = await statusOf('aws', [], { AWS_ENDPOINT_URL: front.url });
    front.intercept = () => undefined;
    expect(status).toBe(1);
    expect(report.schedules).toBeNull();
    expect(report.untold).toEqual([
      expect.objectContaining({ code: 'schedules', what: expect.stringContaining('not you') }),
    ]);
    expect(report.queues).toHaveLength(5);
  });

  test('nothing can be read without credentials', async () => {
    const { status, stdout, stderr } = await twins.on('aws', ['status'], {
      env: { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('no AWS credentials');
  });
});

/** Everything that `status` can name, made on purpose in both lakes and in the system around the one in AWS. */

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  DeleteRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { SFNClient, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { PurgeQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Row } from '../../src/catalog/column.ts';
import { getTable, type Table } from '../../src/catalog/dataset.ts';
import { history } from '../../src/catalog/datasets/b3.ts';
import { dailyTables as tables } from '../../src/catalog/datasets.ts';
import { formatIsoDate, type Partition, parsePartition } from '../../src/catalog/partition.ts';
import { parseTicker } from '../../src/catalog/ticker.ts';
import { renderNotFoundPage } from '../../src/demo/site.ts';
import { listCodes } from '../../src/health/rules/rules.ts';
import type { Concern, StatusReport } from '../../src/health/status-report.ts';
import { encodeRows } from '../../src/lake/parquet/encode.ts';
import { createS3Inspector } from '../../src/lake/s3/lake.ts';
import type { RunReport } from '../../src/pipeline/report.ts';
import { hasAws } from '../support/aws-account.ts';
import { runStateMachine } from '../support/aws-calls.ts';
import { type AwsFront, type FrontAnswer, startAwsFront } from '../support/aws-front.ts';
import { awayFromDueTime, dueDays } from '../support/due-days.ts';
import { bytesInBuckets, bytesInFolder, type LakeBytes, pathOf } from '../support/lake-bytes.ts';
import { rowsOf } from '../support/lake-rows.ts';
import { packedUnreadably } from '../support/packed-files.ts';
import type { Fault as SiteFault, TestSiteOptions } from '../support/site.ts';
import { sorTables, specTable } from '../support/tables.ts';
import { type TamperedLake, tampered } from '../support/tampering.ts';
import {
  registerDays,
  startTwinLakes,
  type TargetName,
  type TwinLakes,
} from '../support/twin-lakes.ts';

const DEDUP_RULE = 'trigger-pynvest-sfn-dedup-sot-spec-tables';
const ALARM = 'pynvest-lambda-get-tickers-errors';
const DATA_ALARM = 'pynvest-no-new-data';
const { acoes } = sorTables;
const historyTable = getTable(history, 'sot');

let twins: TwinLakes;
let front: AwsFront;
/** The fault of the site of both lakes at the moment. */
let siteFault: TestSiteOptions['fault'];
let bytes: Readonly<Record<TargetName, LakeBytes>>;
/** Seven trading days, up to the one that is due: the five newest are recent. */
let days: readonly Partition[];
let newest: Partition;

/** What is named, and what it counts as. */
type Named = readonly `${string}: ${'problem' | 'note' | 'unavailable'}`[];

interface Fault {
  readonly what: string;
  readonly names: Named;
  readonly make?: (lake: TamperedLake, target: TargetName) => Promise<unknown>;
  /** What AWS answers instead of what it would. */
  readonly answer?: (request: Parameters<AwsFront['intercept']>[0]) => FrontAnswer | undefined;
  readonly undo?: (target: TargetName) => Promise<unknown>;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What the site answers instead of the page of a ticker, or of a listing. */
  readonly siteFault?: TestSiteOptions['fault'];
}

/** Answers so in place of every page, and lists the tickers as ever. */
function ofPages(answer: (ticker: string) => SiteFault): TestSiteOptions['fault'] {
  return (what) => (what === 'acoes' || what === 'fiis' ? undefined : answer(what));
}

const catalogOf = (target: TargetName) =>
  target === 'aws' ? createS3Inspector(twins.system).catalog : undefined;

async function forEachTable(
  chosen: readonly (Partition | undefined)[],
  work: (table: Table, day: Partition) => Promise<unknown>,
): Promise<void> {
  for (const day of chosen) {
    if (day === undefined) throw new Error('no such day');
    for (const table of tables) await work(table, day);
  }
}

/** Days of which nothing is there, nor in the catalog. */
const withoutDays = (gone: () => readonly (Partition | undefined)[]) => ({
  make: (lake: TamperedLake, target: TargetName) =>
    forEachTable(gone(), async (table, day) => {
      await lake.remove(pathOf(table, day));
      await catalogOf(target)?.forget(table, day);
    }),
  undo: async (target: TargetName) => {
    const back = gone().filter((day) => day !== undefined);
    if (target === 'local') return;
    for (const table of tables) await registerDays(twins.system, table, back);
  },
});

/** The rows of the newest day once more, on a day that is to come. */
const withDayToCome = (day: Partition) => ({
  make: (lake: TamperedLake, target: TargetName) =>
    forEachTable([day], async (table) => {
      await lake.put(pathOf(table, day), await lake.get(pathOf(table, newest)));
      await catalogOf(target)?.register(table, day);
    }),
  undo: (target: TargetName) =>
    forEachTable([day], async (table) => catalogOf(target)?.forget(table, day)),
});

async function changeRows(
  lake: TamperedLake,
  target: TargetName,
  table: Table,
  change: (rows: readonly Row[]) => readonly Row[],
): Promise<void> {
  const rows = await rowsOf(twins.lakes[target], table, newest);
  await lake.put(pathOf(table, newest), encodeRows(table, change(rows)));
}

const changeRaw = (value: Row) => (lake: TamperedLake, target: TargetName) =>
  changeRows(lake, target, acoes, ([first, ...rest]) => [{ ...first, ...value }, ...rest]);

const putReport = (name: string, text: string) => (lake: TamperedLake, target: TargetName) =>
  lake.put(`${target === 'aws' ? 'sor/' : ''}_runs/${name}`, text);

/** A run that could not make the tables follow. */
function runWith(fault: Partial<RunReport>): string {
  return JSON.stringify({
    command: 'run',
    date: formatIsoDate(newest),
    seconds: 1,
    started_at: `${formatIsoDate(newest)}T18:59:00.000-03:00`,
    tickers: { asked: 5, stored: 5, failed: [] },
    ...fault,
  });
}

const twice = async (lake: TamperedLake): Promise<void> =>
  lake.put(pathOf(specTable, newest, 'again.parquet'), await lake.get(pathOf(specTable, newest)));

const withoutTwo = (lake: TamperedLake, target: TargetName) =>
  changeRows(lake, target, specTable, (rows) => rows.slice(2));

/** The process that uses the folder: this one, or one that cannot exist. */
async function lock(lake: TamperedLake, pid = process.pid): Promise<void> {
  const { hostname } = await import('node:os');
  const holder = { host: hostname(), command: 'pynvest run', since: new Date().toISOString(), pid };
  await lake.put('_lock.json', JSON.stringify(holder));
}

/** What can be so in either lake. */
const ofBoth: readonly Fault[] = [
  {
    what: 'nothing is stored',
    names: ['empty: note'],
    ...withoutDays(() => days),
  },
  {
    what: 'a file that is cut short',
    names: ['file-unreadable: problem'],
    make: async (lake) => {
      const path = pathOf(specTable, newest);
      await lake.put(path, (await lake.get(path)).subarray(0, -10));
    },
  },
  {
    what: 'a file that is packed in a way of its own',
    names: ['codec-unreadable: problem'],
    make: async (lake) => {
      const path = pathOf(specTable, newest);
      await lake.put(path, await packedUnreadably(await lake.get(path)));
    },
  },
  {
    what: 'the newest day is gone',
    names: ['stale: problem'],
    ...withoutDays(() => [newest]),
  },
  {
    what: 'a day before it is gone',
    names: ['day-missing: problem'],
    ...withoutDays(() => [days.at(-2)]),
  },
  {
    what: 'a day of the past is gone',
    names: ['day-missing: note'],
    ...withoutDays(() => [days[1]]),
  },
  {
    what: 'a day is there that is to come',
    names: ['day-to-come: problem'],
    ...withDayToCome(parsePartition('2126-11-19')),
  },
  {
    what: 'two tickers are gone',
    names: ['missing-tickers: problem'],
    make: withoutTwo,
  },
  { what: 'tickers are there twice', names: ['duplicates: problem'], make: twice },
  {
    what: 'a run that could not make the tables follow',
    names: ['last-run-failed: problem'],
    make: (lake, target) =>
      putReport('20260101T000000-run.json', runWith({ error: 'the disk is full' }))(lake, target),
  },
  {
    what: 'a run that stored nothing',
    names: ['last-run-failed: problem'],
    make: (lake, target) => {
      const ticker = parseTicker('TUCA3');
      const failed = [{ ticker, kind: 'blocked', reason: 'TUCA3: refused' } as const];
      const tickers = { asked: 1, stored: 0, failed, rejected: [] };
      return putReport('20260101T000000-run.json', runWith({ tickers }))(lake, target);
    },
  },
  {
    what: 'a run whose listing was cut short',
    names: ['listing-fault: problem'],
    make: (lake, target) => {
      const fault = { listing_faults: ['acoes: the listing names 12 tickers'] };
      return putReport('20260101T000000-run.json', runWith(fault))(lake, target);
    },
  },
  {
    what: 'an import that died before its adjustments were stored',
    names: ['import-interrupted: problem'],
    make: (lake, target) =>
      lake.put(`${target === 'aws' ? 'sor' : '_runs'}/adjustment-state/state.txt`, 'pending'),
  },
  {
    what: 'prices of B3 that cannot be read',
    names: ['imports: unavailable'],
    make: (lake) => lake.put(`sot/${historyTable.name}/ano=2024/dedup.parquet`, 'PAR1'),
  },
  {
    what: 'a report that is cut short',
    names: ['broken-report: note'],
    make: putReport('20260101T000000-run.json', '{"command":"ru'),
  },
  {
    what: 'a site that does not answer',
    names: ['site-no-answer: note'],
    siteFault: () => 503,
  },
  {
    what: 'a site whose pages have changed',
    names: ['site-layout: problem'],
    siteFault: ofPages((what) => ({
      html: `<html><title>${what}</title><body>P/L 4,56</body></html>`,
    })),
  },
  {
    what: 'a site without the pages that it lists',
    names: ['site-no-page: note'],
    siteFault: ofPages(() => ({ html: renderNotFoundPage() })),
  },
  {
    what: 'a value that does not parse',
    names: ['unparsed: note'],
    make: changeRaw({ vlr_cot: 'n/d' }),
  },
  {
    what: 'a label without a column',
    names: ['unknown-label: note'],
    make: changeRaw({ outros_indicadores: '{"Rótulo novo":"1,5"}' }),
  },
  {
    what: 'a whole market without a label',
    names: ['vanished-label: note'],
    make: (lake, target) =>
      changeRows(lake, target, acoes, (rows) => [
        ...rows.map((row) => ({ ...row, vlr_ind_roe: null })),
        ...Array.from({ length: 60 }, (_, index) => ({
          ...rows[0],
          vlr_ind_roe: null,
          nome_papel: `ZZ${String.fromCharCode(65 + (index % 26))}Z${3 + Math.floor(index / 26)}`,
        })),
      ]),
  },
];

const ofFolder: readonly Fault[] = [
  {
    what: 'a file from the midst of a run',
    names: ['day-unfinished: problem'],
    make: async (lake) => {
      const { fiis } = sorTables;
      await lake.put(
        pathOf(fiis, newest, 'fiis-0123.raw.parquet'),
        await lake.get(pathOf(fiis, newest)),
      );
      await lake.remove(pathOf(fiis, newest));
    },
  },
  {
    what: 'a run that died',
    names: ['dead-lock: problem'],
    make: (lake) => lock(lake, 2 ** 22 + 1),
  },
  { what: 'a run in progress', names: ['locked: note'], make: (lake) => lock(lake) },
  {
    what: 'a lake that a demo made',
    names: ['demo-lake: note'],
    make: (lake) => lake.put('_runs/demo', '{}'),
  },
  {
    what: 'tickers that a run in progress has yet to collect',
    names: ['locked: note', 'missing-tickers: note'],
    make: async (lake, target) => {
      await withoutTwo(lake, target);
      await lock(lake);
    },
  },
  {
    what: 'rows that a run in progress has yet to deduplicate',
    names: ['duplicates: note', 'locked: note'],
    make: async (lake) => {
      await twice(lake);
      await lock(lake);
    },
  },
  {
    what: 'a run that was interrupted',
    names: ['last-run-interrupted: problem'],
    make: (lake, target) => {
      const tickers = { asked: 5, stored: 1, failed: [], rejected: [] };
      const report = runWith({ interrupted: true, tickers });
      return putReport('20260101T000000-run.json', report)(lake, target);
    },
  },
  {
    what: 'the folder that no option names, before the first run',
    names: ['empty: note', 'lake-folder: note'],
    env: { PYNVEST_LAKE: '', XDG_DATA_HOME: join(tmpdir(), 'pynvest-no-such-data') },
  },
  {
    what: 'a folder of something else',
    names: ['lake-folder: problem'],
    args: ['--lake', join(import.meta.dirname, '..', 'support')],
  },
];

interface Clients {
  readonly events: EventBridgeClient;
  readonly sfn: SFNClient;
  readonly cloudwatch: CloudWatchClient;
  readonly sqs: TwinLakes['system']['sqs'];
}

/** The same for all faults: to make clients takes longer than what they do. */
let madeClients: Clients | undefined;
function clients(): Clients {
  const { account, sqs } = twins.system;
  const settings = account.clientSettings;
  madeClients ??= {
    events: new EventBridgeClient(settings),
    sfn: new SFNClient(settings),
    cloudwatch: new CloudWatchClient(settings),
    sqs,
  };
  return madeClients;
}

/** How CloudFormation has the stack. */
interface StackSaid {
  readonly status?: string;
  readonly isProtected?: boolean;
  readonly drift?: string;
}

/** The stand-in protects no stack: what is said of it is said for it, in a good system too. */
function sayOfStack({ status, isProtected = true, drift }: StackSaid = {}): void {
  front.rewrite = ({ action }, answer) => {
    if (action !== 'DescribeStacks') return answer;
    const said =
      (isProtected ? '<EnableTerminationProtection>true</EnableTerminationProtection>' : '') +
      (drift === undefined
        ? ''
        : `<DriftInformation><StackDriftStatus>${drift}</StackDriftStatus></DriftInformation>`);
    return answer
      .replace(/<StackStatus>(\w+)<\/StackStatus>/, (_, real: string) => {
        return `<StackStatus>${status ?? real}</StackStatus>${said}`;
      })
      .replace(/<EnableTerminationProtection>false<\/EnableTerminationProtection>/, '');
  };
}

const stackFault = (what: string, names: Named, said: StackSaid): Fault => ({
  what,
  names,
  make: async () => sayOfStack(said),
  undo: async () => sayOfStack(),
});

/** AWS denies one kind of call. */
const denied = (code: string, target: RegExp): Fault => ({
  what: `AWS denies: ${code}`,
  names: [`${code}: unavailable`],
  answer: (request) =>
    target.test(`${request.target} ${request.path} ${request.form}`) ? DENIED : undefined,
});
const DENIED = { status: 400, body: '{"__type":"AccessDeniedException","message":"not you"}' };

/** Puts a message into the queue of an output of the stack, and takes it away. */
const messageIn = (output: string) => ({
  make: () =>
    clients().sqs.send(
      new SendMessageCommand({ QueueUrl: twins.system.outputs[output], MessageBody: '{}' }),
    ),
  undo: () => clients().sqs.send(new PurgeQueueCommand({ QueueUrl: twins.system.outputs[output] })),
});

async function removeRule(): Promise<void> {
  const { events } = clients();
  const { Targets = [] } = await events.send(new ListTargetsByRuleCommand({ Rule: DEDUP_RULE }));
  const Ids = Targets.flatMap(({ Id }) => Id ?? []);
  await events.send(new RemoveTargetsCommand({ Rule: DEDUP_RULE, Ids }));
  await events.send(new DeleteRuleCommand({ Name: DEDUP_RULE }));
  putRuleBack = async () => {
    const ScheduleExpression = 'cron(0 22 * * ? *)';
    await events.send(new PutRuleCommand({ Name: DEDUP_RULE, ScheduleExpression }));
    await events.send(new PutTargetsCommand({ Rule: DEDUP_RULE, Targets }));
  };
}
let putRuleBack = async (): Promise<void> => undefined;

async function removeAlarm(): Promise<void> {
  const { cloudwatch } = clients();
  const { MetricAlarms: [alarm] = [] } = await cloudwatch.send(
    new DescribeAlarmsCommand({ AlarmNames: [ALARM] }),
  );
  await cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: [ALARM] }));
  putAlarmBack = async () => {
    const { AlarmName, ComparisonOperator, EvaluationPeriods } = alarm ?? {};
    const { MetricName, Namespace, Period, Statistic, Threshold } = alarm ?? {};
    await cloudwatch.send(
      new PutMetricAlarmCommand({
        ...{ AlarmName, ComparisonOperator, EvaluationPeriods },
        ...{ MetricName, Namespace, Period, Statistic, Threshold },
      }),
    );
  };
}
let putAlarmBack = async (): Promise<void> => undefined;

const setAlarm = (StateValue: 'ALARM' | 'OK', AlarmName = ALARM) =>
  clients().cloudwatch.send(
    new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'on purpose' }),
  );

/** What can be so around the lake in AWS alone. */
const ofSystem: readonly Fault[] = [
  {
    what: 'a schedule is disabled',
    names: ['schedule-disabled: problem'],
    make: () => clients().events.send(new DisableRuleCommand({ Name: DEDUP_RULE })),
    undo: () => clients().events.send(new EnableRuleCommand({ Name: DEDUP_RULE })),
  },
  {
    what: 'a schedule is removed',
    names: ['schedule-missing: problem'],
    make: removeRule,
    undo: () => putRuleBack(),
  },
  {
    what: 'a dead letter',
    names: ['dead-letters: problem'],
    ...messageIn('FiisDeadLetterQueueUrl'),
  },
  {
    what: 'a day that could not be started',
    names: ['failed-events: problem'],
    ...messageIn('FailedEventsQueueUrl'),
  },
  {
    what: 'a deduplication that was stopped',
    names: ['state-machine-failed: problem'],
    make: async () => {
      const { sfn } = clients();
      const stateMachineArn = twins.system.outputs['StateMachineArn'];
      const input = '{"partition":"no day"}';
      const started = await sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
      await sfn.send(new StopExecutionCommand({ executionArn: started.executionArn }));
    },
    undo: async () => {
      const { account, outputs } = twins.system;
      const input = { partition: newest };
      await runStateMachine(account, outputs['StateMachineArn'] ?? '', input);
    },
  },
  {
    what: 'an alarm is in ALARM',
    names: ['alarm: problem'],
    make: () => setAlarm('ALARM'),
    undo: () => setAlarm('OK'),
  },
  {
    what: 'the alarm of no new data is in ALARM',
    names: ['alarm: note'],
    make: () => setAlarm('ALARM', DATA_ALARM),
    undo: () => setAlarm('OK', DATA_ALARM),
  },
  {
    what: 'an alarm is removed',
    names: ['alarm-missing: note'],
    make: removeAlarm,
    undo: () => putAlarmBack(),
  },
  stackFault('an update failed', ['stack-unhealthy: problem'], { status: 'UPDATE_FAILED' }),
  stackFault('a removal failed', ['stack-unhealthy: problem'], { status: 'DELETE_FAILED' }),
  stackFault('an update goes on', ['stack-busy: note'], { status: 'UPDATE_IN_PROGRESS' }),
  stackFault('an update was undone', ['stack-rolled-back: note'], {
    status: 'UPDATE_ROLLBACK_COMPLETE',
  }),
  stackFault('the stack has drifted', ['stack-drifted: note'], { drift: 'DRIFTED' }),
  stackFault('the stack is not protected', ['stack-unprotected: note'], { isProtected: false }),
  {
    what: 'an endpoint that knows no drift',
    names: ['drift-unknown: note'],
    args: ['--drift'],
  },
  denied('last-run', /prefix=_runs/),
  denied('schedules', /DescribeRule/),
  denied('queues', /GetQueueAttributes/),
  denied('state-machine', /ListExecutions/),
  denied('alarms', /DescribeAlarms/),
  // That there is a stack is asked for by its name.
  denied('stack', /Action=DescribeStacks.*StackName=arn/),
  {
    ...denied('oldest-messages', /GetMetricStatistics/),
    names: ['dead-letters: problem', 'oldest-messages: unavailable'],
    ...messageIn('FiisDeadLetterQueueUrl'),
  },
];

describe.runIf(hasAws)('what status can name', () => {
  const shown = new Set<string>();

  beforeAll(async () => {
    await awayFromDueTime(5);
    days = dueDays(7);
    const last = days.at(-1);
    if (last === undefined) throw new Error('no day');
    newest = last;
    twins = await startTwinLakes({ days, fault: (...request) => siteFault?.(...request) });
    front = await startAwsFront(twins.system.account.url);
    sayOfStack();
    bytes = { local: bytesInFolder(twins.root), aws: bytesInBuckets(twins.system) };
  }, 500_000);
  afterAll(async () => {
    await front?.close();
    await twins?.close();
  });

  /** What is named, in order, where its exit status is the one that follows from it. */
  async function namedBy(target: TargetName, { args = [], env = {}, answer }: Partial<Fault> = {}) {
    const command = ['status', '--format', 'json', ...args];
    // Of AWS, only what a fault answers in place of goes through the door: that costs as much as to ask.
    const service = answer === undefined ? '_CLOUDFORMATION' : '';
    const throughFront = target === 'aws' ? { [`AWS_ENDPOINT_URL${service}`]: front.url } : {};
    const options = { env: { PYNVEST_RETRIES: '0', ...throughFront, ...env } };
    const { status, stdout, stderr } = await twins.on(target, command, options);
    expect(stdout, stderr).not.toBe('');
    const { problems, notes, untold } = JSON.parse(stdout) as StatusReport;
    expect(status).toBe(problems.length > 0 ? 3 : untold.length > 0 ? 1 : 0);
    const as = (concerns: readonly Concern[], what: string): string[] =>
      concerns.map(({ code }) => `${code}: ${what}`);
    for (const { what, remedy } of [...problems, ...notes]) {
      expect(what).not.toMatch(/undefined|\[object/);
      expect(remedy).toMatch(/[.!?]$/);
    }
    const named = [...as(problems, 'problem'), ...as(notes, 'note'), ...as(untold, 'unavailable')];
    return [...new Set(named)].sort();
  }

  async function isNamed(target: TargetName, fault: Fault): Promise<void> {
    const lake = tampered(bytes[target]);
    front.intercept = fault.answer ?? (() => undefined);
    siteFault = fault.siteFault;
    try {
      await fault.make?.(lake, target);
      const named = await namedBy(target, fault);
      for (const each of named) shown.add(each);
      expect(named).toEqual(fault.names);
    } finally {
      front.intercept = () => undefined;
      siteFault = undefined;
      await fault.undo?.(target);
      await lake.undo();
    }
  }

  const nothing = (when: string) =>
    test.each(['local', 'aws'] as const)(`nothing ${when}: %s`, async (target) => {
      expect(await namedBy(target)).toEqual([]);
    });

  nothing('in good lakes');
  describe.each(['local', 'aws'] as const)('%s', (target) => {
    test.each(ofBoth)('$what', (fault) => isNamed(target, fault));
  });
  test.each(ofFolder)('local: $what', (fault) => isNamed('local', fault));
  test.each(ofSystem)('aws: $what', (fault) => isNamed('aws', fault));
  nothing('when all is as it was');

  test('everything that the source declares was shown, as what it counts', () => {
    const declared = listCodes('status').flatMap(({ code, countsAs }) =>
      countsAs.map((what) => `${code}: ${what}`),
    );
    expect([...shown].sort()).toEqual(declared.sort());
  });
});

/** Faults made on purpose in the system around the lake in AWS, and in its catalog. */

import {
  DeleteRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListTargetsByRuleCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  CreatePartitionCommand,
  DeletePartitionCommand,
  DeleteTableCommand,
  GetTableCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import {
  DeleteEventSourceMappingCommand,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  PutFunctionConcurrencyCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import {
  CreateMultipartUploadCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
} from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RECREATE_HINT } from '../../src/aws/resource-names.ts';
import { jsonRows, type PrintedRow } from '../support/answers.ts';
import { hasAws } from '../support/aws-account.ts';
import { startAwsFront } from '../support/aws-front.ts';
import { bytesInBuckets, type LakeBytes, pathOf } from '../support/lake-bytes.ts';
import { day } from '../support/made-up-lake.ts';
import { sotTables, specTable } from '../support/tables.ts';
import { startTwinLakes, type TwinLakes } from '../support/twin-lakes.ts';

const DEDUP_RULE = 'trigger-pynvest-sfn-dedup-sot-spec-tables';
/** What S3 answers where a file is no longer as it was listed. */
const REPLACED = {
  status: 412,
  body: '<Error><Code>PreconditionFailed</Code><Message>changed</Message></Error>',
};
const friday = day('2026-11-20');

describe.runIf(hasAws)('pynvest doctor --target aws', () => {
  let twins: TwinLakes;
  let lake: LakeBytes;
  let lambda: LambdaClient;
  let events: EventBridgeClient;
  let quotes: { readonly DatabaseName: string; readonly TableName: string };
  let files: Record<string, string>;
  let catalog: string;

  beforeAll(async () => {
    twins = await startTwinLakes();
    const { system } = twins;
    lake = bytesInBuckets(system);
    const settings = system.account.clientSettings;
    lambda = new LambdaClient(settings);
    events = new EventBridgeClient(settings);
    quotes = { DatabaseName: system.databases.spec, TableName: specTable.name };
    files = await lake.contents();
    catalog = await lake.catalog();
  }, 120_000);
  afterAll(() => twins?.close());

  async function doctor(...args: string[]) {
    const all = ['doctor', '--format', 'json', ...args];
    const { status, stdout, stderr } = await twins.on('aws', all);
    return { status, rows: jsonRows(stdout), stderr };
  }

  const ofCode = (rows: readonly PrintedRow[], code: string): PrintedRow[] =>
    rows.filter((row) => row['code'] === code);

  /** Found as these problems, mended by --fix, and then as it was, files and catalog too. */
  async function areMended(expected: readonly (readonly [string, string])[]): Promise<void> {
    const found = await doctor('--no-site');
    expect(found.status, found.stderr).toBe(1);
    const problems = found.rows.filter((row) => row['status'] === 'problem');
    expect(problems.map((row) => [row['code'], row['fixable'], row['detail']]).sort()).toEqual(
      expected.map(([code, detail]) => [code, true, expect.stringContaining(detail)]),
    );
    const fixed = await doctor('--no-site', '--fix');
    expect(fixed.status, fixed.stderr).toBe(0);
    const mended = fixed.rows.filter((row) => row['status'] === 'mended');
    expect(mended.map((row) => row['code']).sort()).toEqual(expected.map(([code]) => code));
    expect(await lake.contents()).toEqual(files);
    expect(await lake.catalog()).toBe(catalog);
    const again = await doctor('--no-site', '--fix');
    expect(again.rows.filter((row) => row['fixable'] || row['status'] === 'mended')).toEqual([]);
  }

  /** Found as these, the only problems and no other notes of these codes, and left as they are. */
  async function areLeft(
    expected: readonly (readonly [code: string, status: string])[],
  ): Promise<readonly PrintedRow[]> {
    const before = await lake.catalog();
    const { rows } = await doctor('--no-site', '--fix');
    expect(rows.filter((row) => row['status'] === 'mended')).toEqual([]);
    const codes = expected.map(([code]) => code);
    const isNamed = (row: PrintedRow): boolean =>
      row['status'] === 'problem' ||
      (row['status'] === 'note' && codes.includes(String(row['code'])));
    const named = rows.filter(isNamed).map((row) => [row['code'], row['status'], row['fixable']]);
    expect(named.sort()).toEqual(expected.map(([code, status]) => [code, status, false]));
    expect(await lake.contents()).toEqual(files);
    expect(await lake.catalog()).toBe(before);
    return codes.map((code) => ofCode(rows.filter(isNamed), code)[0] ?? {});
  }

  /** The only problem, and one by which the command fails; without a look at the files. */
  async function isAlone(code: string): Promise<void> {
    const { status, rows, stderr } = await doctor('--no-site', '--from', '2026-11-21');
    const problems = rows.filter((row) => row['status'] === 'problem').map((row) => row['code']);
    expect({ status, problems }, stderr).toEqual({ status: 1, problems: [code] });
  }

  const registration = (value: string, Location: string, table = quotes) => ({
    ...table,
    PartitionInput: { Values: [value], StorageDescriptor: { Location } },
  });

  test('finds no problem in what was deployed, and a site that answers', async () => {
    const { status, rows, stderr } = await doctor();
    expect(status, stderr).toBe(0);
    const ok = rows.filter((row) => row['status'] === 'ok').map((row) => row['code']);
    expect(new Set(ok)).toEqual(
      new Set([
        ...['aws-access', 'stack', 'function', 'queue-trigger', 'notification', 'schedule'],
        ...['dead-letters', 'aws-quota', 'table', 'site'],
      ]),
    );
  });

  test('asks the site that the stack asks, wherever this machine would look', async () => {
    const { stdout, stderr } = await twins.on('aws', ['doctor', '--format', 'json'], {
      env: { PYNVEST_FUNDAMENTUS_URL: 'http://127.0.0.1:9' },
    });
    const ofSite = jsonRows(stdout).filter((row) => String(row['code']).startsWith('site'));
    expect(ofSite, stderr).toMatchObject([
      { code: 'site', status: 'ok', subject: 'acoes' },
      { code: 'site', status: 'ok', subject: 'fiis' },
    ]);
  });

  // To examine the system takes long: what does not touch the others is made, found and mended at once.
  test('what is wrong in the catalog, with a queue and with a bucket is mended; what is not ours stays', async () => {
    const { glue, s3, buckets, databases } = twins.system;
    const { EventSourceMappings: [mapping] = [] } = await lambda.send(
      new ListEventSourceMappingsCommand({}),
    );
    const enableTrigger = (Enabled: boolean) =>
      lambda.send(new UpdateEventSourceMappingCommand({ UUID: mapping?.UUID, Enabled }));

    const Bucket = buckets.sor;
    const question = new GetBucketNotificationConfigurationCommand({ Bucket });
    const before = await s3.send(question);
    const [model] = before.LambdaFunctionConfigurations ?? [];
    const foreign = {
      ...{
        Id: 'mine',
        Events: model?.Events,
        LambdaFunctionArn: `${model?.LambdaFunctionArn}-mine`,
      },
      Filter: { Key: { FilterRules: [{ Name: 'prefix' as const, Value: 'mine/' }] } },
    };
    const notify = (LambdaFunctionConfigurations: typeof before.LambdaFunctionConfigurations) =>
      s3.send(
        new PutBucketNotificationConfigurationCommand({
          Bucket,
          NotificationConfiguration: { LambdaFunctionConfigurations },
        }),
      );

    const { Table } = await glue.send(
      new GetTableCommand({ DatabaseName: quotes.DatabaseName, Name: specTable.name }),
    );
    const Columns = Table?.StorageDescriptor?.Columns?.slice(0, -1).map((column, index) =>
      index === 4 ? { ...column, Type: 'string' } : column,
    );
    const { PartitionKeys, Parameters, TableType, Description } = Table ?? {};
    const changeColumns = () =>
      glue.send(
        new UpdateTableCommand({
          DatabaseName: quotes.DatabaseName,
          TableInput: {
            ...{ Name: specTable.name, PartitionKeys, Parameters, TableType, Description },
            StorageDescriptor: { ...Table?.StorageDescriptor, Columns },
          },
        }),
      );

    await enableTrigger(false);
    await isAlone('queue-trigger');
    await enableTrigger(true);
    await notify([foreign]);
    await isAlone('notification');
    await notify(before.LambdaFunctionConfigurations);
    await changeColumns();
    await isAlone('catalog-table');

    await enableTrigger(false);
    await notify([foreign]);
    // Of another table: how one is described does not depend on the days of the other.
    const { layer, name } = sotTables.acoes;
    const typed = { DatabaseName: databases[layer], TableName: name };
    await glue.send(new DeletePartitionCommand({ ...typed, PartitionValues: [String(friday)] }));
    const place = `s3://${buckets[layer]}/${name}/anomesdia_exec=20261112/`;
    await glue.send(new CreatePartitionCommand(registration('20261112', place, typed)));
    await areMended([
      ['catalog-table', 'lacks origem; vlr_cot is string, not double'],
      ['notification', 'do not start the next function'],
      ['partition-empty', 'without a file'],
      ['partition-unknown', 'not in the catalog'],
      ['queue-trigger', 'disabled'],
    ]);
    const { LambdaFunctionConfigurations: after = [] } = await s3.send(question);
    const names = after.map(({ LambdaFunctionArn }) => LambdaFunctionArn).sort();
    expect(names).toEqual(
      [
        foreign.LambdaFunctionArn,
        ...(before.LambdaFunctionConfigurations ?? []).map((each) => each.LambdaFunctionArn),
      ].sort(),
    );
  });

  test('a quota that is too small is a note, one that just suffices is none', async () => {
    const FunctionName = 'pynvest-lambda-get-tickers';
    const quotaWhere = async (left: number): Promise<PrintedRow | undefined> => {
      // A new account may run ten at once; of this one's thousand, one function takes all but these.
      const ReservedConcurrentExecutions = 1_000 - left;
      await lambda.send(
        new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }),
      );
      const { status, rows, stderr } = await doctor('--no-site', '--fix');
      expect(status, stderr).toBe(0);
      return ofCode(rows, 'aws-quota')[0];
    };
    expect(await quotaWhere(17)).toMatchObject({
      ...{ status: 'note', fixable: false },
      detail: '17 functions at once; the system starts up to 18',
      remedy: expect.stringContaining('Service Quotas raises it'),
    });
    expect(await quotaWhere(18)).toMatchObject({
      ...{ status: 'ok', detail: '18 functions at once; the system starts up to 18' },
      remedy: '',
    });
    await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
  });

  test('what a person has to decide is found, and left', async () => {
    const { glue, s3, buckets, sqs, outputs } = twins.system;
    await glue.send(new CreatePartitionCommand(registration('20261111', 's3://other/place/')));
    const Name = 'trigger-pynvest-lambda-check-and-delete-partitions';
    await events.send(new DisableRuleCommand({ Name }));
    await s3.send(new CreateMultipartUploadCommand({ Bucket: buckets.sot, Key: 'big' }));
    await sqs.send(
      new SendMessageCommand({ QueueUrl: outputs['FiisDeadLetterQueueUrl'], MessageBody: '{}' }),
    );
    // Whoever looks at it just now does not take it away.
    await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: outputs['FiisDeadLetterQueueUrl'],
        VisibilityTimeout: 600,
        WaitTimeSeconds: 1,
      }),
    );
    const [letters, uploads, elsewhere, schedule] = await areLeft([
      ['dead-letters', 'problem'],
      ['lake-leftovers', 'note'],
      ['partition-elsewhere', 'problem'],
      ['schedule-disabled', 'problem'],
    ]);
    expect(letters?.['detail']).toBe('1 ticker failed for good');
    expect(letters?.['remedy']).toContain('pynvest redrive');
    expect(uploads?.['subject']).toBe(buckets.sot);
    expect(elsewhere?.['detail']).toBe('the catalog has its files at s3://other/place/');
    expect(schedule?.['subject']).toBe(Name);
    expect(schedule?.['remedy']).toContain('resume');
    await glue.send(new DeletePartitionCommand({ ...quotes, PartitionValues: ['20261111'] }));
    await events.send(new EnableRuleCommand({ Name }));
  });

  test('a file that Athena would read as rows', async () => {
    const path = pathOf(specTable, friday, 'notes.txt');
    await lake.put(path, 'mine');
    const { rows } = await doctor('--no-site', '--fix');
    expect(ofCode(rows, 'foreign-file').map((row) => row['status'])).toEqual(['problem']);
    await lake.remove(path);
  });

  test('what these credentials may not look at is named, and the rest is looked at', async () => {
    const front = await startAwsFront(twins.system.account.url);
    front.intercept = ({ path }) =>
      path.includes('account-settings')
        ? { status: 403, body: '{"__type":"AccessDeniedException","Message":"not you"}' }
        : undefined;
    const args = ['doctor', '--no-site', '--format', 'json'];
    const { stdout } = await twins.on('aws', args, { env: { AWS_ENDPOINT_URL: front.url } });
    await front.close();
    expect(ofCode(jsonRows(stdout), 'aws-permission')).toMatchObject([
      { status: 'problem', subject: 'quota', fixable: false },
    ]);
    expect(ofCode(jsonRows(stdout), 'table')).toHaveLength(5);
  });

  test('what AWS does not answer in time was not looked at, and is called so', async () => {
    const front = await startAwsFront(twins.system.account.url);
    front.intercept = ({ path }) =>
      path.includes('list-type=2') && path.includes(specTable.name)
        ? { status: 503, body: '<Error><Code>SlowDown</Code><Message>slower</Message></Error>' }
        : undefined;
    const args = ['doctor', '--no-site', '--format', 'json'];
    const { status, stdout } = await twins.on('aws', args, {
      env: { AWS_ENDPOINT_URL: front.url },
    });
    await front.close();
    expect(status).toBe(1);
    const problems = jsonRows(stdout).filter((row) => row['status'] === 'problem');
    expect(problems.filter((row) => row['code'] !== 'dead-letters')).toMatchObject([
      {
        ...{ code: 'not-looked-at', table: specTable.name, fixable: false },
        detail: expect.stringContaining('SlowDown'),
        remedy: expect.not.stringContaining('_quarantine'),
      },
    ]);
  });

  /** What `doctor` says where S3 answers so to one of its reads of a file, and how often it has asked for that. */
  async function readThrough(
    read: number,
    listed: (answer: string) => string = (answer) => answer,
  ): Promise<{ readonly rows: readonly PrintedRow[]; readonly reads: number }> {
    const front = await startAwsFront(twins.system.account.url);
    let reads = 0;
    front.intercept = ({ method, path: asked }) => {
      const isRead = method === 'GET' && asked.includes(specTable.name);
      if (!isRead || !asked.includes(`${friday}/dedup`)) return undefined;
      reads += 1;
      return reads === read ? REPLACED : undefined;
    };
    front.rewrite = ({ path }, answer) => (path.includes('list-type=2') ? listed(answer) : answer);
    const args = ['doctor', '--no-site', '--format', 'json'];
    const { stdout } = await twins.on('aws', args, { env: { AWS_ENDPOINT_URL: front.url } });
    await front.close();
    return { rows: jsonRows(stdout), reads };
  }

  /** As S3 lists files that were written long ago: only their footers are verified. */
  const longAgo = (answer: string): string =>
    answer.replaceAll(/(<LastModified>)\d{4}/g, (_, element: string) => `${element}2020`);

  test.each([
    ['its checksum', 1, undefined],
    ['its footer', 1, longAgo],
    ['its rows', 2, longAgo],
  ])(
    'a file that is replaced between the listing and %s is no fault of it',
    async (_, read, listed) => {
      const { rows, reads } = await readThrough(read, listed);
      expect(reads).toBe(read);
      const problems = rows.filter((row) => row['status'] === 'problem');
      expect(problems.map((row) => row['code']).filter((code) => code !== 'dead-letters')).toEqual(
        [],
      );
      expect(ofCode(rows, 'day-changing')).toMatchObject([
        { status: 'note', partition: friday, fixable: false },
      ]);
    },
  );

  test('a file that was written lately is read once, for its checksum and its rows', async () => {
    const { rows, reads } = await readThrough(Number.NaN);
    expect(reads).toBe(1);
    expect(ofCode(rows, 'day-changing')).toEqual([]);
  });

  test('missing parts of the stack, which no deployment creates again', async () => {
    await lambda.send(
      new DeleteFunctionCommand({ FunctionName: 'pynvest-lambda-specialize-financial-data' }),
    );
    await twins.system.glue.send(
      new DeleteTableCommand({ DatabaseName: quotes.DatabaseName, Name: specTable.name }),
    );
    const { EventSourceMappings: [mapping] = [] } = await lambda.send(
      new ListEventSourceMappingsCommand({}),
    );
    await lambda.send(new DeleteEventSourceMappingCommand({ UUID: mapping?.UUID }));
    const { Targets = [] } = await events.send(new ListTargetsByRuleCommand({ Rule: DEDUP_RULE }));
    const Ids = Targets.flatMap(({ Id }) => Id ?? []);
    await events.send(new RemoveTargetsCommand({ Rule: DEDUP_RULE, Ids }));
    await events.send(new DeleteRuleCommand({ Name: DEDUP_RULE }));
    const { status, rows } = await doctor('--no-site', '--fix');
    expect(status).toBe(1);
    expect(ofCode(rows, 'function')).toMatchObject([
      {
        status: 'problem',
        subject: 'pynvest-lambda-specialize-financial-data',
        detail: 'does not exist',
        remedy: RECREATE_HINT,
      },
    ]);
    expect(ofCode(rows, 'schedule-missing')).toMatchObject([
      { detail: 'the schedule does not exist', remedy: RECREATE_HINT },
    ]);
    expect(ofCode(rows, 'queue-trigger')).toMatchObject([
      { detail: 'does not exist', remedy: RECREATE_HINT },
    ]);
    expect(ofCode(rows, 'catalog-table')).toMatchObject([
      { status: 'problem', table: specTable.name, detail: 'not in the Glue catalog' },
    ]);

    const deployed = await twins.on('aws', ['deploy', '--yes']);
    expect(deployed.status, deployed.stderr).toBe(1);
    expect(deployed.stderr).not.toContain('the stack is up to date');
    expect(deployed.stderr).toContain(RECREATE_HINT);
    for (const name of [
      ...['pynvest-lambda-specialize-financial-data', specTable.name, DEDUP_RULE],
      'QueueToGetFinancialData',
    ]) {
      expect(deployed.stderr).toContain(name);
    }
    const { stderr } = await twins.on('aws', ['pause']);
    expect(stderr).toContain(RECREATE_HINT);
  });

  test('no stack, and AWS that does not answer, are findings beside that of the site', async () => {
    const gone = await twins.on('aws', ['doctor', '--stack-name', 'other', '--format', 'json']);
    expect(gone.status).toBe(1);
    expect(jsonRows(gone.stdout).map((row) => [row['code'], row['status']])).toEqual([
      ...[
        ['stack-unhealthy', 'problem'],
        ['site', 'ok'],
        ['site', 'ok'],
      ],
    ]);
    const away = await twins.on('aws', ['doctor', '--format', 'json'], {
      env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_MAX_ATTEMPTS: '1' },
    });
    expect(away.status).toBe(1);
    expect(jsonRows(away.stdout)[0]).toMatchObject({ code: 'aws-access', status: 'problem' });
  });
});

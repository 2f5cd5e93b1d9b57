/**
 * Every command of a system in AWS, from its first plan to its destruction: each call that it makes is allowed by the
 * policy that `iam-policy` prints for it, and each policy grants no action on a resource that neither a call nor a
 * reason needs.
 */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreatePartitionCommand, GetTableCommand, UpdateTableCommand } from '@aws-sdk/client-glue';
import {
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { PutBucketNotificationConfigurationCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dailyDatasets, dailyTables, tables } from '../../../src/catalog/datasets.ts';
import { formatIsoDate, getPartition, type Partition } from '../../../src/catalog/partition.ts';
import type { Policy } from '../../../src/deploy/iam/statements.ts';
import { deletePartition } from '../../../src/lake/s3/lake.ts';
import { type AwsAccount, hasAws, newAccount } from '../../support/aws-account.ts';
import {
  CommandRecorder,
  createPolicy,
  createScope,
  SERVICE_ROLE,
  type Task,
} from '../../support/command-recorder.ts';
import { formatCotahist, formatRecord } from '../../support/cotahist.ts';
import { eventSources, serveEventSources } from '../../support/event-sources.ts';
import { newFolder } from '../../support/folders.ts';
import { bytesInBuckets, pathOf } from '../../support/lake-bytes.ts';
import { serve } from '../../support/raw-server.ts';
import { ACCOUNT, findDenied, findUnused, type Reason } from '../../support/recorded-calls.ts';
import { commandFor, type RunningSystem, systemFrom } from '../../support/running-system.ts';
import { startTestSite, type TestSite } from '../../support/site.ts';
import { smallMarket } from '../../support/small-market.ts';

const glue = (path: string): string => `arn:aws:glue:sa-east-1:${ACCOUNT}:${path}`;
const bucket = (name: string): string => `arn:aws:s3:::pynvest-${name}-${ACCOUNT}-sa-east-1`;
const STACK = `arn:aws:cloudformation:sa-east-1:${ACCOUNT}:stack/pynvest/*`;
/** The lake in the catalog: not all tables of its databases. */
const CATALOG = [glue('catalog'), glue('database/db_pynvest_*')];
const LAKE = [
  ...CATALOG,
  ...['tb*_*', 'cotacoes_ajustadas'].map((name) => glue(`table/db_pynvest_*/${name}`)),
];
const LAKE_BUCKETS = ['sor', 'sot', 'spec'].map(bucket);
const BUCKETS = [...LAKE_BUCKETS, bucket('artifacts'), bucket('athena')];

/** What a service calls with the permissions of the caller, or a command only in a case that does not occur here. */
const REASONS: Readonly<Record<Exclude<Task, 'deploy'>, readonly Reason[]>> = {
  operate: [
    {
      why: 'Ctrl-C stops a query (queries.aws.test.ts)',
      actions: ['athena:StopQueryExecution'],
      resources: [`arn:aws:athena:sa-east-1:${ACCOUNT}:workgroup/pynvest`],
    },
    {
      why: 'the stand-in detects no drift',
      actions: [
        'cloudformation:DetectStackResourceDrift',
        'cloudformation:DescribeStackResourceDrifts',
      ],
      resources: [STACK],
    },
    {
      why: 'the stand-in detects no drift; IAM knows no resource for it',
      actions: ['cloudformation:DescribeStackDriftDetectionStatus'],
      resources: ['*'],
    },
    {
      why: 'Athena reads the tables of a query with the permissions of who asks',
      actions: ['glue:BatchGetPartition', 'glue:GetDatabase', 'glue:GetPartition'],
      resources: LAKE,
    },
    {
      why: 'Athena answers SHOW TABLES with the permissions of who asks',
      actions: ['glue:GetTables'],
      resources: [...CATALOG, glue('table/db_pynvest_*/*')],
    },
    {
      why: 'Athena answers SHOW DATABASES with the permissions of who asks',
      actions: ['glue:GetDatabases'],
      resources: [glue('catalog'), glue('database/*')],
    },
    {
      why: 'Athena writes and reads the results with the permissions of who asks',
      actions: [
        's3:AbortMultipartUpload',
        's3:GetObject',
        's3:ListMultipartUploadParts',
        's3:PutObject',
      ],
      resources: [`${bucket('athena')}/*`],
    },
    {
      why: 'Athena looks at the bucket of the results with the permissions of who asks',
      actions: ['s3:GetBucketLocation', 's3:ListBucket'],
      resources: [bucket('athena')],
    },
  ],
  collect: [
    {
      why: 'a day that an earlier version registered gets the new columns',
      actions: ['glue:UpdatePartition'],
      resources: LAKE,
    },
  ],
  repair: [],
  'deploy-by-role': [
    {
      why: 'an update that could not be rolled back, and --tag',
      actions: [
        'cloudformation:ContinueUpdateRollback',
        'cloudformation:TagResource',
        'cloudformation:UntagResource',
      ],
      resources: [STACK],
    },
    {
      why: 'what is missing beside the rest of an earlier stack is created again',
      actions: ['glue:CreateDatabase', 'glue:CreateTable'],
      resources: LAKE,
    },
    {
      why: 'what is missing beside the rest of an earlier stack is created again, and one of ours may be half made',
      actions: [
        's3:CreateBucket',
        's3:DeleteBucket',
        's3:GetBucketPolicy',
        's3:PutBucketOwnershipControls',
        's3:PutBucketPolicy',
        's3:PutBucketPublicAccessBlock',
        's3:PutBucketTagging',
        's3:PutBucketVersioning',
        's3:PutEncryptionConfiguration',
      ],
      resources: BUCKETS,
    },
    {
      why: 'tables of an earlier stack get the new columns',
      actions: ['glue:UpdateTable'],
      resources: LAKE,
    },
    {
      why: 'Glue asks for it on all that a database may contain',
      actions: ['glue:DeleteDatabase', 'glue:GetTables'],
      resources: [
        ...CATALOG,
        glue('table/db_pynvest_*/*'),
        glue('userDefinedFunction/db_pynvest_*/*'),
      ],
    },
    {
      why: 'existing buckets keep the notifications of others, and may have a key',
      actions: [
        's3:GetBucketNotification',
        's3:GetEncryptionConfiguration',
        's3:PutBucketNotification',
      ],
      resources: BUCKETS,
    },
    {
      why: 'a bucket is emptied of versions, and of uploads that were never ended',
      actions: ['s3:AbortMultipartUpload', 's3:DeleteObjectVersion'],
      resources: BUCKETS.map((each) => `${each}/*`),
    },
  ],
};

describe.runIf(hasAws)('the permissions of the commands', () => {
  const recorder = new CommandRecorder();
  const parameters: string[] = [];
  let account: AwsAccount;
  let site: TestSite;
  let settings: string;
  let pynvest: ReturnType<typeof commandFor>;
  let system: RunningSystem;

  beforeAll(async () => {
    site = await startTestSite(smallMarket);
    const { environment, ...rest } = newAccount();
    account = { ...rest, environment: { ...environment, PYNVEST_FUNDAMENTUS_URL: site.url } };
    settings = await newFolder();
    pynvest = commandFor(account, settings, recorder);
    const given = [
      `FundamentusUrl=${site.url}`,
      'PauseMs=0',
      'Retries=0',
      'AlarmEmail=a@example.org',
    ];
    parameters.push(...given.flatMap((each) => ['--parameter', each]));
  });
  afterAll(() => site?.close());

  const succeeds = async (
    args: readonly string[],
    expected: readonly number[] = [0],
    command = pynvest,
  ) => {
    const result = await command(args);
    expect(expected, `${args.join(' ')}: ${result.stderr}`).toContain(result.status);
    return result;
  };

  const withSources = (env: Readonly<Record<string, string>>) =>
    commandFor({ ...account, environment: { ...account.environment, ...env } }, settings, recorder);

  const scope = () =>
    createScope(
      Object.fromEntries(
        parameters.filter((each) => each !== '--parameter').map((each) => each.split(/=(.*)/s)),
      ),
    );
  const unusedOf = (task: Exclude<Task, 'deploy'>): string[] => {
    const { Statement: statements } = createPolicy(task, scope()) as Policy;
    const grants = statements.map(({ Action, Resource }) => ({
      actions: Action,
      resources: Resource,
    }));
    return findUnused(recorder.getCalls(task), grants, REASONS[task]);
  };

  test('deploying, also by a role of CloudFormation', async () => {
    const byRole = ['--role-arn', SERVICE_ROLE];
    await succeeds(['plan', ...parameters]);
    await succeeds(['plan', ...parameters, ...byRole]);
    const { stdout } = await succeeds([
      ...['deploy', '--yes', '--format', 'json', ...byRole],
      ...parameters,
    ]);
    system = systemFrom(account, stdout);
    // Nothing is to be changed: it looks whether a part is missing.
    await succeeds(['deploy', '--yes', ...byRole]);
    for (const [memory, more] of [
      ['256', []],
      ['320', byRole],
    ] as const) {
      const change = ['--parameter', `FunctionMemory=${memory}`, ...more];
      await succeeds(['plan', ...change]);
      await succeeds(['deploy', '--yes', ...change]);
    }
    await recorder.assertAllowed();
  }, 120_000);

  test('operating', async () => {
    const { sqs, outputs } = system;
    const send = (name: string, body: object) =>
      sqs.send(
        new SendMessageCommand({ QueueUrl: outputs[name], MessageBody: JSON.stringify(body) }),
      );
    const today = getPartition(new Date());
    await succeeds(['run', '--remote', '--quiet']);
    for (const [name, body] of [
      ['AcoesDeadLetterQueueUrl', { ticker: 'TUCA3', tipo: 'acoes', partition: today }],
      ['FiisDeadLetterQueueUrl', { ticker: 'JATO11', tipo: 'fiis', partition: today }],
      ['FailedEventsQueueUrl', failedEvent('check-and-delete-partitions', today)],
    ] as const) {
      await send(name, body);
    }
    await succeeds(['status'], [0, 3]);
    await succeeds(['status', '--drift'], [0, 1, 3]);
    await succeeds(['doctor'], [0, 1]);
    await succeeds(['redrive', '--all']);
    await send('FailedEventsQueueUrl', failedEvent('get-tickers', today));
    await succeeds(['redrive', '--queue', 'events', '--all']);
    await succeeds(['logs']);
    await succeeds(['pause']);
    await succeeds(['resume']);
    await succeeds(['query', 'cotacoes', '--ticker', 'TUCA3', '--every-day']);
    await succeeds(['query', 'indicadores', '--ticker', 'TUCA3']);
    await succeeds(['query', 'sql', 'SHOW TABLES']);
    await recorder.assertAllowed();
  }, 180_000);

  test('collecting from here', async () => {
    // As on a day that nothing was collected of yet, and without the functions that would do the same.
    await removeNotifications(system);
    for (const table of dailyTables) await deletePartition(system, table, getPartition(new Date()));
    await succeeds(['run', '--quiet', '--target', 'aws'], [0, 3]);
    await leaveBatches(system, getPartition(new Date()));
    await succeeds(['backfill', '--date', formatIsoDate(getPartition(new Date()))]);
    await succeeds(['dedup', 'now', '--target', 'aws']);
    const folder = await newFolder();
    const records = [1000, 1010].map((close, at) =>
      formatRecord({ day: `2024010${at + 2}`, ticker: 'TUCA3', close, distribution: `10${at}` }),
    );
    await writeFile(join(folder, 'COTAHIST_A2024.TXT'), formatCotahist(records));
    await succeeds(['import', 'cotahist', folder]);
    const { env } = await serveEventSources(eventSources);
    await succeeds(['import', 'eventos', 'TUCA3'], [0], withSources(env));
    await succeeds(['backfill', '--from', '2024-01-02', '--to', '2024-01-31']);
    await recorder.assertAllowed();
    // The control: who operates may not do that.
    expect(
      await findDenied(recorder.getCalls('collect'), [createPolicy('operate', scope())]),
    ).not.toEqual([]);
  }, 120_000);

  test('asking of the history', async () => {
    const url = await serve((_, response) => {
      response.end(JSON.stringify([{ data: '02/01/2024', valor: '0.04' }]));
    });
    for (const words of [['historico'], ['proventos'], ['retorno', '--contra', 'cdi']]) {
      const asked = ['query', ...words, '--ticker', 'TUCA3'];
      await succeeds(asked, [0, 3], withSources({ PYNVEST_BCB_URL: url }));
    }
    await succeeds(['audit'], [0, 3]);
    await recorder.assertAllowed();
    expect(unusedOf('operate')).toEqual([]);
    expect(unusedOf('collect')).toEqual([]);
  }, 120_000);

  test('repairing', async () => {
    await breakSystem(system);
    await succeeds(['doctor', '--fix', '--no-site'], [0, 1]);
    await recorder.assertAllowed();
    expect(unusedOf('repair')).toEqual([]);
  }, 120_000);

  test('destroying by a role', async () => {
    const all = ['--yes', '--delete-data', '--confirm', 'pynvest'];
    await succeeds(['destroy', ...all, '--role-arn', SERVICE_ROLE]);
    await recorder.assertAllowed();
    expect(unusedOf('deploy-by-role')).toEqual([]);
  }, 120_000);
});

/** The record of an event that failed, as Lambda sends it. */
function failedEvent(name: string, partition: number): object {
  const functionArn = `arn:aws:lambda:sa-east-1:000000000000:function:pynvest-lambda-${name}:$LATEST`;
  return { requestContext: { functionArn }, requestPayload: { partition } };
}

/** Adds to each table of a day what a run that died leaves there: the next one has files to remove. */
async function leaveBatches(system: RunningSystem, day: Partition): Promise<void> {
  const bytes = bytesInBuckets(system);
  const endings = { sor: 'raw', sot: 'prep', spec: 'cotacao' };
  for (const { id, tables: byLayer } of dailyDatasets) {
    for (const table of Object.values(byLayer)) {
      const path = pathOf(table, day, `${id}-0123456789abcdef.${endings[table.layer]}.parquet`);
      await bytes.put(path, await bytes.get(pathOf(table, day)));
    }
  }
}

async function removeNotifications({ s3, buckets }: RunningSystem): Promise<void> {
  for (const Bucket of [buckets.sor, buckets.sot]) {
    await s3.send(
      new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: {} }),
    );
  }
}

/** All that `doctor --fix` repairs: triggers, notifications, the columns of tables, days without a file. */
async function breakSystem(system: RunningSystem): Promise<void> {
  const { account, glue, databases } = system;
  const lambda = new LambdaClient(account.clientSettings);
  const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({}));
  for (const { UUID } of EventSourceMappings) {
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
  }
  await removeNotifications(system);
  for (const { name, layer, partition } of tables) {
    const value = partition.grain === 'day' ? '20200102' : '2020';
    const DatabaseName = databases[layer];
    const { Table: table } = await glue.send(new GetTableCommand({ DatabaseName, Name: name }));
    const storage = table?.StorageDescriptor;
    await glue.send(
      new CreatePartitionCommand({
        DatabaseName,
        TableName: name,
        PartitionInput: {
          Values: [value],
          StorageDescriptor: {
            ...storage,
            Location: `${storage?.Location}${partition.column}=${value}/`,
          },
        },
      }),
    );
    const Columns = storage?.Columns?.slice(0, -1) ?? [];
    await glue.send(
      new UpdateTableCommand({
        DatabaseName,
        TableInput: {
          Name: name,
          PartitionKeys: table?.PartitionKeys,
          StorageDescriptor: { ...storage, Columns },
        },
      }),
    );
  }
}

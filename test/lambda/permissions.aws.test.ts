/**
 * Every call of the ten functions, held against the policies of their roles by an IAM evaluator: nothing is denied, and
 * nothing is granted that neither a call nor a reason needs.
 */
import { describe, expect, test } from 'vitest';
import { handler as clearDay } from '../../lambda-src/check-and-delete-partitions.ts';
import { handler as dedupStocks } from '../../lambda-src/dedup-financial-data-for-acoes.ts';
import { handler as dedupFunds } from '../../lambda-src/dedup-financial-data-for-fiis.ts';
import { handler as dedupQuotes } from '../../lambda-src/dedup-financial-data-for-spec-ativos.ts';
import { handler as collectStocks } from '../../lambda-src/get-financial-data-for-acoes.ts';
import { handler as collectFunds } from '../../lambda-src/get-financial-data-for-fiis.ts';
import { handler as getTickers } from '../../lambda-src/get-tickers.ts';
import { handler as prepStocks } from '../../lambda-src/prep-financial-data-for-acoes.ts';
import { handler as prepFunds } from '../../lambda-src/prep-financial-data-for-fiis.ts';
import { handler as specialize } from '../../lambda-src/specialize-financial-data.ts';
import { type FunctionName, functionNames } from '../../src/aws/resource-names.ts';
import { type Partition, parsePartition } from '../../src/catalog/partition.ts';
import { GlueCatalog } from '../../src/lake/s3/glue-catalog.ts';
import { hasAws } from '../support/aws-account.ts';
import { captureLog } from '../support/function-log.ts';
import { keysOf, messagesFor, useFunctions } from '../support/functions-under-test.ts';
import { contextOf, s3Event, sqsEvent } from '../support/lambda-events.ts';
import { functionProperties, grantsOfFunction } from '../support/permissions.ts';
import {
  ACCOUNT,
  findDenied,
  findUnused,
  type PolicyDocument,
  type Reason,
  type RecordedCall,
  recordCalls,
} from '../support/recorded-calls.ts';
import { ResolvedStack } from '../support/resolved-stack.ts';
import { funds, stocks } from '../support/small-market.ts';
import { sorTables, sotTables, specTable } from '../support/tables.ts';

const days = ['2026-11-19', '2026-11-20'].map((day) => parsePartition(day));

const at = (service: string, path: string): string =>
  `arn:aws:${service}:sa-east-1:${ACCOUNT}:${path}`;
const LAKE = [
  at('glue', 'catalog'),
  at('glue', 'database/db_pynvest_*'),
  at('glue', 'table/db_pynvest_*/tb*_fundamentus_*'),
];
const BUCKETS = ['sor', 'sot', 'spec'].map((layer) => `arn:aws:s3:::pynvest-${layer}`);
const TICKER_QUEUES = ['acoes', 'fiis'].map((kind) => at('sqs', `pynvest-tickers-${kind}-queue`));

/** What the code of a function does not call in an ordinary day, and why its role has it. */
const REASONS: readonly Reason[] = [
  {
    why: 'the runtime writes the log',
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [at('logs', 'log-group:/aws/lambda/pynvest-lambda-*')],
  },
  {
    why: 'Lambda polls the queue with the role, and deletes what was processed',
    actions: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
    resources: TICKER_QUEUES,
  },
  {
    why: 'Lambda sends the answer to its destination with the role',
    actions: ['lambda:InvokeFunction'],
    resources: [at('lambda', 'function:pynvest-lambda-get-tickers')],
  },
  {
    why: 'Lambda sends an event that failed to its destination with the role',
    actions: ['sqs:SendMessage'],
    resources: [at('sqs', 'pynvest-failed-events-queue')],
  },
  {
    why: 'a day that an earlier version registered gets the new columns',
    actions: ['glue:UpdatePartition'],
    resources: LAKE,
  },
  {
    why: 'a file of a day that was deduplicated meanwhile is removed',
    actions: ['s3:DeleteObject'],
    resources: BUCKETS.map((each) => `${each}/tb*_fundamentus_*/*`),
  },
  {
    why: 'the functions of both kinds have the queue of stocks in this test',
    actions: ['sqs:ChangeMessageVisibility'],
    resources: [at('sqs', 'pynvest-tickers-fiis-queue')],
  },
  {
    why: 'S3 wants it for the deletion of a file on the condition that it has not changed',
    actions: ['s3:GetObject'],
    resources: ['arn:aws:s3:::pynvest-spec/tbspec_fundamentus_cotacao_ativos/*'],
  },
  {
    why: 'S3 answers 404 for a missing key only to those who may list',
    actions: ['s3:ListBucket'],
    resources: BUCKETS,
  },
];

function hasRoleOf(stack: ResolvedStack, one: FunctionName, other: FunctionName): boolean {
  const [role, otherRole] = [one, other].map((name) => functionProperties(stack, name)['Role']);
  return role === otherRole;
}

describe.runIf(hasAws)('the calls of the functions', () => {
  const under = useFunctions();
  captureLog();
  const stack = new ResolvedStack({
    SorBucketName: 'pynvest-sor',
    SotBucketName: 'pynvest-sot',
    SpecBucketName: 'pynvest-spec',
  });
  const policyOf = (name: FunctionName, without = ''): PolicyDocument => ({
    Version: '2012-10-17',
    Statement: grantsOfFunction(stack, name)
      .map(({ actions, ...each }) => ({
        ...each,
        actions: actions.filter((action) => action !== without),
      }))
      .filter(({ actions }) => actions.length > 0)
      .map(({ effect, actions, resources, condition }) => ({
        Effect: effect,
        Action: actions,
        Resource: resources,
        ...(condition !== undefined && { Condition: condition }),
      })),
  });

  const calls = new Map<FunctionName, RecordedCall[]>(functionNames.map((name) => [name, []]));
  const as = <T>(name: FunctionName, work: () => Promise<T>): Promise<T> =>
    recordCalls(calls.get(name) ?? [], { ownsClients: false }, work);

  async function runDay(day: Partition): Promise<void> {
    // One fails, and goes back to the queue.
    under.fault = (what) => (what === stocks[0]?.ticker ? 500 : undefined);
    const kinds = [
      { kind: 'acoes', assets: stocks, collect: collectStocks, prep: prepStocks },
      { kind: 'fiis', assets: funds, collect: collectFunds, prep: prepFunds },
    ] as const;
    const typedKeys = new Map<string, readonly string[]>();
    for (const { kind, assets, collect, prep } of kinds) {
      // The second time as SQS delivers messages twice: what is stored is not asked for again.
      for (const sentAt of [Date.now(), Date.now() - 60_000]) {
        await as(`get-financial-data-for-${kind}`, () =>
          collect(sqsEvent(messagesFor(assets, day), sentAt), contextOf()),
        );
      }
      const raw = await keysOf(under.lake, sorTables[kind], day);
      await as(`prep-financial-data-for-${kind}`, () =>
        prep(s3Event(under.aws.buckets.sor, raw), contextOf()),
      );
      const typed = await keysOf(under.lake, sotTables[kind], day);
      typedKeys.set(kind, typed);
      await as('specialize-financial-data', () =>
        specialize(s3Event(under.aws.buckets.sot, typed), contextOf()),
      );
    }
    // What the catalog lost is registered again.
    const catalog = new GlueCatalog(under.aws);
    for (const table of [...Object.values(sotTables), specTable]) await catalog.forget(table, day);
    const event = { partition: day };
    await as('dedup-financial-data-for-acoes', () => dedupStocks(event, contextOf()));
    await as('dedup-financial-data-for-fiis', () => dedupFunds(event, contextOf()));
    await as('dedup-financial-data-for-spec-ativos', () => dedupQuotes(event, contextOf()));
    // Events that come late, or once more, find the day deduplicated.
    const { sor, sot } = under.aws.buckets;
    for (const { kind, prep } of kinds) {
      const raw = await keysOf(under.lake, sorTables[kind], day);
      await as(`prep-financial-data-for-${kind}`, () => prep(s3Event(sor, raw), contextOf()));
      const typed = typedKeys.get(kind) ?? [];
      await as('specialize-financial-data', () => specialize(s3Event(sot, typed), contextOf()));
    }
  }

  test('are allowed, and what is allowed is used', async () => {
    for (const day of days) await runDay(day);
    under.fault = () => undefined;
    const partition = days.at(-1);
    const answer = await as('check-and-delete-partitions', () =>
      clearDay({ ...(partition !== undefined && { partition }) }, contextOf()),
    );
    await as('get-tickers', () => getTickers({ responsePayload: answer }, contextOf()));
    for (const [name, recorded] of calls) {
      const denied = await findDenied(recorded, [policyOf(name)]);
      expect({ name, denied }).toEqual({ name, denied: [] });
      expect(recorded.length, name).toBeGreaterThan(0);
      // Functions share a role where they do the same for stocks and for funds.
      const grants = grantsOfFunction(stack, name);
      const ofRole = functionNames.filter((each) => hasRoleOf(stack, each, name));
      const called = ofRole.flatMap((each) => calls.get(each) ?? []);
      const unused = findUnused(called, grants, REASONS);
      expect({ name, unused }).toEqual({ name, unused: [] });
    }
  });

  test('are found where a permission is missing', async () => {
    const name = 'prep-financial-data-for-acoes';
    const denied = await findDenied(calls.get(name) ?? [], [policyOf(name, 's3:PutObject')]);
    expect(denied).toEqual([
      's3:PutObject on arn:aws:s3:::pynvest-sot/tbsot_fundamentus_indicadores_acoes_prep/x',
    ]);
  });
});

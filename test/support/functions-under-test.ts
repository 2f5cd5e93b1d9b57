/** The functions in this process, over the stand-in for AWS and a site of their own. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { Table } from '../../src/catalog/dataset.ts';
import { dailyTables as tables } from '../../src/catalog/datasets.ts';
import { PARTITION_COLUMN, type Partition } from '../../src/catalog/partition.ts';
import type { Ticker } from '../../src/catalog/ticker.ts';
import type { DemoAsset } from '../../src/demo/market.ts';
import type { Lake } from '../../src/lake/lake.ts';
import { formatObjectKey } from '../../src/lake/s3/layout.ts';
import type { TickerMessage } from '../../src/pipeline/collect-messages.ts';
import { newAccount } from './aws-account.ts';
import { callAws } from './aws-calls.ts';
import { type AwsLake, makeAwsLake } from './aws-lake.ts';
import { setEnvironment } from './command.ts';
import { lookAtLake } from './seen-lake.ts';
import { type Fault, startTestSite, type TestSite } from './site.ts';
import { smallMarket } from './small-market.ts';

export interface FunctionsUnderTest {
  readonly aws: AwsLake;
  /** The lake as the tests see it. */
  readonly lake: Lake;
  readonly site: TestSite;
  /** What the site lists and shows: changed in place, and back to normal before each test. */
  readonly market: DemoAsset[];
  /** How the site fails; not at all, before each test. */
  fault: (what: string, attempt: number) => Fault | undefined;
}

export interface FunctionsOptions {
  readonly concurrency?: number;
  readonly latencyMs?: number;
}

/**
 * Starts all that the functions need, once for a test file, and puts it into their environment, which
 * they read once, as they do in a container.
 */
export function useFunctions({
  concurrency = 4,
  latencyMs = 0,
}: FunctionsOptions = {}): FunctionsUnderTest {
  let aws: AwsLake;
  let lake: Lake;
  let site: TestSite;
  const environment = { ...process.env };
  const market: DemoAsset[] = [];
  const under: FunctionsUnderTest = {
    get aws() {
      return aws;
    },
    get lake() {
      return lake;
    },
    get site() {
      return site;
    },
    market,
    fault: () => undefined,
  };
  beforeAll(async () => {
    const account = newAccount();
    aws = await makeAwsLake(account);
    lake = lookAtLake(aws);
    const fault = (what: string, attempt: number) => under.fault(what, attempt);
    site = await startTestSite(market, { latencyMs, fault });
    Object.assign(process.env, account.environment, aws.environment, {
      PYNVEST_FUNDAMENTUS_URL: site.url,
      PYNVEST_CONCURRENCY: String(concurrency),
      PYNVEST_PAUSE_MS: '0',
      PYNVEST_TIMEOUT_MS: '5000',
      PYNVEST_RETRIES: '0',
      PYNVEST_QUEUE_URL: aws.acoesQueueUrl,
    });
  });
  beforeEach(() => {
    market.splice(0, market.length, ...smallMarket);
    under.fault = () => undefined;
    site.requests.length = 0;
  });
  afterAll(async () => {
    setEnvironment(environment);
    await site?.close();
  });
  return under;
}

/** The days of each table in the catalog, by its name. */
export async function daysOfAll(lake: Lake): Promise<Record<string, Partition[]>> {
  const all = tables.map(async (table) => [table.name, await lake.partitions(table)] as const);
  return Object.fromEntries(await Promise.all(all));
}

/** The same days for each of the tables. */
export function sameDays(days: readonly Partition[]): Record<string, readonly Partition[]> {
  return Object.fromEntries(tables.map(({ name }) => [name, days]));
}

/** The keys of all tables of a day. */
export async function keysOfAll(lake: Lake, partition: Partition): Promise<string[]> {
  return (await Promise.all(tables.map((table) => keysOf(lake, table, partition)))).flat();
}

/** The keys of a table's partition. */
export async function keysOf(lake: Lake, table: Table, partition: Partition): Promise<string[]> {
  return (await lake.files(table, partition)).map(formatObjectKey);
}

export function messagesFor(assets: readonly DemoAsset[], partition: Partition): TickerMessage[] {
  return assets.map(({ ticker, kind }) => ({ ticker: ticker as Ticker, tipo: kind, partition }));
}

/** Begins a day as `given` makes it, which takes long: once for each name, and then from what it made. */
export function useDays(under: FunctionsUnderTest) {
  /** What the stand-in keeps, by the day and the name. */
  const made = new Map<string, string>();
  return async (
    partition: Partition,
    name: string,
    given: () => Promise<unknown>,
  ): Promise<void> => {
    const key = `${partition} ${name}`;
    const kept = made.get(key);
    await putDay(under.aws, partition, kept);
    if (kept !== undefined) return;
    await given();
    const { Kept: id } = await callAws(under.aws.account, 'AWSGlue.KeepDay', dayOf(partition));
    made.set(key, String(id));
  };
}

/** Takes a day out of all five tables. */
export function clear(aws: AwsLake, partition: Partition): Promise<void> {
  return putDay(aws, partition);
}

async function putDay({ account }: AwsLake, partition: Partition, kept?: string): Promise<void> {
  await callAws(account, 'AWSGlue.PutDay', {
    ...dayOf(partition),
    ...(kept !== undefined && { Kept: kept }),
  });
}

/** A day as the stand-in is told of it (see test/aws/stand-in/README.md). */
function dayOf(partition: Partition): object {
  return { Prefix: `/${PARTITION_COLUMN}=${partition}/`, Value: String(partition) };
}

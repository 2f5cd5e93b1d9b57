/** The functions in this process, over the stand-in for AWS and a site of their own. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { Table } from '../../src/catalog/dataset.ts';
import { dailyTables as tables } from '../../src/catalog/datasets.ts';
import type { Partition } from '../../src/catalog/partition.ts';
import type { Ticker } from '../../src/catalog/ticker.ts';
import type { DemoAsset } from '../../src/demo/market.ts';
import type { Lake } from '../../src/lake/lake.ts';
import { GlueCatalog } from '../../src/lake/s3/glue-catalog.ts';
import { createS3Lake, deletePartition } from '../../src/lake/s3/lake.ts';
import { formatObjectKey } from '../../src/lake/s3/layout.ts';
import type { TickerMessage } from '../../src/pipeline/collect-messages.ts';
import { newAccount } from './aws-account.ts';
import { type AwsLake, makeAwsLake } from './aws-lake.ts';
import { setEnvironment } from './command.ts';
import { bytesInBuckets } from './lake-bytes.ts';
import { type Fault, startTestSite, type TestSite } from './site.ts';
import { smallMarket } from './small-market.ts';

export interface FunctionsUnderTest {
  readonly aws: AwsLake;
  /** The lake as the tests see it, through clients of their own. */
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
  let site: TestSite;
  const environment = { ...process.env };
  const market: DemoAsset[] = [];
  const under: FunctionsUnderTest = {
    get aws() {
      return aws;
    },
    get lake() {
      return createS3Lake(aws);
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

/** The keys of a table's partition. */
export async function keysOf(lake: Lake, table: Table, partition: Partition): Promise<string[]> {
  return (await lake.files(table, partition)).map(formatObjectKey);
}

export function messagesFor(assets: readonly DemoAsset[], partition: Partition): TickerMessage[] {
  return assets.map(({ ticker, kind }) => ({ ticker: ticker as Ticker, tipo: kind, partition }));
}

/** Makes a day anew, as a test left it. */
type PutDay = () => Promise<void>;

/** Begins a day as `given` makes it, which takes long: once for each name, and then from what it made. */
export function useDays(under: FunctionsUnderTest) {
  const made = new Map<string, PutDay>();
  return async (
    partition: Partition,
    name: string,
    given: () => Promise<unknown>,
  ): Promise<void> => {
    await clear(under.aws, partition);
    const key = `${partition} ${name}`;
    const put = made.get(key);
    if (put !== undefined) return put();
    await given();
    made.set(key, await keepDay(under, partition));
  };
}

/** Answers how to put what a day holds now into a day that holds nothing. */
async function keepDay({ aws, lake }: FunctionsUnderTest, partition: Partition): Promise<PutDay> {
  const bytes = bytesInBuckets(aws);
  const files: (readonly [path: string, held: Buffer])[] = [];
  const registered: Table[] = [];
  for (const table of tables) {
    // The oldest first, as they are put back.
    for (const key of await keysOf(lake, table, partition)) {
      const path = `${table.layer}/${key}`;
      files.push([path, await bytes.get(path)]);
    }
    if ((await lake.partitions(table)).includes(partition)) registered.push(table);
  }
  return async () => {
    for (const [path, held] of files) await bytes.put(path, held);
    const catalog = new GlueCatalog(aws);
    for (const table of registered) await catalog.register(table, partition);
  };
}

/** Takes a day out of all five tables. */
export async function clear(aws: AwsLake, partition: Partition): Promise<void> {
  for (const table of tables) await deletePartition(aws, table, partition);
}

/** What the system in the stand-in for AWS holds: in its buckets, its catalog and its queues. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GetPartitionsCommand } from '@aws-sdk/client-glue';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { Table } from '../../src/catalog/dataset.ts';
import { dailyTables as tables } from '../../src/catalog/datasets.ts';
import type { Partition } from '../../src/catalog/partition.ts';
import { createS3Lake } from '../../src/lake/s3/lake.ts';
import { parseTickerMessage, type TickerMessage } from '../../src/pipeline/collect-messages.ts';
import { rowsOf } from './lake-rows.ts';
import { ask, type RunningSystem } from './running-system.ts';

/** Each ticker of a table's day as often as Athena finds it, sorted. */
export async function tickersByAthena(
  system: RunningSystem,
  table: Table,
  partition: Partition,
): Promise<(string | undefined)[]> {
  const from = `${system.databases[table.layer]}.${table.name}`;
  const rows = await ask(
    system,
    `SELECT ${table.tickerColumn} FROM ${from} WHERE anomesdia_exec = ${partition} ORDER BY 1`,
  );
  return rows.map(([ticker]) => ticker);
}

/** The day of a table as it stands there now: its tickers, once each, and whether the catalog knows it. */
async function isFilled(
  system: RunningSystem,
  table: Table,
  partition: Partition,
  { tickers: wanted, price }: Expected,
): Promise<boolean> {
  const { Partitions = [] } = await system.glue.send(
    new GetPartitionsCommand({
      DatabaseName: system.databases[table.layer],
      TableName: table.name,
    }),
  );
  if (!Partitions.some(({ Values }) => Values?.[0] === String(partition))) return false;
  // A file that is replaced as it is read is read again.
  const rows = await rowsOf(createS3Lake(system), table, partition).catch(() => []);
  const fresh = rows.filter(
    ({ vlr_cot }) => price === undefined || String(vlr_cot).replace(',', '.') === price,
  );
  const tickers = new Set(fresh.map((row) => String(row[table.tickerColumn])));
  return wanted(table).every((ticker) => tickers.has(ticker));
}

export interface Expected {
  readonly tickers: (table: Table) => readonly string[];
  /** Rows with another price do not count; as a number is written. */
  readonly price?: string;
}

/** Waits until all five tables have these tickers. */
export async function untilFilled(
  system: RunningSystem,
  partition: Partition,
  expected: Expected,
): Promise<void> {
  const deadline = Date.now() + 90_000;
  // The last table of the chain first: the others are complete when it is, and are asked about once.
  const missing = [...tables];
  for (; ; await sleep(750)) {
    for (let last = missing.at(-1); last !== undefined; last = missing.at(-1)) {
      if (!(await isFilled(system, last, partition, expected))) break;
      missing.pop();
    }
    if (missing.length === 0) return;
    if (Date.now() > deadline) {
      throw new Error(`never complete: ${missing.map(({ name }) => name).join(', ')}`);
    }
  }
}

/** Every row of these tables, as Athena has them. */
export async function everyRow(
  system: RunningSystem,
  among: readonly Table[],
): Promise<(string | undefined)[][]> {
  const rows: (string | undefined)[][] = [];
  for (const { layer, name, tickerColumn } of among) {
    const from = `${system.databases[layer]}.${name}`;
    rows.push(...(await ask(system, `SELECT * FROM ${from} ORDER BY ${tickerColumn}`)));
  }
  return rows;
}

/** Every object of the data's buckets, with the hash of what it holds. */
export async function everyObject({ s3, buckets }: RunningSystem): Promise<string[]> {
  const objects: string[] = [];
  for (const Bucket of Object.values(buckets)) {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    objects.push(...Contents.map(({ Key, ETag }) => `${Bucket}/${Key} ${ETag}`));
  }
  return objects;
}

/** The messages of a dead-letter queue, once there is one; none after a minute. */
export async function deadLetters(
  { sqs }: RunningSystem,
  queueUrl: string | undefined,
): Promise<TickerMessage[]> {
  // The stand-in answers a long poll sooner than AWS.
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 2,
      }),
    );
    if (Messages.length === 0) continue;
    return Messages.map(({ Body = '' }) => {
      const parsed = parseTickerMessage(Body);
      if (!parsed.ok) throw new Error(parsed.reason);
      return parsed.message;
    });
  }
  return [];
}

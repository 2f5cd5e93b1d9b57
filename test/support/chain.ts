/** The chain from file to file as S3 drives it: every object that is put, followed by an event. */
import { handler as dedupStocks } from '../../lambda-src/dedup-financial-data-for-acoes.ts';
import { handler as dedupFunds } from '../../lambda-src/dedup-financial-data-for-fiis.ts';
import { handler as dedupQuotes } from '../../lambda-src/dedup-financial-data-for-spec-ativos.ts';
import { handler as prepStocks } from '../../lambda-src/prep-financial-data-for-acoes.ts';
import { handler as prepFunds } from '../../lambda-src/prep-financial-data-for-fiis.ts';
import { handler as specialize } from '../../lambda-src/specialize-financial-data.ts';
import { type AssetKind, assetKinds } from '../../src/catalog/asset.ts';
import type { Partition } from '../../src/catalog/partition.ts';
import { type FunctionsUnderTest, keysOf } from './functions-under-test.ts';
import { contextOf, s3Event } from './lambda-events.ts';
import { sorTables, sotTables } from './tables.ts';

/** The functions that type a kind's raw text. */
const prep = { acoes: prepStocks, fiis: prepFunds };

/** Whether the notifications of a bucket would call a function for this key (see the template). */
function isHeard(key: string, suffix: '.raw.parquet' | '.prep.parquet'): boolean {
  return key.endsWith(suffix);
}

/** An event for every batch of raw text that a day has. */
export async function sendRawEvents(
  { aws, lake }: FunctionsUnderTest,
  day: Partition,
  kinds: readonly AssetKind[] = assetKinds,
): Promise<void> {
  for (const kind of kinds) {
    const keys = await keysOf(lake, sorTables[kind], day);
    const heard = keys.filter((key) => isHeard(key, '.raw.parquet'));
    if (heard.length > 0) await prep[kind](s3Event(aws.buckets.sor, heard), contextOf());
  }
}

/** An event for every batch of typed rows that a day has. */
export async function sendPreparedEvents(
  { aws, lake }: FunctionsUnderTest,
  day: Partition,
): Promise<void> {
  for (const kind of assetKinds) {
    const keys = await keysOf(lake, sotTables[kind], day);
    const heard = keys.filter((key) => isHeard(key, '.prep.parquet'));
    if (heard.length > 0) await specialize(s3Event(aws.buckets.sot, heard), contextOf());
  }
}

/** What the state machine does: both typed tables, and then the quotes. */
export async function deduplicateDay(partition: Partition): Promise<void> {
  const event = { partition };
  await Promise.all([dedupStocks(event, contextOf()), dedupFunds(event, contextOf())]);
  await dedupQuotes(event, contextOf());
}

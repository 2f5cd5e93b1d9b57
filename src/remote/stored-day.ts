/**
 * What the lake has of a day that a remote run collects: the tickers, their kinds, and whether every layer has
 * followed.
 */

import type { AssetKind } from '../catalog/asset.ts';
import type { Row } from '../catalog/column.ts';
import { type Dataset, getCollectedTable, getTables, type Table } from '../catalog/dataset.ts';
import { funds } from '../catalog/datasets/fiis.ts';
import { dailyDatasets, indicators } from '../catalog/datasets.ts';
import type { Partition } from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { BrokenFileError, FileChangedError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import { readIntactFiles } from '../pipeline/deduplicate-partition.ts';
import { convertRows, getSteps, type Step } from '../pipeline/steps.ts';
import { findStoredTickers } from '../pipeline/tickers.ts';
import { createMissingRowFilter, deduplicate } from '../transform/deduplicate.ts';

/** The tickers whose raw text was read at `since` or later. */
export async function findTickersReadSince(
  lake: Lake,
  partition: Partition,
  since: Date,
): Promise<string[]> {
  const tickers: string[] = [];
  for (const dataset of indicators) {
    for (const [ticker, readAt] of await findStoredTickers(lake, dataset, partition)) {
      if (readAt >= since.getTime()) tickers.push(ticker);
    }
  }
  return tickers;
}

/**
 * The tickers by their kind: those are funds that the newest day of the lake up to `partition` has as funds. One that
 * the lake does not know goes to the queue of stocks: the function that reads its page stores it as what the page
 * shows.
 */
export async function groupByKind(
  lake: Lake,
  partition: Partition,
  tickers: readonly Ticker[],
): Promise<Readonly<Record<AssetKind, readonly Ticker[]>>> {
  const knownFunds = await findNewestTickers(lake, funds, partition);
  return {
    acoes: tickers.filter((ticker) => !knownFunds.has(ticker)),
    fiis: tickers.filter((ticker) => knownFunds.has(ticker)),
  };
}

async function findNewestTickers(
  lake: Lake,
  dataset: Dataset,
  partition: Partition,
): Promise<ReadonlyMap<string, number>> {
  const days = await lake.partitions(getCollectedTable(dataset));
  const newest = days.filter((day) => day <= partition).at(-1);
  return newest === undefined ? new Map() : findStoredTickers(lake, dataset, newest);
}

/**
 * Whether every layer has followed from the one before: the typed tables hold every page of the raw tables, none of
 * them older, and the quotes each quote that follows from those. Files alone do not show it: rows that a deduplicated
 * table has already are not written again.
 */
export async function isDayComplete(lake: Lake, partition: Partition): Promise<boolean> {
  try {
    for (const step of getSteps(dailyDatasets)) {
      if (!(await hasFollowed(lake, step, partition))) return false;
    }
    return true;
  } catch (error) {
    // A file that is being replaced is whole at the next poll.
    if (error instanceof BrokenFileError || error instanceof FileChangedError) return false;
    throw error;
  }
}

async function hasFollowed(lake: Lake, step: Step, partition: Partition): Promise<boolean> {
  const { source, target } = step;
  const stored = await readRows(lake, target, partition);
  // No rows follow from raw text that cannot be read; other files are read again at the next poll.
  const available =
    source.layer === 'sor'
      ? await readIntactFiles(lake, await lake.files(source, partition))
      : await readRows(lake, source, partition);
  const { rows } = convertRows(step, deduplicate(available, source));
  if (target.versionColumn !== undefined) {
    return !rows.some(createMissingRowFilter(stored, target));
  }
  const texts = new Set(stored.map((row) => serializeRow(row, target)));
  return rows.every((row) => texts.has(serializeRow(row, target)));
}

/** The rows of each table of the day. */
export async function countRows(
  lake: Lake,
  partition: Partition,
): Promise<{ readonly table: Table; readonly rows: number }[]> {
  const counts: { readonly table: Table; readonly rows: number }[] = [];
  for (const table of getTables(dailyDatasets)) {
    counts.push({ table, rows: (await readRows(lake, table, partition)).length });
  }
  return counts;
}

async function readRows(lake: Lake, table: Table, partition: Partition): Promise<Row[]> {
  const rows: Row[] = [];
  for (const file of await lake.files(table, partition)) rows.push(...(await lake.read(file)));
  return rows;
}

/** A row as one text: equal where all its columns are. */
function serializeRow(row: Row, { columns }: Table): string {
  return JSON.stringify(columns.map(({ name }) => row[name] ?? null));
}

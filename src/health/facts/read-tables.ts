/**
 * Reads the tables: the partitions of each, the rows of the newest one, and what its raw text says about the site's
 * pages (values that do not parse, labels that drifted).
 */

import pMap from 'p-map';
import { type AssetKind, assetKinds, assets } from '../../catalog/asset.ts';
import type { Row } from '../../catalog/column.ts';
import { getTable, getTables, type Table } from '../../catalog/dataset.ts';
import { OTHERS_COLUMN } from '../../catalog/datasets/shared-indicators.ts';
import { dailyDatasets } from '../../catalog/datasets.ts';
import type { Partition } from '../../catalog/partition.ts';
import { BrokenFileError, FileChangedError, MissingFileError } from '../../errors.ts';
import type { Lake } from '../../lake/lake.ts';
import { isAllowedBatch } from '../../pipeline/unfinished-days.ts';
import { deduplicate, getVersion, isSubstitute } from '../../transform/deduplicate.ts';
import { findDrift, type PageLabels } from '../../transform/drift.ts';
import { prepare } from '../../transform/layers.ts';
import { countTickers } from './file-facts.ts';
import type { PageFacts, TableDay, TableFacts } from './model.ts';

interface TablesAndPages {
  readonly tables: readonly TableFacts[];
  readonly pages: PageFacts;
}

/** The same lake, which lists the partitions of each table once. */
export function cachePartitions(lake: Lake): Lake {
  const known = new Map<Table, Promise<Partition[]>>();
  return {
    ...lake,
    partitions(table) {
      const listed = known.get(table) ?? lake.partitions(table);
      known.set(table, listed);
      return listed;
    },
  };
}

export async function readTables(lake: Lake): Promise<TablesAndPages> {
  const tables = getTables(dailyDatasets);
  const read = await Promise.all(tables.map((table) => readTable(lake, table)));
  const pages = assetKinds.map((kind) => readPages(kind, read));
  return {
    tables: read.map(({ facts }) => facts),
    pages: {
      unparsed: pages.flatMap(({ unparsed }) => unparsed),
      drift: {
        unknownLabels: pages.flatMap(({ drift }) => drift.unknownLabels),
        vanishedColumns: pages.flatMap(({ drift }) => drift.vanishedColumns),
      },
    },
  };
}

/**
 * The same tables with the day before the newest, to compare the tickers with: those that were collected, since B3
 * trades papers that the site does not have.
 */
export function readPreviousDays(
  lake: Lake,
  tableFacts: readonly TableFacts[],
): Promise<TableFacts[]> {
  return Promise.all(
    tableFacts.map(async (facts) => {
      const previous = facts.partitions.at(-2);
      if (previous === undefined) return facts;
      const { day, rows } = await readDay(lake, facts.table, previous);
      const collected = rows.filter((row) => !isSubstitute(row, facts.table));
      if (!day.readable || collected.length === rows.length) return { ...facts, previous: day };
      if (collected.length === 0) return facts;
      return { ...facts, previous: { ...day, ...countTickers(collected, facts.table) } };
    }),
  );
}

interface TableWithRows {
  readonly facts: TableFacts;
  readonly rows: readonly Row[];
}

async function readTable(lake: Lake, table: Table): Promise<TableWithRows> {
  const partitions = await lake.partitions(table);
  const newest = partitions.at(-1);
  if (newest === undefined) {
    return { facts: { table, partitions, newest: undefined, previous: undefined }, rows: [] };
  }
  const { day, rows } = await readDay(lake, table, newest);
  return { facts: { table, partitions, newest: day, previous: undefined }, rows };
}

/** In AWS a day has as many files of raw text as it had batches. */
const FILES_AT_ONCE = { concurrency: 8 };

/** A run in progress replaces files: a day that changes while it is read is listed again. */
const ATTEMPTS = 4;

async function readDay(
  lake: Lake,
  table: Table,
  partition: Partition,
  attempts = ATTEMPTS,
): Promise<{ readonly day: TableDay; readonly rows: readonly Row[] }> {
  try {
    const files = await lake.files(table, partition);
    const rows = (await pMap(files, (file) => lake.read(file), FILES_AT_ONCE)).flat();
    const times = rows.map((row) => getVersion(row, table));
    const readAt = times.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const day: TableDay = {
      readable: true,
      partition,
      ...countTickers(rows, table),
      isInBatches: files.some((file) => isAllowedBatch(lake, file)),
      readAt: Number.isFinite(readAt) ? new Date(readAt) : undefined,
    };
    return { day, rows };
  } catch (error) {
    const isChanging = error instanceof MissingFileError || error instanceof FileChangedError;
    if (isChanging && attempts > 1) return readDay(lake, table, partition, attempts - 1);
    if (!isChanging && !(error instanceof BrokenFileError)) throw error;
    return { day: { readable: false, partition, error }, rows: [] };
  }
}

function readPages(kind: AssetKind, read: readonly TableWithRows[]): PageFacts {
  const table = getTable(assets[kind].dataset, 'sor');
  const raw = read.find(({ facts }) => facts.table === table);
  const newest = raw?.facts.newest?.partition;
  if (raw === undefined || newest === undefined) {
    return { unparsed: [], drift: { unknownLabels: [], vanishedColumns: [] } };
  }
  return createPageFacts(kind, newest, raw.rows);
}

/** From the raw rows of one kind on one day; of a ticker with several rows, the newest counts. */
function createPageFacts(kind: AssetKind, partition: Partition, rows: readonly Row[]): PageFacts {
  const { dataset } = assets[kind];
  const newest = deduplicate(rows, getTable(dataset, 'sor'));
  return {
    unparsed: newest.flatMap((row) => prepare(row, dataset).unparsed),
    drift: findDrift(
      newest.map((row) => getPageLabels(kind, row)),
      partition,
    ),
  };
}

/** Raw text is null where the page lacks the label, and only there. */
function getPageLabels(kind: AssetKind, row: Row): PageLabels {
  const { columns, tickerColumn } = assets[kind];
  const seen = columns.filter(({ name }) => typeof row[name] === 'string');
  return {
    ticker: String(row[tickerColumn]),
    kind,
    unknownLabels: parseLabels(row[OTHERS_COLUMN]),
    columnsSeen: new Set(seen.map(({ name }) => name)),
  };
}

function parseLabels(others: Row[string] | undefined): string[] {
  if (typeof others !== 'string') return [];
  try {
    const parsed: unknown = JSON.parse(others);
    return typeof parsed === 'object' && parsed !== null ? Object.keys(parsed) : [];
  } catch {
    // Text of another program, without labels.
    return [];
  }
}

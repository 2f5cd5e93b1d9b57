/**
 * Reads the tables: the partitions of each, the rows of the newest one, and what its raw text tells of the site's
 * pages (values that do not parse, labels that drifted).
 */

import pMap from 'p-map';
import { type AssetKind, assetKinds, assets } from '../../catalog/asset.ts';
import type { Row } from '../../catalog/column.ts';
import type { Partition } from '../../catalog/partition.ts';
import {
  OTHERS_COLUMN,
  READ_AT_COLUMN,
  sorTables,
  type Table,
  tables,
} from '../../catalog/tables.ts';
import { BrokenFileError, FileChangedError, MissingFileError } from '../../errors.ts';
import type { Lake } from '../../lake/lake.ts';
import { deduplicate, parseReadAt } from '../../transform/deduplicate.ts';
import { findDrift, type PageLabels } from '../../transform/drift.ts';
import { prepare } from '../../transform/layers.ts';
import type { PageFacts, TableDay, TableFacts, TablesAndPages } from './facts.ts';

/** The lake, asked once for the partitions of each table. */
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
  const read = await Promise.all(tables.map((table) => readTable(lake, table)));
  const pages = assetKinds.map((kind) => pagesOf(kind, read));
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

/** The same with the day before the newest, for who has nothing else to compare that with. */
export function readPreviousDays(lake: Lake, facts: readonly TableFacts[]): Promise<TableFacts[]> {
  return Promise.all(
    facts.map(async (each) => {
      const before = each.partitions.at(-2);
      if (before === undefined) return each;
      return { ...each, previous: (await readDay(lake, each.table, before)).day };
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

/** In AWS a day's raw text lies in as many files as it had batches. */
const AT_ONCE = { concurrency: 8 };

/** Files go and come while a run is at work: a day that changes under the reading is listed again. */
const TRIES = 4;

async function readDay(
  lake: Lake,
  table: Table,
  partition: Partition,
  tries = TRIES,
): Promise<{ readonly day: TableDay; readonly rows: readonly Row[] }> {
  try {
    const files = await lake.files(table, partition);
    const rows = (await pMap(files, (file) => lake.read(file), AT_ONCE)).flat();
    const instants = rows.map((row) => parseReadAt(row[READ_AT_COLUMN]));
    const readAt = instants.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const day: TableDay = {
      readable: true,
      partition,
      rows: rows.length,
      tickers: new Set(rows.map((row) => String(row[table.tickerColumn]))),
      readAt: Number.isFinite(readAt) ? new Date(readAt) : undefined,
    };
    return { day, rows };
  } catch (error) {
    const isMoving = error instanceof MissingFileError || error instanceof FileChangedError;
    if (isMoving && tries > 1) return readDay(lake, table, partition, tries - 1);
    if (!isMoving && !(error instanceof BrokenFileError)) throw error;
    const { message: reason, hint: remedy = 'Run the command again.' } = error;
    return { day: { readable: false, partition, reason, remedy }, rows: [] };
  }
}

function pagesOf(kind: AssetKind, read: readonly TableWithRows[]): PageFacts {
  const raw = read.find(({ facts }) => facts.table === sorTables[kind]);
  const newest = raw?.facts.newest?.partition;
  if (raw === undefined || newest === undefined) {
    return { unparsed: [], drift: { unknownLabels: [], vanishedColumns: [] } };
  }
  return createPageFacts(kind, newest, raw.rows);
}

/** The raw rows of one kind on one day; of a ticker that is there twice, the newest counts. */
function createPageFacts(kind: AssetKind, partition: Partition, rows: readonly Row[]): PageFacts {
  const { dataset } = assets[kind];
  const newest = deduplicate(rows, sorTables[kind]);
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
    // Another program's text: it names no label.
    return [];
  }
}

/** What stands in the tables: the partitions of each, and the rows of the newest alone. */
import pMap from 'p-map';
import { type AssetKind, assetKinds } from '../../catalog/asset.ts';
import type { Row } from '../../catalog/column.ts';
import type { Partition } from '../../catalog/partition.ts';
import { READ_AT_COLUMN, sorTables, type Table, tables } from '../../catalog/tables.ts';
import { BrokenFileError, FileChangedError, MissingFileError } from '../../errors.ts';
import type { Lake } from '../../lake/lake.ts';
import { instantOf } from '../../transform/deduplicate.ts';
import { type PageFacts, pageFactsOf } from './page-facts.ts';

/** A day of a table: what it holds, or why that cannot be read. */
export type DayOfTable =
  | {
      readonly readable: true;
      readonly partition: Partition;
      readonly rows: number;
      readonly tickers: ReadonlySet<string>;
      /** When the last of its pages was read; undefined where the rows do not say. */
      readonly readAt: Date | undefined;
    }
  | {
      readonly readable: false;
      readonly partition: Partition;
      readonly reason: string;
      readonly remedy: string;
    };

export interface TableFacts {
  readonly table: Table;
  /** In order. */
  readonly partitions: readonly Partition[];
  readonly newest: DayOfTable | undefined;
  /** The partition before the newest; undefined where there is none, or where nobody asked for it. */
  readonly before: DayOfTable | undefined;
}

export interface TablesRead {
  readonly tables: readonly TableFacts[];
  /** What the newest raw text of each kind tells of the site's pages. */
  readonly pages: PageFacts;
}

/** The lake, asked once for the partitions of each table. */
export function remembering(lake: Lake): Lake {
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

export async function readTables(lake: Lake): Promise<TablesRead> {
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
export function withDayBefore(lake: Lake, facts: readonly TableFacts[]): Promise<TableFacts[]> {
  return Promise.all(
    facts.map(async (each) => {
      const before = each.partitions.at(-2);
      if (before === undefined) return each;
      return { ...each, before: (await readDay(lake, each.table, before)).day };
    }),
  );
}

interface TableRead {
  readonly facts: TableFacts;
  readonly rows: readonly Row[];
}

async function readTable(lake: Lake, table: Table): Promise<TableRead> {
  const partitions = await lake.partitions(table);
  const newest = partitions.at(-1);
  if (newest === undefined) {
    return { facts: { table, partitions, newest: undefined, before: undefined }, rows: [] };
  }
  const { day, rows } = await readDay(lake, table, newest);
  return { facts: { table, partitions, newest: day, before: undefined }, rows };
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
): Promise<{ readonly day: DayOfTable; readonly rows: readonly Row[] }> {
  try {
    const files = await lake.files(table, partition);
    const rows = (await pMap(files, (file) => lake.read(file), AT_ONCE)).flat();
    const instants = rows.map((row) => instantOf(row[READ_AT_COLUMN]));
    const readAt = instants.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const day: DayOfTable = {
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

function pagesOf(kind: AssetKind, read: readonly TableRead[]): PageFacts {
  const raw = read.find(({ facts }) => facts.table === sorTables[kind]);
  const newest = raw?.facts.newest?.partition;
  if (raw === undefined || newest === undefined) {
    return { unparsed: [], drift: { unknownLabels: [], vanishedColumns: [] } };
  }
  return pageFactsOf(kind, newest, raw.rows);
}

/**
 * The facts about the files of a lake, and about the rows of a day, that `doctor` reads. Pure.
 */

import type { ColumnType, Row } from '../../catalog/column.ts';
import type { Dataset, Table } from '../../catalog/dataset.ts';
import type { DayBounds, Partition } from '../../catalog/partition.ts';
import type { DamagedCopy, FileShape, StoredFile, TableContents } from '../../lake/inspector.ts';
import type { LakeFile } from '../../lake/lake.ts';
import { formatRowKey } from '../../transform/deduplicate.ts';

/** The files of a lake, once their footers are read. */
export interface FileFacts {
  readonly datasets: readonly Dataset[];
  readonly contents: ReadonlyMap<Table, TableContents>;
  /** The days to examine. */
  readonly bounds: DayBounds;
  /** The files within the bounds, by partition, in order. */
  readonly byDay: ReadonlyMap<Partition, readonly StoredFile[]>;
  readonly shapes: ReadonlyMap<StoredFile, FileShape>;
  /** Files without a footer that can be read, with the reason. */
  readonly broken: ReadonlyMap<StoredFile, string>;
  /** Files that were removed or replaced after they were listed. */
  readonly changed: ReadonlySet<StoredFile>;
  /** How the columns of each file compare with those of its table. */
  readonly columns: ReadonlyMap<StoredFile, ColumnsComparison>;
  readonly locationOf: (file: LakeFile) => string;
  /** The copies of past days that are damaged, with their table. */
  readonly damagedCopies: readonly (DamagedCopy & { readonly table: Table })[];
  readonly mayHoldRawBatches: boolean;
  /** The day of a run that may be in progress, which writes the files of its layers in any order. */
  readonly dayInProgress: Partition | undefined;
}

export interface ColumnsComparison {
  /** The newest columns, which an earlier version did not have. */
  readonly older: readonly string[];
  /** Columns that the file lacks, or has as another type. */
  readonly wrong: readonly {
    readonly name: string;
    readonly expected: ColumnType;
    readonly actual: ColumnType | 'other' | undefined;
  }[];
  /** Columns that this version does not know. */
  readonly unknown: readonly string[];
}

/** All rows of one day. */
export interface DayFacts {
  readonly partition: Partition;
  readonly isNewest: boolean;
  readonly files: readonly StoredFile[];
  /** Those of `files` that were read. */
  readonly sound: readonly StoredFile[];
  /** Files that cannot be read, with the reason. */
  readonly broken: ReadonlyMap<StoredFile, string>;
  /** Files that are compressed in a way that this version does not know, with the reason. */
  readonly unreadableCodec: ReadonlyMap<StoredFile, string>;
  /** By table, in the order in which the pipeline deduplicates them. */
  readonly rows: ReadonlyMap<Table, readonly Row[]>;
  /** Whether another process changed the day meanwhile: the rows are then of different times. */
  readonly isChanging: boolean;
}

export interface TickerCount {
  readonly rows: number;
  readonly tickers: ReadonlySet<string>;
  /** The keys, such as tickers, with more than one row. */
  readonly repeated: readonly string[];
}

export function countTickers(rows: readonly Row[], table: Table): TickerCount {
  const tickers = new Set<string>();
  const keys = new Set<string>();
  const repeated = new Set<string>();
  for (const row of rows) {
    tickers.add(String(row[table.tickerColumn]));
    const key = formatRowKey(row, table);
    if (keys.has(key)) repeated.add(key);
    keys.add(key);
  }
  return { rows: rows.length, tickers, repeated: [...repeated] };
}

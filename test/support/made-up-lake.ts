/** Rows of a lake made up for a test, written without the pipeline. */
import type { AssetKind } from '../../src/catalog/asset.ts';
import type { Row } from '../../src/catalog/column.ts';
import type { Table } from '../../src/catalog/dataset.ts';
import { type Partition, parsePartition } from '../../src/catalog/partition.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { getFilePath } from '../../src/lake/local/layout.ts';
import { sotTables, specTable } from './tables.ts';

/** A partition by its day, such as `2026-11-20`. */
export const day = (text: string): Partition => parsePartition(text);

/** A row of the quotes; what is not given is null. */
export function quote(ticker: string, price: number | null, rest: Row = {}): Row {
  return { codigo_ticker_ativo: ticker, tipo_ativo: 'Ação', vlr_cot: price, ...rest };
}

/** A typed row of a stock or a fund. */
export function typed(kind: AssetKind, ticker: string, rest: Row = {}): Row {
  return { [sotTables[kind].tickerColumn]: ticker, ...rest };
}

/** Writes rows as a file of the table; answers its path. */
export async function writeRowsTo(
  root: string,
  table: Table,
  date: string,
  rows: readonly Row[],
  name = 'dedup',
): Promise<string> {
  const file = { table, partition: day(date), name };
  await createLocalLake(root).write(file, rows);
  return getFilePath(root, file);
}

/** Writes quotes as the day's file. */
export function writeQuotes(root: string, date: string, rows: readonly Row[]): Promise<string> {
  return writeRowsTo(root, specTable, date, rows);
}

/** The table as an edition before the last `fewer` of its columns had it. */
export function olderEdition(table: Table, fewer: number): Table {
  return { ...table, columns: table.columns.slice(0, -fewer) };
}

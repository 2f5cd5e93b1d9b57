/** What a lake holds of a day, as tests compare it. */
import type { Row } from '../../src/catalog/column.ts';
import type { Table } from '../../src/catalog/dataset.ts';
import { READ_AT_COLUMN } from '../../src/catalog/datasets/shared-indicators.ts';
import { dailyTables as tables } from '../../src/catalog/datasets.ts';
import type { Partition } from '../../src/catalog/partition.ts';
import type { Lake, LakeFile } from '../../src/lake/lake.ts';

/** The rows of each file that has a version, by its path and that: the tests look at the same ones again and again. */
const known = new WeakMap<Lake, Map<string, readonly Row[]>>();

/** Every row of a table's partition, file by file, the oldest file first. */
export async function rowsOf(lake: Lake, table: Table, partition: Partition): Promise<Row[]> {
  const files = await lake.files(table, partition);
  return (await Promise.all(files.map((file) => readOnce(lake, file)))).flat();
}

async function readOnce(lake: Lake, file: LakeFile): Promise<readonly Row[]> {
  const { table, partition, name, version } = file;
  if (version === undefined) return lake.read(file);
  const ofLake = known.get(lake) ?? new Map<string, readonly Row[]>();
  known.set(lake, ofLake);
  const key = [table.name, partition, name, version].join(' ');
  const rows = ofLake.get(key) ?? (await lake.read(file));
  ofLake.set(key, rows);
  return rows;
}

/** The tickers of a table's partition, sorted, each as often as it has rows. */
export async function tickersIn(lake: Lake, table: Table, partition: Partition): Promise<string[]> {
  const rows = await rowsOf(lake, table, partition);
  return rows.map((row) => String(row[table.tickerColumn])).sort();
}

/** The rows of all tables of a day by table, in the order of tickers, without the time of reading. */
export async function rowsOfAll(lake: Lake, partition: Partition): Promise<Record<string, Row[]>> {
  const all = tables.map(async (table) => {
    const rows = await rowsOf(lake, table, partition);
    const sorted = rows
      .map(({ [READ_AT_COLUMN]: _, ...row }): Row => row)
      .sort((a, b) => (String(a[table.tickerColumn]) < String(b[table.tickerColumn]) ? -1 : 1));
    return [table.name, sorted] as const;
  });
  return Object.fromEntries(await Promise.all(all));
}

/** One column of a table by ticker, where every ticker has one row. */
export async function columnByTicker(
  lake: Lake,
  table: Table,
  partition: Partition,
  column: string,
): Promise<Record<string, Row[string]>> {
  const rows = await rowsOf(lake, table, partition);
  const byTicker: Record<string, Row[string]> = {};
  for (const row of rows) {
    const ticker = String(row[table.tickerColumn]);
    if (ticker in byTicker) throw new Error(`${table.name} holds ${ticker} twice`);
    byTicker[ticker] = row[column] ?? null;
  }
  return byTicker;
}

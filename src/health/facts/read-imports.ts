/** What imports have brought: the tables of years, and whether what follows from them is complete. */

import { formatDayNumber } from '../../catalog/column.ts';
import { getTable, type Table } from '../../catalog/dataset.ts';
import { history } from '../../catalog/datasets/b3.ts';
import { dailyTables, tables } from '../../catalog/datasets.ts';
import { type Partition, toPartition } from '../../catalog/partition.ts';
import type { ColumnarLake } from '../../lake/lake.ts';

/** A table whose partitions are years, with rows. */
interface ImportedTable {
  readonly table: Table;
  readonly firstYear: number;
  readonly lastYear: number;
  /** How many years have rows. */
  readonly years: number;
  readonly rows: number;
}

export interface ImportFacts {
  readonly tables: readonly ImportedTable[];
  /** Of B3's prices; undefined without any. */
  readonly newestSession: Partition | undefined;
  /** False after an import that was interrupted before its adjustments were stored. */
  readonly isDerived: boolean;
}

const historyTable = getTable(history, 'sot');

/** @throws BrokenFileError */
export async function readImports(
  lake: ColumnarLake,
  areAdjustmentsDerived: () => Promise<boolean>,
): Promise<ImportFacts> {
  const yearly = tables.filter((table) => !dailyTables.includes(table));
  const read = await Promise.all(yearly.map((table) => readTable(lake, table)));
  const imported = read.flatMap((each) => each ?? []);
  const prices = imported.find(({ table }) => table === historyTable);
  return {
    tables: imported,
    newestSession: prices && (await findNewestSession(lake, prices.lastYear as Partition)),
    isDerived: await areAdjustmentsDerived(),
  };
}

async function readTable(lake: ColumnarLake, table: Table): Promise<ImportedTable | undefined> {
  const counts = await lake.countRows(table);
  const years = [...counts.keys()].sort((a, b) => a - b);
  const [firstYear, lastYear] = [years.at(0), years.at(-1)];
  if (firstYear === undefined || lastYear === undefined) return undefined;
  const rows = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return { table, firstYear, lastYear, years: years.length, rows };
}

async function findNewestSession(
  lake: ColumnarLake,
  year: Partition,
): Promise<Partition | undefined> {
  let newest = Number.NEGATIVE_INFINITY;
  for (const file of await lake.files(historyTable, year)) {
    const { numbers } = await lake.readColumns(file, ['dt_pregao']);
    for (const day of numbers['dt_pregao'] ?? []) if (day > newest) newest = day;
  }
  return Number.isFinite(newest) ? toPartition(formatDayNumber(newest)) : undefined;
}

/** `pynvest dedup now`: one row a ticker in the typed tables and the quotes of a day. */
import { isoDate, parsePartition, partitionOf } from '../catalog/partition.ts';
import { sotTables, specTable } from '../catalog/tables.ts';
import { counted } from '../counted.ts';
import { LakeError } from '../errors.ts';
import { deduplicateTypedLayers } from '../pipeline/deduplicate-partition.ts';
import { ExitStatus } from './exit.ts';
import { openLake } from './lake-at-hand.ts';
import type { LakeOptions, OutputOptions } from './options.ts';
import { writeRows } from './output.ts';
import type { Terminal } from './terminal.ts';

export async function dedupNow(
  terminal: Terminal,
  options: OutputOptions & LakeOptions & { readonly date?: string },
): Promise<ExitStatus> {
  const partition =
    options.date === undefined ? partitionOf(new Date()) : parsePartition(options.date);
  const target = await openLake(terminal, options);
  const { lake } = target;
  const typedTables = [...Object.values(sotTables), specTable];
  const found = await Promise.all(typedTables.map((table) => lake.partitions(table)));
  const days = [...new Set(found.flat())].sort((a, b) => a - b);
  const newest = days.at(-1);
  if (!days.includes(partition)) {
    throw new LakeError(`the lake has no typed rows of ${isoDate(partition)}`, {
      hint:
        newest === undefined
          ? 'The lake is empty: `pynvest run` collects today.'
          : `Its newest day is ${isoDate(newest)}: --date ${isoDate(newest)}.`,
    });
  }
  const results = await target.exclusively('pynvest dedup now', () =>
    deduplicateTypedLayers(lake, partition),
  );
  const removed = results.reduce((sum, each) => sum + each.rowsBefore - each.rowsAfter, 0);
  terminal.notice(`${isoDate(partition)}: ${counted(removed, 'duplicate row')} removed`);
  await writeRows(terminal, options.format, {
    columns: ['anomesdia_exec', 'table', 'rows_before', 'rows_after'],
    rows: results.map((each) => [partition, each.table, each.rowsBefore, each.rowsAfter]),
  });
  return ExitStatus.done;
}

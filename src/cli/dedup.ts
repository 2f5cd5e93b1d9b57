/** `pynvest dedup now`: one row a ticker in the typed tables and the quotes of a day. */
import { isoDate, type Partition, parsePartition, partitionOf } from '../catalog/partition.ts';
import { sotTables, specTable } from '../catalog/tables.ts';
import { counted } from '../counted.ts';
import { LakeError, UsageError } from '../errors.ts';
import { type Deduplication, deduplicateTypedLayers } from '../pipeline/deduplicate-partition.ts';
import { ExitStatus } from './exit.ts';
import { type LakeAtHand, openLake } from './lake-at-hand.ts';
import type { LakeOptions, OutputOptions } from './options.ts';
import { writeRows } from './output.ts';
import type { Terminal } from './terminal.ts';

export interface DedupOptions extends OutputOptions, LakeOptions {
  readonly date?: string;
  readonly remote?: boolean;
  readonly wait?: string;
}

export async function dedupNow(terminal: Terminal, options: DedupOptions): Promise<ExitStatus> {
  const partition =
    options.date === undefined ? partitionOf(new Date()) : parsePartition(options.date, '--date');
  if (options.wait !== undefined && !options.remote) {
    throw new UsageError('--wait goes with --remote');
  }
  if (options.remote) {
    const { dedupRemote } = await import('./dedup-remote.ts');
    return dedupRemote(terminal, options, partition);
  }
  const target = await openLake(terminal, options);
  await assertTyped(target, partition);
  const results = await target.exclusively('pynvest dedup now', () =>
    deduplicateTypedLayers(target.lake, partition),
  );
  const removed = results.reduce((sum, each) => sum + each.rowsBefore - each.rowsAfter, 0);
  terminal.notice(`${isoDate(partition)}: ${counted(removed, 'duplicate row')} removed`);
  await writeDeduplications(terminal, options, partition, results);
  return ExitStatus.done;
}

/** @throws LakeError where the lake has no typed rows of the day */
export async function assertTyped({ lake }: LakeAtHand, partition: Partition): Promise<void> {
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
}

export async function writeDeduplications(
  terminal: Terminal,
  { format }: OutputOptions,
  partition: Partition,
  results: readonly Omit<Deduplication, 'bytes'>[],
): Promise<void> {
  await writeRows(terminal, format, {
    columns: ['anomesdia_exec', 'table', 'rows_before', 'rows_after'],
    essential: ['table'],
    rows: results.map((each) => [partition, each.table, each.rowsBefore, each.rowsAfter]),
  });
}

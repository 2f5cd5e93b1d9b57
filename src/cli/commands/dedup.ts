/**
 * `pynvest dedup now`: removes duplicate rows of a day from the typed tables and the quotes.
 */

import { isoDate, parsePartition, partitionOf } from '../../catalog/partition.ts';
import { UsageError } from '../../errors.ts';
import { deduplicateTypedLayers } from '../../pipeline/deduplicate-partition.ts';
import { formatQuantity } from '../../text.ts';
import { ExitStatus } from '../exit.ts';
import { assertTypedRows, openLake } from '../open-lake.ts';
import type { DedupOptions } from '../options.ts';
import { writeDeduplicationRows } from '../output/run-report.ts';
import type { Terminal } from '../terminal/terminal.ts';

export async function dedupNow(terminal: Terminal, options: DedupOptions): Promise<ExitStatus> {
  const partition =
    options.date === undefined ? partitionOf(new Date()) : parsePartition(options.date, '--date');
  if (options.wait !== undefined && !options.remote) {
    throw new UsageError('--wait goes with --remote');
  }
  if (options.remote) {
    const { runRemoteDedup } = await import('../remote.ts');
    return runRemoteDedup(terminal, options, partition);
  }
  const target = await openLake(terminal, options);
  await assertTypedRows(target, partition);
  const results = await target.withExclusiveAccess('pynvest dedup now', () =>
    deduplicateTypedLayers(target.lake, partition),
  );
  const removed = results.reduce((sum, each) => sum + each.rowsBefore - each.rowsAfter, 0);
  terminal.notice(`${isoDate(partition)}: ${formatQuantity(removed, 'duplicate row')} removed`);
  await writeDeduplicationRows(terminal, options, partition, results);
  return ExitStatus.done;
}

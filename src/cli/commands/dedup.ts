/**
 * `pynvest dedup now`: removes duplicate rows of a day from the typed tables and the quotes.
 */

import { formatIsoDate, getPartition } from '../../catalog/partition.ts';
import { UsageError } from '../../errors.ts';
import { deduplicateTypedLayers } from '../../pipeline/deduplicate-partition.ts';
import { formatQuantity } from '../../text.ts';
import { defineCommand } from '../command.ts';
import { ExitStatus } from '../exit.ts';
import { assertNamedFolder, assertTypedRows, openLake } from '../open-lake.ts';
import { option } from '../option.ts';
import { outputOptions } from '../output/rows.ts';
import { countRemovedRows, writeDeduplicationRows } from '../output/run-report.ts';
import { parseDayOption } from '../selection.ts';
import { lakeOptions } from '../target.ts';

export const dedupNowCommand = defineCommand({
  name: 'now',
  description: 'one row a ticker in the typed tables and the quotes of a day',
  options: {
    ...outputOptions,
    ...lakeOptions,
    date: option('--date <day>', 'such as 2026-11-19 or ontem (default: today)'),
    remote: option('--remote', 'by the state machine in AWS, followed from here to its end'),
    wait: option('--wait <time>', 'how long --remote follows it, such as 45m (default 30m)'),
  },

  async handler({ terminal, options }) {
    const { date, remote, wait } = options;
    const partition =
      date === undefined ? getPartition(new Date()) : parseDayOption(date, '--date');
    if (wait !== undefined && !remote) throw new UsageError('--wait goes with --remote');
    if (remote) {
      const { runRemoteDedup } = await import('../remote.ts');
      return runRemoteDedup(terminal, options, partition);
    }
    const handle = await openLake(terminal, options);
    await assertNamedFolder(handle, options);
    await assertTypedRows(handle, partition);
    const results = await handle.withExclusiveAccess('pynvest dedup now', () =>
      deduplicateTypedLayers(handle.lake, partition),
    );
    const removed = countRemovedRows(results);
    terminal.notice(
      `${formatIsoDate(partition)}: ${formatQuantity(removed, 'duplicate row')} removed`,
    );
    await writeDeduplicationRows(terminal, options, partition, results);
    return ExitStatus.done;
  },
});

/**
 * `pynvest backfill`: rebuilds past days from the raw rows in the lake.
 */

import { type Partition, parsePartition } from '../../catalog/partition.ts';
import { UsageError } from '../../errors.ts';
import { findDaysWithRawText, backfill as rebuildDay } from '../../pipeline/rebuild.ts';
import type { RunReport } from '../../pipeline/report.ts';
import { formatQuantity } from '../../text.ts';
import { defineCommand } from '../command.ts';
import { abortOnInterrupt, ExitStatus } from '../exit.ts';
import { assertNamedFolder, openLake } from '../open-lake.ts';
import { option } from '../option.ts';
import { outputOptions } from '../output/rows.ts';
import { printRunReport, writeRunReports } from '../output/run-report.ts';
import { parseDayBounds } from '../selection.ts';
import { lakeOptions } from '../target.ts';
import { createProgress } from '../terminal/progress.ts';

export const backfillCommand = defineCommand({
  name: 'backfill',
  description: 'make past days right: rebuild typed tables and quotes from the raw text',
  options: {
    ...outputOptions,
    ...lakeOptions,
    date: option('--date <day>', 'one day, YYYY-MM-DD'),
    from: option('--from <day>', 'the first of several days'),
    to: option('--to <day>', 'the last of several days'),
  },

  async handler({ terminal, options }) {
    const [from, to] = parseDayRange(options);
    const handle = await openLake(terminal, options);
    await assertNamedFolder(handle, options);
    const { lake, withExclusiveAccess, storeReport } = handle;
    const signal = abortOnInterrupt(terminal);
    // Before the lock, which would create the folder: there may be no such days.
    const days = await findDaysWithRawText(lake, from, to);
    const reports: RunReport[] = [];
    await withExclusiveAccess('pynvest backfill', async () => {
      const progress = createProgress(terminal, 'Days', days.length);
      try {
        for (const day of days) {
          signal.throwIfAborted();
          const report = await rebuildDay(lake, day, () => new Date());
          await storeReport(report);
          reports.push(report);
          progress.step(report.error === undefined);
        }
      } finally {
        progress.stop();
      }
    });
    for (const report of reports) printRunReport(terminal, report);
    const rebuilt = reports.filter(({ error }) => error === undefined);
    const [first, last] = [rebuilt.at(0), rebuilt.at(-1)];
    if (first !== undefined && last !== undefined) {
      const which = first === last ? first.date : `${first.date} to ${last.date}`;
      terminal.notice(`Rebuilt ${formatQuantity(rebuilt.length, 'day')}: ${which}`);
    }
    await writeRunReports(terminal, options.format, reports);
    if (rebuilt.length === reports.length) return ExitStatus.done;
    return rebuilt.length > 0 ? ExitStatus.doneInPart : ExitStatus.failed;
  },
});

interface DayOptions {
  readonly date?: string;
  readonly from?: string;
  readonly to?: string;
}

/** @throws UsageError where the days are not fully given */
function parseDayRange({ date, from, to }: DayOptions): readonly [Partition, Partition] {
  if (date !== undefined) {
    if (from !== undefined || to !== undefined) {
      throw new UsageError('--date excludes --from and --to');
    }
    const day = parsePartition(date, '--date');
    return [day, day];
  }
  const bounds = parseDayBounds({ from, to });
  if (bounds.from === undefined || bounds.to === undefined) {
    throw new UsageError('which days?', { hint: 'Pass --date DAY, or --from DAY --to DAY.' });
  }
  return [bounds.from, bounds.to];
}

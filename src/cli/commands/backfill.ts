/**
 * `pynvest backfill`: rebuilds past days from the raw rows in the lake.
 */

import { type Partition, parsePartition } from '../../catalog/partition.ts';
import { UsageError } from '../../errors.ts';
import { findDaysWithRawText, backfill as rebuildDay } from '../../pipeline/backfill.ts';
import type { RunReport } from '../../pipeline/report.ts';
import { formatQuantity } from '../../text.ts';
import { abortOnInterrupt, ExitStatus } from '../exit.ts';
import { openLake } from '../open-lake.ts';
import type { LakeOptions, OutputOptions } from '../options.ts';
import { printRunReport, writeRunReports } from '../output/run-report.ts';
import { createProgress } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface BackfillOptions extends OutputOptions, LakeOptions {
  readonly date?: string;
  readonly from?: string;
  readonly to?: string;
}

export async function backfill(terminal: Terminal, options: BackfillOptions): Promise<ExitStatus> {
  const [from, to] = parseDayRange(options);
  const target = await openLake(terminal, options);
  const signal = abortOnInterrupt(terminal);
  const { lake } = target;
  // Looked for before the lock: a question about days that are not there makes no folder.
  const days = await findDaysWithRawText(lake, from, to);
  const reports: RunReport[] = [];
  await target.withExclusiveAccess('pynvest backfill', async () => {
    const progress = createProgress(terminal, 'Days', days.length);
    try {
      for (const day of days) {
        signal.throwIfAborted();
        const report = await rebuildDay(lake, day, () => new Date());
        await target.storeReport(report);
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
}

function parseDayRange({ date, from, to }: BackfillOptions): readonly [Partition, Partition] {
  if (date !== undefined) {
    if (from !== undefined || to !== undefined) {
      throw new UsageError('--date excludes --from and --to');
    }
    const day = parsePartition(date, '--date');
    return [day, day];
  }
  if (from === undefined || to === undefined) {
    throw new UsageError('which days?', { hint: 'Say --date DAY, or --from DAY --to DAY.' });
  }
  const [first, last] = [parsePartition(from, '--from'), parsePartition(to, '--to')];
  if (first > last) throw new UsageError(`--from ${from} comes after --to ${to}`);
  return [first, last];
}

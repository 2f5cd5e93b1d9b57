/** `pynvest backfill`: past days rebuilt from the raw text that the lake keeps. */
import { type Partition, parsePartition } from '../catalog/partition.ts';
import { counted } from '../counted.ts';
import { UsageError } from '../errors.ts';
import { daysWithRawText, backfill as rebuildDay } from '../pipeline/backfill.ts';
import type { RunReport } from '../pipeline/report.ts';
import { abortOnInterrupt, ExitStatus } from './exit.ts';
import { openLake } from './lake-at-hand.ts';
import type { LakeOptions, OutputOptions } from './options.ts';
import { createProgress } from './progress.ts';
import { sayReport, writeReports } from './report-text.ts';
import type { Terminal } from './terminal.ts';

export interface BackfillOptions extends OutputOptions, LakeOptions {
  readonly date?: string;
  readonly from?: string;
  readonly to?: string;
}

export async function backfill(terminal: Terminal, options: BackfillOptions): Promise<ExitStatus> {
  const [from, to] = daysOf(options);
  const target = await openLake(terminal, options);
  const signal = abortOnInterrupt(terminal);
  const { lake } = target;
  // Looked for before the lock: a question about days that are not there makes no folder.
  const days = await daysWithRawText(lake, from, to);
  const reports: RunReport[] = [];
  await target.exclusively('pynvest backfill', async () => {
    const progress = createProgress(terminal, 'Days', days.length);
    try {
      for (const day of days) {
        signal.throwIfAborted();
        const report = await rebuildDay(lake, day, () => new Date());
        await target.keepReport(report);
        reports.push(report);
        progress.step(report.error === undefined);
      }
    } finally {
      progress.stop();
    }
  });
  for (const report of reports) sayReport(terminal, report);
  const rebuilt = reports.filter(({ error }) => error === undefined);
  const [first, last] = [rebuilt.at(0), rebuilt.at(-1)];
  if (first !== undefined && last !== undefined) {
    const which = first === last ? first.date : `${first.date} to ${last.date}`;
    terminal.notice(`Rebuilt ${counted(rebuilt.length, 'day')}: ${which}`);
  }
  await writeReports(terminal, options.format, reports);
  if (rebuilt.length === reports.length) return ExitStatus.done;
  return rebuilt.length > 0 ? ExitStatus.doneInPart : ExitStatus.failed;
}

function daysOf({ date, from, to }: BackfillOptions): readonly [Partition, Partition] {
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

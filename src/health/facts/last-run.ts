/**
 * The last run, from the reports that runs write into the lake. Pure.
 */
import type { ReportFile } from '../../lake/lake.ts';
import { isKnownAsMissing } from '../../pipeline/missing-tickers.ts';
import { parseReport, type StoredReport } from '../../pipeline/report.ts';

/** As `status --format json` prints it. */
export interface LastRun extends Omit<StoredReport, 'missing'> {
  /** What the site lists and, as many runs have found, has no page of. */
  readonly without_page: readonly string[];
}

export interface LastRunFacts {
  readonly run: LastRun | undefined;
  /** The runs that asked the site for pages, the newest first. */
  readonly collections: readonly LastRun[];
  /** The names of files newer than the last run's report that cannot be read. */
  readonly broken: readonly string[];
}

/** @param files the newest first */
export function findLastRun(files: readonly ReportFile[]): LastRunFacts {
  const broken: string[] = [];
  const runs: LastRun[] = [];
  for (const { name, text } of files) {
    const report = parseReport(text);
    if (report !== undefined) runs.push(createLastRun(report));
    else if (runs.length === 0) broken.push(name);
  }
  return { run: runs.at(0), collections: runs.filter(({ command }) => command === 'run'), broken };
}

function createLastRun({ missing = [], ...report }: StoredReport): LastRun {
  const { interrupted, error, listing_faults, ...counts } = report;
  const withoutPage = missing.filter(isKnownAsMissing).map(({ ticker }) => ticker);
  return { ...counts, without_page: withoutPage, interrupted, error, listing_faults };
}

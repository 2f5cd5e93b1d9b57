/**
 * The reports of runs in the lake, `_runs/<when>-<command>-<partition>-<process>.json`: their names and text. Pure.
 */
import type { Partition } from '../catalog/partition.ts';

export interface StoredReport {
  readonly command: string;
  readonly partition: Partition;
  readonly started_at: string;
}

/** The file of a report; its text may be anything. */
export interface ReportFile {
  readonly name: string;
  readonly text: string;
}

/** The folder of the reports, in a local lake and in a bucket. */
export const REPORTS_FOLDER = '_runs';

/** The names of the newest reports, the newest first. Names begin with the time. */
export function selectNewestNames(names: readonly string[], most: number): string[] {
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .slice(-most)
    .reverse();
}

/** The name of a report's file. */
export function formatReportName({
  command,
  partition,
  started_at: startedAt,
}: StoredReport): string {
  const when = startedAt.replace(/[-:]/g, '').replace(/\..*$/, '');
  return `${when}-${command}-${partition}-${process.pid}.json`;
}

export function formatReport(report: StoredReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

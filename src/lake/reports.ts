/** The reports of runs, kept in the lake as `_runs/<when>-<command>-<partition>-<process>.json`. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Partition } from '../catalog/partition.ts';
import { writeAtomically } from './atomic-file.ts';
import { temporaryFolder } from './local-lake.ts';

export interface KeptReport {
  readonly command: string;
  readonly partition: Partition;
  readonly started_at: string;
}

/** A kept report as it lies there; its text may be anything. */
export interface ReportFile {
  readonly name: string;
  readonly text: string;
}

/** The folder of the reports, in a folder and in a bucket. */
export const REPORTS_FOLDER = '_runs';

/** Keeps a report in the lake in a folder; answers the path of its file. */
export async function keepReport(root: string, report: KeptReport): Promise<string> {
  const path = join(root, REPORTS_FOLDER, reportName(report));
  await writeAtomically(path, reportText(report), temporaryFolder(root));
  return path;
}

/** The last `most` of the reports, the newest first; of one that cannot be read, no text. */
export async function newestReports(root: string, most: number): Promise<ReportFile[]> {
  const folder = join(root, REPORTS_FOLDER);
  const names = newestNames(await readdir(folder).catch(() => []), most);
  return Promise.all(
    names.map(async (name) => ({
      name,
      text: await readFile(join(folder, name), 'utf8').catch(() => ''),
    })),
  );
}

/** Names begin with the time: the newest are the last. */
export function newestNames(names: readonly string[], most: number): string[] {
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .slice(-most)
    .reverse();
}

/** The name of a report's file. */
export function reportName({ command, partition, started_at: startedAt }: KeptReport): string {
  const when = startedAt.replace(/[-:]/g, '').replace(/\..*$/, '');
  return `${when}-${command}-${partition}-${process.pid}.json`;
}

export function reportText(report: KeptReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

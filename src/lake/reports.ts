/** The reports of runs, kept in the lake as `_runs/<when>-<command>-<partition>-<process>.json`. */
import { join } from 'node:path';
import type { Partition } from '../catalog/partition.ts';
import { writeAtomically } from './atomic-file.ts';
import { temporaryFolder } from './local-lake.ts';

export interface KeptReport {
  readonly command: string;
  readonly partition: Partition;
  readonly started_at: string;
}

/** Keeps a report in the lake in a folder; answers the path of its file. */
export async function keepReport(root: string, report: KeptReport): Promise<string> {
  const path = join(root, '_runs', reportName(report));
  await writeAtomically(path, reportText(report), temporaryFolder(root));
  return path;
}

/** The name of a report's file. */
export function reportName({ command, partition, started_at: startedAt }: KeptReport): string {
  const when = startedAt.replace(/[-:]/g, '').replace(/\..*$/, '');
  return `${when}-${command}-${partition}-${process.pid}.json`;
}

export function reportText(report: KeptReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

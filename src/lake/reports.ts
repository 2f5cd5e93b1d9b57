/** The reports of runs, kept in the lake as `_runs/<when>-<command>-<partition>-<process>.json`. */
import { join } from 'node:path';
import type { Partition } from '../catalog/partition.ts';
import { writeAtomically } from './atomic-file.ts';
import { temporaryFolder } from './local-lake.ts';

/** Keeps a report; answers the path of its file. */
export async function keepReport(
  root: string,
  report: { readonly command: string; readonly partition: Partition; readonly started_at: string },
): Promise<string> {
  const when = report.started_at.replace(/[-:]/g, '').replace(/\..*$/, '');
  const path = join(
    root,
    '_runs',
    `${when}-${report.command}-${report.partition}-${process.pid}.json`,
  );
  await writeAtomically(path, `${JSON.stringify(report, null, 2)}\n`, temporaryFolder(root));
  return path;
}

/**
 * The reports of runs, stored in the folder of a local lake.
 */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  formatReport,
  formatReportName,
  REPORTS_FOLDER,
  type ReportFile,
  type StoredReport,
  selectNewestNames,
} from '../reports.ts';
import { writeLakeFile } from './disk.ts';

/** Writes a report into the lake; returns the path of its file. */
export async function writeReport(root: string, report: StoredReport): Promise<string> {
  const path = join(root, REPORTS_FOLDER, formatReportName(report));
  await writeLakeFile(root, path, formatReport(report));
  return path;
}

/** The `most` newest reports, the newest first; the text of one that cannot be read is empty. */
export async function readNewestReports(root: string, most: number): Promise<ReportFile[]> {
  const folder = join(root, REPORTS_FOLDER);
  const names = selectNewestNames(await readdir(folder).catch(() => []), most);
  return Promise.all(
    names.map(async (name) => ({
      name,
      text: await readFile(join(folder, name), 'utf8').catch(() => ''),
    })),
  );
}

/**
 * The reports of runs, stored in the bucket of the raw data, outside the tables and their notifications.
 */

import { createLakeError } from '../../aws/errors.ts';
import { listObjects, readObjectText, type S3Access, writeObject } from '../../aws/objects.ts';
import {
  formatReport,
  formatReportName,
  REPORTS_FOLDER,
  type ReportFile,
  type StoredReport,
  selectNewestNames,
} from '../reports.ts';
import { formatS3Uri } from './layout.ts';

const REPORTS_PREFIX = `${REPORTS_FOLDER}/`;

export async function writeS3Report(
  s3: S3Access['s3'],
  bucket: string,
  report: StoredReport,
): Promise<void> {
  const key = `${REPORTS_PREFIX}${formatReportName(report)}`;
  try {
    const options = { contentType: 'application/json' };
    await writeObject({ s3 }, { bucket, key }, formatReport(report), options);
  } catch (error) {
    throw createLakeError(`cannot write the report ${formatS3Uri(bucket, key)}`, error);
  }
}

/** The last `most` of the reports, the newest first. */
export async function readNewestS3Reports(
  s3: S3Access['s3'],
  bucket: string,
  most: number,
): Promise<ReportFile[]> {
  try {
    const objects = await listObjects({ s3 }, bucket, REPORTS_PREFIX);
    const names = objects.map(({ key }) => key.slice(REPORTS_PREFIX.length));
    return await Promise.all(
      selectNewestNames(names, most).map(async (name) => {
        const key = `${REPORTS_PREFIX}${name}`;
        return { name, text: await readObjectText({ s3 }, { bucket, key }) };
      }),
    );
  } catch (error) {
    throw createLakeError(
      `cannot read the reports in ${formatS3Uri(bucket, REPORTS_PREFIX)}`,
      error,
    );
  }
}

/**
 * The reports of runs, stored in the bucket of the raw data.
 */

import {
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { createLakeError } from '../../aws/errors.ts';
import {
  formatReport,
  formatReportName,
  REPORTS_FOLDER,
  type ReportFile,
  type StoredReport,
  selectNewestNames,
} from '../reports.ts';

const REPORTS_PREFIX = `${REPORTS_FOLDER}/`;

/** Keeps a report out of the tables' way: no event looks there. */
export async function writeS3Report(
  s3: S3Client,
  bucket: string,
  report: StoredReport,
): Promise<void> {
  const Key = `${REPORTS_PREFIX}${formatReportName(report)}`;
  const Body = formatReport(report);
  await s3
    .send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType: 'application/json' }))
    .catch((error: unknown) => {
      throw createLakeError(`cannot keep the report in s3://${bucket}/${Key}`, error);
    });
}

/** The last `most` of the reports, the newest first. */
export async function readNewestS3Reports(
  s3: S3Client,
  bucket: string,
  most: number,
): Promise<ReportFile[]> {
  try {
    const names: string[] = [];
    for await (const page of paginateListObjectsV2(
      { client: s3 },
      { Bucket: bucket, Prefix: REPORTS_PREFIX },
    )) {
      names.push(...(page.Contents ?? []).map(({ Key = '' }) => Key.slice(REPORTS_PREFIX.length)));
    }
    return await Promise.all(
      selectNewestNames(names, most).map(async (name) => {
        const { Body } = await s3.send(
          new GetObjectCommand({ Bucket: bucket, Key: `${REPORTS_PREFIX}${name}` }),
        );
        return { name, text: (await Body?.transformToString()) ?? '' };
      }),
    );
  } catch (error) {
    throw createLakeError(`cannot read the reports in s3://${bucket}/${REPORTS_PREFIX}`, error);
  }
}

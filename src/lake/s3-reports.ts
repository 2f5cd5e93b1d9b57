/** The reports of runs, kept in the bucket of the raw data. */
import {
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { awsFailure } from './aws-errors.ts';
import {
  type KeptReport,
  newestNames,
  REPORTS_FOLDER,
  type ReportFile,
  reportName,
  reportText,
} from './reports.ts';

const PREFIX = `${REPORTS_FOLDER}/`;

/** Keeps a report out of the tables' way: no event looks there. */
export async function keepReportInS3(
  s3: S3Client,
  bucket: string,
  report: KeptReport,
): Promise<void> {
  const Key = `${PREFIX}${reportName(report)}`;
  const Body = reportText(report);
  await s3
    .send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType: 'application/json' }))
    .catch((error: unknown) => {
      throw awsFailure(`cannot keep the report in s3://${bucket}/${Key}`, error);
    });
}

/** The last `most` of the reports, the newest first. */
export async function newestReportsInS3(
  s3: S3Client,
  bucket: string,
  most: number,
): Promise<ReportFile[]> {
  try {
    const names: string[] = [];
    for await (const page of paginateListObjectsV2(
      { client: s3 },
      { Bucket: bucket, Prefix: PREFIX },
    )) {
      names.push(...(page.Contents ?? []).map(({ Key = '' }) => Key.slice(PREFIX.length)));
    }
    return await Promise.all(
      newestNames(names, most).map(async (name) => {
        const { Body } = await s3.send(
          new GetObjectCommand({ Bucket: bucket, Key: `${PREFIX}${name}` }),
        );
        return { name, text: (await Body?.transformToString()) ?? '' };
      }),
    );
  } catch (error) {
    throw awsFailure(`cannot read the reports in s3://${bucket}/${PREFIX}`, error);
  }
}

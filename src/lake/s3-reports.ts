/** The reports of runs, kept in the bucket of the raw data. */
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { awsFailure } from './aws-errors.ts';
import { type KeptReport, reportName, reportText } from './reports.ts';

/** Keeps a report out of the tables' way: no event looks there. */
export async function keepReportInS3(
  s3: S3Client,
  bucket: string,
  report: KeptReport,
): Promise<void> {
  const Key = `_runs/${reportName(report)}`;
  const Body = reportText(report);
  await s3
    .send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType: 'application/json' }))
    .catch((error: unknown) => {
      throw awsFailure(`cannot keep the report in s3://${bucket}/${Key}`, error);
    });
}

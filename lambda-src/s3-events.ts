/** Events of S3: objects that appeared, each followed by the next file of the chain. */

import type { S3Event, S3EventRecord } from 'aws-lambda';
import { LakeError } from '../src/errors.ts';
import type { Lake } from '../src/lake/lake.ts';
import { parseObjectKey } from '../src/lake/s3/layout.ts';
import { followFile } from '../src/pipeline/next-layer.ts';
import type { Step } from '../src/pipeline/steps.ts';
import {
  createDeadline,
  createErrorFields,
  createHandler,
  type Fields,
  type Log,
  logUnparsed,
} from './handler.ts';
import { createLakeUntil, places } from './lake.ts';

/**
 * A handler that converts each object of an event by the step whose source it belongs to. One that fails does not
 * keep the others from being converted; the event as a whole fails then, and is delivered again, as it is where no
 * time was left for all.
 *
 * @param steps of which all sources are in one layer
 */
export function createObjectHandler(
  steps: readonly Step[],
): ReturnType<typeof createHandler<S3Event, void>> {
  return createHandler(async (event: S3Event, log, context) => {
    const deadline = createDeadline(context);
    const lake = createLakeUntil(deadline);
    // The test event that S3 sends when a notification is set has no records.
    const records = event.Records ?? [];
    let failed = 0;
    let left = 0;
    for (const record of records) {
      if (deadline.aborted) left += 1;
      else if (!(await followRecord(record, steps, lake, log))) failed += 1;
    }
    if (failed + left === 0) return;
    const why = [
      ...(failed > 0 ? [`${failed} of ${records.length} objects failed`] : []),
      ...(left > 0 ? [`${left} were not followed: no time was left`] : []),
    ];
    throw new LakeError(why.join('; '));
  });
}

async function followRecord(
  { s3 }: S3EventRecord,
  steps: readonly Step[],
  lake: Lake,
  log: Log,
): Promise<boolean> {
  const key = decodeKey(s3.object.key);
  const file = parseObjectKey(key);
  const buckets = steps.map(({ source }) => places().buckets[source.layer]);
  const fields: Fields = { bucket: s3.bucket.name, key, partition: file?.partition };
  if (!buckets.includes(s3.bucket.name)) {
    log.warn('skipped', { ...fields, reason: `the object is not in the bucket ${buckets[0]}` });
    return true;
  }
  if (file === undefined) {
    log.info('skipped', { ...fields, reason: 'the object is not a file of the lake' });
    return true;
  }
  try {
    const followed = await followFile(lake, steps, file);
    if (followed.outcome === 'skipped') log.info('skipped', { ...fields, reason: followed.reason });
    else {
      log.info('written', { ...fields, file: followed.file.name, bytes: followed.bytes });
      logUnparsed(log, fields, followed.unparsed);
    }
    return true;
  } catch (error) {
    log.error('an object failed', { ...fields, ...createErrorFields(error) });
    return false;
  }
}

/** A key as S3 writes it in events: percent-encoded, a space as a plus. */
export function decodeKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    return encoded;
  }
}

/** The lake that the environment names. */

import { createGlueClient, createS3Client } from '../src/aws/functions.ts';
import { LakeError } from '../src/errors.ts';
import type { Lake } from '../src/lake/lake.ts';
import { createS3Lake } from '../src/lake/s3/lake.ts';
import type { S3LakeLocation } from '../src/lake/s3/layout.ts';
import { once, requireVariable } from './environment.ts';

export const places = once(
  (): S3LakeLocation => ({
    s3: createS3Client(),
    glue: createGlueClient(),
    buckets: {
      sor: requireVariable('PYNVEST_SOR_BUCKET'),
      sot: requireVariable('PYNVEST_SOT_BUCKET'),
      spec: requireVariable('PYNVEST_SPEC_BUCKET'),
    },
    databases: {
      sor: requireVariable('PYNVEST_SOR_DATABASE'),
      sot: requireVariable('PYNVEST_SOT_DATABASE'),
      spec: requireVariable('PYNVEST_SPEC_DATABASE'),
    },
  }),
);

export const lake = once((): Lake => createS3Lake(places()));

/** The lake, as long as there is time: once `deadline` is aborted, no further call of it is begun. */
export function createLakeUntil(deadline: AbortSignal): Lake {
  const inTime = <Arguments extends unknown[], Answer>(
    call: (...given: Arguments) => Promise<Answer>,
  ) => {
    return async (...given: Arguments): Promise<Answer> => {
      if (deadline.aborted) throw new LakeError('no time was left, and the work is not done');
      return call(...given);
    };
  };
  const { mayHoldRawBatches, partitions, files, read, write, register, remove } = lake();
  return {
    mayHoldRawBatches,
    partitions: inTime(partitions),
    files: inTime(files),
    read: inTime(read),
    write: inTime(write),
    ...(register !== undefined && { register: inTime(register) }),
    remove: inTime(remove),
  };
}

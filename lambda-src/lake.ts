/** The lake that the environment names. */
import { GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import type { Lake } from '../src/lake/lake.ts';
import { createS3Lake, type S3LakePlaces } from '../src/lake/s3-lake.ts';
import { clientSettings, once, required } from './environment.ts';

export const places = once(
  (): S3LakePlaces => ({
    s3: new S3Client(clientSettings),
    glue: new GlueClient(clientSettings),
    buckets: {
      sor: required('PYNVEST_SOR_BUCKET'),
      sot: required('PYNVEST_SOT_BUCKET'),
      spec: required('PYNVEST_SPEC_BUCKET'),
    },
    databases: {
      sor: required('PYNVEST_SOR_DATABASE'),
      sot: required('PYNVEST_SOT_DATABASE'),
      spec: required('PYNVEST_SPEC_DATABASE'),
    },
  }),
);

export const lake = once((): Lake => createS3Lake(places()));

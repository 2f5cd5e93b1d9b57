/** Existing buckets that encrypt by a key of their owner are seen before the question. */
import {
  CreateBucketCommand,
  PutBucketEncryptionCommand,
  type ServerSideEncryptionByDefault,
} from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, test } from 'vitest';
import type { AwsSession } from '../../src/aws/session.ts';
import { deploy } from '../../src/deploy/deploy.ts';
import { planDeployment } from '../../src/deploy/plan.ts';
import { hasAws } from '../support/aws-account.ts';
import type { AwsFront } from '../support/aws-front.ts';
import { smallDeployment, testHost } from '../support/deploying.ts';
import { useWatchedAws } from '../support/watched-aws.ts';

const ID = '1234abcd-12ab-34cd-56ef-1234567890ab';
const existing = { CreateBuckets: 'no', SorBucketName: 'their-sor', SotBucketName: 'their-sot' };

describe.runIf(hasAws)('existing buckets', () => {
  const watched = useWatchedAws();
  let front: AwsFront;
  let aws: AwsSession;
  let key: string;
  let otherKey: string;
  beforeEach(async () => {
    ({ front, aws } = watched());
    key = `arn:aws:kms:sa-east-1:${watched().account.id}:key/${ID}`;
    otherKey = key.replace('1234', '4321');
    for (const Bucket of ['their-sor', 'their-sot']) {
      await aws.s3.send(new CreateBucketCommand({ Bucket }));
    }
  });

  const encrypt = (Bucket: string, byDefault: ServerSideEncryptionByDefault) =>
    aws.s3.send(
      new PutBucketEncryptionCommand({
        Bucket,
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: byDefault }],
        },
      }),
    );
  const warnings = async (given: Readonly<Record<string, string>> = {}): Promise<string[]> => {
    const host = testHost();
    await planDeployment(host, aws, smallDeployment({ parameters: { ...existing, ...given } }));
    return host.said.filter((line) => line.startsWith('!'));
  };

  test('a key that DataKeyArn does not name: which bucket, which key, what to do', async () => {
    await encrypt('their-sot', { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key });
    const [warning = '', ...others] = await warnings();
    expect(others).toEqual([]);
    expect(warning).toMatch(/bucket their-sot is encrypted with the key arn:aws:kms/);
    expect(warning).toContain(`--parameter DataKeyArn=${key};`);
    expect(warning).toMatch(/key's own policy must also allow the roles small-lambda-\*/);
    expect(await warnings({ DataKeyArn: otherKey })).toEqual([warning]);
    expect(await warnings({ DataKeyArn: key })).toEqual([]);
  });

  test('deploy warns before it asks', async () => {
    await encrypt('their-sor', { SSEAlgorithm: 'aws:kms:dsse', KMSMasterKeyID: key });
    const request = smallDeployment({ parameters: existing });
    const host = testHost({ confirm: false });
    expect(await deploy(host, aws, request)).toEqual({ kind: 'declined' });
    expect(host.said.map((line) => line.slice(0, 24))).toEqual([
      '! The bucket their-sor i',
      '? Create the stack small',
    ]);
  });

  test.each<[string, () => ServerSideEncryptionByDefault]>([
    ["S3's own keys", () => ({ SSEAlgorithm: 'AES256' })],
    ['the key that AWS keeps for S3', () => ({ SSEAlgorithm: 'aws:kms' })],
    ['the same by its alias', () => ({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'alias/aws/s3' })],
    [
      'the same by the ARN of its alias',
      () => ({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key.replace(/key\/.*/, 'alias/aws/s3') }),
    ],
  ])('%s need nothing', async (_, byDefault) => {
    await encrypt('their-sor', byDefault());
    expect(await warnings()).toEqual([]);
  });

  test('a key by its id is the one of its ARN', async () => {
    await encrypt('their-sor', { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: ID });
    expect(await warnings()).toEqual([expect.stringContaining(`DataKeyArn=${key};`)]);
    expect(await warnings({ DataKeyArn: key })).toEqual([]);
  });

  test('an alias: KMS says which key it is, so that any that is named may be it', async () => {
    await encrypt('their-sor', { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'alias/lake' });
    expect(await warnings()).toEqual([
      expect.stringContaining('aws kms describe-key --key-id alias/lake'),
    ]);
    expect(await warnings({ DataKeyArn: key })).toEqual([]);
  });

  test('two keys: DataKeyArn takes one', async () => {
    await encrypt('their-sor', { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key });
    await encrypt('their-sot', { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: otherKey });
    expect(await warnings({ DataKeyArn: key })).toEqual([
      expect.stringMatching(/their-sot .*takes one key: encrypt all the buckets with the same/),
    ]);
  });

  test('what may not be seen is said, and stops nothing', async () => {
    front.intercept = ({ method, path }) =>
      method === 'GET' && /their-sor\/?\?encryption/.test(path)
        ? { status: 403, body: '<Error><Code>AccessDenied</Code><Message>no</Message></Error>' }
        : undefined;
    expect(await warnings()).toEqual([
      expect.stringMatching(/^! Cannot read whether the bucket their-sor /),
    ]);
  });

  test('buckets that the stack makes are not looked at', async () => {
    front.requests.length = 0;
    await planDeployment(testHost(), aws, smallDeployment());
    expect(front.requests.filter(({ path }) => path.includes('?encryption'))).toEqual([]);
  });
});

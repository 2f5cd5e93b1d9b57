/** Who asks AWS, and where; and what its refusals mean. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { withAwsErrors } from '../../src/aws/errors.ts';
import { createSession } from '../../src/aws/session.ts';
import {
  AwsAccessError,
  ExpiredTokenError,
  NoCredentialsError,
  NoRegionError,
} from '../../src/errors.ts';
import { type FrontAnswer, refusalOf } from '../support/aws-front.ts';
import { isolateAws } from '../support/deploying.ts';

const keys = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** An endpoint that always answers the same. */
async function endpoint(answer: FrontAnswer): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(answer.status, { 'content-type': 'text/xml' }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(
    () => server.closeAllConnections(),
    () => void server.close(),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const identity = (arn: string): FrontAnswer => ({
  status: 200,
  body: `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>${arn}</Arn><UserId>u</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
});

describe('connecting', () => {
  test('without a region anywhere', async () => {
    isolateAws(keys);
    const failure = createSession({});
    await expect(failure).rejects.toThrow(NoRegionError);
    await expect(failure).rejects.toMatchObject({ hint: expect.stringContaining('--region') });
  });

  test('the region: the option, else the chain, else the one remembered', async () => {
    const url = await endpoint(identity('arn:aws:iam::123456789012:user/u'));
    isolateAws({ ...keys, AWS_ENDPOINT_URL: url });
    expect((await createSession({ defaultRegion: 'us-east-2' })).region).toBe('us-east-2');
    vi.stubEnv('AWS_REGION', 'sa-east-1');
    expect((await createSession({ defaultRegion: 'us-east-2' })).region).toBe('sa-east-1');
    expect((await createSession({ region: 'eu-west-1' })).region).toBe('eu-west-1');
  });

  test('the account and the partition are those of who asks', async () => {
    const url = await endpoint(identity('arn:aws-cn:iam::123456789012:user/u'));
    isolateAws({ ...keys, AWS_ENDPOINT_URL: url, AWS_REGION: 'cn-north-1' });
    expect(await createSession({})).toMatchObject({ account: '123456789012', partition: 'aws-cn' });
  });

  test('without credentials, or with a profile that is not there', async () => {
    isolateAws({ AWS_REGION: 'sa-east-1' });
    await expect(createSession({})).rejects.toThrow(NoCredentialsError);
    await expect(createSession({ profile: 'nobody' })).rejects.toThrow(NoCredentialsError);
  });

  test('nothing listens', async () => {
    isolateAws({ ...keys, AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_REGION: 'sa-east-1' });
    const failure = createSession({});
    await expect(failure).rejects.toThrow(AwsAccessError);
    await expect(failure).rejects.toThrow(/does not answer/);
  });

  test.each([
    ['ExpiredToken', ExpiredTokenError],
    ['InvalidClientTokenId', NoCredentialsError],
    ['SignatureDoesNotMatch', NoCredentialsError],
    ['AccessDenied', AwsAccessError],
  ])('refused with %s', async (code, type) => {
    const url = await endpoint(refusalOf(code, 'The security token is wrong', 403));
    isolateAws({ ...keys, AWS_ENDPOINT_URL: url, AWS_REGION: 'sa-east-1' });
    const failure = createSession({});
    await expect(failure).rejects.toThrow(type);
    await expect(failure).rejects.toMatchObject({ hint: expect.any(String) });
  });
});

test('an error of ours stays ours, and a bug stays a bug', async () => {
  const bug = new TypeError('x is undefined');
  await expect(withAwsErrors(() => Promise.reject(bug))).rejects.toBe(bug);
  const ours = new NoRegionError('no region');
  await expect(withAwsErrors(() => Promise.reject(ours))).rejects.toBe(ours);
});

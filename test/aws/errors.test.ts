import { describe, expect, test } from 'vitest';
import { createLakeError, withAwsErrors } from '../../src/aws/errors.ts';

/** An error as the SDK throws it. */
function awsError(name: string, message: string, httpStatusCode = 400): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
}

describe('what Lake Formation denies', () => {
  const denied = awsError(
    'AccessDeniedException',
    'Insufficient Lake Formation permission(s): Required Describe on tbspec_fundamentus_cotacao_ativos',
  );

  test('is not mended by IAM: the hint says how', async () => {
    const failure = withAwsErrors(() => Promise.reject(denied));
    await expect(failure).rejects.toMatchObject({
      message: expect.stringContaining('Required Describe'),
      hint: expect.stringMatching(/Lake Formation.*aws lakeformation grant-permissions/),
    });
  });

  test('nor in the lake', () => {
    expect(createLakeError('cannot list the partitions', denied)).toMatchObject({
      message: expect.stringContaining('cannot list the partitions'),
      hint: expect.stringContaining('aws lakeformation grant-permissions'),
    });
  });
});

test('what IAM denies is mended by a policy', async () => {
  const denied = awsError('AccessDeniedException', 'not authorized to perform: glue:GetTable');
  await expect(withAwsErrors(() => Promise.reject(denied))).rejects.toMatchObject({
    hint: expect.stringContaining('pynvest iam-policy'),
  });
});

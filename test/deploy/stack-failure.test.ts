import { describe, expect, test } from 'vitest';
import type { StackEventRecord } from '../../src/aws/stack-events.ts';
import { findFirstCause } from '../../src/deploy/follow-stack.ts';

let time = 0;
function event(logicalId: string, status: string, reason = '', more = {}): StackEventRecord {
  time += 1;
  const type = 'AWS::SQS::Queue';
  return { id: `e${time}`, time, logicalId, physicalId: '', type, status, reason, ...more };
}
const stackEvent = (status: string, reason = ''): StackEventRecord =>
  event('pynvest', status, reason, {
    type: 'AWS::CloudFormation::Stack',
    physicalId: 'arn:aws:cloudformation:sa-east-1:1:stack/pynvest/2',
  });

describe('the first real cause', () => {
  test('not a cancellation, though it came first, and not the stack that repeats it', () => {
    const cause = findFirstCause([
      stackEvent('CREATE_IN_PROGRESS'),
      event('Cancelled', 'CREATE_FAILED', 'Resource creation cancelled'),
      event('Cause', 'CREATE_FAILED', 'The specified bucket name is wrong'),
      event('Later', 'CREATE_FAILED', 'Something else'),
      stackEvent('ROLLBACK_IN_PROGRESS', 'The following resource(s) failed: [Cause, Cancelled]'),
    ]);
    expect(cause).toMatchObject({ logicalId: 'Cause' });
  });

  test("the stack's own, where no resource failed", () => {
    const cause = findFirstCause([stackEvent('UPDATE_FAILED', 'Template error')]);
    expect(cause).toMatchObject({ logicalId: 'pynvest', reason: 'Template error' });
  });

  test('none where nothing failed', () => {
    expect(findFirstCause([stackEvent('CREATE_COMPLETE')])).toBeUndefined();
  });
});

describe('what to do about it', () => {
  test.each([
    ["Resource of type 'AWS::SQS::Queue' with identifier 'q' already exists.", /NamePrefix/],
    ['pynvest-role already exists in stack arn:…', /NamePrefix/],
    ['The requested bucket name is not available. (BucketAlreadyExists)', /Another account/],
    [
      'User: arn:aws:iam::1:user/u is not authorized to perform: sqs:createqueue',
      /pynvest iam-policy/,
    ],
    ['Access Denied (Service: S3; Error Code: AccessDenied)', /pynvest iam-policy/],
    ["Specified ReservedConcurrentExecutions decreases account's limit (quota)", /Service Quotas/],
    ['LimitExceeded: Cannot exceed quota for PoliciesPerRole: 10', /Service Quotas/],
    ['The role defined for the function cannot be assumed by Lambda.', /deploy again/],
    ['Error occurred while GetObject. S3 Error Code: NoSuchKey.', /artifacts bucket/],
    ['The bucket you tried to delete is not empty', /has objects/],
    ['Rate exceeded (Throttling)', /too many requests/],
    ['Unable to validate the following destination configurations', /notifications/],
  ])('%s', (reason, hint) => {
    expect(findFirstCause([event('X', 'CREATE_FAILED', reason)])?.hint).toMatch(hint);
  });

  test('nothing where nothing is known', () => {
    expect(findFirstCause([event('X', 'CREATE_FAILED', 'Odd')])?.hint).toBeUndefined();
  });
});

/** Who may take a role, call a function, reach a bucket or a queue: confused deputies, and TLS. */
import { describe, expect, test } from 'vitest';
import { type Statement, statementsOf } from '../support/permissions.ts';
import { ResolvedStack } from '../support/resolved-stack.ts';
import { at, listOf } from '../support/template.ts';

const stack = new ResolvedStack({ AlarmEmail: 'someone@example.org' });
const ACCOUNT = '123456789012';

describe('who may take a role', () => {
  const roles = stack.ofType('AWS::IAM::Role');

  test.each(roles)('%s: services of this account only', (name, { properties }) => {
    const statements = statementsOf(properties['AssumeRolePolicyDocument'], name);
    expect(statements.length).toBeGreaterThan(0);
    for (const { actions, effect, principal, condition } of statements) {
      expect([effect, ...actions]).toEqual(['Allow', 'sts:AssumeRole']);
      expect(at(condition, 'StringEquals', 'aws:SourceAccount')).toBe(ACCOUNT);
      const service = String(at(principal, 'Service'));
      // Lambda names no source when it takes a role; the others say for what they do.
      if (service === 'lambda.amazonaws.com') continue;
      expect(sourceOf(service)).toBe(at(condition, 'ArnLike', 'aws:SourceArn'));
    }
  });

  function sourceOf(service: string): string | undefined {
    return {
      'states.amazonaws.com': `arn:aws:states:sa-east-1:${ACCOUNT}:stateMachine:pynvest-sfn-dedup-sot-spec-tables`,
      'events.amazonaws.com': `arn:aws:events:sa-east-1:${ACCOUNT}:rule/trigger-pynvest-sfn-dedup-sot-spec-tables`,
    }[service];
  }
});

describe('who may call a function', () => {
  test.each(stack.ofType('AWS::Lambda::Permission'))('%s: one source', (_, { properties }) => {
    const { Principal: principal, SourceArn: arn, SourceAccount: account } = properties;
    expect(properties['Action']).toBe('lambda:InvokeFunction');
    if (principal === 's3.amazonaws.com') {
      expect(arn).toMatch(/^arn:aws:s3:::[a-z0-9-]+$/);
      expect(account).toBe(ACCOUNT);
    } else {
      // A rule's ARN holds the account, and rules send no SourceAccount: with it none would get through.
      expect(principal).toBe('events.amazonaws.com');
      expect(arn).toBe(
        `arn:aws:events:sa-east-1:${ACCOUNT}:rule/trigger-pynvest-lambda-check-and-delete-partitions`,
      );
      expect(account).toBeUndefined();
    }
  });
});

describe('nothing but TLS', () => {
  const guarded: readonly [type: string, policy: string, of: string, action: string][] = [
    ['AWS::S3::Bucket', 'AWS::S3::BucketPolicy', 'Bucket', 's3:*'],
    ['AWS::SQS::Queue', 'AWS::SQS::QueuePolicy', 'Queues', 'sqs:*'],
    ['AWS::SNS::Topic', 'AWS::SNS::TopicPolicy', 'Topics', 'sns:Publish'],
  ];

  test.each(guarded)('%s', (type, policyType, property, action) => {
    const policies = stack.ofType(policyType);
    const resources = stack.ofType(type);
    expect(policies).toHaveLength(resources.length);
    for (const [name] of resources) {
      const denials = policies
        .filter(([, { properties }]) =>
          listOf(properties[property]).includes(stack.value({ Ref: name })),
        )
        .flatMap(([within, { properties }]) => statementsOf(properties['PolicyDocument'], within))
        .filter(deniesPlainText);
      expect(denials.map(({ actions }) => actions)).toEqual([[action]]);
      const arn = String(
        stack.value(type === 'AWS::SNS::Topic' ? { Ref: name } : { 'Fn::GetAtt': [name, 'Arn'] }),
      );
      expect(denials[0]?.resources).toEqual(type === 'AWS::S3::Bucket' ? [arn, `${arn}/*`] : [arn]);
    }
  });

  function deniesPlainText({ effect, principal, condition }: Statement): boolean {
    return (
      effect === 'Deny' &&
      principal === '*' &&
      at(condition, 'Bool', 'aws:SecureTransport') === 'false'
    );
  }
});

test('only our alarms may publish to the topic', () => {
  const [policy] = stack.ofType('AWS::SNS::TopicPolicy');
  const [allowed] = statementsOf(policy?.[1].properties['PolicyDocument'], 'topic').filter(
    ({ effect }) => effect === 'Allow',
  );
  expect(allowed?.principal).toEqual({ Service: 'cloudwatch.amazonaws.com' });
  expect(at(allowed?.condition, 'StringEquals', 'aws:SourceAccount')).toBe(ACCOUNT);
  expect(at(allowed?.condition, 'ArnLike', 'aws:SourceArn')).toBe(
    `arn:aws:cloudwatch:sa-east-1:${ACCOUNT}:alarm:pynvest-*`,
  );
});

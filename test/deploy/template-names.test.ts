/** The names that users, dashboards and reviews of permissions depend on, word for word. */
import { describe, expect, test } from 'vitest';
import { functionNames } from '../../src/aws/resource-names.ts';
import { ResolvedStack } from '../support/resolved-stack.ts';
import { template } from '../support/template.ts';

const stack = new ResolvedStack();

function namesOf(type: string, property: string, of: ResolvedStack = stack): string[] {
  return of
    .ofType(type)
    .map(([, { properties }]) => String(properties[property]))
    .sort();
}

test('nine policies', () => {
  expect(namesOf('AWS::IAM::ManagedPolicy', 'ManagedPolicyName')).toEqual([
    'pynvest-check-and-delete-partitions',
    'pynvest-dedup-financial-data',
    'pynvest-invoke-lambda-functions',
    'pynvest-invoke-state-machines',
    'pynvest-send-msgs-to-tickers-queues',
    'pynvest-share-sor-financial-data',
    'pynvest-share-sot-financial-data',
    'pynvest-share-spec-financial-data',
    'pynvest-store-cloudwatch-logs',
  ]);
});

test('seven roles', () => {
  expect(namesOf('AWS::IAM::Role', 'RoleName')).toEqual([
    'pynvest-lambda-check-and-delete-partitions',
    'pynvest-lambda-dedup-financial-data',
    'pynvest-lambda-send-msgs-to-tickers-queues',
    'pynvest-lambda-share-sor-financial-data',
    'pynvest-lambda-share-sot-financial-data',
    'pynvest-lambda-share-spec-financial-data',
    'pynvest-sfn-invoke-lambda-functions',
  ]);
});

test('ten functions', () => {
  expect(functionNames).toHaveLength(10);
  expect(namesOf('AWS::Lambda::Function', 'FunctionName')).toEqual(
    functionNames.map((name) => `pynvest-lambda-${name}`).sort(),
  );
});

test('two queues, each with a dead-letter queue, and one for events that failed', () => {
  expect(namesOf('AWS::SQS::Queue', 'QueueName')).toEqual([
    'pynvest-failed-events-queue',
    'pynvest-tickers-acoes-dead-letter-queue',
    'pynvest-tickers-acoes-queue',
    'pynvest-tickers-fiis-dead-letter-queue',
    'pynvest-tickers-fiis-queue',
  ]);
});

test('one state machine and two rules', () => {
  expect(namesOf('AWS::StepFunctions::StateMachine', 'StateMachineName')).toEqual([
    'pynvest-sfn-dedup-sot-spec-tables',
  ]);
  expect(namesOf('AWS::Events::Rule', 'Name')).toEqual([
    'trigger-pynvest-lambda-check-and-delete-partitions',
    'trigger-pynvest-sfn-dedup-sot-spec-tables',
  ]);
});

describe('buckets', () => {
  test('three for the data, named by prefix, account and region where no name is given', () => {
    expect(namesOf('AWS::S3::Bucket', 'BucketName')).toEqual([
      'pynvest-athena-123456789012-sa-east-1',
      'pynvest-sor-123456789012-sa-east-1',
      'pynvest-sot-123456789012-sa-east-1',
      'pynvest-spec-123456789012-sa-east-1',
    ]);
  });

  test('take the names that are given', () => {
    const named = new ResolvedStack({ SorBucketName: 'raw', SotBucketName: 'typed' });
    expect(namesOf('AWS::S3::Bucket', 'BucketName', named)).toEqual([
      'pynvest-athena-123456789012-sa-east-1',
      'pynvest-spec-123456789012-sa-east-1',
      'raw',
      'typed',
    ]);
  });

  test('that exist are not touched: no resource of the stack is about them', () => {
    const existing = new ResolvedStack({
      CreateBuckets: 'no',
      SorBucketName: 'raw',
      SotBucketName: 'typed',
      SpecBucketName: 'quotes',
    });
    const about = Object.values(existing.resources)
      .filter(({ type }) => type.startsWith('AWS::S3::'))
      .map(({ properties }) => properties['BucketName'] ?? properties['Bucket']);
    expect(new Set(about)).toEqual(new Set(['pynvest-athena-123456789012-sa-east-1']));
    expect(existing.value(template.outputs['NotificationsNeeded']?.['Value'])).toBe('true');
    expect(stack.value(template.outputs['NotificationsNeeded']?.['Value'])).toBe('false');
  });
});

test('another prefix shares no name with the first', () => {
  const other = new ResolvedStack({ NamePrefix: 'other' });
  const text = JSON.stringify(Object.values(other.resources).map(({ properties }) => properties));
  // The databases, tables and words in descriptions are not the prefix's to change.
  expect(text.match(/"[^" ]*pynvest-[^"]*"/g) ?? []).toEqual([]);
});

test('the longest names fit with the longest prefix', () => {
  const longest = String('p').repeat(Number(template.parameters['NamePrefix']?.['MaxLength']));
  const long = new ResolvedStack({ NamePrefix: longest });
  const limits: readonly [type: string, property: string, limit: number][] = [
    ['AWS::Lambda::Function', 'FunctionName', 64],
    ['AWS::IAM::Role', 'RoleName', 64],
    ['AWS::Events::Rule', 'Name', 64],
    ['AWS::S3::Bucket', 'BucketName', 63],
    ['AWS::SQS::Queue', 'QueueName', 80],
    ['AWS::StepFunctions::StateMachine', 'StateMachineName', 80],
  ];
  for (const [type, property, limit] of limits) {
    for (const name of namesOf(type, property, long))
      expect(name.length).toBeLessThanOrEqual(limit);
  }
});

test('the outputs', () => {
  expect(Object.keys(template.outputs).sort()).toEqual(
    [
      ...['SorBucket', 'SotBucket', 'SpecBucket', 'ResultsBucket'],
      ...['SorDatabase', 'SotDatabase', 'SpecDatabase'],
      ...['AcoesQueueUrl', 'FiisQueueUrl', 'AcoesDeadLetterQueueUrl', 'FiisDeadLetterQueueUrl'],
      'FailedEventsQueueUrl',
      ...['StateMachineArn', 'WorkGroup', 'FirstFunction', 'NotificationsNeeded'],
      ...['PrepAcoesFunctionArn', 'PrepFiisFunctionArn', 'SpecializeFunctionArn'],
    ].sort(),
  );
  for (const { Description: words } of Object.values(template.outputs)) expect(words).toBeTruthy();
});

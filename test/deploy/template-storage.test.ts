/** Where data and messages rest: private, encrypted, kept as long as they must be, gone when not. */

import { describe, expect, test } from 'vitest';
import { tables } from '../../src/catalog/datasets.ts';
import { ResolvedStack } from '../support/resolved-stack.ts';
import { at, listOf, template } from '../support/template.ts';

const stack = new ResolvedStack();
const buckets = stack.ofType('AWS::S3::Bucket');
const queues = stack.ofType('AWS::SQS::Queue');

describe('buckets', () => {
  test.each(buckets)('%s is private, encrypted and without ACLs', (_, { properties }) => {
    expect(properties['PublicAccessBlockConfiguration']).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    const encryption = at(properties['BucketEncryption'], 'ServerSideEncryptionConfiguration', 0);
    expect(at(encryption, 'ServerSideEncryptionByDefault', 'SSEAlgorithm')).toBe('AES256');
    expect(at(properties['OwnershipControls'], 'Rules')).toEqual([
      { ObjectOwnership: 'BucketOwnerEnforced' },
    ]);
  });

  test.each(buckets)('%s clears away uploads that were never finished', (_, { properties }) => {
    const rules = listOf(at(properties['LifecycleConfiguration'], 'Rules'));
    expect(rules.filter((rule) => at(rule, 'AbortIncompleteMultipartUpload'))).toHaveLength(1);
    for (const rule of rules) expect(at(rule, 'Status')).toBe('Enabled');
  });

  test('raw data, which cannot be read again, keeps its versions for a while', () => {
    const { properties } = stack.resource('SorBucket');
    expect(properties['VersioningConfiguration']).toEqual({ Status: 'Enabled' });
    const rule = at(properties['LifecycleConfiguration'], 'Rules', 0);
    expect(at(rule, 'NoncurrentVersionExpiration', 'NoncurrentDays')).toBe(30);
  });

  test('no data expires; results of queries do', () => {
    const expiring = buckets.filter(([, { properties }]) =>
      listOf(at(properties['LifecycleConfiguration'], 'Rules')).some(
        (rule) => at(rule, 'ExpirationInDays') !== undefined,
      ),
    );
    expect(expiring.map(([name]) => name)).toEqual(['ResultsBucket']);
  });
});

describe('data outlives the stack', () => {
  const kept = Object.entries(template.resources).filter(
    ([name, { type }]) =>
      [
        'AWS::S3::Bucket',
        'AWS::S3::BucketPolicy',
        'AWS::Glue::Database',
        'AWS::Glue::Table',
      ].includes(type) && !name.startsWith('Results'),
  );

  test('three buckets with their policies, three databases, all tables, the view and its note', () => {
    expect(kept).toHaveLength(3 + 3 + 3 + tables.length + 2);
  });

  test.each(kept)('%s stays, unless the stack fails as it makes it', (_, resource) => {
    expect(resource.deletionPolicy).toBe('RetainExceptOnCreate');
    expect(resource.updateReplacePolicy).toBe('Retain');
  });
});

describe('queues', () => {
  const [sources, deadLetters] = [
    queues.filter(([, { properties }]) => properties['RedrivePolicy'] !== undefined),
    queues.filter(([, { properties }]) => properties['RedriveAllowPolicy'] !== undefined),
  ];

  test.each(queues)('%s is encrypted', (_, { properties }) => {
    expect(properties['SqsManagedSseEnabled']).toBe(true);
  });

  test.each(sources)(
    '%s has a dead-letter queue that takes from it alone',
    (name, { properties }) => {
      const target = at(properties['RedrivePolicy'], 'deadLetterTargetArn');
      const [deadLetter, ...others] = deadLetters.filter(
        ([each]) => stack.value({ 'Fn::GetAtt': [each, 'Arn'] }) === target,
      );
      expect(others).toEqual([]);
      expect(deadLetter?.[1].properties['RedriveAllowPolicy']).toEqual({
        redrivePermission: 'byQueue',
        sourceQueueArns: [stack.value({ 'Fn::GetAtt': [name, 'Arn'] })],
      });
      expect(Number(at(properties['RedrivePolicy'], 'maxReceiveCount'))).toBeGreaterThanOrEqual(5);
    },
  );

  test('a message outlives all its tries, whatever the parameters', () => {
    const { QueueVisibilityTimeout: visibility, QueueMaxReceiveCount: tries } = template.parameters;
    const longest = Math.max(...listOf(visibility?.['AllowedValues']).map(Number));
    const shortestRetention = Number(template.parameters['QueueRetentionPeriod']?.['MinValue']);
    expect(shortestRetention).toBeGreaterThan(longest * Number(tries?.['MaxValue']));
  });

  test('a dead letter outlives the longest wait in the queue before it', () => {
    const longest = Number(template.parameters['QueueRetentionPeriod']?.['MaxValue']);
    for (const [, { properties }] of deadLetters) {
      expect(Number(properties['MessageRetentionPeriod'])).toBeGreaterThan(longest);
    }
  });
});

describe('logs', () => {
  const groups = stack.ofType('AWS::Logs::LogGroup');

  test.each(stack.ofType('AWS::Lambda::Function'))('%s has a group', (_, { properties }) => {
    const name = `/aws/lambda/${properties['FunctionName']}`;
    expect(at(properties['LoggingConfig'], 'LogGroup')).toBe(name);
    expect(groups.filter(([, group]) => group.properties['LogGroupName'] === name)).toHaveLength(1);
  });

  test('the state machine has a group', () => {
    const { properties } = stack.resource('DedupStateMachine');
    const logging = properties['LoggingConfiguration'];
    expect(at(logging, 'Level')).toBe('ALL');
    expect(at(logging, 'Destinations', 0, 'CloudWatchLogsLogGroup', 'LogGroupArn')).toBe(
      stack.value({ 'Fn::GetAtt': ['DedupStateMachineLogs', 'Arn'] }),
    );
  });

  test.each(groups)('%s ends by itself', (_, { properties }) => {
    expect(Number(properties['RetentionInDays'])).toBe(30);
  });
});

test('queries: settings that queries cannot override, encrypted results, a limit', () => {
  const settings = stack.resource('WorkGroup').properties['WorkGroupConfiguration'];
  expect(at(settings, 'EnforceWorkGroupConfiguration')).toBe(true);
  expect(Number(at(settings, 'BytesScannedCutoffPerQuery'))).toBeGreaterThan(0);
  expect(at(settings, 'ResultConfiguration')).toEqual({
    OutputLocation: 's3://pynvest-athena-123456789012-sa-east-1/results/',
    EncryptionConfiguration: { EncryptionOption: 'SSE_S3' },
    ExpectedBucketOwner: '123456789012',
  });
});

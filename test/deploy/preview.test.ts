import type { Change, ResourceChange } from '@aws-sdk/client-cloudformation';
import { describe, expect, test } from 'vitest';
import { parseResourceChange } from '../../src/aws/stack-changes.ts';
import { formatPreview, previewChangeSet, type ResourcePreview } from '../../src/deploy/preview.ts';
import { parseTemplate } from '../../src/deploy/template.ts';

const before = parseTemplate(`
Resources:
  Kept: { Type: AWS::S3::Bucket, DeletionPolicy: Retain, UpdateReplacePolicy: Retain }
  Lost: { Type: AWS::S3::Bucket, DeletionPolicy: Delete }
  Queue: { Type: AWS::SQS::Queue }
`);
const after = parseTemplate(`
Conditions:
  Never: !Equals [a, b]
Resources:
  Kept: { Type: AWS::S3::Bucket, DeletionPolicy: Retain, UpdateReplacePolicy: Retain }
  Queue: { Type: AWS::SQS::Queue, Properties: { QueueName: q } }
  Left: { Type: AWS::SQS::Queue, Condition: Never }
`);
const scope = {
  template: after,
  parameters: {},
  account: '1',
  region: 'r',
  partition: 'aws',
  stackName: 's',
};
const names = new Map([['Lost', 'bucket-lost']]);

function planned(...changes: ResourceChange[]): ResourcePreview[] {
  const all: Change[] = changes.map((ResourceChange) => ({ ResourceChange }));
  return previewChangeSet(all.flatMap(parseResourceChange), { template: before, names }, scope);
}

const bucket = (LogicalResourceId: string, more: ResourceChange): ResourceChange => ({
  LogicalResourceId,
  ResourceType: 'AWS::S3::Bucket',
  ...more,
});
const queue: ResourceChange = { LogicalResourceId: 'Queue', ResourceType: 'AWS::SQS::Queue' };

describe('which data is at risk', () => {
  test.each<[string, ResourceChange, string, RegExp]>([
    ['removed', bucket('Lost', { Action: 'Remove' }), 'remove', /files in it would be lost/],
    ['removed but retained', bucket('Kept', { Action: 'Remove' }), 'release', /^$/],
    [
      'removed, as AWS says it',
      bucket('Kept', { Action: 'Remove', PolicyAction: 'Delete' }),
      'remove',
      /would be lost/,
    ],
    [
      'replaced',
      { ...queue, Action: 'Modify', Replacement: 'True' },
      'replace',
      /messages in it would be lost$/,
    ],
    [
      'replaced, the old one kept',
      bucket('Kept', { Action: 'Modify', Replacement: 'True' }),
      'replace',
      /stays in the old one/,
    ],
    [
      'perhaps replaced',
      { ...queue, Action: 'Modify', Replacement: 'Conditional' },
      'may replace',
      /would be lost if it is replaced/,
    ],
    ['changed', { ...queue, Action: 'Modify', Replacement: 'False' }, 'change', /^$/],
    [
      'a function replaced',
      {
        LogicalResourceId: 'F',
        ResourceType: 'AWS::Lambda::Function',
        Action: 'Modify',
        Replacement: 'True',
      },
      'replace',
      /^$/,
    ],
  ])('%s', (_, change, action, atRisk) => {
    const [preview] = planned(change);
    expect(preview?.action).toBe(action);
    expect(preview?.atRisk).toMatch(atRisk);
  });
});

test('names come from AWS, from the stack, from the template, in this order', () => {
  const all = planned(
    bucket('Lost', { Action: 'Remove' }),
    bucket('Lost', { Action: 'Remove', PhysicalResourceId: 'said-by-aws' }),
    { ...queue, Action: 'Add' },
  );
  expect(all.map(({ name }) => name)).toEqual(['bucket-lost', 'said-by-aws', 'q']);
});

test('what a condition leaves out is not said to be added', () => {
  const left = { LogicalResourceId: 'Left', ResourceType: 'AWS::SQS::Queue' };
  expect(planned({ ...left, Action: 'Add' })).toEqual([]);
});

test('says which properties differ', () => {
  const [preview] = planned({
    ...queue,
    Action: 'Modify',
    Replacement: 'False',
    Scope: ['Properties', 'Tags'],
    Details: [
      { Target: { Attribute: 'Properties', Name: 'VisibilityTimeout' } },
      { Target: { Attribute: 'Properties', Name: 'VisibilityTimeout' } },
      { Target: { Attribute: 'Tags' } },
    ],
  });
  expect(preview?.properties).toEqual(['Tags', 'VisibilityTimeout']);
});

describe('in plain words', () => {
  test('removals come first, what is at risk last and loud', () => {
    const text = formatPreview(
      planned(
        { ...queue, Action: 'Modify', Replacement: 'True' },
        bucket('Lost', { Action: 'Remove' }),
        bucket('Kept', { Action: 'Modify', Replacement: 'False' }),
      ),
    );
    expect(text.split('\n')).toEqual([
      'REMOVED: 1',
      '  - bucket bucket-lost',
      'REPLACED: 1',
      '  ! queue q',
      'Changed: 1',
      '  ~ bucket Kept',
      'DATA AT RISK: 2',
      '  ! queue q: the messages in it would be lost',
      '  ! bucket bucket-lost: the files in it would be lost',
    ]);
  });

  test('a change of outputs alone is said as such', () => {
    expect(formatPreview([])).toMatch(/No resource changes/);
  });
});

test.each([
  ['AWS::SQS::Queue', 'https://sqs.sa-east-1.amazonaws.com/123456789012/mine-queue', 'mine-queue'],
  ['AWS::Lambda::EventSourceMapping', '91eaeb7e-c976-1234-9451-8709db01f137', 'Changed'],
  ['AWS::StepFunctions::StateMachine', 'arn:aws:states:r:1:stateMachine:mine-sfn', 'mine-sfn'],
  ['AWS::Logs::LogGroup', '/aws/lambda/mine-function', '/aws/lambda/mine-function'],
])('%s %s is shown as %s', (ResourceType, PhysicalResourceId, name) => {
  const [shown] = planned({
    LogicalResourceId: 'Changed',
    Action: 'Modify',
    ResourceType,
    PhysicalResourceId,
  });
  expect(shown?.name).toBe(name);
});

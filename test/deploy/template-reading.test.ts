// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation's own placeholders
/** Reading a template, and what of it can be worked out before there is a stack. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isScalar, parseDocument, visit } from 'yaml';
import type { StackValues } from '../../src/aws/stack.ts';
import {
  evaluate,
  getPhysicalName,
  isConditionMet,
  type Scope,
} from '../../src/deploy/intrinsics.ts';
import { resolveParameters } from '../../src/deploy/parameters.ts';
import { formatPreview, previewNewStack } from '../../src/deploy/preview.ts';
import { parseTemplate, type Template } from '../../src/deploy/template.ts';
import { DeployError } from '../../src/errors.ts';

const ownText = readFileSync(new URL('../../cloudformation/pynvest.yaml', import.meta.url), 'utf8');
const own = parseTemplate(ownText);

function scopeOf(template: Template, given: StackValues = {}): Scope {
  return {
    template,
    parameters: resolveParameters(template, {}, given),
    account: '123456789012',
    region: 'sa-east-1',
    partition: 'aws',
    stackName: 'pynvest',
  };
}

const small = scopeOf(
  parseTemplate(`
Parameters:
  Name: { Type: String, Default: one }
Conditions:
  IsOne: !Equals [!Ref Name, one]
  IsOther: !Not [!Condition IsOne]
  Both: !And [!Condition IsOne, !Condition IsOther]
  Either: !Or [!Condition IsOne, !Condition IsOther]
Resources:
  Holder:
    Type: AWS::SSM::Parameter
    Properties: { Name: n, Value: !Sub '\${Name}-\${AWS::Region}' }
  Bucket:
    Type: AWS::S3::Bucket
    DeletionPolicy: RetainExceptOnCreate
    Properties: { BucketName: !GetAtt Holder.Value }
  Nameless:
    Type: AWS::SQS::Queue
`),
);

describe('what can be worked out', () => {
  test.each([
    [{ Ref: 'Name' }, 'one'],
    [{ Ref: 'AWS::AccountId' }, '123456789012'],
    [{ Ref: 'Bucket' }, 'one-sa-east-1'],
    [{ 'Fn::Sub': ['${X}-${!Literal}', { X: { Ref: 'Name' } }] }, 'one-${Literal}'],
    [{ 'Fn::Join': ['/', ['a', { Ref: 'Name' }]] }, 'a/one'],
    [{ 'Fn::If': ['IsOther', 'a', 'b'] }, 'b'],
    [{ a: { Ref: 'AWS::NoValue' }, b: 1 }, { b: 1 }],
  ])('%j', (node, value) => {
    expect(evaluate(node, small)).toEqual(value);
  });

  test.each([
    [{ Ref: 'Nameless' }],
    [{ 'Fn::GetAtt': ['Bucket', 'Arn'] }],
    [{ 'Fn::Sub': '${Bucket.Arn}/*' }],
  ])('what only AWS knows is not made up: %j', (node) => {
    expect(evaluate(node, small)).toBeUndefined();
  });

  test('conditions', () => {
    const all = ['IsOne', 'IsOther', 'Both', 'Either', undefined];
    expect(all.map((name) => isConditionMet(name, small))).toEqual([
      true,
      false,
      false,
      true,
      true,
    ]);
  });

  test('a name that the template gives', () => {
    const bucket = small.template.resources.get('Bucket');
    expect(bucket && getPhysicalName(bucket, small)).toBe('one-sa-east-1');
    expect(bucket).toMatchObject({ retainOnDelete: true, retainOnReplace: false });
  });
});

test('what is no YAML is refused', () => {
  expect(() => parseTemplate('a: [1')).toThrow(DeployError);
});

describe('the template of the lake', () => {
  test('holds no null, which CloudFormation refuses anywhere', () => {
    const nulls: string[] = [];
    visit(parseDocument(ownText, { logLevel: 'silent' }), {
      Pair(_, { key, value }) {
        if (value === null || (isScalar(value) && value.value === null)) nulls.push(String(key));
      },
      Seq(_, { items }) {
        for (const item of items) if (isScalar(item) && item.value === null) nulls.push('an item');
      },
    });
    expect(nulls).toEqual([]);
  });

  test('every resource has a name that can be worked out, or none of its own', () => {
    const scope = scopeOf(own, { AlarmEmail: 'a@example.com' });
    const nameless = previewNewStack(scope).filter(({ name }) => name === '');
    expect(new Set(nameless.map(({ type }) => type))).toEqual(
      new Set([
        'AWS::S3::BucketPolicy',
        'AWS::SQS::QueuePolicy',
        'AWS::SNS::TopicPolicy',
        'AWS::Lambda::Permission',
        'AWS::Lambda::EventInvokeConfig',
        'AWS::Lambda::EventSourceMapping',
        'AWS::Logs::MetricFilter',
      ]),
    );
  });

  test('a first deployment in plain words: counted, nothing at risk', () => {
    const text = formatPreview(previewNewStack(scopeOf(own)));
    expect(text).toMatch(/^Added: \d+\n {2}\+ .*13 tables.*10 functions/s);
    expect(text).toMatch(/Data at risk: none$/);
    expect(text).toContain('--format csv');
    const lines = text.split('\n');
    expect(lines.length).toBeLessThan(10);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('with what is there already, no bucket of data, database or table is made', () => {
    const given = {
      CreateBuckets: 'no',
      SorBucketName: 'a-sor',
      SotBucketName: 'a-sot',
      SpecBucketName: 'a-spec',
      CreateDatabases: 'no',
      CreateTables: 'no',
    };
    const types = previewNewStack(scopeOf(own, given)).map(({ type }) => type);
    expect(types.filter((type) => type === 'AWS::S3::Bucket')).toHaveLength(1);
    expect(types.filter((type) => type.startsWith('AWS::Glue::'))).toEqual([]);
  });
});

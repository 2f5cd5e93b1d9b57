/** How one function follows from another, and that no file sets off what wrote it. */
import { describe, expect, test } from 'vitest';
import { type FunctionName, functionNames } from '../../src/aws/resource-names.ts';
import { assetKinds } from '../../src/catalog/asset.ts';
import type { Table } from '../../src/catalog/dataset.ts';
import type { Partition } from '../../src/catalog/partition.ts';
import {
  DEDUP_NAME,
  formatDerivedName,
  formatRawName,
  formatTypedName,
} from '../../src/lake/names.ts';
import { formatObjectKey } from '../../src/lake/s3/layout.ts';
import { functionProperties, grantsOfFunction } from '../support/permissions.ts';
import { ResolvedStack } from '../support/resolved-stack.ts';
import { sorTables, sotTables, specTable } from '../support/tables.ts';
import { at, listOf } from '../support/template.ts';

const stack = new ResolvedStack();
const day = 20261122 as Partition;
const raw = formatRawName('acoes', ['PETR4']);
const prepared = formatTypedName(raw);

interface Trigger {
  readonly bucket: string;
  readonly prefix: string;
  readonly suffix: string;
  readonly functionArn: string;
}

function triggersOf(of: ResolvedStack): Trigger[] {
  return of.ofType('AWS::S3::Bucket').flatMap(([, { properties }]) =>
    listOf(at(properties['NotificationConfiguration'], 'LambdaConfigurations')).map((each) => {
      const rules = listOf(at(each, 'Filter', 'S3Key', 'Rules'));
      const rule = (name: string) =>
        String(
          at(
            rules.find((r) => at(r, 'Name') === name),
            'Value',
          ),
        );
      expect(at(each, 'Event')).toBe('s3:ObjectCreated:*');
      return {
        bucket: String(properties['BucketName']),
        prefix: rule('prefix'),
        suffix: rule('suffix'),
        functionArn: String(at(each, 'Function')),
      };
    }),
  );
}

/** The files that each function makes: which names, in tables of which layer. */
const writes: Readonly<Partial<Record<FunctionName, readonly [Table, string][]>>> = {
  'get-financial-data-for-acoes': assetKinds.map((kind) => [sorTables[kind], raw]),
  'get-financial-data-for-fiis': assetKinds.map((kind) => [sorTables[kind], raw]),
  'prep-financial-data-for-acoes': [[sotTables.acoes, prepared]],
  'prep-financial-data-for-fiis': [[sotTables.fiis, prepared]],
  'specialize-financial-data': [[specTable, formatDerivedName('acoes', prepared)]],
  'dedup-financial-data-for-acoes': [[sotTables.acoes, DEDUP_NAME]],
  'dedup-financial-data-for-fiis': [[sotTables.fiis, DEDUP_NAME]],
  'dedup-financial-data-for-spec-ativos': [[specTable, DEDUP_NAME]],
};

/** The functions that a file sets off, wherever it lies: two layers may share a bucket. */
function setOffBy(key: string): string[] {
  return triggersOf(stack)
    .filter(({ prefix, suffix }) => key.startsWith(prefix) && key.endsWith(suffix))
    .map(({ functionArn }) => functionArn.replace(/^.*:pynvest-lambda-/, ''));
}

function keysOf(name: FunctionName): string[] {
  return (writes[name] ?? []).map(([table, file]) =>
    formatObjectKey({ table, partition: day, name: file }),
  );
}

describe('what each file sets off', () => {
  test.each<[FunctionName, string[][]]>([
    [
      'get-financial-data-for-acoes',
      [['prep-financial-data-for-acoes'], ['prep-financial-data-for-fiis']],
    ],
    ['prep-financial-data-for-acoes', [['specialize-financial-data']]],
    ['prep-financial-data-for-fiis', [['specialize-financial-data']]],
    ['specialize-financial-data', [[]]],
    ['dedup-financial-data-for-acoes', [[]]],
    ['dedup-financial-data-for-fiis', [[]]],
    ['dedup-financial-data-for-spec-ativos', [[]]],
  ])('a file of %s', (name, expected) => {
    expect(keysOf(name).map(setOffBy)).toEqual(expected);
  });

  test('no function, by whatever way, sets itself off', () => {
    for (const start of functionNames) {
      const reached = new Set<string>();
      let next = keysOf(start).flatMap(setOffBy);
      while (next.length > 0) {
        for (const name of next) reached.add(name);
        next = next
          .flatMap((name) => keysOf(name as FunctionName).flatMap(setOffBy))
          .filter((name) => !reached.has(name));
      }
      expect(reached.has(start)).toBe(false);
    }
  });

  test('nor could it: its role writes nothing where its trigger listens', () => {
    for (const { prefix, functionArn } of triggersOf(stack)) {
      const name = functionArn.replace(/^.*:pynvest-lambda-/, '');
      const written = grantsOfFunction(stack, name)
        .filter(({ actions }) => actions.includes('s3:PutObject'))
        .flatMap(({ resources }) => resources.map((arn) => arn.slice(arn.indexOf('/') + 1)));
      expect(
        written.filter(
          (each) => each.startsWith(prefix) || prefix.startsWith(each.replace('*', '')),
        ),
      ).toEqual([]);
    }
  });

  test('a bucket may call the functions that it notifies', () => {
    const allowed = stack
      .ofType('AWS::Lambda::Permission')
      .map(([, { properties }]) => `${properties['SourceArn']} > ${properties['FunctionName']}`);
    for (const { bucket, functionArn } of triggersOf(stack)) {
      expect(allowed).toContain(`arn:aws:s3:::${bucket} > ${functionArn.split(':').at(-1)}`);
    }
  });
});

describe('queues to functions', () => {
  const mappings = stack.ofType('AWS::Lambda::EventSourceMapping');

  test('one a queue, to the functions that ask the site', () => {
    expect(
      mappings.map(([, { properties }]) => String(properties['FunctionName']).replace(/^.*:/, '')),
    ).toEqual([
      'pynvest-lambda-get-financial-data-for-acoes',
      'pynvest-lambda-get-financial-data-for-fiis',
    ]);
  });

  test.each(mappings)(
    '%s: partial failures, bounded, hidden for long enough',
    (_, { properties }) => {
      expect(properties['FunctionResponseTypes']).toEqual(['ReportBatchItemFailures']);
      expect(Number(at(properties['ScalingConfig'], 'MaximumConcurrency'))).toBe(3);
      expect(Number(properties['BatchSize'])).toBe(100);
      const queue = stack
        .ofType('AWS::SQS::Queue')
        .find(
          ([name]) => stack.value({ 'Fn::GetAtt': [name, 'Arn'] }) === properties['EventSourceArn'],
        );
      const timeout = Number(functionProperties(stack, 'get-financial-data-for-acoes')['Timeout']);
      expect(Number(queue?.[1].properties['VisibilityTimeout'])).toBeGreaterThanOrEqual(
        6 * timeout + Number(properties['MaximumBatchingWindowInSeconds']),
      );
    },
  );
});

test('the first function goes on to get-tickers when it succeeds', () => {
  const { properties } = stack.resource('AfterCheckAndDelete');
  expect(properties['FunctionName']).toBe('pynvest-lambda-check-and-delete-partitions');
  expect(at(properties['DestinationConfig'], 'OnSuccess', 'Destination')).toBe(
    'arn:aws:lambda:sa-east-1:123456789012:function:pynvest-lambda-get-tickers',
  );
});

test('what the first two functions cannot do is kept, with its day', () => {
  const queue = 'arn:aws:sqs:sa-east-1:123456789012:pynvest-failed-events-queue';
  const kept = stack.ofType('AWS::Lambda::EventInvokeConfig').map(([, { properties }]) => {
    const name = String(properties['FunctionName']);
    const destination = at(properties['DestinationConfig'], 'OnFailure', 'Destination');
    const sends = grantsOfFunction(stack, name.replace('pynvest-lambda-', '')).filter(
      ({ actions, resources }) => actions.includes('sqs:SendMessage') && resources.includes(queue),
    );
    return [name, destination, sends.length];
  });
  expect(kept).toEqual([
    ['pynvest-lambda-check-and-delete-partitions', queue, 1],
    ['pynvest-lambda-get-tickers', queue, 1],
  ]);
});

/** Least privilege: what the stand-in for AWS cannot show, since it enforces no policy. */
import { describe, expect, test } from 'vitest';
import { functionNames } from '../../src/aws/resource-names.ts';
import { MAX_POLICY_SIZE } from '../../src/deploy/iam/statements.ts';
import { grants, grantsOfFunction } from '../support/permissions.ts';
import { ResolvedStack } from '../support/resolved-stack.ts';
import { at, template } from '../support/template.ts';

const parameters = Object.entries(template.parameters);
const stack = new ResolvedStack();
const ACCOUNT = '123456789012';
const KEY = 'arn:aws:kms:sa-east-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab';

/** Where an asterisk stands for every resource, and why it must. */
const meantForAll: Readonly<Record<string, string>> = {
  'SfnInvokeLambdaFunctionsRole/SetUpDelivery':
    'CloudWatch Logs knows no resource for setting up the delivery of logs',
};

describe('no grant is wider than it must be', () => {
  test.each(grants(stack))('$in: $sid', ({ in: within, sid, actions, resources }) => {
    expect(actions.filter((action) => !/^[a-z0-9]+:[A-Za-z]+$/.test(action))).toEqual([]);
    if (`${within}/${sid}` in meantForAll) {
      expect(resources).toEqual(['*']);
      expect(actions.filter((action) => !action.startsWith('logs:'))).toEqual([]);
      return;
    }
    // An asterisk only ends: the files of one table, or the streams of one group of logs.
    const open = resources.filter((resource) =>
      resource.replace(/(\/tb[a-z_]+\/\*|:\*)$/, '').includes('*'),
    );
    expect(open).toEqual([]);
    expect(resources.filter((resource) => !/^arn:aws:[a-z0-9-]+:/.test(resource))).toEqual([]);
  });

  test('every exception is used', () => {
    const all = grants(stack).map(({ in: within, sid }) => `${within}/${sid}`);
    expect(Object.keys(meantForAll).filter((name) => !all.includes(name))).toEqual([]);
  });

  test('files only in buckets of this account', () => {
    for (const { actions, condition } of grants(stack)) {
      if (!actions.some((action) => action.startsWith('s3:'))) continue;
      expect(at(condition, 'StringEquals', 'aws:ResourceAccount')).toBe(ACCOUNT);
    }
  });

  test('policies stay under the 6,144 characters that IAM takes, whatever the parameters and the region', () => {
    const isChosen = ([, { AllowedValues: values }]: (typeof parameters)[number]) => !values;
    const longest = new ResolvedStack(
      Object.fromEntries(
        parameters
          .filter(isChosen)
          .map(([name, { MaxLength: most }]) => [name, 'x'.repeat(Number(most ?? 1_000))]),
      ),
    );
    for (const [, { properties }] of longest.ofType('AWS::IAM::ManagedPolicy')) {
      const document = JSON.stringify(properties['PolicyDocument'])
        .replaceAll('sa-east-1', 'ap-southeast-1')
        .replaceAll('arn:aws:', 'arn:aws-us-gov:')
        .replaceAll('.amazonaws.com', '.amazonaws.com.cn');
      expect(document.length).toBeLessThan(MAX_POLICY_SIZE);
    }
  });
});

describe("the key of existing buckets' owner", () => {
  const keyed = new ResolvedStack({ DataKeyArn: KEY });
  const ofKey = (of: ResolvedStack, name: (typeof functionNames)[number]) =>
    grantsOfFunction(of, name).filter(({ actions }) => actions.join().includes('kms:'));

  test.each(functionNames)(
    '%s uses it where it reads or writes files, through S3 alone',
    (name) => {
      const all = grantsOfFunction(keyed, name).flatMap(({ actions }) => actions);
      const needed = [
        ...(all.includes('s3:GetObject') ? ['kms:Decrypt'] : []),
        ...(all.includes('s3:PutObject') ? ['kms:GenerateDataKey'] : []),
      ];
      const statements = ofKey(keyed, name);
      expect(statements.flatMap(({ actions }) => actions)).toEqual(needed);
      for (const { resources, condition } of statements) {
        expect(resources).toEqual([KEY]);
        expect(condition).toEqual({
          StringEquals: { 'kms:ViaService': 's3.sa-east-1.amazonaws.com' },
        });
      }
      expect(ofKey(stack, name)).toEqual([]);
    },
  );

  test.each([
    ['', true],
    [KEY, true],
    ['arn:aws-cn:kms:cn-north-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab', true],
    ['1234abcd-12ab-34cd-56ef-1234567890ab', false],
    ['arn:aws:kms:sa-east-1:123456789012:alias/lake', false],
    ['arn:aws:kms:sa-east-1:123456789012:key/*', false],
  ])('DataKeyArn %j: %s', (value, taken) => {
    const { AllowedPattern: pattern } = template.parameters['DataKeyArn'] ?? {};
    expect(new RegExp(String(pattern)).test(value)).toBe(taken);
  });
});

describe('each function', () => {
  const logs = ['logs:CreateLogStream', 'logs:PutLogEvents'];
  const register = [
    ...['glue:CreatePartition', 'glue:GetPartition'],
    ...['glue:GetTable', 'glue:UpdatePartition'],
  ];
  const take = [
    ...['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage'],
    ...['sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
  ];
  const collect = [
    'glue:GetPartitions',
    ...register,
    ...take,
    's3:GetObject',
    's3:ListBucket',
    's3:PutObject',
  ];
  const replace = ['s3:DeleteObject', 's3:GetObject', 's3:ListBucket', 's3:PutObject'];
  const prepare = [...register, ...replace];
  const dedup = ['glue:GetPartitions', ...prepare];
  const clear = [
    ...['glue:DeletePartition', 'glue:GetPartitions', 'lambda:InvokeFunction'],
    ...['s3:DeleteObject', 's3:GetObject', 's3:ListBucket'],
  ];
  const expected: Readonly<Record<(typeof functionNames)[number], readonly string[]>> = {
    'check-and-delete-partitions': [...clear, 'sqs:SendMessage'],
    'get-tickers': ['sqs:SendMessage'],
    'get-financial-data-for-acoes': collect,
    'get-financial-data-for-fiis': collect,
    'prep-financial-data-for-acoes': prepare,
    'prep-financial-data-for-fiis': prepare,
    'specialize-financial-data': prepare,
    'dedup-financial-data-for-acoes': dedup,
    'dedup-financial-data-for-fiis': dedup,
    'dedup-financial-data-for-spec-ativos': dedup,
  };

  test.each(functionNames)('%s may do this and no more', (name) => {
    const actions = new Set(
      grantsOfFunction(stack, name).flatMap((statement) => statement.actions),
    );
    expect([...actions].sort()).toEqual([...new Set([...expected[name], ...logs])].sort());
  });

  /** The tables whose files a function may write, or remove. */
  function tablesFor(name: string, action: string): string[] {
    return grantsOfFunction(stack, name)
      .filter(({ actions }) => actions.includes(action))
      .flatMap(({ resources }) => resources.map((arn) => arn.split('/')[1] ?? arn))
      .sort();
  }
  const sor = ['tbsor_fundamentus_indicadores_acoes_raw', 'tbsor_fundamentus_indicadores_fiis_raw'];
  const sot = [
    'tbsot_fundamentus_indicadores_acoes_prep',
    'tbsot_fundamentus_indicadores_fiis_prep',
  ];
  const spec = ['tbspec_fundamentus_cotacao_ativos'];

  // Without it S3 answers 403 where a file is gone, which nobody could tell from a missing permission; a
  // condition on s3:prefix has the same effect, for GetObject has no prefix to compare.
  test.each(functionNames)('%s may list, whole, each bucket that it reads files of', (name) => {
    const ofAction = (action: string) =>
      grantsOfFunction(stack, name).filter(({ actions }) => actions.includes(action));
    const listed = ofAction('s3:ListBucket')
      .filter(({ condition }) => Object.keys(condition ?? {}).join() === 'StringEquals')
      .flatMap(({ resources }) => resources);
    const read = ofAction('s3:GetObject').flatMap(({ resources }) =>
      resources.map((arn) => arn.replace(/\/.*$/, '')),
    );
    expect(read.filter((bucket) => !listed.includes(bucket))).toEqual([]);
  });

  test.each<[string, string[], string[]]>([
    ['check-and-delete-partitions', [], [...sor, ...sot, ...spec]],
    ['get-tickers', [], []],
    ['get-financial-data-for-acoes', sor, []],
    ['prep-financial-data-for-acoes', sot, sot],
    ['specialize-financial-data', spec, spec],
    ['dedup-financial-data-for-acoes', [...sot, ...spec], [...sot, ...spec]],
  ])('%s writes and removes files of these tables only', (name, written, removed) => {
    expect(tablesFor(name, 's3:PutObject')).toEqual(written);
    expect(tablesFor(name, 's3:DeleteObject')).toEqual(removed);
  });
});

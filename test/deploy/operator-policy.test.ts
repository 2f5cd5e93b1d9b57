import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  createCollectorPolicy,
  createOperatorPolicy,
  createRepairPolicy,
} from '../../src/deploy/iam/operator-policy.ts';
import {
  getPolicySize,
  MAX_POLICY_SIZE,
  type Policy,
  splitPolicy,
} from '../../src/deploy/iam/statements.ts';
import { resolveParameters } from '../../src/deploy/parameters.ts';
import { parseTemplate } from '../../src/deploy/template.ts';
import { findActions } from '../support/sdk-calls.ts';

const template = parseTemplate(
  readFileSync(new URL('../../cloudformation/pynvest.yaml', import.meta.url), 'utf8'),
);
const scope = {
  template,
  parameters: resolveParameters(template, {}, { NamePrefix: 'mine' }),
  account: '123456789012',
  region: 'sa-east-1',
  partition: 'aws',
  stackName: 'mine-stack',
};
const operator = createOperatorPolicy(scope);
const collector = createCollectorPolicy(scope);

/** What a policy lets be done to a resource. */
function actionsOn({ Statement }: Policy, resource: string): string[] {
  return Statement.filter(({ Resource }) => Resource.includes(resource)).flatMap(
    ({ Action }) => Action,
  );
}
const at = (path: string): string => `arn:aws:${path.replace('{}', 'sa-east-1:123456789012')}`;

describe.each([
  ['operator', operator],
  ['collector', collector],
])("the %s's policy", (_, policy) => {
  test('has resources for every statement, and no wildcard for an action', () => {
    expect(policy.Statement.filter(({ Resource }) => Resource.length === 0)).toEqual([]);
    expect(
      policy.Statement.flatMap(({ Action }) => Action).filter((each) => /\*/.test(each)),
    ).toEqual([]);
    const sids = policy.Statement.map(({ Sid }) => Sid);
    expect(new Set(sids).size).toBe(sids.length);
  });

  test('has a resource of any name only where AWS takes nothing narrower', () => {
    const wide = policy.Statement.filter(({ Resource }) => Resource.includes('*'));
    const allowed = [
      'cloudformation:DescribeStackDriftDetectionStatus',
      'cloudwatch:GetMetricStatistics',
      'lambda:GetAccountSettings',
    ];
    expect(wide.flatMap(({ Action }) => Action).filter((each) => !allowed.includes(each))).toEqual(
      [],
    );
  });

  test('changes neither the stack nor its functions, roles and rules', () => {
    const changing = policy.Statement.flatMap(({ Action }) => Action).filter((action) =>
      /^(iam|cloudformation):(?!Describe|List|Detect)|:(Create|Delete|Put|Update)(?!Object|Partition|Message)/.test(
        action,
      ),
    );
    expect(changing).toEqual([]);
  });

  test('comes in pieces that fit into managed policies', () => {
    expect(splitPolicy(policy).every((piece) => getPolicySize(piece) <= MAX_POLICY_SIZE)).toBe(
      true,
    );
  });
});

test('who operates sends to the queues, takes out of the dead-letter queues, and not the reverse', () => {
  const queue = at('sqs:{}:mine-tickers-acoes-queue');
  expect(actionsOn(operator, queue)).toEqual(['sqs:GetQueueAttributes', 'sqs:SendMessage']);
  const dead = actionsOn(operator, at('sqs:{}:mine-tickers-acoes-dead-letter-queue'));
  expect(dead).toContain('sqs:DeleteMessage');
  expect(dead).not.toContain('sqs:SendMessage');
  expect(actionsOn(operator, at('sqs:{}:mine-failed-events-queue'))).toEqual(dead);
});

test('who operates starts the first two functions alone, and the state machine', () => {
  for (const name of ['check-and-delete-partitions', 'get-tickers']) {
    const started = at(`lambda:{}:function:mine-lambda-${name}`);
    expect(actionsOn(operator, started)).toContain('lambda:InvokeFunction');
  }
  const another = at('lambda:{}:function:mine-lambda-specialize-financial-data');
  expect(actionsOn(operator, another)).not.toContain('lambda:InvokeFunction');
  const machine = at('states:{}:stateMachine:mine-sfn-dedup-sot-spec-tables');
  expect(actionsOn(operator, machine)).toContain('states:StartExecution');
  const executions = at('states:{}:execution:mine-sfn-dedup-sot-spec-tables:*');
  expect(actionsOn(operator, executions)).toContain('states:DescribeExecution');
});

test('who operates writes to the bucket of results alone; who collects, to those of the lake alone', () => {
  const place = '123456789012-sa-east-1';
  const data = ['sor', 'sot', 'spec'].map((layer) => `arn:aws:s3:::mine-${layer}-${place}/*`);
  for (const bucket of data) {
    expect(actionsOn(operator, bucket)).toEqual(['s3:GetObject']);
    expect(actionsOn(collector, bucket)).toEqual([
      's3:GetObject',
      's3:PutObject',
      's3:DeleteObject',
    ]);
  }
  const results = `arn:aws:s3:::mine-athena-${place}/*`;
  expect(actionsOn(operator, results)).toContain('s3:PutObject');
  expect(actionsOn(collector, results)).toEqual([]);
});

test('who collects registers partitions and brings their columns up; who operates does not', () => {
  const table = at('glue:{}:table/db_pynvest_spec/tbspec_fundamentus_cotacao_ativos');
  const changing = (policy: Policy) =>
    actionsOn(policy, table).filter((action) => !/:(Batch)?Get/.test(action));
  expect(changing(collector)).toEqual(['glue:CreatePartition', 'glue:UpdatePartition']);
  expect(changing(operator)).toEqual([]);
});

test("a key of the buckets' owner: who operates reads by it, who collects writes by it too", () => {
  const DataKeyArn = at('kms:{}:key/1234abcd-12ab-34cd-56ef-1234567890ab');
  const keyed = { ...scope, parameters: { ...scope.parameters, DataKeyArn } };
  const through = { StringEquals: { 'kms:ViaService': ['s3.sa-east-1.amazonaws.com'] } };
  expect(actionsOn(createOperatorPolicy(keyed), DataKeyArn)).toEqual(['kms:Decrypt']);
  expect(createCollectorPolicy(keyed).Statement).toContainEqual({
    Sid: 'DataKey',
    Effect: 'Allow',
    Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
    Resource: [DataKeyArn],
    Condition: through,
  });
  expect(JSON.stringify([operator, collector])).not.toContain('kms:');
});

test('who operates looks at the alarms of the stack, and measures, and changes neither', () => {
  const names = [...template.resources.values()].filter(
    ({ type }) => type === 'AWS::CloudWatch::Alarm',
  );
  const alarms = operator.Statement.find(({ Sid }) => Sid === 'Alarms');
  expect(alarms?.Resource).toHaveLength(names.length);
  expect(actionsOn(operator, at('cloudwatch:{}:alarm:mine-no-new-data'))).toEqual([
    'cloudwatch:DescribeAlarms',
  ]);
  const all = operator.Statement.flatMap(({ Action }) => Action);
  expect(all.filter((action) => action.startsWith('cloudwatch:'))).toEqual([
    'cloudwatch:DescribeAlarms',
    'cloudwatch:GetMetricStatistics',
  ]);
});

test('who operates turns the two rules off and on', () => {
  for (const name of ['lambda-check-and-delete-partitions', 'sfn-dedup-sot-spec-tables']) {
    expect(actionsOn(operator, at(`events:{}:rule/trigger-mine-${name}`))).toEqual([
      'events:DescribeRule',
      'events:EnableRule',
      'events:DisableRule',
    ]);
  }
});

test('the policy of repair allows what `doctor --fix` repairs, and creates nothing', () => {
  const mender = createRepairPolicy(scope);
  expect(mender.Statement.flatMap(({ Action }) => Action)).toEqual([
    'glue:UpdateTable',
    'glue:DeletePartition',
    'lambda:UpdateEventSourceMapping',
    's3:GetBucketNotification',
    's3:PutBucketNotification',
  ]);
  expect(mender.Statement.find(({ Sid }) => Sid === 'QueueTriggers')).toMatchObject({
    Resource: [at('lambda:{}:event-source-mapping:*')],
    Condition: { ArnEquals: { 'lambda:FunctionArn': expect.any(Array) } },
  });
  expect(mender.Statement.flatMap(({ Resource }) => Resource)).not.toContain('*');
});

/** What a service calls with the permissions of its caller, with the reason. */
const ON_BEHALF: Readonly<Record<string, string>> = {
  'cloudformation:DetectStackResourceDrift': 'DetectStackDrift detects each resource by it',
  'glue:BatchGetPartition': 'Athena reads the partitions of a query',
  'glue:GetDatabase': 'Athena resolves the database of a table',
  'glue:GetDatabases': 'SHOW DATABASES, information_schema',
  'glue:GetTables': 'SHOW TABLES, information_schema',
  'states:DescribeStateMachine': '`run --remote` looks for missing parts by the code of `deploy`',
  's3:AbortMultipartUpload': 'Athena writes large results in parts',
  's3:GetBucketLocation': "Athena reads the region of the results' bucket",
  's3:ListMultipartUploadParts': 'Athena writes large results in parts',
};

test('nothing is granted that neither a command nor a service on its behalf calls', () => {
  const called = findActions(['health', 'remote', 'lake', 'query', 'cli']);
  for (const policy of [operator, collector, createRepairPolicy(scope)]) {
    const unused = policy.Statement.flatMap(({ Action }) => Action).filter(
      (action) => !called.has(action) && !(action in ON_BEHALF),
    );
    expect(unused).toEqual([]);
  }
  const collecting = findActions(['lake', 'cli']);
  const unused = collector.Statement.flatMap(({ Action }) => Action).filter(
    (action) => !collecting.has(action),
  );
  expect(unused).toEqual([]);
});

test('the questions of README that list tables and databases are allowed', () => {
  expect(actionsOn(operator, at('glue:{}:database/*'))).toEqual(['glue:GetDatabases']);
  expect(actionsOn(operator, at('glue:{}:table/db_pynvest_spec/*'))).toEqual(['glue:GetTables']);
  expect(actionsOn(operator, at('glue:{}:catalog'))).toEqual(
    expect.arrayContaining(['glue:GetTables', 'glue:GetDatabases']),
  );
});

test('every call of the code that operates is granted by one of these policies', () => {
  const granted = new Set(
    [operator, collector, createRepairPolicy(scope)].flatMap(({ Statement }) =>
      Statement.flatMap(({ Action }) => Action),
    ),
  );
  const called = findActions(['health', 'remote', 'lake', 'query', 'cli']);
  expect(called.size).toBeGreaterThan(20);
  expect([...called].filter((action) => !granted.has(action)).sort()).toEqual([]);
});

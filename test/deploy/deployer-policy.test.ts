import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  createDeployerPolicy,
  createServiceRolePolicy,
} from '../../src/deploy/iam/deployer-policy.ts';
import { handlerActions } from '../../src/deploy/iam/handler-actions.ts';
import {
  matchesAction,
  omittedActions,
  propertyActions,
} from '../../src/deploy/iam/stack-actions.ts';
import {
  ACCOUNT_PLACEHOLDER,
  getPolicySize,
  MAX_POLICY_SIZE,
  type Policy,
  parseActions,
  REGION_PLACEHOLDER,
  splitPolicy,
} from '../../src/deploy/iam/statements.ts';
import { resolveParameters } from '../../src/deploy/parameters.ts';
import { previewNewStack } from '../../src/deploy/preview.ts';
import { parseTemplate, type Template } from '../../src/deploy/template.ts';
import { findPython } from '../support/python.ts';
import { findActions } from '../support/sdk-calls.ts';

const template = parseTemplate(
  readFileSync(new URL('../../cloudformation/pynvest.yaml', import.meta.url), 'utf8'),
);

function scopeOf(prefix: string, given: Readonly<Record<string, string>> = {}) {
  return {
    template,
    parameters: resolveParameters(
      template,
      {},
      { NamePrefix: prefix, AlarmEmail: 'a@example.com', ...given },
    ),
    account: '123456789012',
    region: 'sa-east-1',
    partition: 'aws',
    stackName: `${prefix}-stack`,
  };
}
const scope = scopeOf('mine');
const policy = createDeployerPolicy(scope);
const statement = (sid: string, of: Policy = policy) => of.Statement.find(({ Sid }) => Sid === sid);

describe("the deployer's policy", () => {
  test('has every action of the handlers of each type, or a reason against it', () => {
    const types = new Set([...template.resources.values()].map(({ type }) => type));
    expect(Object.keys(handlerActions)).toEqual([...types].sort());
    const granted = new Set(policy.Statement.flatMap(({ Action }) => Action));
    for (const [type, text] of Object.entries(handlerActions)) {
      const reasoned = [
        ...Object.keys(omittedActions),
        ...Object.values(propertyActions[type] ?? {}).flatMap(parseActions),
      ];
      const lacking = parseActions(text).filter(
        (action) => !granted.has(action) && !reasoned.some((each) => matchesAction(each, action)),
      );
      expect({ type, lacking }).toEqual({ type, lacking: [] });
    }
  });

  test('gives reasons only against what the handlers call', () => {
    const all = Object.values(handlerActions).flatMap(parseActions);
    expect(Object.keys(omittedActions).filter((each) => !all.includes(each))).toEqual([]);
    for (const [type, properties] of Object.entries(propertyActions)) {
      const called = parseActions(handlerActions[type] ?? '');
      const patterns = Object.values(properties).flatMap(parseActions);
      const unknown = patterns.filter(
        (each) => !called.some((action) => matchesAction(each, action)),
      );
      expect({ type, unknown }).toEqual({ type, unknown: [] });
    }
  });

  test('grants what a property needs once a resource has it', () => {
    const bucket = template.resources.get('ResultsBucket');
    if (bucket === undefined) throw new Error('the template has no ResultsBucket');
    const properties = { ...bucket.properties, LoggingConfiguration: {} };
    const logging: Template = {
      ...template,
      resources: new Map([...template.resources, [bucket.id, { ...bucket, properties }]]),
    };
    const actionsOf = (of: Template) =>
      createServiceRolePolicy({ ...scope, template: of }).Statement.flatMap(({ Action }) => Action);
    expect(actionsOf(template)).not.toContain('s3:PutBucketLogging');
    expect(actionsOf(logging)).toContain('s3:PutBucketLogging');
  });

  test.each([
    ['arn:aws:s3:::mine-sor-123456789012-sa-east-1', 's3:TagResource s3:UntagResource'],
    ['arn:aws:s3:::mine-sor-123456789012-sa-east-1', 's3:ListTagsForResource s3:GetBucketAbac'],
    ['arn:aws:s3:::mine-athena-123456789012-sa-east-1', 's3:GetBucketLocation'],
    ['arn:aws:s3:::mine-athena-123456789012-sa-east-1/*', 's3:ListMultipartUploadParts'],
    ['arn:aws:iam::123456789012:role/mine-lambda-dedup-financial-data', 'iam:ListRoleTags'],
    [
      'arn:aws:lambda:sa-east-1:123456789012:function:mine-lambda-get-tickers',
      'lambda:GetFunctionScalingConfig lambda:ListTags',
    ],
    ['*', 'logs:DescribeResourcePolicies logs:DescribeLogGroups logs:DescribeIndexPolicies'],
    ['*', 'lakeformation:ListResources lakeformation:DescribeResource'],
  ])('creates and tags %s, with a service role too: %s', (resource, actions) => {
    for (const each of [policy, createServiceRolePolicy(scope)]) {
      const granted = each.Statement.filter(({ Resource }) => Resource.includes(resource)).flatMap(
        ({ Action }) => Action,
      );
      expect(granted).toEqual(expect.arrayContaining(parseActions(actions)));
    }
  });

  test('has every call of the code that deploys, with a service role too', () => {
    const roleArn = 'arn:aws:iam::123456789012:role/cloudformation';
    for (const each of [policy, createDeployerPolicy(scope, { roleArn })]) {
      const granted = new Set(each.Statement.flatMap(({ Action }) => Action));
      const lacking = [...findActions(['deploy'])].filter((action) => !granted.has(action));
      expect(lacking).toEqual([]);
    }
  });

  const python = findPython('cfn-lint', '1.58.0');
  test.skipIf(python === undefined)('follows the schemas that cfn-lint carries', () => {
    const [script, generated] = [
      '../../scripts/generate-handler-actions.py',
      '../../src/deploy/iam/handler-actions.ts',
    ].map((path) => fileURLToPath(new URL(path, import.meta.url)));
    const printed = execFileSync(python ?? '', [script ?? '', '--print'], { encoding: 'utf8' });
    expect(printed).toBe(readFileSync(generated ?? '', 'utf8'));
  });

  test('has an ARN for every name of the template', () => {
    const all = policy.Statement.flatMap(({ Resource }) => Resource).join('\n');
    const absent = previewNewStack(scope).filter(({ name }) => name !== '' && !all.includes(name));
    expect(absent).toEqual([]);
  });

  test('has no wildcard for an action, and for a resource only where AWS takes nothing else', () => {
    const actions = policy.Statement.flatMap(({ Action }) => Action);
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
    const wide = policy.Statement.filter(({ Resource }) => Resource.includes('*'));
    expect(wide.map(({ Sid }) => Sid)).toEqual([
      'ReadLakeFormation',
      'ReadLogGroups',
      'CreateQueueTriggers',
      'Unsubscribe',
      'ListStacks',
    ]);
    const ofOurFunctions = {
      ArnEquals: {
        'lambda:FunctionArn': [
          'arn:aws:lambda:sa-east-1:123456789012:function:mine-lambda-get-financial-data-for-acoes',
          'arn:aws:lambda:sa-east-1:123456789012:function:mine-lambda-get-financial-data-for-fiis',
        ],
      },
    };
    expect(statement('CreateQueueTriggers')).toMatchObject({
      Action: ['lambda:CreateEventSourceMapping'],
      Condition: ofOurFunctions,
    });
    expect(statement('QueueTriggers')).toEqual({
      Sid: 'QueueTriggers',
      Effect: 'Allow',
      Action: ['lambda:DeleteEventSourceMapping', 'lambda:UpdateEventSourceMapping'],
      Resource: ['arn:aws:lambda:sa-east-1:123456789012:event-source-mapping:*'],
      Condition: ofOurFunctions,
    });
  });

  test('stays within the prefix, the stack and the account', () => {
    const named = policy.Statement.flatMap(({ Resource }) => Resource).filter((arn) => arn !== '*');
    const outside = named.filter(
      (arn) =>
        !/mine|:db_pynvest|\/db_pynvest/.test(arn) &&
        !/^arn:aws:(glue:[^:]+:\d+:catalog|lambda:.*:event-source-mapping:\*)$/.test(arn),
    );
    expect(outside).toEqual([]);
    expect(statement('Stack')?.Resource).toEqual([
      'arn:aws:cloudformation:sa-east-1:123456789012:stack/mine-stack/*',
    ]);
  });

  test('hands roles to the services of the system alone, with our policies alone', () => {
    expect(statement('PassRoles')?.Condition).toEqual({
      StringEquals: {
        'iam:PassedToService': [
          'lambda.amazonaws.com',
          'states.amazonaws.com',
          'events.amazonaws.com',
        ],
      },
    });
    expect(statement('AttachPolicies')?.Condition?.['ArnEquals']?.['iam:PolicyARN']).toHaveLength(
      9,
    );
  });

  test('may empty no bucket of data, unless that is asked for', () => {
    const place = '123456789012-sa-east-1';
    expect(statement('Empty')?.Resource).toEqual([
      `arn:aws:s3:::mine-artifacts-${place}/*`,
      `arn:aws:s3:::mine-athena-${place}/*`,
    ]);
    const all = createDeployerPolicy(scope, { deleteData: true });
    expect(statement('Empty', all)?.Resource).toContain(`arn:aws:s3:::mine-sor-${place}/*`);
  });

  test('sees every table of a database that it may remove', () => {
    const { Action = [], Resource = [] } = statement('DropDatabases') ?? {};
    expect(Action).toEqual(['glue:DeleteDatabase', 'glue:GetTables']);
    expect(Resource).toContain('arn:aws:glue:sa-east-1:123456789012:table/db_pynvest_sor/*');
  });

  test('in pieces that fit into managed policies, with nothing lost', () => {
    const pieces = splitPolicy(createDeployerPolicy(scope, { deleteData: true }));
    expect(pieces.flatMap(({ Statement }) => Statement)).toEqual(
      createDeployerPolicy(scope, { deleteData: true }).Statement,
    );
    expect(pieces.every((piece) => getPolicySize(piece) <= MAX_POLICY_SIZE)).toBe(true);
    // The longest prefix makes the longest names.
    expect(
      splitPolicy(createDeployerPolicy(scopeOf('m'.repeat(20)), { deleteData: true })).every(
        (piece) => getPolicySize(piece) <= MAX_POLICY_SIZE,
      ),
    ).toBe(true);
    // Filled in by hand they still fit, and are as many.
    const blank = splitPolicy(
      createDeployerPolicy({ ...scope, account: ACCOUNT_PLACEHOLDER, region: REGION_PLACEHOLDER }),
    );
    for (const region of ['sa-east-1', 'ap-southeast-2']) {
      const filled = blank.map((piece) =>
        JSON.stringify(piece)
          .replaceAll(ACCOUNT_PLACEHOLDER, '123456789012')
          .replaceAll(REGION_PLACEHOLDER, region),
      );
      expect(filled.every(({ length }) => length <= MAX_POLICY_SIZE)).toBe(true);
    }
    const sids = policy.Statement.map(({ Sid }) => Sid);
    expect(new Set(sids).size).toBe(sids.length);
    expect(sids.every((sid) => /^[A-Za-z0-9]+$/.test(sid))).toBe(true);
  });

  describe('where a role makes the stack', () => {
    const roleArn = 'arn:aws:iam::123456789012:role/cloudformation';
    const beside = createDeployerPolicy(scope, { roleArn });

    test('may hand that role to CloudFormation, and makes nothing of the stack itself', () => {
      expect(statement('PassServiceRole', beside)).toEqual({
        Sid: 'PassServiceRole',
        Effect: 'Allow',
        Action: ['iam:PassRole'],
        Resource: [roleArn],
        Condition: {
          StringEquals: { 'iam:PassedToService': ['cloudformation.amazonaws.com'] },
        },
      });
      const services = beside.Statement.flatMap(({ Action }) =>
        Action.map((action) => action.split(':')[0]),
      );
      expect([...new Set(services)].sort()).toEqual([
        'cloudformation',
        'events',
        'glue',
        'iam',
        'lambda',
        's3',
        'sqs',
        'states',
      ]);
      const changing = beside.Statement.filter(({ Sid }) => !/^(Stack|Empty|PassServ)/.test(Sid))
        .flatMap(({ Action }) => Action)
        .filter((action) => !/^(s3|glue):|:(Get|List|Describe)/.test(action));
      expect(changing).toEqual([]);
    });

    test('the role has the rest, and no leave to change its own stack', () => {
      const role = createServiceRolePolicy(scope);
      const granted = new Set(
        [...beside.Statement, ...role.Statement].flatMap(({ Action }) => Action),
      );
      const needed = policy.Statement.flatMap(({ Action }) => Action);
      expect(needed.filter((action) => !granted.has(action))).toEqual([]);
      expect(role.Statement.flatMap(({ Action }) => Action).join()).not.toContain(
        'cloudformation:',
      );
      expect(statement('Code', role)?.Action).toEqual(['s3:GetObject']);
    });
  });

  test("of others' buckets it changes the notifications alone", () => {
    const existing = scopeOf('mine', {
      CreateBuckets: 'no',
      SorBucketName: 'their-sor',
      SotBucketName: 'their-sot',
      SpecBucketName: 'their-spec',
    });
    const least = createDeployerPolicy(existing, { deleteData: true });
    const theirs = least.Statement.filter(({ Resource }) =>
      Resource.some((each) => each.includes('their-')),
    );
    expect(theirs).toEqual([
      {
        Sid: 'ExistingBuckets',
        Effect: 'Allow',
        Action: [
          's3:ListBucket',
          's3:ListBucketVersions',
          's3:GetEncryptionConfiguration',
          's3:GetBucketNotification',
          's3:PutBucketNotification',
        ],
        Resource: ['sor', 'sot', 'spec'].map((layer) => `arn:aws:s3:::their-${layer}`),
      },
    ]);
  });
});

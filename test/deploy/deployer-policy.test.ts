import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dependentTypes, typeActions } from '../../src/deploy/iam/actions.ts';
import {
  createDeployerPolicy,
  createServiceRolePolicy,
} from '../../src/deploy/iam/deployer-policy.ts';
import {
  ACCOUNT_PLACEHOLDER,
  getPolicySize,
  MAX_POLICY_SIZE,
  type Policy,
  REGION_PLACEHOLDER,
  splitPolicy,
} from '../../src/deploy/iam/statements.ts';
import { resolveParameters } from '../../src/deploy/parameters.ts';
import { previewNewStack } from '../../src/deploy/preview.ts';
import { parseTemplate } from '../../src/deploy/template.ts';

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
  test('knows every type that the template has', () => {
    const types = new Set([...template.resources.values()].map(({ type }) => type));
    const unknown = [...types].filter(
      (type) => !(type in typeActions) && !dependentTypes.has(type),
    );
    expect(unknown).toEqual([]);
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
    expect(wide.map(({ Sid }) => Sid)).toEqual(['QueueTriggers', 'Unsubscribe', 'ListStacks']);
    expect(wide[0]?.Condition).toEqual({
      ArnEquals: {
        'lambda:FunctionArn': [
          'arn:aws:lambda:sa-east-1:123456789012:function:mine-lambda-get-financial-data-for-acoes',
          'arn:aws:lambda:sa-east-1:123456789012:function:mine-lambda-get-financial-data-for-fiis',
        ],
      },
    });
  });

  test('stays within the prefix, the stack and the account', () => {
    const named = policy.Statement.flatMap(({ Resource }) => Resource).filter((arn) => arn !== '*');
    const outside = named.filter(
      (arn) =>
        !/mine|:db_pynvest|\/db_pynvest/.test(arn) &&
        !/^arn:aws:(glue:[^:]+:\d+:catalog|lambda:.*:event-source-mapping:\*|logs:.*:log-group:\*)$/.test(
          arn,
        ),
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
        's3',
      ]);
      expect(statement('ReadSchedules', beside)?.Action).toEqual(['events:DescribeRule']);
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
      expect(statement('Artifacts', role)?.Action).toEqual(['s3:GetObject']);
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

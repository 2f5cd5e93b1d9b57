/**
 * IAM policies and their statements for the resources of a template. Pure.
 */
import { evaluateTable, getPhysicalName, type Scope, toList } from '../intrinsics.ts';
import { toFields } from '../template.ts';
import { roleServices, typeActions } from './actions.ts';

export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

export interface Policy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

/** The maximum size of a managed policy in characters, not counting white space. */
export const MAX_POLICY_SIZE = 6144;

/** The policy in pieces that each fit into a managed policy. */
export function splitPolicy({ Version, Statement: statements }: Policy): Policy[] {
  const pieces: Statement[][] = [];
  for (const statement of statements) {
    const last = pieces.at(-1);
    if (
      last !== undefined &&
      getPolicySize({ Version, Statement: [...last, statement] }) <= MAX_POLICY_SIZE
    ) {
      last.push(statement);
    } else pieces.push([statement]);
  }
  return pieces.map((Statement) => ({ Version, Statement }));
}

/** Placeholders for the account and the region. */
export const ACCOUNT_PLACEHOLDER = 'ACCOUNT';
export const REGION_PLACEHOLDER = 'REGION';

/** The size as IAM counts it, with an account and the longest region in place of placeholders. */
export function getPolicySize(policy: Policy): number {
  return JSON.stringify(policy)
    .replaceAll(ACCOUNT_PLACEHOLDER, '123456789012')
    .replaceAll(REGION_PLACEHOLDER, 'ap-southeast-2').length;
}

/** A statement that allows actions of a service on resources. */
export function createStatement(
  Sid: string,
  service: string,
  actions: readonly string[],
  Resource: readonly string[],
  Condition?: Statement['Condition'],
): Statement {
  const Action = actions.map((action) => `${service}:${action}`);
  return { Sid, Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) };
}

/** An ARN by a pattern with `{region}`, `{account}` and `{name}`. */
export function formatArn(
  { partition, region, account }: Scope,
  pattern: string,
  name: string,
): string {
  const values: Readonly<Record<string, string>> = { region, account, name };
  return `arn:${partition}:${pattern.replaceAll(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole)}`;
}

/** The names of the template's resources of a type, whether or not their conditions hold now. */
export function getNames(scope: Scope, type: string, only: 'all' | 'temporary' = 'all'): string[] {
  return [...scope.template.resources.values()]
    .filter((resource) => resource.type === type && (only === 'all' || !resource.retainOnDelete))
    .flatMap((resource) => getPhysicalName(resource, scope) ?? []);
}

/** The ARNs of the template's resources of a type, and of their containers, such as a table's database. */
export function getArns(scope: Scope, type: string): string[] {
  const { arns } = typeActions[type] ?? { arns: [] };
  const resources = [...scope.template.resources.values()].filter((each) => each.type === type);
  const all = resources.flatMap((resource) => {
    const name = getPhysicalName(resource, scope) ?? '';
    const { database } = evaluateTable(resource, scope);
    return arns.map((pattern) => formatArn(scope, pattern.replace('{database}', database), name));
  });
  return [...new Set(all)];
}

const FUNCTION_ARN = 'lambda:{region}:{account}:function:{name}';

/**
 * To delete a database, Glue requires permission on everything that it could contain. It lists only the tables that
 * the caller may list: a table of another owner that is not listed would be deleted with its database.
 */
export function allowDroppingDatabases(scope: Scope): Statement[] {
  const names = new Set(getNames(scope, 'AWS::Glue::Database'));
  if (names.size === 0) return [];
  const at = (path: string): string => formatArn(scope, `glue:{region}:{account}:${path}`, '');
  const contents = [...names].flatMap((name) => [
    at(`database/${name}`),
    at(`table/${name}/*`),
    at(`userDefinedFunction/${name}/*`),
  ]);
  return [
    createStatement(
      'DropDatabases',
      'glue',
      ['DeleteDatabase', 'GetTables'],
      [at('catalog'), ...contents],
    ),
  ];
}

/** Only the stack's own policies may be attached to its roles, and only the system's services may get the roles. */
export function allowRoles(scope: Scope): Statement[] {
  const ours = getArns(scope, 'AWS::IAM::Role');
  if (ours.length === 0) return [];
  return [
    createStatement('AttachPolicies', 'iam', ['AttachRolePolicy', 'DetachRolePolicy'], ours, {
      ArnEquals: { 'iam:PolicyARN': getArns(scope, 'AWS::IAM::ManagedPolicy') },
    }),
    createStatement('PassRoles', 'iam', ['PassRole'], ours, {
      StringEquals: { 'iam:PassedToService': roleServices },
    }),
  ];
}

/** AWS generates the name of an event source mapping, so the condition is on its function. */
export function allowChangingQueueTriggers(scope: Scope, verbs: readonly string[]): Statement[] {
  const { resources } = scope.template;
  const triggered = [...resources.values()]
    .filter(({ type }) => type === 'AWS::Lambda::EventSourceMapping')
    .flatMap(({ properties }) => {
      const [id] = toList(toFields(properties['FunctionName'])['Fn::GetAtt']);
      const target = resources.get(String(id));
      const name = target === undefined ? undefined : getPhysicalName(target, scope);
      return name === undefined ? [] : [formatArn(scope, FUNCTION_ARN, name)];
    });
  if (triggered.length === 0) return [];
  const actions = verbs.map((verb) => `${verb}EventSourceMapping`);
  const condition = { ArnEquals: { 'lambda:FunctionArn': triggered } };
  return [createStatement('QueueTriggers', 'lambda', actions, ['*'], condition)];
}

/** As `allowChangingQueueTriggers`, with reading. */
export function allowQueueTriggers(scope: Scope): Statement[] {
  const change = allowChangingQueueTriggers(scope, ['Create', 'Update', 'Delete']);
  if (change.length === 0) return [];
  const mappings = [formatArn(scope, 'lambda:{region}:{account}:event-source-mapping:*', '')];
  const actions = ['GetEventSourceMapping', 'ListTags', 'TagResource', 'UntagResource'];
  return [...change, createStatement('ReadQueueTriggers', 'lambda', actions, mappings)];
}

/** The action accepts no narrower resource. */
export function allowListingLogGroups(scope: Scope): Statement {
  const groups = formatArn(scope, 'logs:{region}:{account}:log-group:*', '');
  return createStatement('ListLogGroups', 'logs', ['DescribeLogGroups'], [groups]);
}

/** The least policy that a deployer needs, worked out from the template. Pure. */
import { artifactsBucketName } from './artifacts.ts';
import { plannedTable } from './glue.ts';
import {
  emptyingActions,
  partsOfOthers,
  roleTakers,
  stackActions,
  typeActions,
} from './iam-actions.ts';
import { physicalName, pieces, type Scope } from './intrinsics.ts';
import { fieldsOf } from './template.ts';

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

/** IAM takes so many characters in one managed policy; spaces do not count. */
export const LARGEST_POLICY = 6144;

/**
 * What `deploy`, `plan` and `destroy` need.
 * @param scope may hold placeholders for the account and the region
 * @param deleteData whether `destroy --delete-data` is to be allowed
 */
export function deployerPolicy(scope: Scope, deleteData: boolean): Policy {
  const types = new Set([...scope.template.resources.values()].map(({ type }) => type));
  const statements = [...types].filter((type) => !partsOfOthers.has(type)).map(forType(scope));
  return {
    Version: '2012-10-17',
    Statement: [
      allow('Stack', 'cloudformation', stackActions, [
        arn(scope, 'cloudformation:{region}:{account}:stack/{name}/*', scope.stackName),
      ]),
      ...statements,
      ...files(scope, deleteData),
      ...dropDatabases(scope),
      ...roles(scope),
      ...queueTriggers(scope),
      ...lists(types, scope, deleteData),
    ],
  };
}

/** The policy in pieces that each fit into a managed policy. */
export function inPieces({ Version, Statement: statements }: Policy): Policy[] {
  const pieces: Statement[][] = [];
  for (const statement of statements) {
    const last = pieces.at(-1);
    if (
      last !== undefined &&
      sizeOf({ Version, Statement: [...last, statement] }) <= LARGEST_POLICY
    ) {
      last.push(statement);
    } else pieces.push([statement]);
  }
  return pieces.map((Statement) => ({ Version, Statement }));
}

/** As IAM counts it. */
export function sizeOf(policy: Policy): number {
  return JSON.stringify(policy).length;
}

/** A statement that lets the actions of a service be done to resources. */
export function allow(
  Sid: string,
  service: string,
  actions: readonly string[],
  Resource: readonly string[],
  Condition?: Statement['Condition'],
): Statement {
  const Action = actions.map((action) => `${service}:${action}`);
  return { Sid, Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) };
}

/** An ARN of the system's place: `{region}`, `{account}` and `{name}` are put into the pattern. */
export function arn({ partition, region, account }: Scope, pattern: string, name: string): string {
  const values: Readonly<Record<string, string>> = { region, account, name };
  return `arn:${partition}:${pattern.replaceAll(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole)}`;
}

/** The names of the template's resources of a type, whether or not their conditions hold now. */
export function namesOf(scope: Scope, type: string, only: 'all' | 'temporary' = 'all'): string[] {
  return [...scope.template.resources.values()]
    .filter((resource) => resource.type === type && (only === 'all' || !resource.keptOnDelete))
    .flatMap((resource) => physicalName(resource, scope) ?? []);
}

/** The ARNs of the template's resources of a type, and of what holds them. */
export function arnsOf(scope: Scope, type: string): string[] {
  const { arns } = typeActions[type] ?? { arns: [] };
  const resources = [...scope.template.resources.values()].filter((each) => each.type === type);
  const all = resources.flatMap((resource) => {
    const name = physicalName(resource, scope) ?? '';
    const { database } = plannedTable(resource, scope);
    return arns.map((pattern) => arn(scope, pattern.replace('{database}', database), name));
  });
  return [...new Set(all)];
}

function forType(scope: Scope): (type: string) => Statement {
  return (type) => {
    const known = typeActions[type];
    if (known === undefined) throw new Error(`iam-actions.ts does not know ${type}`);
    const Sid = type.split('::').slice(1).join('');
    const artifacts = type === 'AWS::S3::Bucket' ? [bucketArn(scope, artifactsOf(scope))] : [];
    return allow(Sid, known.service, known.actions, [...artifacts, ...arnsOf(scope, type)]);
  };
}

function artifactsOf(scope: Scope): string {
  return artifactsBucketName(scope.parameters['NamePrefix'] ?? 'pynvest', scope);
}

function bucketArn(scope: Scope, name: string): string {
  return arn(scope, 's3:::{name}', name);
}

function files(scope: Scope, deleteData: boolean): Statement[] {
  const artifacts = artifactsOf(scope);
  const emptied = [
    artifacts,
    ...namesOf(scope, 'AWS::S3::Bucket', deleteData ? 'all' : 'temporary'),
  ];
  const inside = (bucket: string): string => `${bucketArn(scope, bucket)}/*`;
  return [
    allow('Artifacts', 's3', ['GetObject', 'PutObject'], [inside(artifacts)]),
    allow('Empty', 's3', emptyingActions, emptied.map(inside)),
  ];
}

/** Glue asks for leave on all that a database could hold before it removes one. */
function dropDatabases(scope: Scope): Statement[] {
  const names = new Set(namesOf(scope, 'AWS::Glue::Database'));
  if (names.size === 0) return [];
  const at = (path: string): string => arn(scope, `glue:{region}:{account}:${path}`, '');
  const held = [...names].flatMap((name) => [
    at(`database/${name}`),
    at(`table/${name}/*`),
    at(`userDefinedFunction/${name}/*`),
  ]);
  return [allow('DropDatabases', 'glue', ['DeleteDatabase'], [at('catalog'), ...held])];
}

/** Roles take our policies and no others, and are handed to the services of the system alone. */
function roles(scope: Scope): Statement[] {
  const ours = arnsOf(scope, 'AWS::IAM::Role');
  if (ours.length === 0) return [];
  return [
    allow('AttachPolicies', 'iam', ['AttachRolePolicy', 'DetachRolePolicy'], ours, {
      ArnEquals: { 'iam:PolicyARN': arnsOf(scope, 'AWS::IAM::ManagedPolicy') },
    }),
    allow('PassRoles', 'iam', ['PassRole'], ours, {
      StringEquals: { 'iam:PassedToService': roleTakers },
    }),
  ];
}

/** AWS names a trigger as it makes it, so that it is known by its function. */
function queueTriggers(scope: Scope): Statement[] {
  const { resources } = scope.template;
  const triggered = [...resources.values()]
    .filter(({ type }) => type === 'AWS::Lambda::EventSourceMapping')
    .flatMap(({ properties }) => {
      const [id] = pieces(fieldsOf(properties['FunctionName'])['Fn::GetAtt']);
      const target = resources.get(String(id));
      const name = target === undefined ? undefined : physicalName(target, scope);
      return name === undefined ? [] : [arn(scope, FUNCTION_ARN, name)];
    });
  if (triggered.length === 0) return [];
  const mappings = [arn(scope, 'lambda:{region}:{account}:event-source-mapping:*', '')];
  const actions = ['Create', 'Update', 'Delete'].map((verb) => `${verb}EventSourceMapping`);
  return [
    allow('QueueTriggers', 'lambda', actions, ['*'], {
      ArnEquals: { 'lambda:FunctionArn': triggered },
    }),
    allow(
      'ReadQueueTriggers',
      'lambda',
      ['GetEventSourceMapping', 'ListTags', 'TagResource', 'UntagResource'],
      mappings,
    ),
  ];
}

const FUNCTION_ARN = 'lambda:{region}:{account}:function:{name}';

/** What lists, and takes no narrower resource. */
function lists(types: ReadonlySet<string>, scope: Scope, deleteData: boolean): Statement[] {
  const groups = arn(scope, 'logs:{region}:{account}:log-group:*', '');
  return [
    ...(types.has('AWS::Logs::LogGroup')
      ? [allow('ListLogGroups', 'logs', ['DescribeLogGroups'], [groups])]
      : []),
    // Before data without a stack is deleted: whether it is another stack's.
    ...(deleteData ? [allow('ListStacks', 'cloudformation', ['DescribeStacks'], ['*'])] : []),
  ];
}

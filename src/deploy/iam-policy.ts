/** The least policy that a deployer needs, worked out from the template. Pure. */
import { artifactsBucketName } from './artifacts.ts';
import {
  emptyingActions,
  existingBucketActions,
  partsOfOthers,
  roleTakers,
  stackActions,
  typeActions,
} from './iam-actions.ts';
import { physicalName, pieces, type Scope, usualName } from './intrinsics.ts';
import { allow, arn, arnsOf, namesOf, type Policy, type Statement } from './policy-statements.ts';
import { fieldsOf } from './template.ts';

export interface DeployerTasks {
  /** `destroy --delete-data` too. */
  readonly deleteData?: boolean;
  /** The role that CloudFormation takes up (`--role-arn`): the resources of the stack are its to make then. */
  readonly roleArn?: string | undefined;
}

/**
 * What `deploy`, `plan` and `destroy` need.
 * @param scope may hold placeholders for the account and the region
 */
export function deployerPolicy(scope: Scope, tasks: DeployerTasks = {}): Policy {
  const { deleteData = false, roleArn } = tasks;
  const stack = arn(scope, 'cloudformation:{region}:{account}:stack/{name}/*', scope.stackName);
  const making = roleArn === undefined ? makingTheStack(scope) : besideTheRole(scope, roleArn);
  return {
    Version: '2012-10-17',
    Statement: [
      allow('Stack', 'cloudformation', stackActions, [stack]),
      ...making,
      ...existingBuckets(scope),
      allow('Artifacts', 's3', ['GetObject', 'PutObject'], [inside(scope, artifactsOf(scope))]),
      allow('Empty', 's3', emptyingActions, emptiedBuckets(scope, deleteData)),
      // Whether what has the names already, and no stack of this name, is another stack's.
      allow('ListStacks', 'cloudformation', ['DescribeStacks'], ['*']),
    ],
  };
}

/** What the role needs that CloudFormation takes up in the deployer's place. */
export function serviceRolePolicy(scope: Scope): Policy {
  return {
    Version: '2012-10-17',
    Statement: [
      ...makingTheStack(scope),
      allow('Artifacts', 's3', ['GetObject'], [inside(scope, artifactsOf(scope))]),
    ],
  };
}

/** What CloudFormation does to the resources of the stack, with the leave of whoever it acts for. */
function makingTheStack(scope: Scope): Statement[] {
  const types = typesOf(scope);
  return [
    ...types.map((type) => forType(scope, type)),
    ...dropDatabases(scope),
    ...roles(scope),
    ...queueTriggers(scope),
    ...(types.includes('AWS::Logs::LogGroup') ? [listLogGroups(scope)] : []),
    // Of a subscription, which has no ARN that a policy could name.
    ...(types.includes('AWS::SNS::Topic')
      ? [allow('Unsubscribe', 'sns', ['Unsubscribe'], ['*'])]
      : []),
  ];
}

/** What the command itself does to resources, where a role makes them: it looks, and takes up what is kept. */
function besideTheRole(scope: Scope, roleArn: string): Statement[] {
  return [
    allow('PassServiceRole', 'iam', ['PassRole'], [roleArn], {
      StringEquals: { 'iam:PassedToService': ['cloudformation.amazonaws.com'] },
    }),
    ...typesOf(scope)
      .filter((type) => TOUCHED_BY_THE_COMMAND.includes(type))
      .map((type) => forType(scope, type)),
    ...dropDatabases(scope),
    allow('ReadSchedules', 'events', ['DescribeRule'], arnsOf(scope, 'AWS::Events::Rule')),
  ];
}

const BUCKET = 'AWS::S3::Bucket';
const TOUCHED_BY_THE_COMMAND: readonly string[] = [
  BUCKET,
  'AWS::Glue::Database',
  'AWS::Glue::Table',
];

function typesOf({ template }: Scope): string[] {
  const types = new Set([...template.resources.values()].map(({ type }) => type));
  return [...types].filter((type) => !partsOfOthers.has(type));
}

function forType(scope: Scope, type: string): Statement {
  const known = typeActions[type];
  if (known === undefined) throw new Error(`iam-actions.ts does not know ${type}`);
  const Sid = type.split('::').slice(1).join('');
  const arns =
    type === BUCKET
      ? [artifactsOf(scope), ...bucketsOf(scope, 'own')].map((name) => bucketArn(scope, name))
      : arnsOf(scope, type);
  return allow(Sid, known.service, known.actions, [...new Set(arns)]);
}

/** Buckets that others made are never made, changed or removed, but for the notifications in them. */
function existingBuckets(scope: Scope): Statement[] {
  const names = bucketsOf(scope, 'existing');
  if (names.length === 0) return [];
  const arns = names.map((name) => bucketArn(scope, name));
  return [allow('ExistingBuckets', 's3', existingBucketActions, arns)];
}

/**
 * The names of the template's buckets. Existing are those that CreateBuckets=no takes into use under names
 * other than the usual ones; what an earlier stack left has the usual ones, and is the lake's own.
 */
function bucketsOf(scope: Scope, whose: 'own' | 'existing'): string[] {
  const makesNone = scope.parameters['CreateBuckets'] === 'no';
  return [...scope.template.resources.values()].flatMap((resource) => {
    const name = resource.type === BUCKET ? physicalName(resource, scope) : undefined;
    if (name === undefined) return [];
    const isExisting = makesNone && resource.keptOnDelete && name !== usualName(resource, scope);
    return isExisting === (whose === 'existing') ? [name] : [];
  });
}

function emptiedBuckets(scope: Scope, deleteData: boolean): string[] {
  const own = new Set(bucketsOf(scope, 'own'));
  const emptied = namesOf(scope, BUCKET, deleteData ? 'all' : 'temporary');
  return [artifactsOf(scope), ...emptied.filter((name) => own.has(name))].map((name) =>
    inside(scope, name),
  );
}

function artifactsOf(scope: Scope): string {
  return artifactsBucketName(scope.parameters['NamePrefix'] ?? 'pynvest', scope);
}

function bucketArn(scope: Scope, name: string): string {
  return arn(scope, 's3:::{name}', name);
}

function inside(scope: Scope, bucket: string): string {
  return `${bucketArn(scope, bucket)}/*`;
}

/**
 * Glue asks for leave on all that a database could hold before it removes one, and lists only the tables that
 * the caller may list: another's table that is not seen would go with its database.
 */
function dropDatabases(scope: Scope): Statement[] {
  const names = new Set(namesOf(scope, 'AWS::Glue::Database'));
  if (names.size === 0) return [];
  const at = (path: string): string => arn(scope, `glue:{region}:{account}:${path}`, '');
  const held = [...names].flatMap((name) => [
    at(`database/${name}`),
    at(`table/${name}/*`),
    at(`userDefinedFunction/${name}/*`),
  ]);
  return [
    allow('DropDatabases', 'glue', ['DeleteDatabase', 'GetTables'], [at('catalog'), ...held]),
  ];
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
export function changeQueueTriggers(scope: Scope, verbs: readonly string[]): Statement[] {
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
  const actions = verbs.map((verb) => `${verb}EventSourceMapping`);
  const ofOurs = { ArnEquals: { 'lambda:FunctionArn': triggered } };
  return [allow('QueueTriggers', 'lambda', actions, ['*'], ofOurs)];
}

function queueTriggers(scope: Scope): Statement[] {
  const change = changeQueueTriggers(scope, ['Create', 'Update', 'Delete']);
  if (change.length === 0) return [];
  const mappings = [arn(scope, 'lambda:{region}:{account}:event-source-mapping:*', '')];
  const actions = ['GetEventSourceMapping', 'ListTags', 'TagResource', 'UntagResource'];
  return [...change, allow('ReadQueueTriggers', 'lambda', actions, mappings)];
}

const FUNCTION_ARN = 'lambda:{region}:{account}:function:{name}';

/** Takes no narrower resource. */
function listLogGroups(scope: Scope): Statement {
  const groups = arn(scope, 'logs:{region}:{account}:log-group:*', '');
  return allow('ListLogGroups', 'logs', ['DescribeLogGroups'], [groups]);
}

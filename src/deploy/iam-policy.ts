/** The least policy that a deployer needs, worked out from the template. Pure. */
import { artifactsBucketName } from './artifacts.ts';
import {
  emptyingActions,
  existingBucketActions,
  partsOfOthers,
  stackActions,
  typeActions,
} from './iam-actions.ts';
import { physicalName, type Scope, usualName } from './intrinsics.ts';
import { allow, arn, arnsOf, namesOf, type Policy, type Statement } from './policy-statements.ts';
import {
  attachAndPassRoles,
  dropDatabases,
  listLogGroups,
  queueTriggers,
} from './resource-statements.ts';

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
    ...attachAndPassRoles(scope),
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

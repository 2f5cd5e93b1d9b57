/**
 * The least-privilege policies for deploying and for CloudFormation's service role, derived from the template. Pure.
 */
import {
  formatArtifactsBucketName,
  getDefaultName,
  getPhysicalName,
  type Scope,
} from '../intrinsics.ts';
import {
  dependentTypes,
  emptyingActions,
  existingBucketActions,
  stackActions,
  typeActions,
} from './actions.ts';
import {
  allowDroppingDatabases,
  allowListingLogGroups,
  allowQueueTriggers,
  allowRoles,
  createStatement,
  formatArn,
  getArns,
  getNames,
  type Policy,
  type Statement,
} from './statements.ts';

export interface DeployerTasks {
  /** Includes `destroy --delete-data`. */
  readonly deleteData?: boolean;
  /** The role that CloudFormation assumes (`--role-arn`), which then creates the stack's resources. */
  readonly roleArn?: string | undefined;
}

/**
 * The permissions for `deploy`, `plan` and `destroy`.
 * @param scope may have placeholders for the account and the region
 */
export function createDeployerPolicy(scope: Scope, tasks: DeployerTasks = {}): Policy {
  const { deleteData = false, roleArn } = tasks;
  const stack = formatArn(
    scope,
    'cloudformation:{region}:{account}:stack/{name}/*',
    scope.stackName,
  );
  const resources =
    roleArn === undefined ? allowStackResources(scope) : allowWithServiceRole(scope, roleArn);
  return {
    Version: '2012-10-17',
    Statement: [
      createStatement('Stack', 'cloudformation', stackActions, [stack]),
      ...resources,
      ...allowExistingBuckets(scope),
      createStatement(
        'Artifacts',
        's3',
        ['GetObject', 'PutObject'],
        [formatObjectsArn(scope, getArtifactsBucket(scope))],
      ),
      createStatement('Empty', 's3', emptyingActions, getEmptiedBucketArns(scope, deleteData)),
      // To find out whether another stack uses the same names.
      createStatement('ListStacks', 'cloudformation', ['DescribeStacks'], ['*']),
    ],
  };
}

/** The permissions for the role that CloudFormation assumes instead of using the deployer's. */
export function createServiceRolePolicy(scope: Scope): Policy {
  return {
    Version: '2012-10-17',
    Statement: [
      ...allowStackResources(scope),
      createStatement(
        'Artifacts',
        's3',
        ['GetObject'],
        [formatObjectsArn(scope, getArtifactsBucket(scope))],
      ),
    ],
  };
}

/** What CloudFormation does to the resources of the stack, with the permissions of its caller or its role. */
function allowStackResources(scope: Scope): Statement[] {
  const types = getResourceTypes(scope);
  return [
    ...types.map((type) => allowType(scope, type)),
    ...allowDroppingDatabases(scope),
    ...allowRoles(scope),
    ...allowQueueTriggers(scope),
    ...(types.includes('AWS::Logs::LogGroup') ? [allowListingLogGroups(scope)] : []),
    // A subscription has no ARN that a policy could name.
    ...(types.includes('AWS::SNS::Topic')
      ? [createStatement('Unsubscribe', 'sns', ['Unsubscribe'], ['*'])]
      : []),
  ];
}

/** What the command itself does to resources that a role creates: it reads them, and reuses retained ones. */
function allowWithServiceRole(scope: Scope, roleArn: string): Statement[] {
  return [
    createStatement('PassServiceRole', 'iam', ['PassRole'], [roleArn], {
      StringEquals: { 'iam:PassedToService': ['cloudformation.amazonaws.com'] },
    }),
    ...getResourceTypes(scope)
      .filter((type) => COMMAND_TYPES.includes(type))
      .map((type) => allowType(scope, type)),
    ...allowDroppingDatabases(scope),
    createStatement(
      'ReadSchedules',
      'events',
      ['DescribeRule'],
      getArns(scope, 'AWS::Events::Rule'),
    ),
  ];
}

const BUCKET = 'AWS::S3::Bucket';
const COMMAND_TYPES: readonly string[] = [BUCKET, 'AWS::Glue::Database', 'AWS::Glue::Table'];

function getResourceTypes({ template }: Scope): string[] {
  const types = new Set([...template.resources.values()].map(({ type }) => type));
  return [...types].filter((type) => !dependentTypes.has(type));
}

function allowType(scope: Scope, type: string): Statement {
  const known = typeActions[type];
  if (known === undefined) throw new Error(`iam/actions.ts has no actions for ${type}`);
  const Sid = type.split('::').slice(1).join('');
  const arns =
    type === BUCKET
      ? [getArtifactsBucket(scope), ...getBucketNames(scope, 'own')].map((name) =>
          formatBucketArn(scope, name),
        )
      : getArns(scope, type);
  return createStatement(Sid, known.service, known.actions, [...new Set(arns)]);
}

/** Existing buckets are never created, changed or deleted, except for their notifications. */
function allowExistingBuckets(scope: Scope): Statement[] {
  const names = getBucketNames(scope, 'existing');
  if (names.length === 0) return [];
  const arns = names.map((name) => formatBucketArn(scope, name));
  return [createStatement('ExistingBuckets', 's3', existingBucketActions, arns)];
}

/**
 * The names of the template's buckets. Existing ones are those that CreateBuckets=no uses under names other than the
 * default; those that an earlier stack left have the default names, and are the lake's own.
 */
function getBucketNames(scope: Scope, kind: 'own' | 'existing'): string[] {
  const createsNone = scope.parameters['CreateBuckets'] === 'no';
  return [...scope.template.resources.values()].flatMap((resource) => {
    const name = resource.type === BUCKET ? getPhysicalName(resource, scope) : undefined;
    if (name === undefined) return [];
    const isExisting =
      createsNone && resource.retainOnDelete && name !== getDefaultName(resource, scope);
    return isExisting === (kind === 'existing') ? [name] : [];
  });
}

function getEmptiedBucketArns(scope: Scope, deleteData: boolean): string[] {
  const own = new Set(getBucketNames(scope, 'own'));
  const emptied = getNames(scope, BUCKET, deleteData ? 'all' : 'temporary');
  return [getArtifactsBucket(scope), ...emptied.filter((name) => own.has(name))].map((name) =>
    formatObjectsArn(scope, name),
  );
}

function getArtifactsBucket(scope: Scope): string {
  return formatArtifactsBucketName(scope.parameters['NamePrefix'] ?? 'pynvest', scope);
}

function formatBucketArn(scope: Scope, name: string): string {
  return formatArn(scope, 's3:::{name}', name);
}

function formatObjectsArn(scope: Scope, bucket: string): string {
  return `${formatBucketArn(scope, bucket)}/*`;
}

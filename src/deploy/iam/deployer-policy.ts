/**
 * The least-privilege policies for deploying and for CloudFormation's service role, derived from the template. Pure.
 */
import {
  formatArtifactsBucketName,
  getDefaultName,
  getPhysicalName,
  type Scope,
} from '../intrinsics.ts';
import { getCommandActions, getHandlerActions, stackActions } from './stack-actions.ts';
import {
  createStatement,
  formatArn,
  getArns,
  getNames,
  getTriggeredFunctionArns,
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
    roleArn === undefined
      ? allow(scope, (type) => [
          ...getHandlerActions(scope.template, type),
          ...getCommandActions(type),
        ])
      : allowWithServiceRole(scope, roleArn);
  return {
    Version: '2012-10-17',
    Statement: [
      createStatement('Stack', stackActions, [stack]),
      ...resources,
      ...allowExistingBuckets(scope),
      createStatement('Artifacts', 's3:GetObject s3:PutObject', [
        formatObjectsArn(scope, getArtifactsBucket(scope)),
      ]),
      createStatement('Empty', EMPTYING_ACTIONS, getEmptiedBucketArns(scope, deleteData)),
      // To find out whether another stack uses the same names.
      createStatement('ListStacks', 'cloudformation:DescribeStacks', ['*']),
    ],
  };
}

/** The permissions for the role that CloudFormation assumes instead of using the deployer's. */
export function createServiceRolePolicy(scope: Scope): Policy {
  return {
    Version: '2012-10-17',
    Statement: [...allow(scope, (type) => getHandlerActions(scope.template, type))],
  };
}

/** What the command itself does to resources that a role creates: it reads them, and reuses retained ones. */
function allowWithServiceRole(scope: Scope, roleArn: string): Statement[] {
  return [
    createStatement('PassServiceRole', 'iam:PassRole', [roleArn], {
      StringEquals: { 'iam:PassedToService': ['cloudformation.amazonaws.com'] },
    }),
    ...allow(scope, getCommandActions),
  ];
}

const BUCKET = 'AWS::S3::Bucket';
const TRIGGER = 'AWS::Lambda::EventSourceMapping';

/** Types without an ARN of their own: their actions are on the resource to which they belong. */
const OWNERS: Readonly<Record<string, string>> = {
  'AWS::S3::BucketPolicy': BUCKET,
  'AWS::SQS::QueuePolicy': 'AWS::SQS::Queue',
  'AWS::SNS::TopicPolicy': 'AWS::SNS::Topic',
  'AWS::Lambda::Permission': 'AWS::Lambda::Function',
  'AWS::Lambda::EventInvokeConfig': 'AWS::Lambda::Function',
  'AWS::Logs::MetricFilter': 'AWS::Logs::LogGroup',
};

/** The services that assume the system's roles. */
const ROLE_SERVICES = ['lambda.amazonaws.com', 'states.amazonaws.com', 'events.amazonaws.com'];

/** The actions that empty a bucket. */
const EMPTYING_ACTIONS = 's3:DeleteObject s3:DeleteObjectVersion s3:AbortMultipartUpload';

/**
 * An existing bucket is only read, and its notifications are merged; the functions need permission for the key that
 * encrypts it.
 */
const EXISTING_BUCKET_ACTIONS = `
  s3:ListBucket s3:ListBucketVersions s3:GetEncryptionConfiguration s3:GetBucketNotification s3:PutBucketNotification
`;

type Placement = Omit<Statement, 'Effect' | 'Action'>;

/** Statements for the actions of every type of the template, each on the narrowest resources that AWS accepts. */
function allow(scope: Scope, getActions: (type: string) => readonly string[]): Statement[] {
  const statements = new Map<string, Placement & { readonly actions: Set<string> }>();
  for (const type of new Set([...scope.template.resources.values()].map((each) => each.type))) {
    let usual: Placement | undefined;
    for (const action of getActions(type)) {
      usual ??= placeByType(scope, type);
      const placement = placeSpecialAction(scope, type, action) ?? usual;
      const { Sid } = placement;
      const statement = statements.get(Sid) ?? { ...placement, actions: new Set<string>() };
      statement.actions.add(action);
      statements.set(Sid, statement);
    }
  }
  return [...statements.values()].map(({ actions, Sid, Resource, Condition }) => ({
    Sid,
    Effect: 'Allow',
    Action: [...actions],
    Resource,
    ...(Condition && { Condition }),
  }));
}

/** On the resources of a type. */
function placeByType(scope: Scope, type: string): Placement {
  const owner = OWNERS[type] ?? type;
  const Resource = owner === BUCKET ? getOwnBucketArns(scope) : getArns(scope, owner);
  return { Sid: owner.split('::').slice(1).join(''), Resource };
}

function getOwnBucketArns(scope: Scope): string[] {
  const names = [getArtifactsBucket(scope), ...getBucketNames(scope, 'own')];
  return [...new Set(names.map((name) => formatBucketArn(scope, name)))];
}

/** Actions that are not on the resource for which they are called, or that need a condition. */
function placeSpecialAction(scope: Scope, type: string, action: string): Placement | undefined {
  const [service] = action.split(':');
  if (service === 'lakeformation') return { Sid: 'ReadLakeFormation', Resource: ['*'] };
  if (type === 'AWS::Athena::WorkGroup' && service === 's3') {
    const results = getNames(scope, BUCKET, 'temporary');
    return OBJECT_ACTIONS.includes(action)
      ? { Sid: 'Results', Resource: results.map((name) => formatObjectsArn(scope, name)) }
      : { Sid: 'ResultsBucket', Resource: results.map((name) => formatBucketArn(scope, name)) };
  }
  if (type === TRIGGER && /:(Create|Update|Delete)/.test(action)) {
    const functions = getTriggeredFunctionArns(scope);
    const Condition = { ArnEquals: { 'lambda:FunctionArn': functions } };
    // One that is to be created has no ARN yet.
    return action.includes(':Create')
      ? { Sid: 'CreateQueueTriggers', Resource: ['*'], Condition }
      : { Sid: 'QueueTriggers', Resource: getArns(scope, TRIGGER), Condition };
  }
  switch (action) {
    // The functions' code.
    case 's3:GetObject':
      return { Sid: 'Code', Resource: [formatObjectsArn(scope, getArtifactsBucket(scope))] };
    // Only the stack's own policies may be attached to its roles.
    case 'iam:AttachRolePolicy':
    case 'iam:DetachRolePolicy':
      return {
        Sid: 'AttachPolicies',
        Resource: getArns(scope, 'AWS::IAM::Role'),
        Condition: { ArnEquals: { 'iam:PolicyARN': getArns(scope, 'AWS::IAM::ManagedPolicy') } },
      };
    // Only the system's services may get its roles.
    case 'iam:PassRole':
      return {
        Sid: 'PassRoles',
        Resource: getArns(scope, 'AWS::IAM::Role'),
        Condition: { StringEquals: { 'iam:PassedToService': ROLE_SERVICES } },
      };
    case 'glue:DeleteDatabase':
    case 'glue:GetTables':
      return { Sid: 'DropDatabases', Resource: getDatabaseContentArns(scope) };
    // These accept no narrower resource.
    case 'logs:DescribeLogGroups':
    case 'logs:DescribeIndexPolicies':
    case 'logs:DescribeResourcePolicies':
      return { Sid: 'ReadLogGroups', Resource: ['*'] };
    case 'sns:Unsubscribe':
      return { Sid: 'Unsubscribe', Resource: ['*'] };
  }
  return undefined;
}

/** The actions on the objects of a bucket, among those of Athena's workgroup. */
const OBJECT_ACTIONS = [
  's3:GetObject',
  's3:PutObject',
  's3:AbortMultipartUpload',
  's3:ListMultipartUploadParts',
];

/**
 * To delete a database, Glue requires permission on everything that it could contain. It lists only the tables that
 * the caller may list: a table of another owner that is not listed would be deleted with its database.
 */
function getDatabaseContentArns(scope: Scope): string[] {
  const at = (path: string): string => formatArn(scope, `glue:{region}:{account}:${path}`, '');
  const names = new Set(getNames(scope, 'AWS::Glue::Database'));
  const contents = [...names].flatMap((name) => [
    at(`database/${name}`),
    at(`table/${name}/*`),
    at(`userDefinedFunction/${name}/*`),
  ]);
  return [at('catalog'), ...contents];
}

/** Existing buckets are never created, changed or deleted, except for their notifications. */
function allowExistingBuckets(scope: Scope): Statement[] {
  const names = getBucketNames(scope, 'existing');
  if (names.length === 0) return [];
  const arns = names.map((name) => formatBucketArn(scope, name));
  return [createStatement('ExistingBuckets', EXISTING_BUCKET_ACTIONS, arns)];
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

/**
 * The least-privilege policies for operating the system, for collecting from another machine and for repairs, derived
 * from the template. Pure.
 */
import { evaluateTable, getPhysicalName, getS3Host, type Scope } from '../intrinsics.ts';
import {
  createStatement,
  formatArn,
  getArns,
  getNames,
  getPartitionedTableArns,
  getTriggeredFunctionArns,
  type Policy,
  type Statement,
} from './statements.ts';

/** The logical IDs of the lake's buckets. */
const DATA_BUCKETS = ['SorBucket', 'SotBucket', 'SpecBucket'];
/** Those whose new files start functions. */
const NOTIFYING_BUCKETS = ['SorBucket', 'SotBucket'];
const RESULTS_BUCKET = 'ResultsBucket';
const QUEUES = ['AcoesQueue', 'FiisQueue'];
/** What failed for good: tickers, and events of the first two functions. */
const FAILURE_QUEUES = ['AcoesDeadLetterQueue', 'FiisDeadLetterQueue', 'FailedEventsQueue'];

/**
 * The permissions for `status`, `doctor`, `logs`, `redrive`, `pause`, `resume`, `run --remote`, `dedup now --remote`
 * and the queries, none of which writes to the lake. `status --drift` also needs to read every resource of the stack,
 * as AWS's own ReadOnlyAccess allows.
 */
export function createOperatorPolicy(scope: Scope): Policy {
  return {
    Version: '2012-10-17',
    Statement: [
      ...allowReadingStack(
        scope,
        'cloudformation:ListStackResources cloudformation:DescribeStackResourceDrifts ' +
          'cloudformation:DetectStackDrift cloudformation:DetectStackResourceDrift',
      ),
      // Accepts no narrower resource: the request names a detection, not a stack.
      createStatement('FollowDrift', 'cloudformation:DescribeStackDriftDetectionStatus', ['*']),
      ...allowReadingLake(scope),
      ...allowDataKey(scope, 'kms:Decrypt'),
      ...allowAthena(scope),
      createStatement(
        'Schedules',
        'events:DescribeRule events:EnableRule events:DisableRule',
        getArns(scope, 'AWS::Events::Rule'),
      ),
      createStatement('Logs', 'logs:FilterLogEvents', getArns(scope, 'AWS::Logs::LogGroup')),
      createStatement(
        'Alarms',
        'cloudwatch:DescribeAlarms',
        getArns(scope, 'AWS::CloudWatch::Alarm'),
      ),
      // Accepts no narrower resource. It reads the age of a queue's oldest message.
      createStatement('QueueAges', 'cloudwatch:GetMetricStatistics', ['*']),
      createStatement(
        'Queues',
        'sqs:GetQueueAttributes sqs:SendMessage',
        getQueueArns(scope, QUEUES),
      ),
      createStatement(
        'DeadLetters',
        'sqs:GetQueueAttributes sqs:ReceiveMessage sqs:ChangeMessageVisibility sqs:DeleteMessage',
        getQueueArns(scope, FAILURE_QUEUES),
      ),
      // What `doctor` reads besides the lake.
      createStatement(
        'ReadFunctions',
        'lambda:GetFunctionConfiguration',
        getArns(scope, 'AWS::Lambda::Function'),
      ),
      createStatement('ReadQueueTriggers', 'lambda:GetEventSourceMapping', getTriggerArns(scope)),
      createStatement('ReadQuotas', 'lambda:GetAccountSettings', ['*']),
      createStatement(
        'ReadNotifications',
        's3:GetBucketNotification',
        getBucketArns(scope, '', NOTIFYING_BUCKETS),
      ),
      createStatement('ReadUploads', 's3:ListBucketMultipartUploads', getBucketArns(scope, '')),
      createStatement('StartCollection', 'lambda:InvokeFunction', getFirstFunctionArns(scope)),
      createStatement(
        'StartDeduplication',
        'states:StartExecution states:ListExecutions states:DescribeStateMachine',
        getArns(scope, 'AWS::StepFunctions::StateMachine'),
      ),
      createStatement(
        'FollowDeduplication',
        'states:DescribeExecution states:GetExecutionHistory',
        getNames(scope, 'AWS::StepFunctions::StateMachine').map((name) =>
          formatArn(scope, 'states:{region}:{account}:execution:{name}:*', name),
        ),
      ),
    ],
  };
}

/**
 * The permissions for `run`, `backfill`, `import` and `dedup now` with `--target aws`, which write files and
 * partitions.
 */
export function createCollectorPolicy(scope: Scope): Policy {
  return {
    Version: '2012-10-17',
    Statement: [
      ...allowReadingStack(scope),
      ...allowReadingLake(scope),
      ...allowDataKey(scope, 'kms:Decrypt kms:GenerateDataKey'),
      createStatement('WriteFiles', 's3:PutObject s3:DeleteObject', getBucketArns(scope, '/*')),
      createStatement(
        'WritePartitions',
        'glue:CreatePartition glue:UpdatePartition',
        getPartitionedTableArns(scope),
      ),
    ],
  };
}

/** The permissions for `doctor --fix` in addition to those for operating and collecting. */
export function createRepairPolicy(scope: Scope): Policy {
  const notified = getBucketArns(scope, '', NOTIFYING_BUCKETS);
  return {
    Version: '2012-10-17',
    Statement: [
      createStatement(
        'RepairTables',
        'glue:UpdateTable glue:DeletePartition',
        getPartitionedTableArns(scope),
      ),
      createStatement('QueueTriggers', 'lambda:UpdateEventSourceMapping', getTriggerArns(scope), {
        ArnEquals: { 'lambda:FunctionArn': getTriggeredFunctionArns(scope) },
      }),
      createStatement('Notify', 's3:GetBucketNotification s3:PutBucketNotification', notified),
    ],
  };
}

function allowReadingStack(scope: Scope, more = ''): Statement[] {
  const stack = formatArn(
    scope,
    'cloudformation:{region}:{account}:stack/{name}/*',
    scope.stackName,
  );
  const actions = `cloudformation:DescribeStacks ${more}`;
  return [createStatement('Stack', actions, [stack])];
}

function allowReadingLake(scope: Scope): Statement[] {
  return [
    createStatement('ListFiles', 's3:ListBucket', getBucketArns(scope, '')),
    createStatement('ReadFiles', 's3:GetObject', getBucketArns(scope, '/*')),
    createStatement(
      'ReadCatalog',
      'glue:GetTable glue:GetPartition glue:GetPartitions',
      getPartitionedTableArns(scope),
    ),
  ];
}

/** For a customer managed key of the buckets: S3 uses it with the permissions of its caller. */
function allowDataKey(scope: Scope, actions: string): Statement[] {
  const key = scope.parameters['DataKeyArn'] ?? '';
  if (key === '') return [];
  const throughS3 = { StringEquals: { 'kms:ViaService': [getS3Host(scope)] } };
  return [createStatement('DataKey', actions, [key], throughS3)];
}

/** What the command calls, and what Athena calls with the permissions of its caller. */
function allowAthena(scope: Scope): Statement[] {
  const results = getBucketArns(scope, '', [RESULTS_BUCKET]);
  const glue = (path: string): string => formatArn(scope, `glue:{region}:{account}:${path}`, '');
  const databases = [...new Set(getTableDatabases(scope))];
  return [
    createStatement(
      'Queries',
      'athena:StartQueryExecution athena:GetQueryExecution athena:GetQueryResults athena:StopQueryExecution',
      getArns(scope, 'AWS::Athena::WorkGroup'),
    ),
    createStatement(
      'ReadPartitions',
      'glue:GetDatabase glue:BatchGetPartition',
      getPartitionedTableArns(scope),
    ),
    // The view of adjusted prices and the note that it reads, too.
    createStatement('ReadViews', 'glue:GetTable', getArns(scope, 'AWS::Glue::Table')),
    // SHOW TABLES, and information_schema. A list of tables has those that the caller may read.
    createStatement('ListTables', 'glue:GetTables', [
      glue('catalog'),
      ...databases.flatMap((name) => [glue(`database/${name}`), glue(`table/${name}/*`)]),
    ]),
    // SHOW DATABASES, and information_schema: the list is of the account.
    createStatement('ListDatabases', 'glue:GetDatabases', [glue('catalog'), glue('database/*')]),
    createStatement('ListResults', 's3:ListBucket s3:GetBucketLocation', results),
    createStatement(
      'Results',
      's3:GetObject s3:PutObject s3:AbortMultipartUpload s3:ListMultipartUploadParts',
      getBucketArns(scope, '/*', [RESULTS_BUCKET]),
    ),
  ];
}

function getTableDatabases(scope: Scope): string[] {
  return [...scope.template.resources.values()]
    .filter(({ type }) => type === 'AWS::Glue::Table')
    .map((resource) => evaluateTable(resource, scope).database);
}

/** `run --remote` invokes the first; `redrive` the one of the two that failed. */
function getFirstFunctionArns(scope: Scope): string[] {
  return getNamesById(scope, ['CheckAndDeletePartitions', 'GetTickers']).map((name) =>
    formatArn(scope, 'lambda:{region}:{account}:function:{name}', name),
  );
}

function getQueueArns(scope: Scope, ids: readonly string[]): string[] {
  return getNamesById(scope, ids).map((name) =>
    formatArn(scope, 'sqs:{region}:{account}:{name}', name),
  );
}

function getBucketArns(
  scope: Scope,
  path: string,
  ids: readonly string[] = DATA_BUCKETS,
): string[] {
  return getNamesById(scope, ids).map((name) => `${formatArn(scope, 's3:::{name}', name)}${path}`);
}

/** AWS generates the names of event source mappings. */
function getTriggerArns(scope: Scope): string[] {
  return getArns(scope, 'AWS::Lambda::EventSourceMapping');
}

/** The physical names of resources by their logical IDs. */
function getNamesById(scope: Scope, ids: readonly string[]): string[] {
  const { resources } = scope.template;
  return ids.flatMap((id) => {
    const resource = resources.get(id);
    return resource === undefined ? [] : (getPhysicalName(resource, scope) ?? []);
  });
}

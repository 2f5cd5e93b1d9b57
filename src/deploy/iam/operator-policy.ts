/**
 * The least policies for operating the system, for collecting from another machine and for repairs, derived from
 * the template. Pure.
 */
import { getPhysicalName, getS3Host, type Scope } from '../intrinsics.ts';
import {
  allowChangingQueueTriggers,
  createStatement,
  formatArn,
  getArns,
  getNames,
  type Policy,
  type Statement,
} from './statements.ts';

/** The buckets of the lake, by their names in the template. */
const DATA_BUCKETS = ['SorBucket', 'SotBucket', 'SpecBucket'];
const RESULTS_BUCKET = 'ResultsBucket';
const QUEUES = ['AcoesQueue', 'FiisQueue'];
const DEAD_LETTER_QUEUES = ['AcoesDeadLetterQueue', 'FiisDeadLetterQueue'];

/**
 * `status`, `logs`, `redrive`, `pause`, `resume`, `run --remote`, `dedup now --remote`, `doctor` and the
 * queries. Nothing of it writes to the lake. `status --drift` also needs to read every resource of the stack, as
 * AWS's own ReadOnlyAccess does.
 */
export function createOperatorPolicy(scope: Scope): Policy {
  return {
    Version: '2012-10-17',
    Statement: [
      ...allowReadingStack(scope, [
        ...['DescribeStackResourceDrifts', 'DetectStackDrift', 'DetectStackResourceDrift'],
      ]),
      // Takes no narrower resource: it names a detection, not a stack.
      createStatement(
        'FollowDrift',
        'cloudformation',
        ['DescribeStackDriftDetectionStatus'],
        ['*'],
      ),
      ...allowReadingLake(scope),
      ...allowDataKey(scope, ['Decrypt']),
      ...allowAthena(scope),
      createStatement(
        'Schedules',
        'events',
        ['DescribeRule', 'EnableRule', 'DisableRule'],
        getArns(scope, 'AWS::Events::Rule'),
      ),
      createStatement('Logs', 'logs', ['FilterLogEvents'], getArns(scope, 'AWS::Logs::LogGroup')),
      createStatement(
        'Alarms',
        'cloudwatch',
        ['DescribeAlarms'],
        getArns(scope, 'AWS::CloudWatch::Alarm'),
      ),
      // Takes no narrower resource: how old the oldest message of a queue is.
      createStatement('QueueAges', 'cloudwatch', ['GetMetricStatistics'], ['*']),
      createStatement(
        'Queues',
        'sqs',
        ['GetQueueAttributes', 'SendMessage'],
        getQueueArns(scope, QUEUES),
      ),
      createStatement(
        'DeadLetters',
        'sqs',
        ['GetQueueAttributes', 'ReceiveMessage', 'ChangeMessageVisibility', 'DeleteMessage'],
        getQueueArns(scope, DEAD_LETTER_QUEUES),
      ),
      // What `doctor` looks at beside the lake itself.
      createStatement(
        'ReadFunctions',
        'lambda',
        ['GetFunctionConfiguration'],
        getArns(scope, 'AWS::Lambda::Function'),
      ),
      createStatement(
        'ReadQueueTriggers',
        'lambda',
        ['GetEventSourceMapping'],
        [formatArn(scope, 'lambda:{region}:{account}:event-source-mapping:*', '')],
      ),
      createStatement('ReadQuotas', 'lambda', ['GetAccountSettings'], ['*']),
      createStatement(
        'ReadBuckets',
        's3',
        ['GetBucketNotification', 'ListBucketMultipartUploads'],
        getBucketArns(scope, ''),
      ),
      createStatement('StartCollection', 'lambda', ['InvokeFunction'], getFirstFunctionArn(scope)),
      createStatement(
        'StartDeduplication',
        'states',
        ['StartExecution', 'ListExecutions', 'DescribeStateMachine'],
        getArns(scope, 'AWS::StepFunctions::StateMachine'),
      ),
      createStatement(
        'FollowDeduplication',
        'states',
        ['DescribeExecution', 'GetExecutionHistory'],
        getNames(scope, 'AWS::StepFunctions::StateMachine').map((name) =>
          formatArn(scope, 'states:{region}:{account}:execution:{name}:*', name),
        ),
      ),
    ],
  };
}

/** `run`, `backfill` and `dedup now` with `--target aws`: they write files and partitions themselves. */
export function createCollectorPolicy(scope: Scope): Policy {
  return {
    Version: '2012-10-17',
    Statement: [
      ...allowReadingStack(scope, []),
      ...allowReadingLake(scope),
      ...allowDataKey(scope, ['Decrypt', 'GenerateDataKey']),
      createStatement(
        'WriteFiles',
        's3',
        ['PutObject', 'DeleteObject'],
        getBucketArns(scope, '/*'),
      ),
      createStatement(
        'WritePartitions',
        'glue',
        ['CreatePartition', 'UpdatePartition', 'DeletePartition'],
        getArns(scope, 'AWS::Glue::Table'),
      ),
    ],
  };
}

/** What `doctor --fix` does beside what operating and collecting take. */
export function createRepairPolicy(scope: Scope): Policy {
  const notified = getBucketArns(scope, '', ['SorBucket', 'SotBucket']);
  return {
    Version: '2012-10-17',
    Statement: [
      createStatement('MendTables', 'glue', ['UpdateTable'], getArns(scope, 'AWS::Glue::Table')),
      ...allowChangingQueueTriggers(scope, ['Update']),
      createStatement('Notify', 's3', ['GetBucketNotification', 'PutBucketNotification'], notified),
    ],
  };
}

function allowReadingStack(scope: Scope, more: readonly string[]): Statement[] {
  const stack = formatArn(
    scope,
    'cloudformation:{region}:{account}:stack/{name}/*',
    scope.stackName,
  );
  const actions = ['DescribeStacks', 'ListStackResources', ...more];
  return [createStatement('Stack', 'cloudformation', actions, [stack])];
}

function allowReadingLake(scope: Scope): Statement[] {
  return [
    createStatement(
      'ListFiles',
      's3',
      ['ListBucket', 'GetBucketLocation'],
      getBucketArns(scope, ''),
    ),
    createStatement('ReadFiles', 's3', ['GetObject'], getBucketArns(scope, '/*')),
    createStatement(
      'ReadCatalog',
      'glue',
      ['GetDatabase', 'GetTable', 'GetPartition', 'GetPartitions', 'BatchGetPartition'],
      getArns(scope, 'AWS::Glue::Table'),
    ),
  ];
}

/** By the key of the buckets' owner, where there is one: S3 uses it with the leave of whoever asks for files. */
function allowDataKey(scope: Scope, actions: readonly string[]): Statement[] {
  const key = scope.parameters['DataKeyArn'] ?? '';
  if (key === '') return [];
  const throughS3 = { StringEquals: { 'kms:ViaService': [getS3Host(scope)] } };
  return [createStatement('DataKey', 'kms', actions, [key], throughS3)];
}

function allowAthena(scope: Scope): Statement[] {
  const results = getBucketArns(scope, '', [RESULTS_BUCKET]);
  return [
    createStatement(
      'Queries',
      'athena',
      [
        ...['StartQueryExecution', 'GetQueryExecution', 'GetQueryResults', 'StopQueryExecution'],
        'GetWorkGroup',
      ],
      getArns(scope, 'AWS::Athena::WorkGroup'),
    ),
    createStatement('ListResults', 's3', ['ListBucket', 'GetBucketLocation'], results),
    createStatement(
      'Results',
      's3',
      ['GetObject', 'PutObject', 'AbortMultipartUpload', 'ListMultipartUploadParts'],
      getBucketArns(scope, '/*', [RESULTS_BUCKET]),
    ),
  ];
}

function getFirstFunctionArn(scope: Scope): string[] {
  return getNamesById(scope, ['CheckAndDeletePartitions']).map((name) =>
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

/** The names of resources by their names in the template. */
function getNamesById(scope: Scope, ids: readonly string[]): string[] {
  const { resources } = scope.template;
  return ids.flatMap((id) => {
    const resource = resources.get(id);
    return resource === undefined ? [] : (getPhysicalName(resource, scope) ?? []);
  });
}

/**
 * The least policies of those who do not deploy: who keeps the system going, and who collects into its lake
 * from a machine of their own. Worked out from the template. Pure.
 */
import { s3Host } from './artifacts.ts';
import { physicalName, type Scope } from './intrinsics.ts';
import { allow, arn, arnsOf, namesOf, type Policy, type Statement } from './policy-statements.ts';
import { changeQueueTriggers } from './resource-statements.ts';

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
export function operatorPolicy(scope: Scope): Policy {
  return {
    Version: '2012-10-17',
    Statement: [
      ...readStack(scope, [
        ...['DescribeStackResourceDrifts', 'DetectStackDrift', 'DetectStackResourceDrift'],
      ]),
      // Takes no narrower resource: it names a detection, not a stack.
      allow('FollowDrift', 'cloudformation', ['DescribeStackDriftDetectionStatus'], ['*']),
      ...readLake(scope),
      ...dataKey(scope, ['Decrypt']),
      ...athena(scope),
      allow(
        'Schedules',
        'events',
        ['DescribeRule', 'EnableRule', 'DisableRule'],
        arnsOf(scope, 'AWS::Events::Rule'),
      ),
      allow('Logs', 'logs', ['FilterLogEvents'], arnsOf(scope, 'AWS::Logs::LogGroup')),
      allow('Alarms', 'cloudwatch', ['DescribeAlarms'], arnsOf(scope, 'AWS::CloudWatch::Alarm')),
      // Takes no narrower resource: how old the oldest message of a queue is.
      allow('QueueAges', 'cloudwatch', ['GetMetricStatistics'], ['*']),
      allow('Queues', 'sqs', ['GetQueueAttributes', 'SendMessage'], queueArns(scope, QUEUES)),
      allow(
        'DeadLetters',
        'sqs',
        ['GetQueueAttributes', 'ReceiveMessage', 'ChangeMessageVisibility', 'DeleteMessage'],
        queueArns(scope, DEAD_LETTER_QUEUES),
      ),
      // What `doctor` looks at beside the lake itself.
      allow(
        'ReadFunctions',
        'lambda',
        ['GetFunctionConfiguration'],
        arnsOf(scope, 'AWS::Lambda::Function'),
      ),
      allow(
        'ReadQueueTriggers',
        'lambda',
        ['GetEventSourceMapping'],
        [arn(scope, 'lambda:{region}:{account}:event-source-mapping:*', '')],
      ),
      allow('ReadQuotas', 'lambda', ['GetAccountSettings'], ['*']),
      allow(
        'ReadBuckets',
        's3',
        ['GetBucketNotification', 'ListBucketMultipartUploads'],
        bucketArns(scope, ''),
      ),
      allow('StartCollection', 'lambda', ['InvokeFunction'], firstFunction(scope)),
      allow(
        'StartDeduplication',
        'states',
        ['StartExecution', 'ListExecutions', 'DescribeStateMachine'],
        arnsOf(scope, 'AWS::StepFunctions::StateMachine'),
      ),
      allow(
        'FollowDeduplication',
        'states',
        ['DescribeExecution', 'GetExecutionHistory'],
        namesOf(scope, 'AWS::StepFunctions::StateMachine').map((name) =>
          arn(scope, 'states:{region}:{account}:execution:{name}:*', name),
        ),
      ),
    ],
  };
}

/** `run`, `backfill` and `dedup now` with `--target aws`: they write files and partitions themselves. */
export function collectorPolicy(scope: Scope): Policy {
  return {
    Version: '2012-10-17',
    Statement: [
      ...readStack(scope, []),
      ...readLake(scope),
      ...dataKey(scope, ['Decrypt', 'GenerateDataKey']),
      allow('WriteFiles', 's3', ['PutObject', 'DeleteObject'], bucketArns(scope, '/*')),
      allow(
        'WritePartitions',
        'glue',
        ['CreatePartition', 'UpdatePartition', 'DeletePartition'],
        arnsOf(scope, 'AWS::Glue::Table'),
      ),
    ],
  };
}

/** What `doctor --fix` does beside what operating and collecting take. */
export function menderPolicy(scope: Scope): Policy {
  const notified = bucketArns(scope, '', ['SorBucket', 'SotBucket']);
  return {
    Version: '2012-10-17',
    Statement: [
      allow('MendTables', 'glue', ['UpdateTable'], arnsOf(scope, 'AWS::Glue::Table')),
      ...changeQueueTriggers(scope, ['Update']),
      allow('Notify', 's3', ['GetBucketNotification', 'PutBucketNotification'], notified),
    ],
  };
}

function readStack(scope: Scope, more: readonly string[]): Statement[] {
  const stack = arn(scope, 'cloudformation:{region}:{account}:stack/{name}/*', scope.stackName);
  const actions = ['DescribeStacks', 'ListStackResources', ...more];
  return [allow('Stack', 'cloudformation', actions, [stack])];
}

function readLake(scope: Scope): Statement[] {
  return [
    allow('ListFiles', 's3', ['ListBucket', 'GetBucketLocation'], bucketArns(scope, '')),
    allow('ReadFiles', 's3', ['GetObject'], bucketArns(scope, '/*')),
    allow(
      'ReadCatalog',
      'glue',
      ['GetDatabase', 'GetTable', 'GetPartition', 'GetPartitions', 'BatchGetPartition'],
      arnsOf(scope, 'AWS::Glue::Table'),
    ),
  ];
}

/** By the key of the buckets' owner, where there is one: S3 uses it with the leave of whoever asks for files. */
function dataKey(scope: Scope, actions: readonly string[]): Statement[] {
  const key = scope.parameters['DataKeyArn'] ?? '';
  if (key === '') return [];
  const throughS3 = { StringEquals: { 'kms:ViaService': [s3Host(scope)] } };
  return [allow('DataKey', 'kms', actions, [key], throughS3)];
}

function athena(scope: Scope): Statement[] {
  const results = bucketArns(scope, '', [RESULTS_BUCKET]);
  return [
    allow(
      'Queries',
      'athena',
      [
        ...['StartQueryExecution', 'GetQueryExecution', 'GetQueryResults', 'StopQueryExecution'],
        'GetWorkGroup',
      ],
      arnsOf(scope, 'AWS::Athena::WorkGroup'),
    ),
    allow('ListResults', 's3', ['ListBucket', 'GetBucketLocation'], results),
    allow(
      'Results',
      's3',
      ['GetObject', 'PutObject', 'AbortMultipartUpload', 'ListMultipartUploadParts'],
      bucketArns(scope, '/*', [RESULTS_BUCKET]),
    ),
  ];
}

function firstFunction(scope: Scope): string[] {
  return named(scope, ['CheckAndDeletePartitions']).map((name) =>
    arn(scope, 'lambda:{region}:{account}:function:{name}', name),
  );
}

function queueArns(scope: Scope, ids: readonly string[]): string[] {
  return named(scope, ids).map((name) => arn(scope, 'sqs:{region}:{account}:{name}', name));
}

function bucketArns(scope: Scope, path: string, ids: readonly string[] = DATA_BUCKETS): string[] {
  return named(scope, ids).map((name) => `${arn(scope, 's3:::{name}', name)}${path}`);
}

/** The names of resources by their names in the template. */
function named(scope: Scope, ids: readonly string[]): string[] {
  const { resources } = scope.template;
  return ids.flatMap((id) => {
    const resource = resources.get(id);
    return resource === undefined ? [] : (physicalName(resource, scope) ?? []);
  });
}

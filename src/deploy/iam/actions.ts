/**
 * The actions by which CloudFormation creates, changes and deletes a resource of each type, with the deployer's
 * permissions: the source of the deployer's policy. They are the calls of CloudFormation's handlers for the properties
 * that the template uses, including reads. Pure data.
 */

interface TypeActions {
  readonly service: string;
  readonly actions: readonly string[];
  /** The ARN after `arn:<partition>:`, with {region}, {account} and {name}. */
  readonly arns: readonly string[];
}

const S3_BUCKET: readonly string[] = [
  'CreateBucket',
  'ListBucket',
  'GetBucketPublicAccessBlock',
  'PutBucketPublicAccessBlock',
  'GetBucketOwnershipControls',
  'PutBucketOwnershipControls',
  'GetEncryptionConfiguration',
  'PutEncryptionConfiguration',
  'GetBucketVersioning',
  'PutBucketVersioning',
  'GetLifecycleConfiguration',
  'PutLifecycleConfiguration',
  'GetBucketNotification',
  'PutBucketNotification',
  'GetBucketTagging',
  'PutBucketTagging',
  'GetBucketPolicy',
  'PutBucketPolicy',
  // A first deployment that fails is rolled back.
  'DeleteBucketPolicy',
  'DeleteBucket',
  // `destroy` shows how much data there is.
  'ListBucketVersions',
  'ListBucketMultipartUploads',
];

/** An existing bucket is only read, and its notifications are merged. */
export const existingBucketActions: readonly string[] = [
  'ListBucket',
  'ListBucketVersions',
  // The functions need permission for the key of a bucket.
  'GetEncryptionConfiguration',
  'GetBucketNotification',
  'PutBucketNotification',
];

/** The actions that empty a bucket. */
export const emptyingActions: readonly string[] = [
  'DeleteObject',
  'DeleteObjectVersion',
  'AbortMultipartUpload',
];

export const typeActions: Readonly<Record<string, TypeActions>> = {
  'AWS::S3::Bucket': { service: 's3', actions: S3_BUCKET, arns: ['s3:::{name}'] },
  'AWS::Glue::Database': {
    service: 'glue',
    actions: ['GetDatabase', 'CreateDatabase', 'UpdateDatabase'],
    arns: ['glue:{region}:{account}:catalog', 'glue:{region}:{account}:database/{name}'],
  },
  'AWS::Glue::Table': {
    service: 'glue',
    actions: [
      'GetTable',
      'GetTables',
      'GetPartitions',
      'CreateTable',
      'UpdateTable',
      'DeleteTable',
    ],
    arns: [
      'glue:{region}:{account}:catalog',
      'glue:{region}:{account}:database/{database}',
      'glue:{region}:{account}:table/{database}/{name}',
    ],
  },
  'AWS::SQS::Queue': {
    service: 'sqs',
    actions: [
      'CreateQueue',
      'DeleteQueue',
      'GetQueueUrl',
      'GetQueueAttributes',
      'SetQueueAttributes',
      'ListQueueTags',
      'TagQueue',
      'UntagQueue',
    ],
    arns: ['sqs:{region}:{account}:{name}'],
  },
  'AWS::Lambda::Function': {
    service: 'lambda',
    actions: [
      'CreateFunction',
      'DeleteFunction',
      'GetFunction',
      'GetFunctionConfiguration',
      'GetFunctionCodeSigningConfig',
      'GetFunctionRecursionConfig',
      'GetRuntimeManagementConfig',
      'UpdateFunctionCode',
      'UpdateFunctionConfiguration',
      'AddPermission',
      'RemovePermission',
      'GetPolicy',
      'GetFunctionEventInvokeConfig',
      'PutFunctionEventInvokeConfig',
      'UpdateFunctionEventInvokeConfig',
      'DeleteFunctionEventInvokeConfig',
      'ListTags',
      'TagResource',
      'UntagResource',
    ],
    arns: ['lambda:{region}:{account}:function:{name}'],
  },
  'AWS::IAM::Role': {
    service: 'iam',
    actions: [
      'CreateRole',
      'DeleteRole',
      'GetRole',
      'UpdateRole',
      'UpdateRoleDescription',
      'UpdateAssumeRolePolicy',
      'GetRolePolicy',
      'PutRolePolicy',
      'DeleteRolePolicy',
      'ListRolePolicies',
      'ListAttachedRolePolicies',
      'TagRole',
      'UntagRole',
    ],
    arns: ['iam::{account}:role/{name}'],
  },
  'AWS::IAM::ManagedPolicy': {
    service: 'iam',
    actions: [
      'CreatePolicy',
      'DeletePolicy',
      'GetPolicy',
      'GetPolicyVersion',
      'ListPolicyVersions',
      'CreatePolicyVersion',
      'DeletePolicyVersion',
      'ListEntitiesForPolicy',
    ],
    arns: ['iam::{account}:policy/{name}'],
  },
  'AWS::Logs::LogGroup': {
    service: 'logs',
    actions: [
      'CreateLogGroup',
      'DeleteLogGroup',
      'PutRetentionPolicy',
      'DeleteRetentionPolicy',
      'GetDataProtectionPolicy',
      'DescribeIndexPolicies',
      'PutMetricFilter',
      'DeleteMetricFilter',
      'DescribeMetricFilters',
      'ListTagsForResource',
      'TagResource',
      'UntagResource',
    ],
    // With and without the suffix for the group's streams: the actions differ in which they accept.
    arns: [
      'logs:{region}:{account}:log-group:{name}',
      'logs:{region}:{account}:log-group:{name}:*',
    ],
  },
  'AWS::Events::Rule': {
    service: 'events',
    actions: [
      'PutRule',
      'DeleteRule',
      'DescribeRule',
      'EnableRule',
      'DisableRule',
      'PutTargets',
      'RemoveTargets',
      'ListTargetsByRule',
      'ListTagsForResource',
      'TagResource',
      'UntagResource',
    ],
    arns: ['events:{region}:{account}:rule/{name}'],
  },
  'AWS::StepFunctions::StateMachine': {
    service: 'states',
    actions: [
      'CreateStateMachine',
      'DeleteStateMachine',
      'DescribeStateMachine',
      'UpdateStateMachine',
      'ListTagsForResource',
      'TagResource',
      'UntagResource',
    ],
    arns: ['states:{region}:{account}:stateMachine:{name}'],
  },
  'AWS::SNS::Topic': {
    service: 'sns',
    actions: [
      'CreateTopic',
      'DeleteTopic',
      'GetTopicAttributes',
      'SetTopicAttributes',
      'GetDataProtectionPolicy',
      'Subscribe',
      'ListSubscriptionsByTopic',
      'ListTagsForResource',
      'TagResource',
      'UntagResource',
    ],
    arns: ['sns:{region}:{account}:{name}'],
  },
  'AWS::CloudWatch::Alarm': {
    service: 'cloudwatch',
    actions: [
      'PutMetricAlarm',
      'DeleteAlarms',
      'DescribeAlarms',
      'ListTagsForResource',
      'TagResource',
      'UntagResource',
    ],
    arns: ['cloudwatch:{region}:{account}:alarm:{name}'],
  },
  'AWS::Athena::WorkGroup': {
    service: 'athena',
    actions: [
      'CreateWorkGroup',
      'DeleteWorkGroup',
      'GetWorkGroup',
      'UpdateWorkGroup',
      'ListTagsForResource',
      'TagResource',
      'UntagResource',
    ],
    arns: ['athena:{region}:{account}:workgroup/{name}'],
  },
  'AWS::SSM::Parameter': {
    service: 'ssm',
    actions: [
      'PutParameter',
      'DeleteParameter',
      'GetParameters',
      'ListTagsForResource',
      'AddTagsToResource',
      'RemoveTagsFromResource',
    ],
    arns: ['ssm:{region}:{account}:parameter{name}'],
  },
};

/** Types without an ARN of their own: their actions are on the resource to which they belong. */
export const dependentTypes: ReadonlySet<string> = new Set([
  'AWS::S3::BucketPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::SNS::TopicPolicy',
  'AWS::Lambda::Permission',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Logs::MetricFilter',
]);

/** The actions on the stack itself. */
export const stackActions: readonly string[] = [
  'CreateChangeSet',
  'DescribeChangeSet',
  'ExecuteChangeSet',
  'DeleteChangeSet',
  'DescribeStacks',
  'DescribeStackEvents',
  'ListStackResources',
  'GetTemplate',
  'ContinueUpdateRollback',
  'UpdateTerminationProtection',
  'DeleteStack',
  'TagResource',
  'UntagResource',
];

/** The services that assume the system's roles. */
export const roleServices: readonly string[] = [
  'lambda.amazonaws.com',
  'states.amazonaws.com',
  'events.amazonaws.com',
];

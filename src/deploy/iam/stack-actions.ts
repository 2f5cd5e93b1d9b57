/**
 * Which of the actions of CloudFormation's handlers the template needs, and what the command itself calls besides.
 * Pure.
 */
import { toFields } from '../fields.ts';
import type { Template, TemplateResource } from '../template.ts';
import { handlerActions } from './handler-actions.ts';
import { parseActions } from './statements.ts';

/**
 * Actions that a handler calls only for a property, by the property's path. They are granted from the moment when a
 * resource of the template sets it. `*` at the end means the rest of the name.
 */
export const propertyActions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'AWS::Athena::WorkGroup': {
    'WorkGroupConfiguration.ExecutionRole': 'iam:PassRole iam:CreateServiceLinkedRole',
    'WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration.KmsKey': 'kms:*',
  },
  'AWS::Glue::Database': {
    'DatabaseInput.FederatedDatabase':
      'glue:PassConnection glue:CreateConnection glue:UpdateConnection glue:DeleteConnection glue:GetConnection',
  },
  'AWS::Glue::Table': {
    'TableInput.StorageDescriptor.SchemaReference': 'glue:GetSchemaVersion',
    OpenTableFormatInput: 's3:* iam:PassRole glue:PassConnection',
  },
  'AWS::IAM::ManagedPolicy': {
    Groups: 'iam:AttachGroupPolicy iam:DetachGroupPolicy',
    Users: 'iam:AttachUserPolicy iam:DetachUserPolicy',
  },
  'AWS::IAM::Role': {
    PermissionsBoundary: 'iam:PutRolePermissionsBoundary iam:DeleteRolePermissionsBoundary',
    Policies: 'iam:PutRolePolicy iam:DeleteRolePolicy',
  },
  'AWS::Lambda::EventSourceMapping': { KmsKeyArn: 'kms:*' },
  'AWS::Lambda::Function': {
    CapacityProviderConfig: 'lambda:PassCapacityProvider',
    'Code.S3ObjectVersion': 's3:GetObjectVersion',
    CodeSigningConfigArn:
      'lambda:GetCodeSigningConfig lambda:PutFunctionCodeSigningConfig lambda:DeleteFunctionCodeSigningConfig',
    FileSystemConfigs: 'elasticfilesystem:* s3files:*',
    FunctionScalingConfig: 'lambda:PutFunctionScalingConfig',
    KmsKeyArn: 'kms:*',
    Layers: 'lambda:GetLayerVersion',
    PublishToLatestPublished: 'lambda:PublishVersion',
    RecursiveLoop: 'lambda:PutFunctionRecursionConfig',
    ReservedConcurrentExecutions: 'lambda:PutFunctionConcurrency lambda:DeleteFunctionConcurrency',
    RuntimeManagementConfig: 'lambda:PutRuntimeManagementConfig lambda:AssociateRuntimeAlias',
    VpcConfig: 'ec2:*',
  },
  'AWS::Logs::LogGroup': {
    BearerTokenAuthenticationEnabled: 'logs:PutBearerTokenAuthentication',
    DataProtectionPolicy:
      'logs:PutDataProtectionPolicy logs:DeleteDataProtectionPolicy logs:CreateLogDelivery s3:* firehose:*',
    DeletionProtectionEnabled: 'logs:PutLogGroupDeletionProtection',
    FieldIndexPolicies: 'logs:PutIndexPolicy logs:DeleteIndexPolicy',
    KmsKeyId: 'logs:AssociateKmsKey logs:DisassociateKmsKey',
    ResourcePolicyDocument: 'logs:PutResourcePolicy logs:DeleteResourcePolicy',
  },
  'AWS::S3::Bucket': {
    AbacStatus: 's3:PutBucketAbac',
    AccelerateConfiguration: 's3:PutAccelerateConfiguration',
    AccessControl: 's3:PutBucketAcl s3:PutObjectAcl s3:GetBucketAcl',
    AnalyticsConfigurations: 's3:PutAnalyticsConfiguration s3:DeleteBucketAnalyticsConfiguration',
    CorsConfiguration: 's3:PutBucketCORS s3:DeleteBucketCors',
    IntelligentTieringConfigurations: 's3:PutIntelligentTieringConfiguration',
    InventoryConfigurations: 's3:PutInventoryConfiguration',
    LoggingConfiguration: 's3:PutBucketLogging',
    MetadataConfiguration:
      's3:CreateBucketMetadata* s3:DeleteBucketMetadata* s3:UpdateBucketMetadata* s3tables:*',
    MetricsConfigurations: 's3:PutMetricsConfiguration s3:DeleteBucketMetricsConfiguration',
    ObjectLockConfiguration: 's3:PutBucketObjectLockConfiguration s3:PutObjectLockConfiguration',
    ReplicationConfiguration:
      's3:PutReplicationConfiguration s3:PutBucketReplication s3:DeleteBucketReplication iam:PassRole',
    WebsiteConfiguration: 's3:PutBucketWebsite s3:DeleteBucketWebsite',
  },
  'AWS::SNS::Topic': {
    DataProtectionPolicy: 'sns:PutDataProtectionPolicy',
    DeliveryStatusLogging: 'iam:GetRole iam:PassRole',
  },
  'AWS::StepFunctions::StateMachine': {
    DefinitionS3Location: 's3:*',
    EncryptionConfiguration: 'kms:*',
  },
};

/** Actions of the schemas that are never granted, with the reason. */
export const omittedActions: Readonly<Record<string, string>> = {
  's3:DeleteBucketEncryption': 'IAM has no such action; s3:PutEncryptionConfiguration covers it',
  's3:DeleteBucketLifecycle': 'IAM has no such action; s3:PutLifecycleConfiguration covers it',
  's3:DeleteBucketTagging': 'IAM has no such action; s3:PutBucketTagging covers it',
  's3:DeleteObject': 'a stack never empties a bucket; `destroy` does, by a statement of its own',
  'lakeformation:CreateTable': 'a permission of Lake Formation itself, which IAM does not know',
};

/** What `deploy`, `plan` and `destroy` call with the person's own permissions, by the type of the resource. */
const commandActions: Readonly<Record<string, string>> = {
  'AWS::S3::Bucket': `
    s3:CreateBucket s3:DeleteBucket s3:ListBucket s3:ListBucketVersions s3:ListBucketMultipartUploads
    s3:GetBucketPolicy s3:PutBucketPolicy s3:GetEncryptionConfiguration s3:PutEncryptionConfiguration
    s3:GetBucketNotification s3:PutBucketNotification s3:PutBucketOwnershipControls s3:PutBucketPublicAccessBlock
    s3:PutBucketTagging s3:PutBucketVersioning
  `,
  'AWS::Glue::Database': 'glue:GetDatabase glue:CreateDatabase glue:DeleteDatabase',
  'AWS::Glue::Table':
    'glue:GetTable glue:GetTables glue:GetPartitions glue:CreateTable glue:UpdateTable glue:DeleteTable',
  // Whether one was deleted by hand.
  'AWS::Events::Rule': 'events:DescribeRule',
  'AWS::Lambda::Function': 'lambda:GetFunctionConfiguration',
  'AWS::Lambda::EventSourceMapping': 'lambda:GetEventSourceMapping',
  'AWS::SQS::Queue': 'sqs:GetQueueAttributes',
  'AWS::StepFunctions::StateMachine': 'states:DescribeStateMachine',
};

/** The actions on the stack itself. */
export const stackActions = `
  cloudformation:CreateChangeSet cloudformation:DescribeChangeSet cloudformation:ExecuteChangeSet
  cloudformation:DeleteChangeSet cloudformation:DescribeStacks cloudformation:DescribeStackEvents
  cloudformation:ListStackResources cloudformation:GetTemplate cloudformation:ContinueUpdateRollback
  cloudformation:UpdateTerminationProtection cloudformation:DeleteStack cloudformation:TagResource
  cloudformation:UntagResource
`;

/** The actions by which CloudFormation creates, reads, changes and deletes the template's resources of a type. */
export function getHandlerActions(template: Template, type: string): string[] {
  const called = handlerActions[type];
  if (called === undefined) {
    throw new Error(
      `iam/handler-actions.ts lacks ${type}: run scripts/generate-handler-actions.py`,
    );
  }
  const resources = [...template.resources.values()].filter((each) => each.type === type);
  const unused = Object.entries(propertyActions[type] ?? {})
    .filter(([path]) => !resources.some((resource) => hasProperty(resource, path)))
    .flatMap(([, actions]) => parseActions(actions));
  return parseActions(called).filter(
    (action) => !(action in omittedActions) && !unused.some((each) => matchesAction(each, action)),
  );
}

export function getCommandActions(type: string): string[] {
  return parseActions(commandActions[type] ?? '');
}

export function matchesAction(pattern: string, action: string): boolean {
  return pattern.endsWith('*') ? action.startsWith(pattern.slice(0, -1)) : action === pattern;
}

function hasProperty({ properties }: TemplateResource, path: string): boolean {
  let node: unknown = properties;
  for (const step of path.split('.')) node = toFields(node)[step];
  return node !== undefined;
}

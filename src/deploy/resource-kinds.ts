/** What CloudFormation's types are called in plain words, where their names stand, what they hold. Pure. */

export interface ResourceKind {
  readonly word: string;
  readonly plural: string;
  /** Where in the properties the name stands, which is also what `Ref` gives for these. */
  readonly namePath: readonly string[];
  /** What is lost with it; absent where it holds nothing. */
  readonly holds?: string;
}

function kind(word: string, name: string, more: Partial<ResourceKind> = {}): ResourceKind {
  return { word, plural: `${word}s`, namePath: name === '' ? [] : name.split('.'), ...more };
}

const KINDS: Readonly<Record<string, ResourceKind>> = {
  'AWS::S3::Bucket': kind('bucket', 'BucketName', { holds: 'the files in it' }),
  'AWS::S3::BucketPolicy': kind('bucket policy', '', { plural: 'bucket policies' }),
  'AWS::Glue::Database': kind('database', 'DatabaseInput.Name', { holds: 'the tables in it' }),
  'AWS::Glue::Table': kind('table', 'TableInput.Name', {
    holds: 'its list of partitions (its files stay in the bucket)',
  }),
  'AWS::SQS::Queue': kind('queue', 'QueueName', { holds: 'the messages in it' }),
  'AWS::SQS::QueuePolicy': kind('queue policy', '', { plural: 'queue policies' }),
  'AWS::Lambda::Function': kind('function', 'FunctionName'),
  'AWS::Lambda::Permission': kind('permission to invoke', '', { plural: 'permissions to invoke' }),
  'AWS::Lambda::EventSourceMapping': kind('queue trigger', ''),
  'AWS::Lambda::EventInvokeConfig': kind('invocation setting', ''),
  'AWS::IAM::Role': kind('role', 'RoleName'),
  'AWS::IAM::ManagedPolicy': kind('policy', 'ManagedPolicyName', { plural: 'policies' }),
  'AWS::Logs::LogGroup': kind('log group', 'LogGroupName', { holds: 'the logs in it' }),
  'AWS::Logs::MetricFilter': kind('count in a log', '', { plural: 'counts in logs' }),
  'AWS::Events::Rule': kind('rule', 'Name'),
  'AWS::StepFunctions::StateMachine': kind('state machine', 'StateMachineName'),
  'AWS::SNS::Topic': kind('topic', 'TopicName', { holds: 'its confirmed subscriptions' }),
  'AWS::SNS::TopicPolicy': kind('topic policy', '', { plural: 'topic policies' }),
  'AWS::CloudWatch::Alarm': kind('alarm', 'AlarmName'),
  'AWS::Athena::WorkGroup': kind('workgroup', 'Name', { holds: 'the history of its queries' }),
  'AWS::SSM::Parameter': kind('SSM parameter', 'Name'),
  // What these hold is data wherever a template of another version should have one.
  'AWS::DynamoDB::Table': kind('table', 'TableName', { holds: 'the rows in it' }),
};

/** What is known of a type; of one not listed, its own last word. */
export function resourceKind(type: string): ResourceKind {
  const known = KINDS[type];
  if (known !== undefined) return known;
  return kind(type.split('::').at(-1) || 'resource', '');
}

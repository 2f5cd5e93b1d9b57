/**
 * Evaluates the parts of a template that are known before there is a stack: names, conditions, tables. A value that
 * only AWS knows is `undefined`. Pure.
 */

import type { AwsSession } from '../aws/session.ts';
import { type Fields, toFields } from './fields.ts';
import type { Template, TemplateResource } from './template.ts';

export interface Scope {
  readonly template: Template;
  /** The value of every parameter that has one. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  readonly stackName: string;
}

/** The value of a part of the template; undefined inside it for what only AWS knows. */
export function evaluate(node: unknown, scope: Scope): unknown {
  if (Array.isArray(node)) return node.map((each) => evaluate(each, scope)).filter(isPresent);
  if (typeof node !== 'object' || node === null) return node;
  const fields = toFields(node);
  const [[name, argument] = ['', undefined], ...others] = Object.entries(fields);
  const intrinsic = others.length === 0 ? INTRINSICS[name] : undefined;
  if (intrinsic !== undefined) return intrinsic(argument, scope);
  const entries = Object.entries(fields).map(([key, value]) => [key, evaluate(value, scope)]);
  return Object.fromEntries(entries.filter(([, value]) => isPresent(value)));
}

/** Whether a condition of the template is true; no condition is always met. */
export function isConditionMet(condition: string | undefined, scope: Scope): boolean {
  if (condition === undefined) return true;
  return evaluate(scope.template.conditions[condition], scope) === true;
}

/** The rules of the template that the parameters break, in its words. CloudFormation checks them after the upload. */
export function findBrokenRules(scope: Scope): string[] {
  return [...scope.template.rules.values()]
    .filter(({ condition }) => condition === undefined || evaluate(condition, scope) === true)
    .flatMap(({ assertions }) => assertions)
    .filter(({ assert }) => evaluate(assert, scope) !== true)
    .map(({ description }) => description);
}

/** The physical name of a resource, where the template sets one. */
export function getPhysicalName(resource: TemplateResource, scope: Scope): string | undefined {
  const { namePath } = getResourceKind(resource.type);
  if (namePath.length === 0) return undefined;
  let node: unknown = resource.properties;
  for (const step of namePath) node = toFields(node)[step];
  const name = evaluate(node, scope);
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/**
 * The name by which a person knows a resource, of the one by which CloudFormation does: that of a queue is its URL,
 * that of a state machine its ARN, and that of a queue trigger a UUID.
 */
export function formatResourceName(logicalId: string, physicalId: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(physicalId)) return logicalId;
  if (!/^(https?|arn):/.test(physicalId)) return physicalId;
  return physicalId.split(/[/:]/).at(-1) || logicalId;
}

/** The name that a resource has when its parameter (`<id>Name`) is not set. */
export function getDefaultName(resource: TemplateResource, scope: Scope): string | undefined {
  const parameter = `${resource.id}Name`;
  const value = scope.template.parameters.get(parameter)?.defaultValue ?? '';
  return getPhysicalName(resource, {
    ...scope,
    parameters: { ...scope.parameters, [parameter]: value },
  });
}

type Intrinsic = (argument: unknown, scope: Scope) => unknown;

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (name, scope) => evaluateReference(String(name), scope),
  Condition: (name, scope) => isConditionMet(String(name), scope),
  'Fn::Equals': (argument, scope) => {
    const [left, right] = toList(argument).map((each) => evaluate(each, scope));
    return String(left) === String(right);
  },
  'Fn::Not': (argument, scope) => evaluate(toList(argument)[0], scope) !== true,
  'Fn::And': (argument, scope) => toList(argument).every((each) => evaluate(each, scope) === true),
  'Fn::Or': (argument, scope) => toList(argument).some((each) => evaluate(each, scope) === true),
  'Fn::If': (argument, scope) => {
    const [condition, then, otherwise] = toList(argument);
    return evaluate(isConditionMet(String(condition), scope) ? then : otherwise, scope);
  },
  'Fn::Contains': (argument, scope) => {
    const [list, value] = toList(argument).map((each) => evaluate(each, scope));
    return toList(list).map(String).includes(String(value));
  },
  'Fn::GetAtt': (argument, scope) => evaluateAttribute(argument, scope),
  'Fn::Join': (argument, scope) => {
    const [separator, list] = toList(argument);
    return toList(evaluate(list, scope)).join(String(separator));
  },
  'Fn::Base64': (argument, scope) => {
    const text = evaluate(argument, scope);
    return typeof text === 'string' ? Buffer.from(text).toString('base64') : undefined;
  },
  'Fn::Sub': (argument, scope) => {
    const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
    return substitute(String(text), toFields(variables), scope);
  },
};

function evaluateReference(name: string, scope: Scope): unknown {
  switch (name) {
    case 'AWS::AccountId':
      return scope.account;
    case 'AWS::Region':
      return scope.region;
    case 'AWS::Partition':
      return scope.partition;
    case 'AWS::StackName':
      return scope.stackName;
    case 'AWS::NoValue':
      return undefined;
  }
  const resource = scope.template.resources.get(name);
  return resource === undefined ? scope.parameters[name] : getPhysicalName(resource, scope);
}

/** Only AWS knows attributes, except those that repeat a property, such as the value of an SSM parameter. */
function evaluateAttribute(argument: unknown, scope: Scope): unknown {
  const [id, ...path] = toList(argument).map(String);
  const resource = scope.template.resources.get(id ?? '');
  if (resource === undefined || path.join('.') !== 'Value') return undefined;
  return evaluate(resource.properties['Value'], scope);
}

function substitute(text: string, variables: Fields, scope: Scope): string | undefined {
  let known = true;
  const result = text.replaceAll(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
    if (literal === '!') return `\${${name}}`;
    const value =
      name in variables ? evaluate(variables[name], scope) : evaluateVariable(name, scope);
    if (!isPresent(value)) known = false;
    return String(value);
  });
  return known ? result : undefined;
}

function evaluateVariable(name: string, scope: Scope): unknown {
  return name.includes('.')
    ? evaluateAttribute(name.split('.'), scope)
    : evaluateReference(name, scope);
}

/** The argument as a list. */
export function toList(argument: unknown): readonly unknown[] {
  return Array.isArray(argument) ? argument : [argument];
}

function isPresent(value: unknown): boolean {
  return value !== undefined;
}

/** A Glue table as the template defines it. */
export interface TableDefinition {
  readonly database: string;
  readonly name: string;
  readonly location: string;
  readonly input: Fields;
}

/** Whether a resource is a table whose files are listed by partition. */
export function hasPartitions({ type, properties }: TemplateResource): boolean {
  const { PartitionKeys: keys = [] } = toFields(properties['TableInput']);
  return type === 'AWS::Glue::Table' && toList(keys).length > 0;
}

export function evaluateTable({ properties }: TemplateResource, scope: Scope): TableDefinition {
  const input = toFields(evaluate(properties['TableInput'], scope));
  return {
    database: String(evaluate(properties['DatabaseName'], scope)),
    name: String(input['Name']),
    location: String(toFields(input['StorageDescriptor'])['Location'] ?? ''),
    input,
  };
}

export function formatArtifactsBucketName(
  prefix: string,
  { account, region }: Pick<AwsSession, 'account' | 'region'>,
): string {
  return `${prefix}-artifacts-${account}-${region}`;
}

/** The host name of S3 in a region, which is also its name as a service in conditions of policies. */
export function getS3Host({ region, partition }: Pick<AwsSession, 'region' | 'partition'>): string {
  return `s3.${region}.${partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'}`;
}

interface ResourceKind {
  readonly singular: string;
  readonly plural: string;
  /** The path of the name in the properties, which is also the value of `Ref` for these types. */
  readonly namePath: readonly string[];
  /** The data that is lost with the resource; absent where it holds none. */
  readonly contents?: string;
}

function createKind(
  singular: string,
  namePath: string,
  more: Partial<ResourceKind> = {},
): ResourceKind {
  return {
    singular,
    plural: `${singular}s`,
    namePath: namePath === '' ? [] : namePath.split('.'),
    ...more,
  };
}

const RESOURCE_KINDS: Readonly<Record<string, ResourceKind>> = {
  'AWS::S3::Bucket': createKind('bucket', 'BucketName', { contents: 'the files in it' }),
  'AWS::S3::BucketPolicy': createKind('bucket policy', '', { plural: 'bucket policies' }),
  'AWS::Glue::Database': createKind('database', 'DatabaseInput.Name', {
    contents: 'the tables in it',
  }),
  'AWS::Glue::Table': createKind('table', 'TableInput.Name', {
    contents: 'its list of partitions (its files stay in the bucket)',
  }),
  'AWS::SQS::Queue': createKind('queue', 'QueueName', { contents: 'the messages in it' }),
  'AWS::SQS::QueuePolicy': createKind('queue policy', '', { plural: 'queue policies' }),
  'AWS::Lambda::Function': createKind('function', 'FunctionName'),
  'AWS::Lambda::Permission': createKind('permission to invoke', '', {
    plural: 'permissions to invoke',
  }),
  'AWS::Lambda::EventSourceMapping': createKind('queue trigger', ''),
  'AWS::Lambda::EventInvokeConfig': createKind('invocation setting', ''),
  'AWS::IAM::Role': createKind('role', 'RoleName'),
  'AWS::IAM::ManagedPolicy': createKind('policy', 'ManagedPolicyName', { plural: 'policies' }),
  'AWS::Logs::LogGroup': createKind('log group', 'LogGroupName', { contents: 'the logs in it' }),
  'AWS::Logs::MetricFilter': createKind('count in a log', '', { plural: 'counts in logs' }),
  'AWS::Events::Rule': createKind('rule', 'Name'),
  'AWS::StepFunctions::StateMachine': createKind('state machine', 'StateMachineName'),
  'AWS::SNS::Topic': createKind('topic', 'TopicName', { contents: 'its confirmed subscriptions' }),
  'AWS::SNS::TopicPolicy': createKind('topic policy', '', { plural: 'topic policies' }),
  'AWS::CloudWatch::Alarm': createKind('alarm', 'AlarmName'),
  'AWS::Athena::WorkGroup': createKind('workgroup', 'Name', {
    contents: 'the history of its queries',
  }),
  'AWS::SSM::Parameter': createKind('SSM parameter', 'Name'),
  // For templates of other versions: it would hold data.
  'AWS::DynamoDB::Table': createKind('table', 'TableName', { contents: 'the rows in it' }),
};

/** The kind of a type; one that is not listed is called by the last part of its name. */
export function getResourceKind(type: string): ResourceKind {
  const known = RESOURCE_KINDS[type];
  if (known !== undefined) return known;
  return createKind(type.split('::').at(-1) || 'resource', '');
}

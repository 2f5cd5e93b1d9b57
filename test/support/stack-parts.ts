/**
 * Every part of a deployed system as AWS answers for it, by its name in the template: what the stack is
 * made of, the bucket of the functions' code, and what the data's buckets and tables hold.
 */

import type { ByLayer } from '../../src/catalog/dataset.ts';
import { adjustedPricesView } from '../../src/query/named-views.ts';
import type { AwsAccount, PlainAnswer } from './aws-account.ts';
import type { RunningSystem } from './running-system.ts';

const ALARM = 'AWS::CloudWatch::Alarm';
/** How many names CloudWatch takes, and alarms it answers with, at once. */
const MAX_ALARMS = 100;

/** What is asked of AWS about one thing, and the protocol that its service speaks. */
type Question =
  | { readonly path: string }
  | { readonly action: string; readonly version: string; readonly values: Values }
  | { readonly target: string; readonly body: object };

type Values = Readonly<Record<string, string>>;

/** The answers by the part's name and type: JSON as it is, anything else as text. */
export type StackParts = Readonly<Record<string, readonly unknown[]>>;

/** As they are now, to the last timestamp. */
export async function partsOf(
  { account, buckets, databases }: RunningSystem,
  stackName: string,
): Promise<StackParts> {
  const artifacts = buckets.sor.replace('-sor-', '-artifacts-');
  const questions: [string, readonly Question[]][] = [
    ['the stack', [stackQuestion('DescribeStacks', stackName)]],
    [ARTIFACTS, bucketQuestions(artifacts)],
  ];
  const resources = await resourcesOf(account, stackName);
  for (const { id, type, name } of resources) {
    questions.push([`${id} ${type}`, questionsOf(type, name, databases)]);
  }
  const alarms = resources.filter(({ type }) => type === ALARM).map(({ name }) => name);
  questions.push(['the alarms', alarmQuestions(alarms)]);
  return Object.fromEntries(
    await Promise.all(
      questions.map(async ([part, asked]): Promise<[string, readonly unknown[]]> => {
        return [part, await Promise.all(asked.map((each) => answerTo(account, each)))];
      }),
    ),
  );
}

/** The status of a stack; undefined where there is none. */
export async function statusIn(
  account: AwsAccount,
  stackName: string,
): Promise<string | undefined> {
  const xml = String(await answerTo(account, stackQuestion('DescribeStacks', stackName)));
  return /<StackStatus>([^<]*)/.exec(xml)?.[1];
}

/** The bucket of the functions' code, which is no part of the stack. */
export const ARTIFACTS = 'the bucket of the code';

/** The keys in the answers about a bucket. */
export function keysIn(answers: readonly unknown[] = []): string[] {
  return [...String(answers.at(-1)).matchAll(/<Key>([^<]*)/g)].map(([, key = '']) => key);
}

/** The same but for when it was changed last, and the numbers that a change gives: an undone one leaves those. */
export function withoutMoments(parts: StackParts): StackParts {
  const text = JSON.stringify(parts, (name, value: unknown) =>
    MOMENTS.has(name) ? undefined : value,
  );
  return JSON.parse(
    text.replace(/<(StackStatus|LastUpdatedTime|UpdateDate|CreateDate)>[^<]*/g, '<$1>'),
  ) as StackParts;
}

const MOMENTS = new Set([
  'LastModified',
  'LastModifiedTimestamp',
  'RevisionId',
  'updateDate',
  'UpdateTime',
  'VersionId',
  'AlarmConfigurationUpdatedTimestamp',
]);
/** An alarm comes to its state by itself. */
const STATE = new Set(['StateValue', 'StateReason', 'StateReasonData', 'StateUpdatedTimestamp']);

async function resourcesOf(
  account: AwsAccount,
  stackName: string,
): Promise<{ readonly id: string; readonly type: string; readonly name: string }[]> {
  const xml = String(await answerTo(account, stackQuestion('DescribeStackResources', stackName)));
  return [...xml.matchAll(/<member>(.*?)<\/member>/gs)].map(([, member = '']) => ({
    id: element(member, 'LogicalResourceId'),
    type: element(member, 'ResourceType'),
    name: element(member, 'PhysicalResourceId'),
  }));
}

function element(xml: string, name: string): string {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  if (found === undefined) throw new Error(`no ${name} in ${xml.slice(0, 300)}`);
  return found;
}

/** @throws where it is not known how to ask for a thing of this type */
function questionsOf(type: string, name: string, databases: ByLayer): readonly Question[] {
  switch (type) {
    case 'AWS::S3::Bucket':
      return bucketQuestions(name);
    case 'AWS::Lambda::Function':
      return [
        { path: `/2015-03-31/functions/${name}/configuration` },
        { path: `/2015-03-31/functions/${name}/policy` },
        { path: `/2019-09-25/functions/${name}/event-invoke-config` },
      ];
    case 'AWS::Lambda::EventSourceMapping':
      return [{ path: `/2015-03-31/event-source-mappings/${name}` }];
    case 'AWS::SQS::Queue':
      return [json('AmazonSQS.GetQueueAttributes', { QueueUrl: name, AttributeNames: ['All'] })];
    case 'AWS::Events::Rule':
      return [
        json('AWSEvents.DescribeRule', { Name: name }),
        json('AWSEvents.ListTargetsByRule', { Rule: name }),
      ];
    case 'AWS::StepFunctions::StateMachine':
      return [json('AWSStepFunctions.DescribeStateMachine', { stateMachineArn: name })];
    case 'AWS::Logs::LogGroup':
      return [
        json('Logs_20140328.DescribeLogGroups', { logGroupNamePrefix: name }),
        json('Logs_20140328.DescribeMetricFilters', { logGroupName: name }),
      ];
    case 'AWS::SNS::Topic':
      return [
        sns('GetTopicAttributes', { TopicArn: name }),
        sns('ListSubscriptionsByTopic', { TopicArn: name }),
      ];
    case 'AWS::IAM::Role':
      return [
        iam('GetRole', { RoleName: name }),
        iam('ListAttachedRolePolicies', { RoleName: name }),
        iam('ListRolePolicies', { RoleName: name }),
      ];
    case 'AWS::IAM::ManagedPolicy':
      return [
        iam('GetPolicy', { PolicyArn: name }),
        iam('GetPolicyVersion', { PolicyArn: name, VersionId: 'v1' }),
      ];
    case 'AWS::SSM::Parameter':
      return [json('AmazonSSM.GetParameter', { Name: name })];
    case 'AWS::Athena::WorkGroup':
      return [json('AmazonAthena.GetWorkGroup', { WorkGroup: name })];
    case 'AWS::Glue::Database':
      return [
        json('AWSGlue.GetDatabase', { Name: name }),
        json('AWSGlue.GetTables', { DatabaseName: name }),
      ];
    case 'AWS::Glue::Table': {
      const DatabaseName = databases[layerOf(name)];
      // The table itself is in the answer about its database.
      return [json('AWSGlue.GetPartitions', { DatabaseName, TableName: name })];
    }
    // Asked for together.
    case ALARM:
    // Told by what they belong to: the function, the bucket, the queue, the topic, the log group.
    case 'AWS::Lambda::Permission':
    case 'AWS::Lambda::EventInvokeConfig':
    case 'AWS::S3::BucketPolicy':
    case 'AWS::SQS::QueuePolicy':
    case 'AWS::SNS::TopicPolicy':
    case 'AWS::Logs::MetricFilter':
      return [];
    default:
      throw new Error(`how is ${name} (${type}) asked for?`);
  }
}

function layerOf(table: string): keyof ByLayer {
  const layer = table === adjustedPricesView.name ? 'spec' : /^tb(sor|sot|spec)_/.exec(table)?.[1];
  if (layer === 'sor' || layer === 'sot' || layer === 'spec') return layer;
  throw new Error(`${table} is of no layer`);
}

/** All in one answer. Without names, CloudWatch would answer with every alarm of the account. */
function alarmQuestions(names: readonly string[]): readonly Question[] {
  if (names.length > MAX_ALARMS) throw new Error(`${names.length} alarms are more than one answer`);
  const body = { AlarmNames: names, MaxRecords: MAX_ALARMS };
  return names.length === 0 ? [] : [json('GraniteServiceVersion20100801.DescribeAlarms', body)];
}

/** How a bucket is set up, and every version of every object in it. */
function bucketQuestions(name: string): readonly Question[] {
  const settings = ['notification', 'versioning', 'lifecycle', 'encryption', 'publicAccessBlock'];
  return [...settings, 'ownershipControls', 'policy', 'tagging', 'versions'].map((what) => ({
    path: `/${name}?${what}`,
  }));
}

const json = (target: string, body: object): Question => ({ target, body });
const iam = (action: string, values: Values): Question => ({
  ...{ action, version: '2010-05-08', values },
});
const sns = (action: string, values: Values): Question => ({
  ...{ action, version: '2010-03-31', values },
});

const stackQuestion = (action: string, StackName: string): Question => ({
  ...{ action, version: '2010-05-15', values: { StackName } },
});

/** The answer, be it that there is no such thing; without the number of the request. */
async function answerTo(account: AwsAccount, question: Question): Promise<unknown> {
  const answer = await ask(account, question);
  if (answer.status >= 500) throw new Error(`${JSON.stringify(question)}: ${answer.status}`);
  const text = String(answer.bytes);
  if (!text.startsWith('{')) return text.replace(/<RequestId>[^<]*/g, '<RequestId>');
  const parsed: { readonly NextToken?: string } = JSON.parse(text, (name, value: unknown) =>
    STATE.has(name) ? undefined : value,
  );
  if (parsed.NextToken) throw new Error(`${JSON.stringify(question)}: there is another page`);
  return parsed;
}

function ask(account: AwsAccount, question: Question): Promise<PlainAnswer> {
  if ('path' in question) return account.fetch(question.path);
  if ('target' in question) {
    return account.fetch('/', {
      method: 'POST',
      headers: { 'x-amz-target': question.target, 'content-type': 'application/x-amz-json-1.1' },
      body: JSON.stringify(question.body),
    });
  }
  const { action, version, values } = question;
  const body = String(new URLSearchParams({ Action: action, Version: version, ...values }));
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return account.fetch('/', { method: 'POST', headers, body });
}

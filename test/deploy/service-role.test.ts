/**
 * What CloudFormation's handlers call for each resource of the stack, held against the policy of the role that it
 * assumes (`iam-policy --for service-role`) by an IAM evaluator.
 */
import { expect, test } from 'vitest';
import { createServiceRolePolicy } from '../../src/deploy/iam/deployer-policy.ts';
import { getHandlerActions } from '../../src/deploy/iam/stack-actions.ts';
import { createScope } from '../support/command-recorder.ts';
import { ACCOUNT, isAllowed, type PolicyDocument } from '../support/recorded-calls.ts';
import { ResolvedStack } from '../support/resolved-stack.ts';
import { at, type JsonObject } from '../support/template.ts';

const scope = createScope({ AlarmEmail: 'a@example.org' });
const stack = new ResolvedStack({ AlarmEmail: 'a@example.org' });
const policy = createServiceRolePolicy(scope);

const regional = (service: string, path: string): string =>
  `arn:aws:${service}:sa-east-1:${ACCOUNT}:${path}`;
const bucketOf = (name: string): string => `arn:aws:s3:::pynvest-${name}-${ACCOUNT}-sa-east-1`;

/** The ARN of a resource, written down from AWS's lists of resource types; by the property with its name. */
const ARNS: Readonly<Record<string, (properties: JsonObject) => string>> = {
  'AWS::S3::Bucket': ({ BucketName }) => `arn:aws:s3:::${BucketName}`,
  'AWS::Glue::Database': (each) =>
    regional('glue', `database/${at(each['DatabaseInput'], 'Name')}`),
  'AWS::Glue::Table': (each) =>
    regional('glue', `table/${each['DatabaseName']}/${at(each['TableInput'], 'Name')}`),
  'AWS::SQS::Queue': ({ QueueName }) => regional('sqs', String(QueueName)),
  'AWS::Lambda::Function': ({ FunctionName }) => regional('lambda', `function:${FunctionName}`),
  'AWS::Lambda::EventSourceMapping': () => regional('lambda', 'event-source-mapping:a-uuid'),
  'AWS::IAM::Role': ({ RoleName }) => `arn:aws:iam::${ACCOUNT}:role/${RoleName}`,
  'AWS::IAM::ManagedPolicy': (each) =>
    `arn:aws:iam::${ACCOUNT}:policy/${each['ManagedPolicyName']}`,
  'AWS::Logs::LogGroup': ({ LogGroupName }) => regional('logs', `log-group:${LogGroupName}`),
  'AWS::Events::Rule': ({ Name }) => regional('events', `rule/${Name}`),
  'AWS::StepFunctions::StateMachine': (each) =>
    regional('states', `stateMachine:${each['StateMachineName']}`),
  'AWS::SNS::Topic': ({ TopicName }) => regional('sns', String(TopicName)),
  'AWS::CloudWatch::Alarm': ({ AlarmName }) => regional('cloudwatch', `alarm:${AlarmName}`),
  'AWS::Athena::WorkGroup': ({ Name }) => regional('athena', `workgroup/${Name}`),
  'AWS::SSM::Parameter': ({ Name }) => regional('ssm', `parameter${Name}`),
};

/** What handlers call on something else than the resource itself. */
const ELSEWHERE: readonly string[] = [
  `${bucketOf('artifacts')}/code.zip`,
  bucketOf('athena'),
  `${bucketOf('athena')}/results`,
  regional('glue', 'catalog'),
  regional('glue', 'database/db_pynvest_sor'),
  `arn:aws:iam::${ACCOUNT}:role/pynvest-lambda-dedup-financial-data`,
  regional('logs', 'log-group:any:log-stream:'),
  '*',
];

const CONTEXT = {
  'iam:PassedToService': 'lambda.amazonaws.com',
  'iam:PolicyARN': `arn:aws:iam::${ACCOUNT}:policy/pynvest-dedup-financial-data`,
  'lambda:FunctionArn': regional('lambda', 'function:pynvest-lambda-get-financial-data-for-acoes'),
};

async function isGranted(action: string, arn: string, policies: readonly PolicyDocument[]) {
  for (const resource of [arn, `${arn}:log-stream:`, ...ELSEWHERE]) {
    // An action has no resource of some of these forms.
    const allowed = await isAllowed({ action, resource, context: CONTEXT }, policies).catch(
      () => false,
    );
    if (allowed) return true;
  }
  return false;
}

async function findLacking(policies: readonly PolicyDocument[]): Promise<string[]> {
  const lacking: string[] = [];
  for (const [id, { type, properties }] of Object.entries(stack.resources)) {
    const arn = ARNS[type]?.(properties);
    if (arn === undefined) continue;
    for (const action of getHandlerActions(scope.template, type)) {
      if (!(await isGranted(action, arn, policies))) lacking.push(`${action} for ${id}`);
    }
  }
  return lacking;
}

test('every resource of the stack can be created, read, changed and deleted by the role', async () => {
  expect(await findLacking([policy])).toEqual([]);
});

test('a right that is missing is found', async () => {
  const without = policy.Statement.map((each) => ({
    ...each,
    Action: each.Action.filter((action) => action !== 's3:TagResource'),
  }));
  const lacking = await findLacking([{ ...policy, Statement: without }]);
  expect(lacking).toContain('s3:TagResource for SorBucket');
});

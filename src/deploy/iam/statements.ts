/**
 * IAM policies and their statements for the resources of a template. Pure.
 */

import { toFields } from '../fields.ts';
import {
  evaluateTable,
  getPhysicalName,
  hasPartitions,
  type Scope,
  toList,
} from '../intrinsics.ts';
import type { TemplateResource } from '../template.ts';

export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

export interface Policy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

/** The maximum size of a managed policy in characters, not counting white space. */
export const MAX_POLICY_SIZE = 6144;

/** The policy in pieces that each fit into a managed policy. */
export function splitPolicy({ Version, Statement: statements }: Policy): Policy[] {
  const pieces: Statement[][] = [];
  for (const statement of statements) {
    const last = pieces.at(-1);
    if (
      last !== undefined &&
      getPolicySize({ Version, Statement: [...last, statement] }) <= MAX_POLICY_SIZE
    ) {
      last.push(statement);
    } else pieces.push([statement]);
  }
  return pieces.map((Statement) => ({ Version, Statement }));
}

/** Placeholders for the account and the region. */
export const ACCOUNT_PLACEHOLDER = 'ACCOUNT';
export const REGION_PLACEHOLDER = 'REGION';

/** The size as IAM counts it, with an account and the longest region in place of placeholders. */
export function getPolicySize(policy: Policy): number {
  return JSON.stringify(policy)
    .replaceAll(ACCOUNT_PLACEHOLDER, '123456789012')
    .replaceAll(REGION_PLACEHOLDER, 'ap-southeast-2').length;
}

/** @param actions with spaces between them, as in `s3:GetObject s3:PutObject` */
export function createStatement(
  Sid: string,
  actions: string,
  Resource: readonly string[],
  Condition?: Statement['Condition'],
): Statement {
  return {
    Sid,
    Effect: 'Allow',
    Action: parseActions(actions),
    Resource,
    ...(Condition && { Condition }),
  };
}

export function parseActions(text: string): string[] {
  return text.split(/\s+/).filter((action) => action !== '');
}

/** An ARN by a pattern with `{region}`, `{account}` and `{name}`. */
export function formatArn(
  { partition, region, account }: Scope,
  pattern: string,
  name: string,
): string {
  const values: Readonly<Record<string, string>> = { region, account, name };
  return `arn:${partition}:${pattern.replaceAll(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole)}`;
}

/** The names of the template's resources of a type, whether or not their conditions hold now. */
export function getNames(scope: Scope, type: string, only: 'all' | 'temporary' = 'all'): string[] {
  return [...scope.template.resources.values()]
    .filter((resource) => resource.type === type && (only === 'all' || !resource.retainOnDelete))
    .flatMap((resource) => getPhysicalName(resource, scope) ?? []);
}

/** The ARNs of a resource of each type, after `arn:<partition>:`. */
const ARNS: Readonly<Record<string, readonly string[]>> = {
  'AWS::S3::Bucket': ['s3:::{name}'],
  'AWS::Glue::Database': [
    'glue:{region}:{account}:catalog',
    'glue:{region}:{account}:database/{name}',
  ],
  'AWS::Glue::Table': [
    'glue:{region}:{account}:catalog',
    'glue:{region}:{account}:database/{database}',
    'glue:{region}:{account}:table/{database}/{name}',
  ],
  'AWS::SQS::Queue': ['sqs:{region}:{account}:{name}'],
  'AWS::Lambda::Function': ['lambda:{region}:{account}:function:{name}'],
  'AWS::IAM::Role': ['iam::{account}:role/{name}'],
  'AWS::IAM::ManagedPolicy': ['iam::{account}:policy/{name}'],
  // With and without the suffix for the group's streams: the actions differ in which they accept.
  'AWS::Logs::LogGroup': [
    'logs:{region}:{account}:log-group:{name}',
    'logs:{region}:{account}:log-group:{name}:*',
  ],
  'AWS::Events::Rule': ['events:{region}:{account}:rule/{name}'],
  'AWS::StepFunctions::StateMachine': ['states:{region}:{account}:stateMachine:{name}'],
  'AWS::SNS::Topic': ['sns:{region}:{account}:{name}'],
  'AWS::CloudWatch::Alarm': ['cloudwatch:{region}:{account}:alarm:{name}'],
  'AWS::Athena::WorkGroup': ['athena:{region}:{account}:workgroup/{name}'],
  'AWS::SSM::Parameter': ['ssm:{region}:{account}:parameter{name}'],
  // AWS generates its name.
  'AWS::Lambda::EventSourceMapping': ['lambda:{region}:{account}:event-source-mapping:*'],
};

/** The ARNs of the template's resources of a type, and of their containers, such as a table's database. */
export function getArns(scope: Scope, type: string): string[] {
  return formatArns(
    scope,
    type,
    [...scope.template.resources.values()].filter((each) => each.type === type),
  );
}

/** The same of the tables with partitions: neither the view of adjusted prices nor the note that it reads has any. */
export function getPartitionedTableArns(scope: Scope): string[] {
  const tables = [...scope.template.resources.values()].filter(hasPartitions);
  return formatArns(scope, 'AWS::Glue::Table', tables);
}

function formatArns(scope: Scope, type: string, resources: readonly TemplateResource[]): string[] {
  const arns = ARNS[type] ?? [];
  const all = resources.flatMap((resource) => {
    const name = getPhysicalName(resource, scope) ?? '';
    const { database } = evaluateTable(resource, scope);
    return arns.map((pattern) => formatArn(scope, pattern.replace('{database}', database), name));
  });
  return [...new Set(all)];
}

/** The functions that queues trigger: a condition, as AWS generates the names of event source mappings. */
export function getTriggeredFunctionArns(scope: Scope): string[] {
  const { resources } = scope.template;
  return [...resources.values()]
    .filter(({ type }) => type === 'AWS::Lambda::EventSourceMapping')
    .flatMap(({ properties }) => {
      const [id] = toList(toFields(properties['FunctionName'])['Fn::GetAtt']);
      const target = resources.get(String(id));
      const name = target === undefined ? undefined : getPhysicalName(target, scope);
      return name === undefined
        ? []
        : [formatArn(scope, 'lambda:{region}:{account}:function:{name}', name)];
    });
}

/**
 * Statements about resources for which their type's own actions on their own ARNs do not do: a condition is
 * needed, or leave on what they hold. Pure.
 */
import { roleTakers } from './iam-actions.ts';
import { physicalName, pieces, type Scope } from './intrinsics.ts';
import { allow, arn, arnsOf, namesOf, type Statement } from './policy-statements.ts';
import { fieldsOf } from './template.ts';

const FUNCTION_ARN = 'lambda:{region}:{account}:function:{name}';

/**
 * Glue asks for leave on all that a database could hold before it removes one, and lists only the tables that
 * the caller may list: another's table that is not seen would go with its database.
 */
export function dropDatabases(scope: Scope): Statement[] {
  const names = new Set(namesOf(scope, 'AWS::Glue::Database'));
  if (names.size === 0) return [];
  const at = (path: string): string => arn(scope, `glue:{region}:{account}:${path}`, '');
  const held = [...names].flatMap((name) => [
    at(`database/${name}`),
    at(`table/${name}/*`),
    at(`userDefinedFunction/${name}/*`),
  ]);
  return [
    allow('DropDatabases', 'glue', ['DeleteDatabase', 'GetTables'], [at('catalog'), ...held]),
  ];
}

/** Roles take our policies and no others, and are handed to the services of the system alone. */
export function attachAndPassRoles(scope: Scope): Statement[] {
  const ours = arnsOf(scope, 'AWS::IAM::Role');
  if (ours.length === 0) return [];
  return [
    allow('AttachPolicies', 'iam', ['AttachRolePolicy', 'DetachRolePolicy'], ours, {
      ArnEquals: { 'iam:PolicyARN': arnsOf(scope, 'AWS::IAM::ManagedPolicy') },
    }),
    allow('PassRoles', 'iam', ['PassRole'], ours, {
      StringEquals: { 'iam:PassedToService': roleTakers },
    }),
  ];
}

/** AWS names a trigger as it makes it, so that it is known by its function. */
export function changeQueueTriggers(scope: Scope, verbs: readonly string[]): Statement[] {
  const { resources } = scope.template;
  const triggered = [...resources.values()]
    .filter(({ type }) => type === 'AWS::Lambda::EventSourceMapping')
    .flatMap(({ properties }) => {
      const [id] = pieces(fieldsOf(properties['FunctionName'])['Fn::GetAtt']);
      const target = resources.get(String(id));
      const name = target === undefined ? undefined : physicalName(target, scope);
      return name === undefined ? [] : [arn(scope, FUNCTION_ARN, name)];
    });
  if (triggered.length === 0) return [];
  const actions = verbs.map((verb) => `${verb}EventSourceMapping`);
  const ofOurs = { ArnEquals: { 'lambda:FunctionArn': triggered } };
  return [allow('QueueTriggers', 'lambda', actions, ['*'], ofOurs)];
}

/** The same with all that is read of them. */
export function queueTriggers(scope: Scope): Statement[] {
  const change = changeQueueTriggers(scope, ['Create', 'Update', 'Delete']);
  if (change.length === 0) return [];
  const mappings = [arn(scope, 'lambda:{region}:{account}:event-source-mapping:*', '')];
  const actions = ['GetEventSourceMapping', 'ListTags', 'TagResource', 'UntagResource'];
  return [...change, allow('ReadQueueTriggers', 'lambda', actions, mappings)];
}

/** Takes no narrower resource. */
export function listLogGroups(scope: Scope): Statement {
  const groups = arn(scope, 'logs:{region}:{account}:log-group:*', '');
  return allow('ListLogGroups', 'logs', ['DescribeLogGroups'], [groups]);
}

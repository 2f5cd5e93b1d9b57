/** Who may do what in a stack: the statements of its policies, and of each function's role. */
import type { ResolvedStack } from './resolved-stack.ts';
import { asObject, at, type Json, type JsonObject, listOf } from './template.ts';

export interface Statement {
  /** The resource of the template that it stands in. */
  readonly in: string;
  readonly sid: string;
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly condition: Json | undefined;
  readonly principal: Json | undefined;
}

export function statementsOf(document: Json | undefined, within: string): Statement[] {
  return listOf(at(document, 'Statement')).map((json) => {
    const statement = asObject(json);
    return {
      in: within,
      sid: String(statement['Sid'] ?? ''),
      effect: String(statement['Effect']),
      actions: listOf(statement['Action']).map(String),
      resources: listOf(statement['Resource']).map(String),
      condition: statement['Condition'],
      principal: statement['Principal'],
    };
  });
}

/** All that the stack's roles may do, the policies inside a role included. */
export function grants(stack: ResolvedStack): Statement[] {
  const managed = stack
    .ofType('AWS::IAM::ManagedPolicy')
    .flatMap(([name, { properties }]) => statementsOf(properties['PolicyDocument'], name));
  const inline = stack
    .ofType('AWS::IAM::Role')
    .flatMap(([name, { properties }]) =>
      listOf(properties['Policies']).flatMap((policy) =>
        statementsOf(at(policy, 'PolicyDocument'), name),
      ),
    );
  return [...managed, ...inline];
}

/** What a function may do: by its role, and by the managed policies of that. */
export function grantsOfFunction(stack: ResolvedStack, functionName: string): Statement[] {
  const properties = functionProperties(stack, functionName);
  const [role] = stack
    .ofType('AWS::IAM::Role')
    .filter(([, { properties: of }]) => String(properties['Role']).endsWith(`/${of['RoleName']}`));
  if (role === undefined) throw new Error(`${functionName} has no role`);
  const policies = listOf(role[1].properties['ManagedPolicyArns']).map(String);
  return grants(stack).filter(
    ({ in: within }) =>
      within === role[0] ||
      policies.some((arn) =>
        arn.endsWith(`/${stack.resources[within]?.properties['ManagedPolicyName']}`),
      ),
  );
}

export function functionProperties(stack: ResolvedStack, functionName: string): JsonObject {
  const found = stack
    .ofType('AWS::Lambda::Function')
    .find(([, { properties }]) => String(properties['FunctionName']).endsWith(`-${functionName}`));
  if (found === undefined) throw new Error(`the stack has no function ${functionName}`);
  return found[1].properties;
}

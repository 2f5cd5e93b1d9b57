/** What IAM policies are made of, for resources of the template. Pure. */
import { plannedTable } from './glue.ts';
import { typeActions } from './iam-actions.ts';
import { physicalName, type Scope } from './intrinsics.ts';

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

/** IAM takes so many characters in one managed policy; spaces do not count. */
export const LARGEST_POLICY = 6144;

/** The policy in pieces that each fit into a managed policy. */
export function inPieces({ Version, Statement: statements }: Policy): Policy[] {
  const pieces: Statement[][] = [];
  for (const statement of statements) {
    const last = pieces.at(-1);
    if (
      last !== undefined &&
      sizeOf({ Version, Statement: [...last, statement] }) <= LARGEST_POLICY
    ) {
      last.push(statement);
    } else pieces.push([statement]);
  }
  return pieces.map((Statement) => ({ Version, Statement }));
}

/** What stands where an account and a region are to be filled in. */
export const ACCOUNT = 'ACCOUNT';
export const REGION = 'REGION';

/** As IAM counts it, with an account and the longest region filled in where they are not given. */
export function sizeOf(policy: Policy): number {
  return JSON.stringify(policy)
    .replaceAll(ACCOUNT, '123456789012')
    .replaceAll(REGION, 'ap-southeast-2').length;
}

/** A statement that lets the actions of a service be done to resources. */
export function allow(
  Sid: string,
  service: string,
  actions: readonly string[],
  Resource: readonly string[],
  Condition?: Statement['Condition'],
): Statement {
  const Action = actions.map((action) => `${service}:${action}`);
  return { Sid, Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) };
}

/** An ARN of the system's place: `{region}`, `{account}` and `{name}` are put into the pattern. */
export function arn({ partition, region, account }: Scope, pattern: string, name: string): string {
  const values: Readonly<Record<string, string>> = { region, account, name };
  return `arn:${partition}:${pattern.replaceAll(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole)}`;
}

/** The names of the template's resources of a type, whether or not their conditions hold now. */
export function namesOf(scope: Scope, type: string, only: 'all' | 'temporary' = 'all'): string[] {
  return [...scope.template.resources.values()]
    .filter((resource) => resource.type === type && (only === 'all' || !resource.keptOnDelete))
    .flatMap((resource) => physicalName(resource, scope) ?? []);
}

/** The ARNs of the template's resources of a type, and of what holds them. */
export function arnsOf(scope: Scope, type: string): string[] {
  const { arns } = typeActions[type] ?? { arns: [] };
  const resources = [...scope.template.resources.values()].filter((each) => each.type === type);
  const all = resources.flatMap((resource) => {
    const name = physicalName(resource, scope) ?? '';
    const { database } = plannedTable(resource, scope);
    return arns.map((pattern) => arn(scope, pattern.replace('{database}', database), name));
  });
  return [...new Set(all)];
}

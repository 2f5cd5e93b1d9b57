/**
 * The deployed system: its stack, where its data lies, and what its parts are called.
 */

import type { ByLayer } from '../catalog/tables.ts';
import { DeployError } from '../errors.ts';
import { withAwsErrors } from './errors.ts';
import type { AwsSession } from './session.ts';
import { classifyStackStatus, findStack, readResourceNames, type StackState } from './stack.ts';

export interface RunningSystem {
  readonly aws: AwsSession;
  readonly stack: StackState;
  readonly buckets: ByLayer;
  readonly databases: ByLayer;
  /** Athena's workgroup, which says where results go and how much a query may scan. */
  readonly workGroup: string;
  /** What the stack says of itself, by name. */
  output(name: string): string;
  /** The physical names or ARNs of the stack's resources, by their names in the template. */
  resources(): Promise<ReadonlyMap<string, string>>;
}

/** Where a system is, as people write it. */
export function formatSystemName({ aws, stack }: Pick<RunningSystem, 'aws' | 'stack'>): string {
  return `the stack ${stack.name} in ${aws.region}`;
}

/**
 * Looks the system up by its stack's name.
 * @throws DeployError where there is no such stack, or none that runs
 */
export async function findSystem(aws: AwsSession, stackName: string): Promise<RunningSystem> {
  const stack = await withAwsErrors(() => findStack(aws, stackName));
  const where = `${aws.region} of the account ${aws.account}`;
  if (stack === undefined || classifyStackStatus(stack.status) === 'absent') {
    throw new DeployError(`there is no stack ${stackName} in ${where}`, {
      hint: '`pynvest deploy` makes it; --region, --profile and --stack-name name another; --target local is the folder on this machine.',
    });
  }
  const output = (name: string): string => {
    const value = stack.outputs[name];
    if (value) return value;
    throw new DeployError(`the stack ${stackName} (${stack.status}) does not name its ${name}`, {
      hint: '`pynvest deploy` completes it.',
    });
  };
  const byLayer = (what: string): ByLayer => ({
    sor: output(`Sor${what}`),
    sot: output(`Sot${what}`),
    spec: output(`Spec${what}`),
  });
  let resources: Promise<ReadonlyMap<string, string>> | undefined;
  return {
    aws,
    stack,
    buckets: byLayer('Bucket'),
    databases: byLayer('Database'),
    workGroup: output('WorkGroup'),
    output,
    resources: () => {
      resources ??= withAwsErrors(() => readResourceNames(aws, stack.id));
      return resources;
    },
  };
}

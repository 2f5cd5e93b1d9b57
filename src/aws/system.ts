/**
 * The deployed system: its stack, the locations of its data, and the names of its resources.
 */

import type { ByLayer } from '../catalog/dataset.ts';
import { DeployError } from '../errors.ts';
import { withAwsErrors } from './errors.ts';
import type { AwsSession } from './session.ts';
import { classifyStackStatus, findStack, readResourceNames, type StackState } from './stack.ts';

export interface RunningSystem {
  readonly aws: AwsSession;
  readonly stack: StackState;
  readonly buckets: ByLayer;
  readonly databases: ByLayer;
  /** Athena's workgroup, which sets the location of results and how much a query may scan. */
  readonly workGroup: string;
  /** An output of the stack. @throws DeployError when it has none of that name */
  output(name: string): string;
  /** The physical names or ARNs of the stack's resources, by their logical IDs. */
  resources(): Promise<ReadonlyMap<string, string>>;
}

/** The system in words, such as `the stack pynvest in sa-east-1`. */
export function formatSystemName({ aws, stack }: Pick<RunningSystem, 'aws' | 'stack'>): string {
  return `the stack ${stack.name} in ${aws.region}`;
}

/**
 * Finds the system by the name of its stack.
 * @throws DeployError when there is no such stack, or its outputs are incomplete
 */
export async function findSystem(aws: AwsSession, stackName: string): Promise<RunningSystem> {
  const stack = await withAwsErrors(() => findStack(aws, stackName));
  const where = `${aws.region} of the account ${aws.account}`;
  if (stack === undefined || classifyStackStatus(stack.status) === 'absent') {
    throw new DeployError(`there is no stack ${stackName} in ${where}`, {
      hint: '`pynvest deploy` creates it; --region, --profile and --stack-name select another; --target local selects the folder on this machine.',
    });
  }
  const output = (name: string): string => {
    const value = stack.outputs[name];
    if (value) return value;
    throw new DeployError(`the stack ${stackName} (${stack.status}) has no output ${name}`, {
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

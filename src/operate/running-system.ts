/** The system in AWS as it was deployed: where its data lies, and what its parts are called. */
import { type Aws, plainly } from '../deploy/aws.ts';
import { findStack, resourceNames, type StackState, standingOf } from '../deploy/stack.ts';
import { DeployError } from '../errors.ts';
import type { ByLayer } from '../lake/s3-places.ts';

export interface RunningSystem {
  readonly aws: Aws;
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
export function systemPlace({ aws, stack }: Pick<RunningSystem, 'aws' | 'stack'>): string {
  return `the stack ${stack.name} in ${aws.region}`;
}

/**
 * Looks the system up by its stack's name.
 * @throws DeployError where there is no such stack, or none that runs
 */
export async function runningSystem(aws: Aws, stackName: string): Promise<RunningSystem> {
  const stack = await plainly(() => findStack(aws, stackName));
  const where = `${aws.region} of the account ${aws.account}`;
  if (stack === undefined || standingOf(stack.status) === 'absent') {
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
      resources ??= plainly(() => resourceNames(aws, stack.id));
      return resources;
    },
  };
}

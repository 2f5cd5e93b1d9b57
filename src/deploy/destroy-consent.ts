/** What destroying asks before it does anything, and what it refuses. */
import { DeployError } from '../errors.ts';
import type { Aws } from './aws.ts';
import { type Data, dataLines } from './data.ts';
import type { DeployHost } from './host.ts';
import type { Owner } from './other-stacks.ts';
import type { StackState } from './stack.ts';

/** What is to go: the stack, where there is one, and what its names lead to. */
export interface Going {
  readonly stackName: string;
  readonly stack: StackState | undefined;
  readonly data: Data;
  /** Which other stack has what the names lead to. */
  readonly owner: Owner;
}

/** @throws DeployError where the data is of another stack, or where that cannot be told */
export function refuseDataOfOthers({ stackName, stack, owner }: Going): void {
  if (owner.kind === 'nobody') return;
  if (owner.kind === 'unknown') {
    throw new DeployError(
      `whether the data is of another stack than ${stackName} cannot be told: nothing was deleted`,
      { hint: '`pynvest iam-policy --delete-data` prints what deleting data needs.' },
    );
  }
  const what =
    stack === undefined
      ? `there is no stack ${stackName}, and the data`
      : `the stack ${stackName} never came to life, and the data`;
  const alone = stack === undefined ? '' : ` Without --delete-data, ${stackName} goes alone.`;
  throw new DeployError(`${what} is of the stack ${owner.name}`, {
    hint: `\`pynvest destroy --stack-name ${owner.name} --delete-data\`, if that is what you mean.${alone}`,
  });
}

/** Whether the person takes the stack down, told that its data stays. */
export async function consentsToKeeping(
  host: DeployHost,
  aws: Aws,
  going: Going,
): Promise<boolean> {
  const { stackName, data, owner } = going;
  if (owner.kind === 'stack') {
    host.notice(
      `The stack ${stackName} never came to life: what has its names is of the stack ${owner.name}, and stays`,
    );
  } else {
    sayWhatGoes(host, aws, going);
    host.notice('The data stays:');
    for (const line of dataLines(data, false)) host.notice(`  ${line}`);
  }
  return host.confirm(`Take down the stack ${stackName}?`);
}

/**
 * Whether the person takes the stack down with its data, and has typed its name.
 *
 * @param confirmed the stack's name, for scripts that have nobody to type it
 * @throws DeployError where nobody is there to type, or a script said another name
 */
export async function consentsToDeleting(
  host: DeployHost,
  aws: Aws,
  going: Going,
  confirmed: string | undefined,
): Promise<boolean> {
  const { stackName, data } = going;
  sayWhatGoes(host, aws, going);
  host.warn('THE DATA GOES TOO, for good:');
  for (const line of dataLines(data, true)) host.warn(`  ${line}`);
  const typed =
    confirmed ?? (await host.ask(`Type the stack's name (${stackName}) to delete all of this: `));
  if (typed === undefined) {
    throw new DeployError('nobody is there to type the name of the stack: nothing was deleted', {
      hint: `--yes is not enough to delete data; a script says --confirm ${stackName}.`,
    });
  }
  if (typed.trim() === stackName) return true;
  if (confirmed === undefined) return false;
  throw new DeployError(
    `--confirm ${confirmed} is not the name of the stack: nothing was deleted`,
    {
      hint: `The stack's name is ${stackName}.`,
    },
  );
}

function sayWhatGoes(
  host: DeployHost,
  { account, region }: Aws,
  { stackName, stack }: Going,
): void {
  if (stack === undefined) {
    host.notice(`There is no stack ${stackName} in account ${account}, ${region}, but its data`);
    return;
  }
  host.notice(
    `The stack ${stackName} in account ${account}, ${region} goes: functions, queues, schedules, alarms, ` +
      "their logs, the results of Athena's queries, and the bucket of the functions' code",
  );
  if (stack.isProtected) {
    host.warn('Termination protection is on; it is lifted first, if you say so now');
  }
}

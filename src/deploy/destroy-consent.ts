/** What a person is told and asked before the system is taken down. */
import { DeployError } from '../errors.ts';
import type { Aws } from './aws.ts';
import { type Data, dataLines } from './data.ts';
import type { DeployHost } from './host.ts';
import type { StackState } from './stack.ts';

/** Whether the person takes the stack down, told that its data stays. */
export async function consentsToKeeping(
  host: DeployHost,
  aws: Aws,
  stackName: string,
  stack: StackState | undefined,
  data: Data,
): Promise<boolean> {
  sayWhatGoes(host, aws, stackName, stack);
  host.notice('The data stays:');
  for (const line of dataLines(data, false)) host.notice(`  ${line}`);
  return host.confirm(`Take down the stack ${stackName}?`);
}

/**
 * Whether the person takes the stack down with its data, and has typed its name.
 * @throws DeployError where nobody is there to type, or a script said another name
 */
export async function consentsToDeleting(
  host: DeployHost,
  aws: Aws,
  { stackName, confirmed }: { readonly stackName: string; readonly confirmed?: string | undefined },
  stack: StackState | undefined,
  data: Data,
): Promise<boolean> {
  sayWhatGoes(host, aws, stackName, stack);
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
  stackName: string,
  stack: StackState | undefined,
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

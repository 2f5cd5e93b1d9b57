/** Bringing a stack to where it can be worked on: waiting for what is under way, mending what is stuck. */
import { ContinueUpdateRollbackCommand, DeleteStackCommand } from '@aws-sdk/client-cloudformation';
import { DeployError, StackFailedError } from '../errors.ts';
import type { Aws } from './aws.ts';
import { type Ending, follow, markBeforeOperation, markNow } from './events.ts';
import type { Cause } from './failure.ts';
import type { DeployHost } from './host.ts';
import { consoleUrl, findStack, resourceNames, type StackState, standingOf } from './stack.ts';

/** What to do about a stack that an update left broken: mend it, refuse to go on, or take it as it is. */
export type Broken = 'mend' | 'refuse' | 'take';

/**
 * The stack once nothing is under way in it. What an interrupted command began is waited for.
 * @throws DeployError where it is broken and stays so
 */
export async function settle(
  host: DeployHost,
  aws: Aws,
  { stackName, roleArn }: { readonly stackName: string; readonly roleArn?: string | undefined },
  broken: Broken,
): Promise<StackState | undefined> {
  for (let rollbacks = 0; ; ) {
    const stack = await findStack(aws, stackName);
    const standing = standingOf(stack?.status);
    if (stack === undefined || standing === 'absent') return undefined;
    if (standing === 'busy') {
      await waitFor(host, aws, stack);
      continue;
    }
    if (standing === 'leftover' || standing === 'ready' || broken === 'take') return stack;
    if (standing === 'half') throw half(aws, stack);
    if (broken === 'refuse' || rollbacks > 0) throw stuck(aws, stack);
    await continueRollback(host, aws, stack, roleArn);
    rollbacks += 1;
  }
}

function half({ region }: Aws, { name, status }: StackState): DeployError {
  return new DeployError(`the stack ${name} is ${status}: an update stopped half-way`, {
    hint: `Take it back first: aws cloudformation rollback-stack --stack-name ${name} --region ${region}`,
  });
}

function stuck(aws: Aws, { name, id, status }: StackState): DeployError {
  return new DeployError(
    `the stack ${name} is ${status}: an update failed and could not be taken back`,
    {
      hint: [
        'Mend what its last events name; `pynvest deploy` then tries once more to take it back.',
        `To leave a resource out: aws cloudformation continue-update-rollback --stack-name ${name} --region ${aws.region} --resources-to-skip …`,
        consoleUrl(aws, id),
      ].join('\n'),
    },
  );
}

async function waitFor(host: DeployHost, aws: Aws, stack: StackState): Promise<void> {
  host.notice(`The stack ${stack.name} is ${stack.status}: waiting for that to end`);
  const since = await markBeforeOperation(aws, stack.id);
  const total = (await resourceNames(aws, stack.name)).size;
  host.underWay(`What is under way goes on in AWS. ${howToFollow(aws, stack.id)}`);
  const ending = await follow(host, aws, { what: stack.name, stackId: stack.id, since, total });
  host.underWay(undefined);
  if (ending.kind === 'failed') {
    host.warn(`What was under way ended ${ending.status}${because(ending.cause)}`);
  } else {
    host.notice(`It ended ${ending.status}`);
  }
}

async function continueRollback(
  host: DeployHost,
  aws: Aws,
  stack: StackState,
  roleArn: string | undefined,
): Promise<void> {
  host.warn(`The stack ${stack.name} is ${stack.status}: an update failed and was not taken back.`);
  if (!(await host.confirm('Try once more to take it back?'))) throw stuck(aws, stack);
  const since = await markNow(aws, stack.id);
  await aws.cloudformation.send(
    new ContinueUpdateRollbackCommand({ StackName: stack.name, RoleARN: roleArn }),
  );
  const ending = await follow(host, aws, {
    what: `Taking back the update of ${stack.name}`,
    stackId: stack.id,
    since,
    total: 0,
  });
  if (ending.status === 'UPDATE_ROLLBACK_COMPLETE') host.notice('The update is taken back');
  else
    host.warn(`It ended ${ending.status}${ending.kind === 'failed' ? because(ending.cause) : ''}`);
}

/** Deletes the stack and waits for it. What is to be retained stays. @throws StackFailedError */
export async function deleteStack(
  host: DeployHost,
  aws: Aws,
  stack: StackState,
  roleArn: string | undefined,
): Promise<void> {
  const total = (await resourceNames(aws, stack.name)).size;
  const since = await markNow(aws, stack.id);
  await aws.cloudformation.send(
    new DeleteStackCommand({ StackName: stack.name, RoleARN: roleArn }),
  );
  host.underWay(`The stack ${stack.name} goes on being taken down. ${howToFollow(aws, stack.id)}`);
  const ending = await follow(host, aws, {
    what: `Taking down ${stack.name}`,
    stackId: stack.id,
    since,
    total,
  });
  host.underWay(undefined);
  if (ending.kind === 'failed') throw failed(aws, stack.id, `taking down ${stack.name}`, ending);
}

export function howToFollow(aws: Aws, stackId: string): string {
  return `Running the command again waits for it; in a browser: ${consoleUrl(aws, stackId)}`;
}

/** A failure with its first real cause and what to do. */
export function failed(
  aws: Aws,
  stackId: string,
  what: string,
  { status, cause }: Ending & { readonly kind: 'failed' },
): StackFailedError {
  const takenBack =
    status === 'UPDATE_ROLLBACK_COMPLETE'
      ? 'The update was taken back: the system is as it was before.'
      : undefined;
  const hint = [takenBack, cause?.hint, consoleUrl(aws, stackId)].filter(
    (line) => line !== undefined,
  );
  return new StackFailedError(`${what} failed${because(cause)} (${status})`, {
    hint: hint.join('\n'),
  });
}

function because(cause: Cause | undefined): string {
  return cause === undefined ? '' : `: ${cause.logicalId} (${cause.type}): ${cause.reason}`;
}

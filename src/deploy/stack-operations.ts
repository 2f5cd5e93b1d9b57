/**
 * Operations on a stack: waits until it is stable, continues a rollback, deletes it, protects it.
 */

import type { AwsSession } from '../aws/session.ts';
import {
  classifyStackStatus,
  findStack,
  formatConsoleUrl,
  readResourceNames,
  type StackState,
} from '../aws/stack.ts';
import {
  readTemplateText,
  startContinuedRollback,
  startStackDeletion,
  updateTerminationProtection,
} from '../aws/stack-changes.ts';
import { readCursorBeforeOperation, readEventCursor } from '../aws/stack-events.ts';
import { DeployError, StackFailedError } from '../errors.ts';
import type { Host } from '../host.ts';
import { type FailureCause, followOperation, type OperationResult } from './follow-stack.ts';
import { parseTemplate, type Template } from './template.ts';

/** What to do about a stack that an update left broken: mend it, refuse to go on, or take it as it is. */
type BrokenStackPolicy = 'mend' | 'refuse' | 'take';

/**
 * The stack once nothing is under way in it. What an interrupted command began is waited for.
 * @throws DeployError where it is broken and stays so
 */
export async function waitUntilStable(
  host: Host,
  aws: AwsSession,
  { stackName, roleArn }: { readonly stackName: string; readonly roleArn?: string | undefined },
  broken: BrokenStackPolicy,
): Promise<StackState | undefined> {
  for (let rollbacks = 0; ; ) {
    const stack = await findStack(aws, stackName);
    const standing = classifyStackStatus(stack?.status);
    if (stack === undefined || standing === 'absent') return undefined;
    if (standing === 'busy') {
      await waitForOperation(host, aws, stack);
      continue;
    }
    if (standing === 'leftover' || standing === 'ready' || broken === 'take') return stack;
    if (standing === 'half') throw createHalfUpdatedError(aws, stack);
    if (broken === 'refuse' || rollbacks > 0) throw createStuckError(aws, stack);
    await continueRollback(host, aws, stack, roleArn);
    rollbacks += 1;
  }
}

function createHalfUpdatedError({ region }: AwsSession, { name, status }: StackState): DeployError {
  return new DeployError(`the stack ${name} is ${status}: an update stopped half-way`, {
    hint: `Take it back first: aws cloudformation rollback-stack --stack-name ${name} --region ${region}`,
  });
}

function createStuckError(aws: AwsSession, { name, id, status }: StackState): DeployError {
  return new DeployError(
    `the stack ${name} is ${status}: an update failed and could not be taken back`,
    {
      hint: [
        'Mend what its last events name; `pynvest deploy` then tries once more to take it back.',
        `To leave a resource out: aws cloudformation continue-update-rollback --stack-name ${name} --region ${aws.region} --resources-to-skip …`,
        formatConsoleUrl(aws, id),
      ].join('\n'),
    },
  );
}

async function waitForOperation(host: Host, aws: AwsSession, stack: StackState): Promise<void> {
  host.notice(`The stack ${stack.name} is ${stack.status}: waiting for that to end`);
  const since = await readCursorBeforeOperation(aws, stack.id);
  const total = (await readResourceNames(aws, stack.name)).size;
  host.setBackgroundNotice(`What is under way goes on in AWS. ${formatFollowHint(aws, stack.id)}`);
  const ending = await followOperation(host, aws, {
    what: stack.name,
    stackId: stack.id,
    since,
    total,
  });
  host.setBackgroundNotice(undefined);
  if (ending.kind === 'failed') {
    host.warn(`What was under way ended ${ending.status}${formatCause(ending.cause)}`);
  } else {
    host.notice(`It ended ${ending.status}`);
  }
}

async function continueRollback(
  host: Host,
  aws: AwsSession,
  stack: StackState,
  roleArn: string | undefined,
): Promise<void> {
  host.warn(`The stack ${stack.name} is ${stack.status}: an update failed and was not taken back.`);
  if (!(await host.confirm('Try once more to take it back?'))) throw createStuckError(aws, stack);
  const since = await readEventCursor(aws, stack.id);
  await startContinuedRollback(aws, stack.name, roleArn);
  const ending = await followOperation(host, aws, {
    what: `Taking back the update of ${stack.name}`,
    stackId: stack.id,
    since,
    total: 0,
  });
  if (ending.status === 'UPDATE_ROLLBACK_COMPLETE') host.notice('The update is taken back');
  else
    host.warn(
      `It ended ${ending.status}${ending.kind === 'failed' ? formatCause(ending.cause) : ''}`,
    );
}

/** Deletes the stack and waits for it. What is to be retained stays. @throws StackFailedError */
export async function deleteStack(
  host: Host,
  aws: AwsSession,
  stack: StackState,
  roleArn: string | undefined,
): Promise<void> {
  const total = (await readResourceNames(aws, stack.name)).size;
  const since = await readEventCursor(aws, stack.id);
  await startStackDeletion(aws, stack.name, roleArn);
  host.setBackgroundNotice(
    `The stack ${stack.name} goes on being taken down. ${formatFollowHint(aws, stack.id)}`,
  );
  const ending = await followOperation(host, aws, {
    what: `Taking down ${stack.name}`,
    stackId: stack.id,
    since,
    total,
  });
  host.setBackgroundNotice(undefined);
  if (ending.kind === 'failed')
    throw createStackFailedError(aws, stack.id, `taking down ${stack.name}`, ending);
}

export function formatFollowHint(aws: AwsSession, stackId: string): string {
  return `Running the command again waits for it; in a browser: ${formatConsoleUrl(aws, stackId)}`;
}

/** A failure with its first real cause and what to do. */
export function createStackFailedError(
  aws: AwsSession,
  stackId: string,
  what: string,
  { status, cause }: OperationResult & { readonly kind: 'failed' },
): StackFailedError {
  const takenBack =
    status === 'UPDATE_ROLLBACK_COMPLETE'
      ? 'The update was taken back: the system is as it was before.'
      : undefined;
  const hint = [takenBack, cause?.hint, formatConsoleUrl(aws, stackId)].filter(
    (line) => line !== undefined,
  );
  return new StackFailedError(`${what} failed${formatCause(cause)} (${status})`, {
    hint: hint.join('\n'),
  });
}

function formatCause(cause: FailureCause | undefined): string {
  return cause === undefined ? '' : `: ${cause.logicalId} (${cause.type}): ${cause.reason}`;
}

/** The template that the stack was made of. */
export async function readDeployedTemplate(aws: AwsSession, stackName: string): Promise<Template> {
  return parseTemplate(await readTemplateText(aws, stackName));
}

export async function setTerminationProtection(
  host: Host,
  aws: AwsSession,
  stackName: string,
  isEnabled: boolean,
): Promise<void> {
  if ((await updateTerminationProtection(aws, stackName, isEnabled)) === 'updated') {
    host.notice(`Termination protection is ${isEnabled ? 'on' : 'off'}`);
  } else {
    host.warn('This endpoint has no termination protection: the stack is not protected');
  }
}

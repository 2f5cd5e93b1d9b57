/**
 * Operations on a stack that are followed to their end: waiting until it is stable, continuing a rollback, deletion.
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

/** What to do about a stack that an update left broken: repair it, reject it, or accept it as it is. */
export type BrokenStackPolicy = 'repair' | 'reject' | 'accept';

/**
 * The stack once no operation is in progress, such as one that an interrupted command started.
 * @throws DeployError when the stack is broken and stays so
 */
export async function waitUntilStable(
  host: Host,
  aws: AwsSession,
  { stackName, roleArn }: { readonly stackName: string; readonly roleArn?: string | undefined },
  policy: BrokenStackPolicy,
): Promise<StackState | undefined> {
  for (let rollbacks = 0; ; ) {
    const stack = await findStack(aws, stackName);
    const condition = classifyStackStatus(stack?.status);
    if (stack === undefined || condition === 'absent') return undefined;
    if (condition === 'busy') {
      await waitForOperation(host, aws, stack);
      continue;
    }
    if (condition === 'incomplete' || condition === 'ready' || policy === 'accept') return stack;
    if (condition === 'update-failed') throw createUpdateFailedError(aws, stack);
    if (policy === 'reject' || rollbacks > 0) throw createRollbackFailedError(aws, stack);
    await continueRollback(host, aws, stack, roleArn);
    rollbacks += 1;
  }
}

function createUpdateFailedError(
  { region }: AwsSession,
  { name, status }: StackState,
): DeployError {
  return new DeployError(`the stack ${name} is ${status}: an update failed half-way`, {
    hint: `Roll it back first: aws cloudformation rollback-stack --stack-name ${name} --region ${region}`,
  });
}

function createRollbackFailedError(aws: AwsSession, { name, id, status }: StackState): DeployError {
  return new DeployError(
    `the stack ${name} is ${status}: an update failed and could not be rolled back`,
    {
      hint: [
        'Fix what its last events report; `pynvest deploy` then continues the rollback.',
        `To skip a resource: aws cloudformation continue-update-rollback --stack-name ${name} --region ${aws.region} --resources-to-skip …`,
        formatConsoleUrl(aws, id),
      ].join('\n'),
    },
  );
}

async function waitForOperation(host: Host, aws: AwsSession, stack: StackState): Promise<void> {
  host.notice(`The stack ${stack.name} is ${stack.status}: waiting for that to end`);
  const since = await readCursorBeforeOperation(aws, stack.id);
  const total = (await readResourceNames(aws, stack.name)).size;
  host.setBackgroundNotice(
    `The operation in progress continues in AWS. ${formatFollowHint(aws, stack.id)}`,
  );
  const result = await followOperation(host, aws, {
    what: stack.name,
    stackId: stack.id,
    since,
    total,
  });
  host.setBackgroundNotice(undefined);
  reportResult(host, result);
}

function reportResult(host: Host, result: OperationResult): void {
  if (result.kind === 'done') host.notice(`It ended as ${result.status}`);
  else host.warn(`It ended as ${result.status}${formatCause(result.cause)}`);
}

async function continueRollback(
  host: Host,
  aws: AwsSession,
  stack: StackState,
  roleArn: string | undefined,
): Promise<void> {
  host.warn(
    `The stack ${stack.name} is ${stack.status}: an update failed and was not rolled back.`,
  );
  if (!(await host.confirm('Continue the rollback?'))) throw createRollbackFailedError(aws, stack);
  const since = await readEventCursor(aws, stack.id);
  await startContinuedRollback(aws, stack.name, roleArn);
  const result = await followOperation(host, aws, {
    what: `Rolling back the update of ${stack.name}`,
    stackId: stack.id,
    since,
    total: 0,
  });
  if (result.status === 'UPDATE_ROLLBACK_COMPLETE') host.notice('The update is rolled back');
  else reportResult(host, result);
}

/** Deletes the stack and waits for the end; resources with a retention policy stay. @throws StackFailedError */
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
    `The deletion of the stack ${stack.name} continues in AWS. ${formatFollowHint(aws, stack.id)}`,
  );
  const result = await followOperation(host, aws, {
    what: `Deleting ${stack.name}`,
    stackId: stack.id,
    since,
    total,
  });
  host.setBackgroundNotice(undefined);
  if (result.kind === 'failed') {
    throw createStackFailedError(aws, stack.id, `deleting ${stack.name}`, result);
  }
}

export function formatFollowHint(aws: AwsSession, stackId: string): string {
  return `Running the command again waits for it; in a browser: ${formatConsoleUrl(aws, stackId)}`;
}

/** A failed operation with its first cause and what to do about it. */
export function createStackFailedError(
  aws: AwsSession,
  stackId: string,
  operation: string,
  { status, cause }: OperationResult & { readonly kind: 'failed' },
): StackFailedError {
  const rolledBack =
    status === 'UPDATE_ROLLBACK_COMPLETE'
      ? 'The update was rolled back: the system is as it was before.'
      : undefined;
  const hint = [rolledBack, cause?.hint, formatConsoleUrl(aws, stackId)].filter(
    (line) => line !== undefined,
  );
  return new StackFailedError(`${operation} failed${formatCause(cause)} (${status})`, {
    hint: hint.join('\n'),
  });
}

function formatCause(cause: FailureCause | undefined): string {
  return cause === undefined ? '' : `: ${cause.logicalId} (${cause.type}): ${cause.reason}`;
}

/** The template from which the stack was last deployed. */
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

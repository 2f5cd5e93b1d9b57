/**
 * Changes to CloudFormation stacks: change sets, continued rollbacks, deletion, termination protection.
 */

import {
  type Change,
  type ChangeSetType,
  ContinueUpdateRollbackCommand,
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  type DescribeChangeSetCommandOutput,
  ExecuteChangeSetCommand,
  GetTemplateCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { DeployError } from '../errors.ts';
import { getAwsErrorCode, isUnsupportedOperation } from './errors.ts';
import { PollPauses } from './poll-pauses.ts';
import type { AwsSession } from './session.ts';
import type { StackValues } from './stack.ts';

export interface ChangeSetRequest {
  readonly stackName: string;
  readonly type: ChangeSetType & ('CREATE' | 'UPDATE');
  readonly template: { readonly url: string } | { readonly body: string };
  readonly parameters: StackValues;
  readonly tags: StackValues;
  readonly roleArn: string | undefined;
  readonly transforms: boolean;
}

export type ChangeSet =
  | {
      readonly kind: 'changes';
      readonly id: string;
      readonly stackId: string;
      readonly changes: readonly ResourceChange[];
    }
  | { readonly kind: 'empty'; readonly stackId: string };

/** What a change set does to a resource. */
export interface ResourceChange {
  readonly action: 'add' | 'import' | 'modify' | 'remove';
  readonly logicalId: string;
  /** Empty where AWS does not know it yet. */
  readonly physicalId: string;
  readonly type: string;
  /** `conditional` depends on values that AWS knows only while it applies the change. */
  readonly replacement: 'yes' | 'conditional' | 'no';
  /** Whether the old resource is kept, where AWS says so. */
  readonly isRetained: boolean | undefined;
  /** The properties that differ, where AWS names them; else the kinds of attributes. */
  readonly properties: readonly string[];
}

/** A change of AWS's list; empty for what concerns no resource. */
export function parseResourceChange({ ResourceChange: change }: Change): ResourceChange[] {
  if (change === undefined) return [];
  return [
    {
      action: ACTIONS[change.Action ?? ''] ?? 'modify',
      logicalId: change.LogicalResourceId ?? '',
      physicalId: change.PhysicalResourceId ?? '',
      type: change.ResourceType ?? '',
      replacement: REPLACEMENTS[change.Replacement ?? ''] ?? 'no',
      isRetained:
        change.PolicyAction === undefined ? undefined : /Retain/.test(change.PolicyAction),
      properties: parseChangedProperties(change),
    },
  ];
}

const ACTIONS: Readonly<Record<string, ResourceChange['action']>> = {
  Add: 'add',
  Import: 'import',
  Remove: 'remove',
};

const REPLACEMENTS: Readonly<Record<string, ResourceChange['replacement']>> = {
  True: 'yes',
  Conditional: 'conditional',
};

function parseChangedProperties({
  Details: details = [],
  Scope: scope = [],
}: NonNullable<Change['ResourceChange']>): string[] {
  const names = details.map(({ Target: target }) =>
    target?.Attribute === 'Properties' ? (target.Name ?? '') : (target?.Attribute ?? ''),
  );
  const known = names.length > 0 ? names : scope.filter((each) => each !== 'Properties');
  return [...new Set(known.filter((name) => name !== ''))].sort();
}

/**
 * Creates a change set and waits until CloudFormation has computed it. One without changes is deleted again.
 * @throws DeployError when CloudFormation rejects it
 */
export async function createChangeSet(
  aws: AwsSession,
  request: ChangeSetRequest,
): Promise<ChangeSet> {
  const { cloudformation } = aws;
  const name = `pynvest-${new Date().toISOString().replaceAll(/[^0-9T]/g, '')}-${process.pid}`;
  const { template, tags, roleArn } = request;
  const { Id: id = name, StackId: stackId = request.stackName } = await cloudformation
    .send(
      new CreateChangeSetCommand({
        StackName: request.stackName,
        ChangeSetName: name,
        ChangeSetType: request.type,
        ...('url' in template ? { TemplateURL: template.url } : { TemplateBody: template.body }),
        Parameters: Object.entries(request.parameters).map(([ParameterKey, ParameterValue]) => ({
          ParameterKey,
          ParameterValue,
        })),
        Capabilities: [
          'CAPABILITY_NAMED_IAM',
          ...(request.transforms ? (['CAPABILITY_AUTO_EXPAND'] as const) : []),
        ],
        // Undefined leaves the stack's tags as they are; an empty list would remove them.
        Tags:
          Object.keys(tags).length === 0
            ? undefined
            : Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
        RoleARN: roleArn,
      }),
    )
    .catch((error: unknown) => {
      if (getAwsErrorCode(error) !== 'ValidationError') throw error;
      throw createRejectedError(error instanceof Error ? error.message : String(error), error);
    });
  const described = await waitUntilReady(aws, id, stackId);
  if (described.Status === 'CREATE_COMPLETE') {
    const changes = described.changes.flatMap(parseResourceChange);
    return { kind: 'changes', id, stackId, changes };
  }
  await deleteChangeSet(aws, id, stackId);
  const reason = described.StatusReason ?? '';
  if (NO_CHANGES.test(reason)) return { kind: 'empty', stackId };
  throw createRejectedError(reason || `the change set ended ${described.Status}`);
}

const NO_CHANGES = /didn't contain changes|no updates are to be performed/i;

function createRejectedError(reason: string, cause?: unknown): DeployError {
  return new DeployError(`CloudFormation rejected the template or a parameter: ${reason}`, {
    hint: 'Nothing was changed. --parameter Key=Value sets a parameter.',
    cause,
  });
}

type DescribedChangeSet = DescribeChangeSetCommandOutput & { readonly changes: readonly Change[] };

async function waitUntilReady(
  aws: AwsSession,
  id: string,
  stackId: string,
): Promise<DescribedChangeSet> {
  const pauses = new PollPauses(200, 3_000);
  for (;;) {
    const first = await readChangeSetPage(aws, id, stackId);
    if (first.Status !== 'CREATE_PENDING' && first.Status !== 'CREATE_IN_PROGRESS') {
      const changes = [...(first.Changes ?? [])];
      for (let token = first.NextToken; token !== undefined; ) {
        const page = await readChangeSetPage(aws, id, stackId, token);
        changes.push(...(page.Changes ?? []));
        token = page.NextToken;
      }
      return { ...first, changes };
    }
    await pauses.wait();
  }
}

function readChangeSetPage(
  { cloudformation }: AwsSession,
  id: string,
  stackId: string,
  NextToken?: string,
): Promise<DescribeChangeSetCommandOutput> {
  return cloudformation.send(
    new DescribeChangeSetCommand({ ChangeSetName: id, StackName: stackId, NextToken }),
  );
}

export async function executeChangeSet(
  { cloudformation }: AwsSession,
  { id, stackId }: { readonly id: string; readonly stackId: string },
): Promise<void> {
  await cloudformation.send(new ExecuteChangeSetCommand({ ChangeSetName: id, StackName: stackId }));
}

export async function deleteChangeSet(
  { cloudformation }: AwsSession,
  id: string,
  stackId: string,
): Promise<void> {
  await cloudformation.send(new DeleteChangeSetCommand({ ChangeSetName: id, StackName: stackId }));
}

/** Begins to delete a stack; its events tell how that goes. */
export async function startStackDeletion(
  { cloudformation }: AwsSession,
  stackName: string,
  roleArn: string | undefined,
): Promise<void> {
  await cloudformation.send(new DeleteStackCommand({ StackName: stackName, RoleARN: roleArn }));
}

/** Begins to continue the rollback of an update whose rollback failed; the stack's events tell how that goes. */
export async function startContinuedRollback(
  { cloudformation }: AwsSession,
  stackName: string,
  roleArn: string | undefined,
): Promise<void> {
  await cloudformation.send(
    new ContinueUpdateRollbackCommand({ StackName: stackName, RoleARN: roleArn }),
  );
}

/** `unsupported` where the endpoint has no such operation. */
export async function updateTerminationProtection(
  { cloudformation }: AwsSession,
  stackName: string,
  isEnabled: boolean,
): Promise<'updated' | 'unsupported'> {
  try {
    await cloudformation.send(
      new UpdateTerminationProtectionCommand({
        StackName: stackName,
        EnableTerminationProtection: isEnabled,
      }),
    );
    return 'updated';
  } catch (error) {
    if (isUnsupportedOperation(error)) return 'unsupported';
    throw error;
  }
}

/** The text of the template from which the stack was last deployed. */
export async function readTemplateText(
  { cloudformation }: AwsSession,
  stackName: string,
): Promise<string> {
  const { TemplateBody: text = '{}' } = await cloudformation.send(
    new GetTemplateCommand({ StackName: stackName, TemplateStage: 'Original' }),
  );
  return text;
}

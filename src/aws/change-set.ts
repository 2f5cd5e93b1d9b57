/**
 * CloudFormation change sets: created, executed, deleted.
 */

import { setTimeout as wait } from 'node:timers/promises';
import {
  type Change,
  type ChangeSetType,
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DescribeChangeSetCommand,
  type DescribeChangeSetCommandOutput,
  ExecuteChangeSetCommand,
} from '@aws-sdk/client-cloudformation';
import { DeployError } from '../errors.ts';
import { getAwsErrorCode } from './errors.ts';
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
      readonly changes: readonly Change[];
    }
  | { readonly kind: 'empty'; readonly stackId: string };

/**
 * Makes a change set and waits until CloudFormation has worked it out. One without changes is removed
 * again. @throws DeployError where CloudFormation refuses it
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
        // None given leaves the stack's tags as they are; an empty list would take them away.
        Tags:
          Object.keys(tags).length === 0
            ? undefined
            : Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
        RoleARN: roleArn,
      }),
    )
    .catch((error: unknown) => {
      if (getAwsErrorCode(error) !== 'ValidationError') throw error;
      throw createRefusedError(error instanceof Error ? error.message : String(error), error);
    });
  const described = await waitUntilReady(aws, id, stackId);
  if (described.Status === 'CREATE_COMPLETE') {
    return { kind: 'changes', id, stackId, changes: described.changes };
  }
  await deleteChangeSet(aws, id, stackId);
  const reason = described.StatusReason ?? '';
  if (NO_CHANGES.test(reason)) return { kind: 'empty', stackId };
  throw createRefusedError(reason || `the change set ended ${described.Status}`);
}

const NO_CHANGES = /didn't contain changes|no updates are to be performed/i;

function createRefusedError(reason: string, cause?: unknown): DeployError {
  return new DeployError(`CloudFormation refuses the template or a parameter: ${reason}`, {
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
  for (let pause = 200; ; pause = Math.min(3_000, pause * 1.5)) {
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
    await wait(pause);
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

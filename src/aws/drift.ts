/**
 * Drift of a stack: whether its resources were changed outside CloudFormation.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeStackDriftDetectionStatusCommand,
  DescribeStacksCommand,
  DetectStackDriftCommand,
  paginateDescribeStackResourceDrifts,
} from '@aws-sdk/client-cloudformation';
import { isUnsupportedOperation } from './errors.ts';
import type { AwsSession } from './session.ts';

export interface StackDrift {
  /**
   * `in-sync` and `drifted` as of `checkedAt`; `checking` when a detection that was started now did not end in time;
   * `failed` when the detection failed; `not-supported` by this endpoint.
   */
  readonly state: 'in-sync' | 'drifted' | 'never-checked' | 'checking' | 'failed' | 'not-supported';
  readonly checkedAt: Date | undefined;
  /** The logical IDs of the resources that differ from the template; known only after a detection. */
  readonly resources: readonly string[];
}

/** A detection for a stack of this size takes about a minute. */
const MAX_DETECTION_MS = 180_000;
const POLL_MS = 2_000;

/** The result of the last detection. */
export async function readLastDrift(
  { cloudformation }: AwsSession,
  stackId: string,
): Promise<StackDrift> {
  const { Stacks: [stack] = [] } = await cloudformation.send(
    new DescribeStacksCommand({ StackName: stackId }),
  );
  const { StackDriftStatus: status, LastCheckTimestamp: checkedAt } = stack?.DriftInformation ?? {};
  return { state: parseDriftState(status), checkedAt, resources: [] };
}

function parseDriftState(status: string | undefined): StackDrift['state'] {
  if (status === 'IN_SYNC') return 'in-sync';
  return status === 'DRIFTED' ? 'drifted' : 'never-checked';
}

/** Starts a detection and waits for its result. */
export async function detectDrift(
  { cloudformation: client }: AwsSession,
  stackId: string,
): Promise<StackDrift> {
  const createResult = (
    state: StackDrift['state'],
    resources: readonly string[] = [],
  ): StackDrift => ({
    state,
    checkedAt: new Date(),
    resources,
  });
  try {
    const { StackDriftDetectionId } = await client.send(
      new DetectStackDriftCommand({ StackName: stackId }),
    );
    const deadline = Date.now() + MAX_DETECTION_MS;
    for (;;) {
      const { DetectionStatus, StackDriftStatus } = await client.send(
        new DescribeStackDriftDetectionStatusCommand({ StackDriftDetectionId }),
      );
      if (DetectionStatus === 'DETECTION_FAILED') return createResult('failed');
      if (DetectionStatus === 'DETECTION_COMPLETE') {
        const resources =
          StackDriftStatus === 'DRIFTED' ? await findDriftedResources(client, stackId) : [];
        return createResult(parseDriftState(StackDriftStatus), resources);
      }
      if (Date.now() > deadline) return createResult('checking');
      await sleep(POLL_MS);
    }
  } catch (error) {
    if (isUnsupportedOperation(error)) return createResult('not-supported');
    throw error;
  }
}

async function findDriftedResources(
  client: AwsSession['cloudformation'],
  StackName: string,
): Promise<string[]> {
  const names: string[] = [];
  for await (const page of paginateDescribeStackResourceDrifts(
    { client },
    { StackName, StackResourceDriftStatusFilters: ['MODIFIED', 'DELETED'] },
  )) {
    for (const { LogicalResourceId: name } of page.StackResourceDrifts ?? []) {
      if (name !== undefined) names.push(name);
    }
  }
  return names.sort();
}

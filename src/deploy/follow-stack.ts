/**
 * Follows an operation of CloudFormation to its end, and finds the cause of a failure.
 */

import { setTimeout as wait } from 'node:timers/promises';
import type { AwsSession } from '../aws/session.ts';
import {
  type EventCursor,
  isFinished,
  isStackEvent,
  readEventsSince,
  type StackEventRecord,
} from '../aws/stack-events.ts';
import type { Host } from '../host.ts';

/** How an operation of CloudFormation ended. */
export type OperationResult =
  | { readonly kind: 'done'; readonly status: string }
  | { readonly kind: 'failed'; readonly status: string; readonly cause: FailureCause | undefined };

/** Asks again after this long while nothing happens, and at once more often when something does. */
const MIN_PAUSE_MS = 200;
const MAX_PAUSE_MS = 3_000;

interface FollowRequest {
  readonly what: string;
  readonly stackId: string;
  readonly since: EventCursor;
  /** How many resources it is about, as far as is known. */
  readonly total: number;
  /** Their names in the template, where they are known; of others only failures are shown. */
  readonly resourceIds?: ReadonlySet<string>;
}

/**
 * Shows what happens since the mark until the stack has come to rest. It ends by the stack's own event,
 * not by its status: just after a start that is still the old one.
 */
export async function followOperation(
  host: Host,
  aws: AwsSession,
  request: FollowRequest,
): Promise<OperationResult> {
  const { stackId, since, what } = request;
  const progress = host.progress(what, request.total);
  const seen = new Set(since.ids);
  const past: StackEventRecord[] = [];
  const done = new Set<string>();
  const touched = new Set<string>();
  const show = (line: string, isOver: boolean): void => {
    const total = Math.max(request.total, touched.size);
    progress.step({ line, isFinished: isOver, done: done.size, total });
  };
  let pause = MIN_PAUSE_MS;
  try {
    for (;;) {
      const events = await readEventsSince(aws, stackId, since);
      if (events === undefined) return { kind: 'done', status: 'DELETE_COMPLETE' };
      const fresh = events.filter(({ id }) => !seen.has(id));
      for (const event of fresh) {
        seen.add(event.id);
        past.push(event);
        if (isStackEvent(event)) {
          // What is said to be updated from here on is put back as it was.
          if (event.status.endsWith('ROLLBACK_IN_PROGRESS'))
            show('taking back what was done', true);
          continue;
        }
        const isNamed = request.resourceIds?.has(event.logicalId) ?? true;
        if (!isNamed && !event.status.endsWith('_FAILED')) continue;
        if (isNamed) touched.add(event.logicalId);
        if (/_(COMPLETE|SKIPPED)$/.test(event.status)) done.add(event.logicalId);
        show(formatStackEvent(event), isFinished(event.status));
      }
      const end = past.findLast(isStackEvent);
      if (end !== undefined && !end.status.endsWith('_IN_PROGRESS'))
        return createOperationResult(end, past);
      pause = fresh.length > 0 ? MIN_PAUSE_MS : Math.min(MAX_PAUSE_MS, pause * 1.5);
      await wait(pause);
    }
  } finally {
    progress.stop();
  }
}

function createOperationResult(
  { status }: StackEventRecord,
  past: readonly StackEventRecord[],
): OperationResult {
  const isDone = status.endsWith('_COMPLETE') && !status.includes('ROLLBACK');
  return isDone
    ? { kind: 'done', status }
    : { kind: 'failed', status, cause: findFirstCause(past) };
}

function formatStackEvent({ status, logicalId, type, reason }: StackEventRecord): string {
  const words = status.toLowerCase().replaceAll('_', ' ');
  const why = status.endsWith('_FAILED') && reason !== '' ? `: ${reason}` : '';
  return `${words}  ${logicalId} (${type.replace(/^AWS::/, '')})${why}`;
}

export interface FailureCause {
  readonly logicalId: string;
  readonly type: string;
  readonly reason: string;
  readonly hint: string | undefined;
}

/**
 * The failure that came first, of a resource: those after it were cancelled for its sake, and the
 * stack's own event repeats it.
 * @param events of one operation, the oldest first
 */
export function findFirstCause(events: readonly StackEventRecord[]): FailureCause | undefined {
  const failed = events.filter(({ status }) => status.endsWith('_FAILED'));
  const cause =
    failed.find((event) => !isStackEvent(event) && !isCancellation(event)) ??
    failed.find((event) => !isCancellation(event)) ??
    failed[0];
  if (cause === undefined) return undefined;
  const { logicalId, type, reason } = cause;
  return { logicalId, type, reason, hint: findHint(reason) };
}

function isCancellation({ reason }: StackEventRecord): boolean {
  return /\b(creation|update|deletion|operation) (was )?cancell?ed\b/i.test(reason);
}

function findHint(reason: string): string | undefined {
  return FAILURE_HINTS.find(({ pattern }) => pattern.test(reason))?.hint;
}

const FAILURE_HINTS: readonly { readonly pattern: RegExp; readonly hint: string }[] = [
  {
    // Before AlreadyExists: S3 says so of a name that is another account's.
    pattern: /BucketAlreadyExists\b|requested bucket name is not available/i,
    hint: "Another account has this bucket's name. Take another NamePrefix, or name the buckets: --parameter SorBucketName=…",
  },
  {
    pattern: /not empty/i,
    hint: 'The bucket still holds files. `pynvest destroy` empties what is no data of the lake; look who writes there.',
  },
  {
    pattern: /already exists|AlreadyExists|EntityAlreadyExists|ResourceConflict/i,
    hint: 'Something of that name is there and is not part of this stack: of another pynvest (take another --parameter NamePrefix=…), or left behind (remove it, then deploy again).',
  },
  {
    pattern: /AccessDenied|not authorized|is not authorized to perform|UnauthorizedOperation/i,
    hint: 'The credentials, or the service role (--role-arn), may not do this: `pynvest iam-policy` prints what deploying needs.',
  },
  {
    pattern: /assume.*role|cannot be assumed/i,
    hint: 'The role was not ready yet, or another service may take it up only: deploy again.',
  },
  {
    pattern: /limit ?exceeded|quota|UnreservedConcurrentExecution|too many/i,
    hint: 'A limit of the account is reached: ask for more under Service Quotas in the console, or lower the parameter.',
  },
  {
    pattern: /NoSuchKey|S3 Error Code|Error occurred while GetObject/i,
    hint: "The function's code is not in the artifacts bucket any more: deploy again, which uploads it.",
  },
  {
    pattern: /Throttling|Rate exceeded/i,
    hint: 'AWS was asked too fast: deploy again.',
  },
  {
    pattern: /Unable to validate the following destination configurations/i,
    hint: 'A bucket notifies something that is gone or that it may not invoke: look at the notifications of the bucket.',
  },
];

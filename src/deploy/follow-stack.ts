/**
 * Follows an operation of CloudFormation to its end, and finds the cause of a failure.
 */

import { PollPauses } from '../aws/poll-pauses.ts';
import type { AwsSession } from '../aws/session.ts';
import {
  type EventCursor,
  isFinished,
  isStackEvent,
  readEventsSince,
  type StackEventRecord,
} from '../aws/stack-events.ts';
import type { Host, ProgressDisplay } from '../host.ts';

/** How an operation of CloudFormation ended. */
export type OperationResult =
  | { readonly kind: 'done'; readonly status: string }
  | { readonly kind: 'failed'; readonly status: string; readonly cause: FailureCause | undefined };

const MIN_PAUSE_MS = 200;
const MAX_PAUSE_MS = 3_000;

interface FollowRequest {
  readonly what: string;
  readonly stackId: string;
  readonly since: EventCursor;
  /** How many resources the operation concerns, as far as is known. */
  readonly total: number;
  /** Their logical IDs, where they are known; of other resources only failures are shown. */
  readonly resourceIds?: ReadonlySet<string>;
}

/**
 * Shows the events since the cursor until the operation ends. It ends by an event of the stack itself and not by the
 * stack's status, which just after the start is still the old one.
 */
export async function followOperation(
  host: Host,
  aws: AwsSession,
  request: FollowRequest,
): Promise<OperationResult> {
  const { stackId, since, what, total } = request;
  const display = host.progress(what, total);
  const progress = new OperationProgress(request, display);
  const seen = new Set(since.ids);
  const pauses = new PollPauses(MIN_PAUSE_MS, MAX_PAUSE_MS);
  try {
    for (;;) {
      const events = await readEventsSince(aws, stackId, since);
      if (events === undefined) return { kind: 'done', status: 'DELETE_COMPLETE' };
      const unseen = events.filter(({ id }) => !seen.has(id));
      for (const event of unseen) {
        seen.add(event.id);
        progress.add(event);
      }
      const last = progress.events.findLast(isStackEvent);
      if (last !== undefined && isFinished(last.status)) {
        return createOperationResult(last, progress.events);
      }
      if (unseen.length > 0) pauses.reset();
      await pauses.wait();
    }
  } finally {
    display.stop();
  }
}

/** The events of an operation so far, and their display. */
class OperationProgress {
  readonly events: StackEventRecord[] = [];
  readonly #request: FollowRequest;
  readonly #display: ProgressDisplay;
  readonly #started = new Set<string>();
  readonly #done = new Set<string>();

  constructor(request: FollowRequest, display: ProgressDisplay) {
    this.#request = request;
    this.#display = display;
  }

  add(event: StackEventRecord): void {
    const { logicalId, status } = event;
    this.events.push(event);
    if (isStackEvent(event)) {
      // Updates from here on restore the previous state.
      if (status.endsWith('ROLLBACK_IN_PROGRESS')) this.#show('rolling back', true);
      return;
    }
    const isExpected = this.#request.resourceIds?.has(logicalId) ?? true;
    if (!isExpected && !status.endsWith('_FAILED')) return;
    if (isExpected) this.#started.add(logicalId);
    if (/_(COMPLETE|SKIPPED)$/.test(status)) this.#done.add(logicalId);
    this.#show(formatStackEvent(event), isFinished(status));
  }

  #show(line: string, isLineFinished: boolean): void {
    const total = Math.max(this.#request.total, this.#started.size);
    this.#display.step({ line, isFinished: isLineFinished, done: this.#done.size, total });
  }
}

function createOperationResult(
  { status }: StackEventRecord,
  events: readonly StackEventRecord[],
): OperationResult {
  const isDone = status.endsWith('_COMPLETE') && !status.includes('ROLLBACK');
  return isDone
    ? { kind: 'done', status }
    : { kind: 'failed', status, cause: findFirstCause(events) };
}

function formatStackEvent({ status, logicalId, type, reason }: StackEventRecord): string {
  const words = status.toLowerCase().replaceAll('_', ' ');
  const cause = status.endsWith('_FAILED') && reason !== '' ? `: ${reason}` : '';
  return `${words}  ${logicalId} (${type.replace(/^AWS::/, '')})${cause}`;
}

export interface FailureCause {
  readonly logicalId: string;
  readonly type: string;
  readonly reason: string;
  readonly hint: string | undefined;
}

/**
 * The first failure of a resource: those after it were cancelled because of it, and the stack's own event repeats it.
 * @param events the events of one operation, the oldest first
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
    // Before AlreadyExists: S3 answers this for a bucket of another account.
    pattern: /BucketAlreadyExists\b|requested bucket name is not available/i,
    hint: 'Another account has a bucket of this name. Choose another NamePrefix, or other names: --parameter SorBucketName=…',
  },
  {
    pattern: /not empty/i,
    hint: 'The bucket still has objects. `pynvest destroy` empties the buckets that hold no data of the lake; find out what writes to this one.',
  },
  {
    pattern: /already exists|AlreadyExists|EntityAlreadyExists|ResourceConflict/i,
    hint: 'A resource of that name exists outside this stack. If it belongs to another pynvest, choose another --parameter NamePrefix=…; if an earlier stack left it, delete it and deploy again.',
  },
  {
    pattern: /AccessDenied|not authorized|is not authorized to perform|UnauthorizedOperation/i,
    hint: 'The credentials, or the service role (--role-arn), lack a permission: `pynvest iam-policy` prints those that deploying needs.',
  },
  {
    pattern: /assume.*role|cannot be assumed/i,
    hint: 'The role was not ready yet, or only another service may assume it: deploy again.',
  },
  {
    pattern: /limit ?exceeded|quota|UnreservedConcurrentExecution|too many/i,
    hint: 'A quota of the account is reached: request an increase under Service Quotas in the console, or lower the parameter.',
  },
  {
    pattern: /NoSuchKey|S3 Error Code|Error occurred while GetObject/i,
    hint: "The function's code is no longer in the artifacts bucket: deploy again, which uploads it.",
  },
  {
    pattern: /Throttling|Rate exceeded/i,
    hint: 'There were too many requests to AWS: deploy again.',
  },
  {
    pattern: /Unable to validate the following destination configurations/i,
    hint: 'A notification of the bucket has a destination that does not exist or may not be invoked: check its notifications.',
  },
];

/** Why a stack failed: the first real cause among its events, and what to do about it. Pure. */

export interface StackEventFacts {
  readonly id: string;
  readonly time: number;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason: string;
}

export interface Cause {
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
export function firstCause(events: readonly StackEventFacts[]): Cause | undefined {
  const failed = events.filter(({ status }) => status.endsWith('_FAILED'));
  const cause =
    failed.find((event) => !isStackEvent(event) && !isCancelled(event)) ??
    failed.find((event) => !isCancelled(event)) ??
    failed[0];
  if (cause === undefined) return undefined;
  const { logicalId, type, reason } = cause;
  return { logicalId, type, reason, hint: hintFor(reason) };
}

export function isStackEvent({ type, logicalId, physicalId }: StackEventFacts): boolean {
  // A nested stack is a resource of its parent, under a name of the template.
  return (
    type === 'AWS::CloudFormation::Stack' &&
    (physicalId === '' || physicalId.includes(`:stack/${logicalId}/`))
  );
}

function isCancelled({ reason }: StackEventFacts): boolean {
  return /\b(creation|update|deletion|operation) (was )?cancell?ed\b/i.test(reason);
}

function hintFor(reason: string): string | undefined {
  return HINTS.find(({ pattern }) => pattern.test(reason))?.hint;
}

const HINTS: readonly { readonly pattern: RegExp; readonly hint: string }[] = [
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

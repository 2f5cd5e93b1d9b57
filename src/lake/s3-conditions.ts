/** Writing an object only as it was listed, and what S3 says where it no longer is. */
import { FileChangedError } from '../errors.ts';
import { awsCode, awsStatus } from './aws-errors.ts';
import type { WriteCondition } from './lake.ts';

/** The codes and statuses by which S3 says that a condition on an object did not hold. */
const CHANGED_CODES: readonly string[] = ['PreconditionFailed', 'ConditionalRequestConflict'];
const CHANGED_STATUSES: readonly number[] = [409, 412];

export function asHeaders({ onlyOver }: WriteCondition): {
  IfMatch?: string;
  IfNoneMatch?: string;
} {
  if (onlyOver === undefined) return { IfNoneMatch: '*' };
  return onlyOver.version === undefined ? {} : { IfMatch: onlyOver.version };
}

export function isChangedCode(code: string): boolean {
  return CHANGED_CODES.includes(code);
}

export function isChanged(error: unknown): boolean {
  const status = awsStatus(error);
  return (
    isChangedCode(awsCode(error) ?? '') ||
    (status !== undefined && CHANGED_STATUSES.includes(status))
  );
}

export function changed(uri: string, cause?: unknown): FileChangedError {
  return new FileChangedError(`${uri} is no longer as it was listed`, {
    hint: 'Another run works on the same day: run the command again when it has ended.',
    cause,
  });
}

/** What AWS answered, told as what it means for the lake. */
import { LakeError } from '../errors.ts';

/** The code of an error that AWS answered with, such as `NoSuchKey`; undefined for any other error. */
export function awsCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return '$metadata' in error || 'code' in error ? error.name : undefined;
}

/** The HTTP status that AWS answered with. */
export function awsStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const { $metadata: metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return metadata?.httpStatusCode;
}

const DENIED = /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|Forbidden)$/;

/** Whether AWS knows who asks, and does not let them. */
export function isDenied(error: unknown): boolean {
  return DENIED.test(awsCode(error) ?? '') || awsStatus(error) === 403;
}

/** A call that AWS refused, or that did not reach it, as an error of the lake. */
export function awsFailure(what: string, error: unknown): LakeError {
  if (error instanceof LakeError) return error;
  const name = error instanceof Error ? error.name : 'Error';
  const message = error instanceof Error && error.message ? error.message : String(error);
  const hint = HINTS.find(({ names }) => names.includes(name))?.hint;
  return new LakeError(`${what}: ${name}: ${message}`, { hint, cause: error });
}

const HINTS: readonly { readonly names: readonly string[]; readonly hint: string }[] = [
  {
    names: ['AccessDenied', 'AccessDeniedException', 'Forbidden'],
    hint: 'These AWS credentials may not do this: check the policies of their role.',
  },
  {
    names: ['NoSuchBucket'],
    hint: 'The bucket is not there: `pynvest deploy` makes it, or takes the name of another.',
  },
  {
    names: ['EntityNotFoundException'],
    hint: 'The table is not in the Glue catalog: `pynvest deploy` makes it.',
  },
  {
    names: ['CredentialsProviderError'],
    hint: 'No AWS credentials were found: set AWS_PROFILE, or log in.',
  },
];

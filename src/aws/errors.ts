/**
 * AWS errors: their codes, and their translation into errors of pynvest with a hint. No SDK client is loaded here.
 */
import {
  AwsAccessError,
  DeployError,
  ExpiredTokenError,
  LakeError,
  NoCredentialsError,
  PynvestError,
} from '../errors.ts';

/** The code of an error that AWS answered with, such as `NoSuchKey`; undefined for any other error. */
export function getAwsErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return '$metadata' in error || 'code' in error ? error.name : undefined;
}

/** The HTTP status that AWS answered with. */
export function getAwsErrorStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const { $metadata: metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return metadata?.httpStatusCode;
}

const DENIED = /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|Forbidden)$/;

/** Whether AWS knows who asks, and does not let them. */
export function isAccessDenied(error: unknown): boolean {
  return DENIED.test(getAwsErrorCode(error) ?? '') || getAwsErrorStatus(error) === 403;
}

/** A call that AWS refused, or that did not reach it, as an error of the lake. */
export function createLakeError(what: string, error: unknown): LakeError {
  if (error instanceof LakeError) return error;
  const name = error instanceof Error ? error.name : 'Error';
  const message = error instanceof Error && error.message ? error.message : String(error);
  const hint = ERROR_HINTS.find(({ names }) => names.includes(name))?.hint;
  return new LakeError(`${what}: ${name}: ${message}`, { hint, cause: error });
}

const ERROR_HINTS: readonly { readonly names: readonly string[]; readonly hint: string }[] = [
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

/** Does the work; an error of AWS that comes out of it is one of ours, with what to do about it. */
export async function withAwsErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toPynvestError(error);
  }
}

function toPynvestError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof PynvestError) return error;
  const { name, message } = error;
  if (EXPIRED_TOKEN.test(name) || EXPIRED_TOKEN.test(message)) {
    return new ExpiredTokenError('the AWS credentials have expired', {
      hint: 'Log in again: `aws sso login`, `aws login`, or new keys; then run the command again.',
      cause: error,
    });
  }
  if (name === 'CredentialsProviderError' || /could not load credentials/i.test(message)) {
    return new NoCredentialsError(`no AWS credentials: ${message}`, {
      hint: 'Say --profile NAME, or log in with `aws login` or `aws configure`, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
      cause: error,
    });
  }
  if (INVALID_CREDENTIALS.test(name)) {
    return new NoCredentialsError(`AWS does not know these credentials: ${message}`, {
      hint: 'Check the profile (--profile) and the keys, and the clock of this machine.',
      cause: error,
    });
  }
  if (ACCESS_DENIED.test(name) || (getAwsErrorStatus(error) === 403 && message !== '')) {
    return new AwsAccessError(`AWS denied it: ${message}`, {
      hint: '`pynvest iam-policy` prints what deploying needs; with --for operate or --for collect, what that does.',
      cause: error,
    });
  }
  const code = 'code' in error ? String(error.code) : '';
  if (UNREACHABLE_HOST.test(code) || name === 'TimeoutError') {
    return new AwsAccessError(`AWS does not answer: ${message || code}`, {
      hint: 'Check the network, the region and AWS_ENDPOINT_URL.',
      cause: error,
    });
  }
  // Whatever else AWS says is about what was asked of it, not a bug of ours.
  if ('$metadata' in error || '$fault' in error) {
    return new DeployError(`AWS answered: ${name}: ${message}`, { cause: error });
  }
  return error;
}

const EXPIRED_TOKEN =
  /^ExpiredToken|^RequestExpired$|token.*(is|has) expired|sso session.*expired/i;
const INVALID_CREDENTIALS =
  /^(InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|InvalidAccessKeyId|AuthFailure)$/;
const ACCESS_DENIED = /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|Forbidden)$/;
const UNREACHABLE_HOST = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH)$/;

/** Whether an endpoint that is not AWS's own says that it has no such call. */
export function isUnsupportedOperation(error: unknown): boolean {
  return /^(UnknownOperation|InvalidAction|NotImplemented|UnsupportedOperation)/.test(
    getAwsErrorCode(error) ?? '',
  );
}

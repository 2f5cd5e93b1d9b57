/**
 * Errors of AWS: their codes, what they mean, and their translation into errors of pynvest. No SDK client is loaded
 * here.
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

/** Whether the credentials are valid and lack the permission. */
export function isAccessDenied(error: unknown): boolean {
  return DENIED.test(getAwsErrorCode(error) ?? '') || getAwsErrorStatus(error) === 403;
}

/** Whether an endpoint other than AWS's own answered that it does not implement the operation. */
export function isUnsupportedOperation(error: unknown): boolean {
  return /^(UnknownOperation|InvalidAction|NotImplemented|UnsupportedOperation)/.test(
    getAwsErrorCode(error) ?? '',
  );
}

/** Whether a request that failed so may succeed a little later. */
export function isTransientError(error: unknown): boolean {
  const status = getAwsErrorStatus(error) ?? 0;
  return (
    status >= 500 ||
    status === 429 ||
    /Throttl|TooManyRequests|^TimeoutError$|InternalServer/.test(getAwsErrorCode(error) ?? '') ||
    UNREACHABLE_HOST.test(getNetworkCode(error))
  );
}

const UNREACHABLE_HOST =
  /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|EPIPE)$/;

/** The code of an error of Node's network, such as `ECONNREFUSED`; else empty. */
function getNetworkCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** A failure of the access to AWS, whichever service was asked. */
interface AccessFailure {
  readonly kind:
    | 'expired-credentials'
    | 'no-credentials'
    | 'invalid-credentials'
    | 'denied'
    | 'unreachable';
  readonly message: string;
  readonly hint: string;
}

/** What failed about the access to AWS; undefined where the access succeeded, and the request itself failed. */
export function findAccessFailure(error: unknown): AccessFailure | undefined {
  if (!(error instanceof Error)) return undefined;
  const { name, message } = error;
  if (EXPIRED_TOKEN.test(name) || EXPIRED_TOKEN.test(message)) {
    return {
      kind: 'expired-credentials',
      message: 'the AWS credentials have expired',
      hint: 'Log in again with `aws sso login` or `aws login`, or get new keys; then run the command again.',
    };
  }
  if (name === 'CredentialsProviderError' || /could not load credentials/i.test(message)) {
    return {
      kind: 'no-credentials',
      message: `no AWS credentials: ${message}`,
      hint: 'Pass --profile NAME, or log in with `aws login` or `aws configure`, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    };
  }
  if (INVALID_CREDENTIALS.test(name)) {
    return {
      kind: 'invalid-credentials',
      message: `AWS rejected the credentials: ${message}`,
      hint: "Check the profile (--profile), the keys and this machine's clock.",
    };
  }
  // The 403 that answers a HEAD request has no message, and may have another cause.
  if (DENIED.test(name) || (getAwsErrorStatus(error) === 403 && message !== '')) {
    return {
      kind: 'denied',
      message: `AWS denied access: ${message}`,
      hint: /lake ?formation/i.test(message)
        ? LAKE_FORMATION_HINT
        : '`pynvest iam-policy` prints the permissions for deploying; with --for operate or --for collect, those for that.',
    };
  }
  const code = getNetworkCode(error);
  if (UNREACHABLE_HOST.test(code) || name === 'TimeoutError' || name === 'ProxyRefusalError') {
    return {
      kind: 'unreachable',
      message: `AWS does not answer: ${message || code}`,
      hint: 'Check the network, the region, AWS_ENDPOINT_URL, and HTTPS_PROXY where it is set.',
    };
  }
  return undefined;
}

const LAKE_FORMATION_HINT =
  'Lake Formation restricts this catalog besides IAM: grant these credentials, and the roles of the functions, what ' +
  'the message names (`aws lakeformation grant-permissions`).';

const EXPIRED_TOKEN =
  /^ExpiredToken|^RequestExpired$|token.*(is|has) expired|sso session.*expired/i;
const INVALID_CREDENTIALS =
  /^(InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|InvalidAccessKeyId|AuthFailure)$/;

const ACCESS_ERRORS: Readonly<Record<AccessFailure['kind'], typeof AwsAccessError>> = {
  'expired-credentials': ExpiredTokenError,
  'no-credentials': NoCredentialsError,
  'invalid-credentials': NoCredentialsError,
  denied: AwsAccessError,
  unreachable: AwsAccessError,
};

/** Runs `work`; an error of AWS that it throws becomes one of pynvest, with a hint. */
export async function withAwsErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toPynvestError(error);
  }
}

function toPynvestError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof PynvestError) return error;
  const failure = findAccessFailure(error);
  if (failure !== undefined) {
    const { kind, message, hint } = failure;
    return new ACCESS_ERRORS[kind](message, { hint, cause: error });
  }
  // AWS rejected a request: not a bug of pynvest, which would be shown with its stack.
  if ('$metadata' in error || '$fault' in error) {
    return new DeployError(`AWS answered: ${error.name}: ${error.message}`, { cause: error });
  }
  return error;
}

/** An error of a request for the lake's files or tables, with what was attempted. */
export function createLakeError(what: string, error: unknown): LakeError {
  if (error instanceof LakeError) return error;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const hint = LAKE_HINTS[name] ?? findAccessFailure(error)?.hint;
  return new LakeError(`${what}: ${name}: ${message || String(error)}`, { hint, cause: error });
}

const LAKE_HINTS: Readonly<Record<string, string>> = {
  NoSuchBucket:
    'The bucket does not exist: `pynvest deploy` creates it, or uses another that it is given.',
  EntityNotFoundException: 'The table is not in the Glue catalog: `pynvest deploy` creates it.',
};

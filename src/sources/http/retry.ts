/** Whether and when to send a failed request again. Pure. */
import { RedirectedError, TransientSiteError } from '../../errors.ts';

interface RetryTiming {
  /** 1 after the first failure, 2 after the second, … */
  readonly attempt: number;
  /** The least wait after the first failure, in milliseconds; it doubles with each further one. */
  readonly backoffMs: number;
  /** What the site asked for (Retry-After), in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** A number in [0, 1): spreads the retries of requests that failed together. */
  readonly random: number;
}

const MAX_BACKOFF_MS = 30_000;

/** A page for which the site asks for a longer wait is not asked for again in this run. */
export const MAX_RETRY_AFTER_MS = 120_000;

export function isRetryAfterTooLong(error: { readonly retryAfterMs: number | undefined }): boolean {
  return (error.retryAfterMs ?? 0) > MAX_RETRY_AFTER_MS;
}

/** The host's name does not resolve: no network, or no such site. */
const UNRESOLVED_HOST_CODES: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN']);

/** OpenSSL's and Node's codes for a certificate that is expired, self-signed, of another host, … */
const CERTIFICATE_CODE =
  /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY|DECODE|DECRYPT)|HOSTNAME_MISMATCH/;

/** @param cause the system's code of a failure */
export function isCertificateCode(cause: string): boolean {
  return CERTIFICATE_CODE.test(cause);
}

/**
 * How many times a failed request is sent again. Where the host's name does not resolve, or its certificate is not
 * accepted, once: a machine that just woke up may have its network and its clock by then, and without them
 * further attempts are of no use.
 *
 * @param cause the system's code of the failure, if it has one
 */
export function limitRetries(cause: string, retries: number): number {
  const isLasting = UNRESOLVED_HOST_CODES.has(cause) || isCertificateCode(cause);
  return isLasting ? Math.min(retries, 1) : retries;
}

/**
 * How long to wait before the next attempt, in milliseconds: exponential, plus up to as much again at random,
 * and never less than the site asked for.
 */
export function computeRetryDelay({
  attempt,
  backoffMs,
  retryAfterMs,
  random,
}: RetryTiming): number {
  const backoff = Math.min(backoffMs * 2 ** (attempt - 1), MAX_BACKOFF_MS);
  return Math.max(backoff * (1 + random), retryAfterMs ?? 0);
}

/** A year: a header of four hundred digits is no time that a person can read. */
export const LONGEST_RETRY_AFTER_MS = 365 * 86_400_000;

/**
 * The wait that a Retry-After header asks for, in milliseconds from `now`: a number of seconds or an HTTP date
 * (RFC 9110, section 10.2.3). Undefined for anything else.
 */
export function parseRetryAfter(header: string | null, now: Date): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, LONGEST_RETRY_AFTER_MS);
  const at = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at)
    ? undefined
    : Math.min(Math.max(at - now.getTime(), 0), LONGEST_RETRY_AFTER_MS);
}

/** Whether the failure may pass within a run, and the site asks for no longer wait than a run can afford. */
export function isRetryable(error: unknown): error is TransientSiteError {
  if (error instanceof RedirectedError) return false;
  return error instanceof TransientSiteError && !isRetryAfterTooLong(error);
}

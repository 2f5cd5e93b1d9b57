/**
 * When to ask again, and after how long. Pure.
 */
import { TransientSiteError } from '../../errors.ts';

interface RetryTiming {
  /** 1 after the first failure, 2 after the second, … */
  readonly attempt: number;
  /** The least wait after the first failure, in milliseconds; it doubles with each one after. */
  readonly backoffMs: number;
  /** What the site asked for (Retry-After), in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** A number in [0, 1): spreads the askers, so that they do not come back together. */
  readonly random: number;
}

const MAX_BACKOFF_MS = 30_000;

/** A site that asks for more than this is left alone for this run. */
export const MAX_RETRY_AFTER_MS = 120_000;

export function isRetryAfterTooLong(error: { readonly retryAfterMs: number | undefined }): boolean {
  return (error.retryAfterMs ?? 0) > MAX_RETRY_AFTER_MS;
}

/** Names that do not resolve: no network, or no such site. */
const UNRESOLVED_HOST_CODES: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN']);

/**
 * How often a request that failed is worth sending again. One whose site's name does not resolve is worth it
 * once: a machine that just woke up may have its network by then; where there is none, waiting helps nobody.
 *
 * @param cause the system's code of the failure, where it has one
 */
export function limitRetries(cause: string, retries: number): number {
  return UNRESOLVED_HOST_CODES.has(cause) ? Math.min(retries, 1) : retries;
}

/**
 * How long to wait before asking again, in milliseconds: exponential, with up to as much again added
 * by chance, and never less than the site asked for.
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

/**
 * What a Retry-After header asks for, in milliseconds from `now`: a number of seconds or an HTTP date
 * (RFC 9110, section 10.2.3). Anything else is undefined.
 */
export function parseRetryAfter(header: string | null, now: Date): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const at = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(at - now.getTime(), 0);
}

/** May pass with time, and with less of it than the site may ask of one run. */
export function isRetryable(error: unknown): error is TransientSiteError {
  return error instanceof TransientSiteError && !isRetryAfterTooLong(error);
}

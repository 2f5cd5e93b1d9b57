/**
 * Converts what went wrong with a request into the error that says whether another attempt may help. Pure.
 *
 * Statuses are classes, so that one never seen before is treated as its like: a 5xx is trouble of the site or
 * of a proxy before it, and passes; a 4xx is a refusal, which may pass, but for 404 and 410, which say that the
 * address is wrong.
 */

import {
  MissingAddressError,
  SiteBlockedError,
  type SiteError,
  SiteUnavailableError,
  SiteUnreachableError,
} from '../../errors.ts';
import { isCertificateCode, LONGEST_RETRY_AFTER_MS, parseRetryAfter } from './retry.ts';
import type { HttpSettings } from './settings.ts';

const MISSING_STATUSES: ReadonlySet<number> = new Set([404, 410]);
/** The 4xx that are not about us: the request took too long, or came too early. */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 425]);

/** @param status one that is neither a success nor a redirect to an address */
export function createStatusError(
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  subject: string,
  { urlVariable, slowerBy = '--pause, --concurrency' }: HttpSettings,
): SiteError {
  if (MISSING_STATUSES.has(status)) {
    return new MissingAddressError(`${subject}: the site answered with status ${status}`, {
      hint: `The address of the page may have changed: check ${urlVariable}.`,
    });
  }
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'), new Date());
  const wait = formatRetryAfter(retryAfterMs);
  if (status >= 400 && status < 500 && !TRANSIENT_STATUSES.has(status)) {
    return new SiteBlockedError(`${subject}: the site refuses us with status ${status}${wait}`, {
      hint: `Wait a while, then ask more slowly (${slowerBy}).`,
      retryAfterMs,
    });
  }
  return new SiteUnavailableError(`${subject}: the site answered with status ${status}${wait}`, {
    retryAfterMs,
  });
}

function formatRetryAfter(retryAfterMs: number | undefined): string {
  if (retryAfterMs === undefined) return '';
  if (retryAfterMs >= LONGEST_RETRY_AFTER_MS) return ' and asks to wait a year or more';
  return ` and asks to wait ${Math.ceil(retryAfterMs / 1000)} s`;
}

/** @param url where the connection failed: after a redirect, that of its target */
export function createTransferError(
  error: unknown,
  subject: string,
  url: URL,
  { timeoutMs, urlVariable, proxy }: HttpSettings,
): SiteUnavailableError {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new SiteUnavailableError(`${subject}: no answer within ${timeoutMs} ms`, {
      cause: error,
    });
  }
  const cause = getRootCause(error);
  const through = proxy?.describe(url);
  const hint =
    describeTlsFailure(cause) ??
    (through === undefined
      ? `Check the network connection, and ${urlVariable} where it is set.`
      : 'Check the network connection and the proxy, which HTTPS_PROXY or HTTP_PROXY names; NO_PROXY names the hosts without one.');
  const where = through === undefined ? url.origin : `${url.origin} through the proxy ${through}`;
  return new SiteUnreachableError(`${subject}: cannot reach ${where} (${cause})`, {
    hint,
    cause: error,
  });
}

/** The codes of a TLS connection that failed before any certificate was looked at. */
const HANDSHAKE_CODE = /^(?:EPROTO|ERR_SSL_|ERR_TLS_)/;

/** What to do about a failure of TLS, by its code; undefined for any other failure. */
function describeTlsFailure(cause: string): string | undefined {
  if (isCertificateCode(cause)) {
    return (
      "The site's certificate is not accepted: check this machine's clock. Where a proxy inspects the traffic, " +
      'NODE_EXTRA_CA_CERTS=FILE names the file with its certificate.'
    );
  }
  if (HANDSHAKE_CODE.test(cause)) {
    return 'No secure connection (TLS) was made: check that the address begins with the right one of http and https.';
  }
  return undefined;
}

/** The innermost reason: fetch hides it as the cause of a bare "fetch failed". */
export function getRootCause(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause !== undefined) inner = inner.cause;
  if (!(inner instanceof Error)) return String(inner);
  return 'code' in inner && typeof inner.code === 'string' ? inner.code : inner.message;
}

/**
 * A polite HTTP client: bounded concurrency, a pause between requests, retries with jittered back-off that honour
 * Retry-After. Every source asks through it.
 */

/**
 * Told when a request failed and will be sent again in `waitMs` milliseconds. `what` is a ticker or a kind
 * of listing.
 */
export type OnRetry = (what: string, error: Error, retriesLeft: number, waitMs: number) => void;

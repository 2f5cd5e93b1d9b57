/** How the site is asked: where it is, how fast, how patiently. */

export interface SiteSettings {
  readonly baseUrl: string;
  /** Requests under way at once. */
  readonly concurrency: number;
  /** The pause between two requests of one of those, in milliseconds. */
  readonly pauseMs: number;
  /** How long one request may take, in milliseconds, the body included. */
  readonly timeoutMs: number;
  /** How often a request that failed is sent again. */
  readonly retries: number;
  /** The wait before the first of them, in milliseconds; it doubles with each one after. */
  readonly backoffMs: number;
  readonly userAgent: string;
}

/** With these, a whole day of some 1,400 pages takes the site a few minutes at five pages a second. */
export const defaultSiteSettings: SiteSettings = {
  baseUrl: 'https://www.fundamentus.com.br',
  concurrency: 4,
  pauseMs: 500,
  timeoutMs: 20_000,
  retries: 4,
  backoffMs: 1_000,
  // The site answers 403 to a client that does not look like a browser.
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
};

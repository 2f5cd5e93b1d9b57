/**
 * How fundamentus.com.br is asked unless the person says otherwise.
 */
import type { HttpSettings } from '../http/request.ts';

/** With these, a whole day of some 1,400 pages takes the site a few minutes at five pages a second. */
export const defaultSiteSettings: HttpSettings = {
  baseUrl: 'https://www.fundamentus.com.br',
  concurrency: 4,
  pauseMs: 500,
  timeoutMs: 20_000,
  retries: 4,
  backoffMs: 1_000,
  // The site answers 403 to a client that does not look like a browser.
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
};

/**
 * How fundamentus.com.br is asked unless the person says otherwise.
 */
import type { HttpSettings } from '../http/settings.ts';

/** At five pages a second, a whole day of some 1,400 pages takes a few minutes. */
export const defaultSiteSettings: HttpSettings = {
  baseUrl: 'https://www.fundamentus.com.br',
  urlVariable: 'PYNVEST_FUNDAMENTUS_URL',
  headers: { accept: 'text/html', 'accept-language': 'pt-BR' },
  // The site answers 403 to a client that does not look like a browser.
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  concurrency: 4,
  pauseMs: 500,
  timeoutMs: 20_000,
  retries: 4,
  backoffMs: 1_000,
};

/** The site, asked as the environment says. */
import { createSite, type Site } from '../src/fundamentus/client.ts';
import { defaultSiteSettings, type SiteSettings } from '../src/fundamentus/settings.ts';
import { once, wholeNumber } from './environment.ts';

export const siteSettings = once(
  (): SiteSettings => ({
    ...defaultSiteSettings,
    baseUrl: process.env['PYNVEST_FUNDAMENTUS_URL'] || defaultSiteSettings.baseUrl,
    concurrency: wholeNumber('PYNVEST_CONCURRENCY', 1) ?? defaultSiteSettings.concurrency,
    pauseMs: wholeNumber('PYNVEST_PAUSE_MS', 0) ?? defaultSiteSettings.pauseMs,
    timeoutMs: wholeNumber('PYNVEST_TIMEOUT_MS', 1) ?? defaultSiteSettings.timeoutMs,
    retries: wholeNumber('PYNVEST_RETRIES', 0) ?? defaultSiteSettings.retries,
  }),
);

/** The site, asked until `signal` is aborted. */
export function site(signal: AbortSignal): Site {
  return createSite(siteSettings(), signal);
}

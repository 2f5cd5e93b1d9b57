/** The site, asked as the environment says. */

import { createSite, defaultSiteSettings, type Site } from '../src/sources/fundamentus/site.ts';
import type { HttpSettings } from '../src/sources/http/settings.ts';
import { once, readInteger } from './environment.ts';

export const readSiteSettings = once(
  (): HttpSettings => ({
    ...defaultSiteSettings,
    baseUrl: process.env['PYNVEST_FUNDAMENTUS_URL'] || defaultSiteSettings.baseUrl,
    concurrency: readInteger('PYNVEST_CONCURRENCY', 1) ?? defaultSiteSettings.concurrency,
    pauseMs: readInteger('PYNVEST_PAUSE_MS', 0) ?? defaultSiteSettings.pauseMs,
    timeoutMs: readInteger('PYNVEST_TIMEOUT_MS', 1) ?? defaultSiteSettings.timeoutMs,
    retries: readInteger('PYNVEST_RETRIES', 0) ?? defaultSiteSettings.retries,
  }),
);

/** The site, asked until `signal` is aborted. */
export function createEnvironmentSite(signal: AbortSignal): Site {
  return createSite(readSiteSettings(), signal);
}

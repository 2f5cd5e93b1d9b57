/** The real client with tiny waits, against the site of the tests. */
import { onTestFinished } from 'vitest';
import { parseTicker } from '../../src/catalog/ticker.ts';
import { type DemoAsset, demoMarket } from '../../src/demo/market.ts';
import { createSite, defaultSiteSettings, type Site } from '../../src/sources/fundamentus/site.ts';
import type { HttpSettings } from '../../src/sources/http/settings.ts';
import { startTestSite, type TestSite, type TestSiteOptions } from './site.ts';

export const TUCA3 = parseTicker('TUCA3');

/** The site of the tests, for as long as the test runs. */
export async function openSite(
  options: TestSiteOptions = {},
  assets: readonly DemoAsset[] = demoMarket,
): Promise<TestSite> {
  const site = await startTestSite(assets, options);
  onTestFinished(() => site.close());
  return site;
}

export function clientOf(
  baseUrl: string,
  settings: Partial<HttpSettings> = {},
  signal: AbortSignal = new AbortController().signal,
): Site {
  const impatient = { pauseMs: 0, backoffMs: 1, retries: 3, timeoutMs: 30_000 };
  return createSite({ ...defaultSiteSettings, ...impatient, ...settings, baseUrl }, signal);
}

/** What a promise that must reject rejects with. */
export async function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('it did not reject');
    },
    (reason: unknown) => reason,
  );
}

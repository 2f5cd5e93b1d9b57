/** A site whose name does not resolve: `.invalid` never does (RFC 2606). */
import { expect, test } from 'vitest';
import { createSite, defaultSiteSettings } from '../../../src/sources/fundamentus/site.ts';
import { limitRetries } from '../../../src/sources/http/retry.ts';
import { clientOf, openSite, reasonOf, TUCA3 } from '../../support/impatient-client.ts';

const signal = new AbortController().signal;

test('is asked for once more and not again, and says when', async () => {
  const told: { readonly left: number; readonly waitMs: number }[] = [];
  const settings = { ...defaultSiteSettings, baseUrl: 'http://site.invalid', backoffMs: 1 };
  const site = createSite(settings, signal, (_what, _error, left, waitMs) => {
    told.push({ left, waitMs });
  });
  expect(await reasonOf(site.details(TUCA3))).toMatchObject({
    message: expect.stringMatching(/cannot reach .*(ENOTFOUND|EAI_AGAIN)/),
  });
  expect(told.map(({ left }) => left)).toEqual([1]);
  expect(told[0]?.waitMs).toBeGreaterThanOrEqual(1);
});

test.each([
  ['ENOTFOUND', 4, 1],
  ['EAI_AGAIN', 4, 1],
  ['ENOTFOUND', 0, 0],
  ['ECONNREFUSED', 4, 4],
])('%s with %i retries is worth %i', (cause, retries, worth) => {
  expect(limitRetries(cause, retries)).toBe(worth);
});

test('a signal with many requests under way makes Node warn of nothing', async () => {
  const warnings: Error[] = [];
  const gather = (warning: Error): void => void warnings.push(warning);
  process.on('warning', gather);
  const site = await openSite({ together: 30 });
  const { signal: shared } = new AbortController();
  const client = clientOf(site.url, { concurrency: 30 }, shared);
  await Promise.all(Array.from({ length: 30 }, () => client.details(TUCA3)));
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', gather);
  expect(site.peak()).toBe(30);
  expect(warnings.map(({ name }) => name)).toEqual([]);
});

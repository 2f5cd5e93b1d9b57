/** Answers that send us away: to another site, or for longer than a run may wait. */
import { describe, expect, it } from 'vitest';
import { parsePartition } from '../../../src/catalog/partition.ts';
import { parseTicker } from '../../../src/catalog/ticker.ts';
import { demoMarket } from '../../../src/demo/market.ts';
import { renderDetailsPage } from '../../../src/demo/pages.ts';
import { SiteBlockedError } from '../../../src/errors.ts';
import { createLocalLake } from '../../../src/lake/local/lake.ts';
import { collect } from '../../../src/pipeline/collect.ts';
import { defaultSiteSettings } from '../../../src/sources/fundamentus/settings.ts';
import { createSite } from '../../../src/sources/fundamentus/site.ts';
import { newFolder } from '../../support/folders.ts';
import { serve } from '../../support/raw-server.ts';

const [asset] = demoMarket;
const ticker = parseTicker(asset?.ticker ?? '');
const { signal } = new AbortController();
const settings = { ...defaultSiteSettings, pauseMs: 0, backoffMs: 1, retries: 0 };

describe('an answer', () => {
  it('of another site is not taken for the page, however right it looks', async () => {
    const page = asset ? Buffer.from(renderDetailsPage(asset, 2026), 'latin1') : '';
    const elsewhere = await serve((_, response) => response.end(page));
    const here = await serve((_, response) =>
      response.writeHead(302, { location: elsewhere }).end(),
    );
    const details = createSite({ ...settings, baseUrl: here }, signal).details(ticker);
    await expect(details).rejects.toThrow(SiteBlockedError);
    await expect(details).rejects.toThrow(elsewhere);
  });

  it('at another path of the same site is', async () => {
    const page = asset ? Buffer.from(renderDetailsPage(asset, 2026), 'latin1') : '';
    const here = await serve((request, response) =>
      request.url?.startsWith('/novo')
        ? response.end(page)
        : response.writeHead(301, { location: `/novo${request.url}` }).end(),
    );
    const details = await createSite({ ...settings, baseUrl: here }, signal).details(ticker);
    expect(details.ticker).toBe(ticker);
  });

  it('that asks for more time than a run may take ends the asking', async () => {
    let requests = 0;
    const here = await serve((_, response) => {
      requests += 1;
      response.writeHead(429, { 'retry-after': '600' }).end();
    });
    const collection = await collect({
      site: createSite({ ...settings, baseUrl: here }, signal),
      lake: createLocalLake(await newFolder()),
      partition: parsePartition('2026-11-20'),
      tickers: demoMarket.map((each) => parseTicker(each.ticker)),
      concurrency: 1,
      signal,
      now: () => new Date(),
    });
    expect(requests).toBe(1);
    expect(collection.failed.map(({ kind }) => kind)).toEqual([
      'blocked',
      ...Array.from({ length: demoMarket.length - 1 }, () => 'not-asked'),
    ]);
  });
});

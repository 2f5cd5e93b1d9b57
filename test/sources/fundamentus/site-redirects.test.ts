/** Answers that send us away: to another site, or for longer than a run may wait. */

import { describe, expect, it } from 'vitest';
import { parsePartition } from '../../../src/catalog/partition.ts';
import { parseTicker } from '../../../src/catalog/ticker.ts';
import { demoMarket } from '../../../src/demo/market.ts';
import { renderDetailsPage } from '../../../src/demo/site.ts';
import { RedirectedError, SiteUnavailableError } from '../../../src/errors.ts';
import { createLocalLake } from '../../../src/lake/local/lake.ts';
import { collect } from '../../../src/pipeline/collect.ts';
import { createFundamentusSource } from '../../../src/pipeline/data-source.ts';
import { createSite, defaultSiteSettings } from '../../../src/sources/fundamentus/site.ts';
import { newFolder } from '../../support/folders.ts';
import { clientOf, reasonOf } from '../../support/impatient-client.ts';
import { deadUrl, serve } from '../../support/raw-server.ts';

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
    await expect(details).rejects.toThrow(RedirectedError);
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

  it('of another site is not even asked for, and the site is asked once', async () => {
    const requests = { here: 0, elsewhere: 0 };
    const elsewhere = await serve((_, response) => {
      requests.elsewhere += 1;
      response.end();
    });
    const here = await serve((_, response) => {
      requests.here += 1;
      response.writeHead(302, { location: elsewhere }).end();
    });
    const reason = await reasonOf(clientOf(here, { retries: 3 }).details(ticker));
    expect(reason).toBeInstanceOf(RedirectedError);
    expect(reason).toMatchObject({
      kind: 'redirected',
      hint: expect.stringContaining('PYNVEST_FUNDAMENTUS_URL'),
    });
    expect(requests).toEqual({ here: 1, elsewhere: 0 });
  });

  it('of no site is not asked for', async () => {
    const here = await serve((_, response) =>
      response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    );
    const reason = await reasonOf(clientOf(here, { retries: 0 }).details(ticker));
    expect(reason).toMatchObject({
      message: `${ticker}: the site redirects to an address of file:`,
    });
  });

  it('of a host that does not answer names that host', async () => {
    const here = await serve((_, response) =>
      response.writeHead(301, { location: 'http://www.gone.invalid/novo' }).end(),
    );
    const reason = await reasonOf(clientOf(here, { retries: 0 }).details(ticker));
    expect(reason).toMatchObject({
      message: `${ticker}: the site redirects to http://www.gone.invalid`,
    });
  });

  it('of the same site on a port that does not answer names that address', async () => {
    const dead = (await deadUrl()).replace('http:', 'https:');
    const here = await serve((_, response) => response.writeHead(301, { location: dead }).end());
    const reason = await reasonOf(clientOf(here, { retries: 0 }).details(ticker));
    expect(reason).toBeInstanceOf(SiteUnavailableError);
    expect(reason).toMatchObject({ message: `${ticker}: cannot reach ${dead} (ECONNREFUSED)` });
  });

  it('that redirects in a circle ends after a few redirects', async () => {
    let requests = 0;
    const here = await serve((_, response) => {
      requests += 1;
      response.writeHead(302, { location: `/volta/${requests}` }).end();
    });
    const reason = await reasonOf(clientOf(here, { retries: 0 }).details(ticker));
    expect(reason).toBeInstanceOf(SiteUnavailableError);
    expect(reason).toMatchObject({ message: expect.stringContaining(`${here}/volta/6`) });
    expect(requests).toBe(6);
  });

  it.each([300, 304, 305, 302])('with status %i and no address is no page', async (status) => {
    const here = await serve((_, response) => response.writeHead(status).end());
    const reason = await reasonOf(clientOf(here, { retries: 0 }).details(ticker));
    expect(reason).toBeInstanceOf(SiteUnavailableError);
    expect(reason).toMatchObject({ message: expect.stringContaining(`status ${status}`) });
  });

  it('that asks for more time than a run may take, three times in a row, ends the asking', async () => {
    let requests = 0;
    const here = await serve((_, response) => {
      requests += 1;
      response.writeHead(429, { 'retry-after': '600' }).end();
    });
    const collection = await collect({
      source: createFundamentusSource(createSite({ ...settings, baseUrl: here }, signal)),
      lake: createLocalLake(await newFolder()),
      partition: parsePartition('2026-11-20'),
      keys: demoMarket.map((each) => parseTicker(each.ticker)),
      concurrency: 1,
      signal,
      now: () => new Date(),
    });
    expect(requests).toBe(3);
    expect(collection.failed.map(({ kind }) => kind)).toEqual([
      ...Array.from({ length: 3 }, () => 'blocked'),
      ...Array.from({ length: demoMarket.length - 3 }, () => 'not-asked'),
    ]);
  });
});

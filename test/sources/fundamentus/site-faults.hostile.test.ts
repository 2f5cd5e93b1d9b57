import { describe, expect, it } from 'vitest';
import { parseTicker, type Ticker } from '../../../src/catalog/ticker.ts';
import { demoMarket } from '../../../src/demo/market.ts';
import { renderDetailsPage } from '../../../src/demo/site.ts';
import {
  LayoutChangedError,
  SiteBlockedError,
  type SiteError,
  SiteUnavailableError,
  TickerNotFoundError,
} from '../../../src/errors.ts';
import { readDetails } from '../../../src/sources/fundamentus/details.ts';
import { demoAsset } from '../../support/demo-assets.ts';
import { clientOf, openSite, reasonOf, TUCA3 } from '../../support/impatient-client.ts';
import { deadUrl, serve } from '../../support/raw-server.ts';
import type { Fault } from '../../support/site.ts';

const TICKERS: readonly Ticker[] = demoMarket.map(({ ticker }) => parseTicker(ticker));

function pathOf(ticker: string): string {
  return `/detalhes.php?papel=${ticker}`;
}

/** Statuses of the site, of a proxy or of a CDN before it, and some that no document names. */
const refusals = [400, 401, 402, 403, 405, 406, 409, 418, 422, 429, 451, 460, 499];
const troubles = [
  ...[408, 425, 500, 501, 502, 503, 504, 505, 506, 507, 508, 509, 510, 511],
  ...Array.from({ length: 11 }, (_, index) => 520 + index),
  ...[561, 599],
];

const passing: readonly Fault[] = [
  ...refusals,
  ...troubles,
  'reset',
  'empty',
  'truncated',
  'garbage',
  'no-tables',
];

describe('a fault that passes', () => {
  it.each(passing)('(%s) does not keep the page of an asset from being read', async (fault) => {
    const site = await openSite({ fault: (_, attempt) => (attempt <= 2 ? fault : undefined) });
    const page = await clientOf(site.url, { retries: 2 }).details(TUCA3);
    expect(page).toEqual(readDetails(renderDetailsPage(demoAsset('TUCA3'), 2026), TUCA3));
    expect(site.requests).toEqual(Array(3).fill(pathOf('TUCA3')));
  });

  it.each(passing)('(%s) does not keep a listing from being read', async (fault) => {
    const site = await openSite({ fault: (_, attempt) => (attempt === 1 ? fault : undefined) });
    const { tickers } = await clientOf(site.url).listing('acoes');
    expect(tickers).toContain('TUCA3');
    expect(site.requests).toHaveLength(2);
  });

  it('(no answer in time) does not either', async () => {
    const site = await openSite({ fault: (_, attempt) => (attempt === 1 ? 'hang' : undefined) });
    const page = await clientOf(site.url, { timeoutMs: 1000 }).details(TUCA3);
    expect(page.ticker).toBe('TUCA3');
    expect(site.requests).toHaveLength(2);
  });

  it('in one ticker does not touch the others', async () => {
    const site = await openSite({ fault: (what) => (what === 'MANG3' ? 503 : undefined) });
    const client = clientOf(site.url, { retries: 1 });
    const outcomes = await Promise.allSettled(TICKERS.map((ticker) => client.details(ticker)));
    const failed = TICKERS.filter((_, index) => outcomes[index]?.status === 'rejected');
    expect(failed).toEqual(['MANG3']);
  });
});

describe('a fault that stays', () => {
  const cases: readonly { fault: Fault; error: typeof SiteError }[] = [
    ...refusals.map((fault) => ({ fault, error: SiteBlockedError })),
    ...troubles.map((fault) => ({ fault, error: SiteUnavailableError })),
    { fault: 'no-tables', error: SiteBlockedError },
    { fault: 'reset', error: SiteUnavailableError },
    { fault: 'empty', error: SiteUnavailableError },
    { fault: 'truncated', error: SiteUnavailableError },
    { fault: 'garbage', error: SiteUnavailableError },
  ];

  it.each(cases)(
    '($fault) is asked for again exactly as often as set',
    async ({ fault, error }) => {
      const site = await openSite({ fault: () => fault });
      for (const retries of [0, 2]) {
        const before = site.requests.length;
        const reason = await reasonOf(clientOf(site.url, { retries }).details(TUCA3));
        expect(reason).toBeInstanceOf(error);
        expect(reason).toMatchObject({ message: expect.stringContaining('TUCA3') });
        expect(site.requests.length - before).toBe(retries + 1);
      }
    },
  );

  it('(no answer) is asked for again as often as set, and says how long it waited', async () => {
    const site = await openSite({ fault: () => 'hang' });
    const client = clientOf(site.url, { retries: 1, timeoutMs: 500 });
    const reason = await reasonOf(client.details(TUCA3));
    expect(reason).toBeInstanceOf(SiteUnavailableError);
    expect(reason).toMatchObject({ message: 'TUCA3: no answer within 500 ms' });
    expect(site.requests).toHaveLength(2);
  });

  it('(an answer that stops half-way) is one without an answer in time', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.write('<html><table class="w728">');
    });
    const client = clientOf(url, { retries: 0, timeoutMs: 100 });
    await expect(client.details(TUCA3)).rejects.toThrow('no answer within 100 ms');
  });

  it('(a connection that breaks within the page) is unavailable, never a page in part', async () => {
    const html = renderDetailsPage(demoAsset('TUCA3'), 2026);
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': html.length });
      response.write(html.slice(0, 2000), () => response.destroy());
    });
    const client = clientOf(url, { retries: 1 });
    await expect(client.details(TUCA3)).rejects.toBeInstanceOf(SiteUnavailableError);
  });

  it('(nothing listens) names the address and the reason', async () => {
    const url = await deadUrl();
    const reason = await reasonOf(clientOf(url, { retries: 1 }).details(TUCA3));
    expect(reason).toBeInstanceOf(SiteUnavailableError);
    expect(reason).toMatchObject({
      message: `TUCA3: cannot reach ${url} (ECONNREFUSED)`,
      hint: expect.stringContaining('PYNVEST_FUNDAMENTUS_URL'),
    });
  });
});

describe('an outcome that asking again does not change', () => {
  it('(no such ticker) is asked for once', async () => {
    const site = await openSite();
    const reason = await reasonOf(clientOf(site.url).details(parseTicker('XXXX3')));
    expect(reason).toBeInstanceOf(TickerNotFoundError);
    expect(site.requests).toHaveLength(1);
  });

  it('(the page of another asset) is asked for once', async () => {
    const html = renderDetailsPage(demoAsset('MANG3'), 2026);
    const site = await openSite({ fault: () => ({ html }) });
    await expect(clientOf(site.url).details(TUCA3)).rejects.toBeInstanceOf(LayoutChangedError);
    expect(site.requests).toHaveLength(1);
  });

  it('(a listing without tickers) is asked for once', async () => {
    const site = await openSite({}, []);
    await expect(clientOf(site.url).listing('fiis')).rejects.toBeInstanceOf(LayoutChangedError);
    expect(site.requests).toHaveLength(1);
  });

  it.each([404, 410])('(status %i) is asked for once', async (status) => {
    const site = await openSite({ fault: () => status });
    const reason = await reasonOf(clientOf(site.url).details(TUCA3));
    expect(reason).toBeInstanceOf(LayoutChangedError);
    expect(reason).toMatchObject({ message: expect.stringContaining(String(status)) });
    expect(site.requests).toHaveLength(1);
  });
});

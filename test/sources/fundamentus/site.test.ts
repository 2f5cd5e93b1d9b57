import { describe, expect, it } from 'vitest';
import { type AssetKind, assetKinds } from '../../../src/catalog/asset.ts';
import { parseTicker, type Ticker } from '../../../src/catalog/ticker.ts';
import { demoMarket } from '../../../src/demo/market.ts';
import { renderDetailsPage } from '../../../src/demo/site.ts';
import { SiteBlockedError } from '../../../src/errors.ts';
import { readDetails } from '../../../src/sources/fundamentus/details.ts';
import { demoAsset } from '../../support/demo-assets.ts';
import { clientOf, openSite, TUCA3 } from '../../support/impatient-client.ts';
import { serve } from '../../support/raw-server.ts';

const TICKERS: readonly Ticker[] = demoMarket.map(({ ticker }) => parseTicker(ticker));

function pathOf(ticker: string): string {
  return `/detalhes.php?papel=${ticker}`;
}

describe('the client', () => {
  it.each(assetKinds)('reads the listing of %s', async (kind: AssetKind) => {
    const site = await openSite();
    const expected = demoMarket.filter((asset) => asset.kind === kind).map(({ ticker }) => ticker);
    const { tickers } = await clientOf(site.url).listing(kind);
    expect(tickers).toEqual(expected.sort());
    const path = { acoes: '/resultado.php', fiis: '/fii_resultado.php' }[kind];
    expect(site.requests).toEqual([path]);
  });

  it.each(['TUCA3', 'BSAB4', 'DEMO11'])('reads the page of %s, accents and all', async (ticker) => {
    const site = await openSite();
    const expected = readDetails(renderDetailsPage(demoAsset(ticker), 2026), parseTicker(ticker));
    await expect(clientOf(site.url).details(parseTicker(ticker))).resolves.toEqual(expected);
    expect(site.requests).toEqual([pathOf(ticker)]);
  });

  it('takes a base URL with slashes at its end, and one with a path', async () => {
    const paths: string[] = [];
    const url = await serve((request, response) => {
      paths.push(request.url ?? '');
      response.end(renderDetailsPage(demoAsset('TUCA3'), 2026));
    });
    await clientOf(`${url}//`).details(TUCA3);
    await clientOf(`${url}/mirror`).details(TUCA3);
    expect(paths).toEqual([pathOf('TUCA3'), `/mirror${pathOf('TUCA3')}`]);
  });

  it('says who asks and for which language', async () => {
    const headers: unknown[] = [];
    const url = await serve((request, response) => {
      headers.push(request.headers);
      response.end(renderDetailsPage(demoAsset('TUCA3'), 2026));
    });
    await clientOf(url).details(TUCA3);
    await clientOf(url, { userAgent: 'Mozilla/5.0 (test)' }).details(TUCA3);
    expect(headers).toEqual([
      expect.objectContaining({
        'user-agent': expect.stringMatching(/^Mozilla\/5\.0 .*Firefox/),
        'accept-language': 'pt-BR',
      }),
      expect.objectContaining({ 'user-agent': 'Mozilla/5.0 (test)' }),
    ]);
  });

  it('is turned away with a User-Agent that is no browser', async () => {
    const site = await openSite();
    const bare = clientOf(site.url, { userAgent: 'pynvest', retries: 0 });
    await expect(bare.details(TUCA3)).rejects.toBeInstanceOf(SiteBlockedError);
  });

  it('never has more requests under way than it may', async () => {
    const site = await openSite({ latencyMs: 20, together: 3 });
    const client = clientOf(site.url, { concurrency: 3 });
    await Promise.all([...TICKERS, ...TICKERS].map((ticker) => client.details(ticker)));
    expect(site.requests).toHaveLength(TICKERS.length * 2);
    expect(site.peak()).toBe(3);
  });
});

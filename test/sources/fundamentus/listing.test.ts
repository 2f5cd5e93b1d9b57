import { describe, expect, it } from 'vitest';
import { assetKinds } from '../../../src/catalog/asset.ts';
import { demoMarket } from '../../../src/demo/market.ts';
import { renderDetailsPage, renderListingPage } from '../../../src/demo/site.ts';
import { LayoutChangedError, SiteBlockedError, SiteUnavailableError } from '../../../src/errors.ts';
import { readListing } from '../../../src/sources/fundamentus/site.ts';
import { demoAsset } from '../../support/demo-assets.ts';
import { pageOf } from '../../support/handmade-page.ts';

function listingOf(...hrefs: readonly string[]): string {
  const rows = hrefs.map((href) => `<tr><td><a href="${href}">x</a></td><td>1,00</td></tr>`);
  return pageOf(`<table id="resultado" class="resultado rowstyle-par">${rows.join('')}</table>`);
}

const link = (ticker: string): string => `detalhes.php?papel=${ticker}`;

describe('a listing', () => {
  it.each(assetKinds)('of the demo names its %s, in alphabetical order', (kind) => {
    const expected = demoMarket.filter((asset) => asset.kind === kind).map(({ ticker }) => ticker);
    const { tickers, rejected } = readListing(renderListingPage(kind, demoMarket), kind);
    expect(tickers).toEqual(expected.sort());
    expect(rejected).toEqual([]);
  });

  it('names each ticker once, sorted, in capitals', () => {
    const html = listingOf(
      link('WEGE3'),
      link('B3SA3'),
      link('wege3'),
      link('ABEV3'),
      link('B3SA3'),
    );
    expect(readListing(html, 'acoes').tickers).toEqual(['ABEV3', 'B3SA3', 'WEGE3']);
  });

  it('returns what is in place of a ticker and is none, as printed', () => {
    const html = listingOf(link('WEGE3'), link(''), link('../etc'), link('PETR4%27'), link('XPTO'));
    const { tickers, rejected } = readListing(html, 'acoes');
    expect(tickers).toEqual(['WEGE3']);
    expect(rejected).toEqual(['', '../etc', 'PETR4%27', 'XPTO']);
  });

  it('finds the ticker behind other parameters, and passes by links to elsewhere', () => {
    const other = ['#', 'resultado.php?setor=1', 'detalhes.php', 'x?notpapel=PETR4'];
    const html = listingOf('detalhes.php?tipo=1&papel=WEGE3#topo', 'd?papel=ABEV3&x=1', ...other);
    const { tickers, rejected } = readListing(html, 'acoes');
    expect(tickers).toEqual(['ABEV3', 'WEGE3']);
    expect(rejected).toEqual([]);
  });

  it('takes tickers from tables of results alone', () => {
    const ad = `<a href="${link('PETR4')}">Destaque</a>`;
    const html = listingOf(link('WEGE3')).replace('<body>', `<body>${ad}`);
    expect(readListing(html, 'acoes').tickers).toEqual(['WEGE3']);
  });
});

describe('a page that is no listing', () => {
  const whole = renderListingPage('acoes', demoMarket);

  it.each([
    ['is empty', ''],
    ['breaks off in the middle', whole.slice(0, whole.length / 2)],
    ['breaks off before its table', whole.slice(0, whole.indexOf('<table'))],
    ['breaks off behind its table', whole.slice(0, whole.indexOf('</table>') + 8)],
  ])('because it %s is cut short', (_, html) => {
    expect(() => readListing(html, 'acoes')).toThrow(SiteUnavailableError);
  });

  it.each([
    ['has no table', pageOf('Just a moment')],
    ['has tables of another kind', renderDetailsPage(demoAsset('TUCA3'), 2026)],
  ])('because it %s is "blocked"', (_, html) => {
    expect(() => readListing(html, 'acoes')).toThrow(SiteBlockedError);
  });

  it.each([
    ['no rows', listingOf()],
    ['no links to an asset', listingOf('#', 'ativo/WEGE3')],
    ['no ticker that is one', listingOf(link('x'), link('y'))],
  ])('because its table has %s is a changed layout', (_, html) => {
    expect(() => readListing(html, 'acoes')).toThrow(LayoutChangedError);
  });

  it('names the listing in its error', () => {
    expect(() => readListing('', 'fiis')).toThrow('fiis');
  });
});

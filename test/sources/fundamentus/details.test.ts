import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTicker } from '../../../src/catalog/ticker.ts';
import { demoMarket } from '../../../src/demo/market.ts';
import { renderDetailsPage, renderNotFoundPage } from '../../../src/demo/site.ts';
import {
  LayoutChangedError,
  SiteBlockedError,
  SiteError,
  type SiteFailureKind,
  SiteUnavailableError,
  TickerNotFoundError,
  TransientSiteError,
} from '../../../src/errors.ts';
import { readDetails } from '../../../src/sources/fundamentus/details.ts';
import { demoAsset } from '../../support/demo-assets.ts';
import { pageOf, pageOfPairs, tableOf } from '../../support/handmade-page.ts';

const TUCA3 = parseTicker('TUCA3');

function failureOf(html: string): SiteError {
  try {
    readDetails(html, TUCA3);
  } catch (error) {
    if (error instanceof SiteError) return error;
    throw error;
  }
  throw new Error('the page was read');
}

describe('the page of an asset', () => {
  it.each(demoMarket.map(({ ticker, kind }) => ({ ticker, kind })))(
    'of $ticker says that it is one of the $kind',
    ({ ticker, kind }) => {
      const page = readDetails(renderDetailsPage(demoAsset(ticker), 2026), parseTicker(ticker));
      expect(page).toMatchObject({ ticker, kind });
      expect(page.pairs.length).toBeGreaterThan(30);
    },
  );

  it('is a stock by the label Papel and a fund by the label FII, whatever else is there', () => {
    const stock = pageOfPairs([
      ['Nome', 'x'],
      ['Papel', 'TUCA3'],
    ]);
    const fund = pageOfPairs([
      ['Empresa', 'x'],
      ['FII', 'TUCA3'],
    ]);
    expect(readDetails(stock, TUCA3).kind).toBe('acoes');
    expect(readDetails(fund, TUCA3).kind).toBe('fiis');
  });

  it('may have lost a character where nothing is read', () => {
    const html = renderDetailsPage(demoAsset('TUCA3'), 2026).replace('title="', 'title="\uFFFD');
    expect(readDetails(html, TUCA3).kind).toBe('acoes');
  });

  it('may print the ticker in small letters', () => {
    expect(readDetails(pageOfPairs([['Papel', 'tuca3']]), TUCA3).kind).toBe('acoes');
  });
});

describe('a page that is none', () => {
  const whole = renderDetailsPage(demoAsset('TUCA3'), 2026);
  const cases: readonly {
    readonly what: string;
    readonly html: string;
    readonly error: new (message: string) => SiteError;
    readonly kind: SiteFailureKind;
  }[] = [
    {
      what: 'of a ticker that the site does not know is "no such ticker"',
      html: renderNotFoundPage(),
      error: TickerNotFoundError,
      kind: 'not-found',
    },
    {
      what: 'without any table of data is "blocked"',
      html: '<html><body>Just a moment</body></html>',
      error: SiteBlockedError,
      kind: 'blocked',
    },
    {
      what: 'with tables of another class alone is "blocked"',
      html: pageOf('<table class="menu"><tr><td>Papel</td></tr></table>'),
      error: SiteBlockedError,
      kind: 'blocked',
    },
    {
      what: 'that is empty is cut short',
      html: '',
      error: SiteUnavailableError,
      kind: 'unavailable',
    },
    {
      what: 'that breaks off in its tables is cut short',
      html: whole.slice(0, whole.lastIndexOf('<table') + 100),
      error: SiteUnavailableError,
      kind: 'unavailable',
    },
    {
      what: 'of "no such ticker" that breaks off is cut short, for more might have come',
      html: renderNotFoundPage().replace('</html>', ''),
      error: SiteUnavailableError,
      kind: 'unavailable',
    },
    {
      what: 'of another ticker is a changed layout',
      html: renderDetailsPage(demoAsset('MANG3'), 2026),
      error: LayoutChangedError,
      kind: 'layout-changed',
    },
    {
      what: 'of a fund that is another is a changed layout',
      html: renderDetailsPage(demoAsset('DEMO11'), 2026),
      error: LayoutChangedError,
      kind: 'layout-changed',
    },
    {
      what: 'with tables and without either label of the ticker is a changed layout',
      html: pageOfPairs([
        ['Código', 'TUCA3'],
        ['Cotação', '1,00'],
      ]),
      error: LayoutChangedError,
      kind: 'layout-changed',
    },
    {
      what: 'whose accents were lost on the way is a changed layout',
      html: whole.replace(/[\x80-\xff]/g, '\uFFFD'),
      error: LayoutChangedError,
      kind: 'layout-changed',
    },
    {
      what: 'with a heading that has lost a character is a changed layout',
      html: whole.replace('>Últimos', '>&#xFFFD;ltimos'),
      error: LayoutChangedError,
      kind: 'layout-changed',
    },
    {
      what: 'with tables and no pairs at all is a changed layout',
      html: pageOf(tableOf()),
      error: LayoutChangedError,
      kind: 'layout-changed',
    },
  ];

  it.each(cases)('$what', ({ html, error, kind }) => {
    const failure = failureOf(html);
    expect(failure).toBeInstanceOf(error);
    expect(failure.kind).toBe(kind);
    expect(failure.message).toContain('TUCA3');
  });

  it.each(cases)('$what: only what may pass is asked for again', ({ html, kind }) => {
    const passes = kind === 'blocked' || kind === 'unavailable';
    expect(failureOf(html) instanceof TransientSiteError).toBe(passes);
  });

  it('names the ticker that it shows instead', () => {
    expect(failureOf(renderDetailsPage(demoAsset('MANG3'), 2026)).message).toContain('MANG3');
  });

  it('fails as a page of the site, never as a bug of ours, whatever the markup', () => {
    const tag = fc.constantFrom(
      ...['<table class="w728">', '<tr>', '</tr>', '<td class="label">', '<td class="data">'],
      ...['</td>', '<td class="nivel1" colspan="3">', '</table>', '</html>', '<!--', '-->', '<'],
      ...['<td class="data" rowspan="0">', '<td class="label" rowspan="3" colspan="2">'],
      ...['<table>', '<tbody>', '<form>', '<td class="data" hidden>', '<b style="display:none">'],
      ...['Papel', 'TUCA3', '&#x110000;', '&amp', '<script>', '"', '\0'],
    );
    fc.assert(
      fc.property(fc.array(tag, { maxLength: 40 }), (tags) => {
        const html = `${tags.join('')}</html>`;
        try {
          expect(readDetails(html, TUCA3).ticker).toBe(TUCA3);
        } catch (error) {
          expect(error).toBeInstanceOf(SiteError);
        }
      }),
    );
  });
});

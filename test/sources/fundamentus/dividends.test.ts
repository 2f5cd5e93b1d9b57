import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LayoutChangedError,
  PynvestError,
  SiteBlockedError,
  SiteUnavailableError,
  TickerNotFoundError,
} from '../../../src/errors.ts';
import { readDividends } from '../../../src/sources/fundamentus/dividends.ts';
import { anyCharacter } from '../../support/characters.ts';
import { dividendsPage, FUND_HEADINGS, STOCK_HEADINGS } from '../../support/event-rows.ts';
import { pageOf } from '../../support/handmade-page.ts';
import { clientOf, TUCA3 } from '../../support/impatient-client.ts';
import { serve } from '../../support/raw-server.ts';

const read = (html: string) => readDividends(html, TUCA3);

describe('a page of dividends', () => {
  it('of a stock is read by its headings, as printed', () => {
    const html = dividendsPage(STOCK_HEADINGS, [
      ['17/12/2021', '133,4000', 'JRS CAP PROPRIO', '30/12/2021', '1000'],
      ['17/12/2020', '0,4137', 'DIVIDENDO', '-', '1'],
    ]);
    expect(read(html)).toEqual([
      {
        comDay: '17/12/2021',
        amount: '133,4000',
        type: 'JRS CAP PROPRIO',
        paymentDay: '30/12/2021',
        unitCount: '1000',
        others: {},
      },
      {
        comDay: '17/12/2020',
        amount: '0,4137',
        type: 'DIVIDENDO',
        paymentDay: '-',
        unitCount: '1',
        others: {},
      },
    ]);
  });

  it('of a fund has its columns in another order, and columns that nobody knows are kept', () => {
    const html = dividendsPage(
      [...FUND_HEADINGS, 'Isento'],
      [['30/11/2025', 'Amortiza&ccedil;&atilde;o', '14/12/2025', '1,10', 'sim']],
    );
    expect(read(html)).toEqual([
      {
        comDay: '30/11/2025',
        type: 'Amortização',
        paymentDay: '14/12/2025',
        amount: '1,10',
        unitCount: null,
        others: { Isento: 'sim' },
      },
    ]);
  });

  it.each([
    ['a table without rows', dividendsPage(STOCK_HEADINGS, [])],
    ['a row that says so', dividendsPage(STOCK_HEADINGS, [['Nenhum provento encontrado']])],
    ['a text', pageOf('<h1>Proventos:</h1><p>Nenhum provento encontrado</p>')],
  ])('may have none: %s', (_, html) => {
    expect(read(html)).toEqual([]);
  });

  it.each([
    ['is cut short', dividendsPage(STOCK_HEADINGS, []).slice(0, -20), SiteUnavailableError],
    ['is of no asset', pageOf('<h1>Nenhum papel encontrado</h1>'), TickerNotFoundError],
    ['is a captcha', pageOf('<h1>Are you human?</h1>'), SiteBlockedError],
    ['is in another layout', pageOf('<h1>Proventos:</h1><div>x</div>'), LayoutChangedError],
    [
      'is of another asset',
      dividendsPage(STOCK_HEADINGS, []).replace('Proventos:', 'Proventos: VALE3'),
      LayoutChangedError,
    ],
    ['lacks a heading', dividendsPage(['Data', 'Valor'], []), LayoutChangedError],
    ['has a heading twice', dividendsPage([...STOCK_HEADINGS, 'Valor'], []), LayoutChangedError],
    [
      'has a row that is too short',
      dividendsPage(FUND_HEADINGS, [['30/11/2025', '1,10', '14/12/2025']]),
      LayoutChangedError,
    ],
    [
      'has a cell over two columns',
      dividendsPage(FUND_HEADINGS, [['30/11/2025', 'x', '1,10', '-']]).replace(
        '<td>x',
        '<td colspan="2">x',
      ),
      LayoutChangedError,
    ],
    [
      'has lost characters',
      dividendsPage(FUND_HEADINGS, [['30/11/2025', 'Amortiza\uFFFD', '-', '1,10']]),
      LayoutChangedError,
    ],
  ])('is refused where it %s', (_, html, error) => {
    expect(() => read(html)).toThrow(error);
  });

  it('throws nothing but the documented errors, whatever it holds', () => {
    const html = dividendsPage(STOCK_HEADINGS, [['17/12/2021', '1', 'X', '-', '1']]);
    fc.assert(
      fc.property(
        fc.nat(html.length),
        fc.nat(60),
        fc.string({ unit: anyCharacter }),
        (at, length, text) => {
          try {
            read(`${html.slice(0, at)}${text}${html.slice(at + length)}`);
          } catch (error) {
            expect(error).toBeInstanceOf(PynvestError);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is asked for at the address of its kind, and asked for again where it is cut short', async () => {
    const paths: string[] = [];
    const html = Buffer.from(dividendsPage(STOCK_HEADINGS, []), 'latin1');
    const url = await serve((request, response) => {
      paths.push(request.url ?? '');
      response.end(paths.length === 1 ? html.subarray(0, 150) : html);
    });
    await expect(clientOf(url).dividends(TUCA3, 'acoes')).resolves.toEqual([]);
    await clientOf(url).dividends(TUCA3, 'fiis');
    expect(paths).toEqual([
      '/proventos.php?papel=TUCA3&tipo=2',
      '/proventos.php?papel=TUCA3&tipo=2',
      '/fii_proventos.php?papel=TUCA3&tipo=2',
    ]);
  });
});

/** The real pages that were saved from the site; they are no part of this project. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AssetKind, assets } from '../src/catalog/asset.ts';
import type { ColumnType, IndicatorColumn } from '../src/catalog/column.ts';
import { stocks } from '../src/catalog/datasets/acoes.ts';
import { funds } from '../src/catalog/datasets/fiis.ts';
import { parseTicker } from '../src/catalog/ticker.ts';
import { readDetails, readLabelledValues } from '../src/sources/fundamentus/details.ts';
import { decodePage, isCompletePage } from '../src/sources/fundamentus/page.ts';
import { readListing } from '../src/sources/fundamentus/site.ts';
import { prepare } from '../src/transform/layers.ts';
import { othersOf, recordOn } from './support/demo-assets.ts';

const reference = process.env['PYNVEST_REFERENCE'];
const DAY = '2026-07-03';
const YEAR = 2026;

function savedBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(reference ?? '', 'site', 'pages', name)));
}

const PAGES: readonly {
  readonly ticker: string;
  readonly kind: AssetKind;
  readonly pairs: number;
}[] = [
  { ticker: 'WEGE3', kind: 'acoes', pairs: 60 },
  { ticker: 'HGLG11', kind: 'fiis', pairs: 50 },
];

function savedHtml(ticker: string): string {
  return decodePage(savedBytes(`${ticker.toLowerCase()}_details.html`));
}

function savedRow(ticker: string) {
  return recordOn(DAY, readDetails(savedHtml(ticker), parseTicker(ticker)));
}

/** The pairs of a saved page by a crude pattern over its bytes: no code of the project takes part. */
function crudePairs(ticker: string): { label: string; text: string }[] {
  const bytes = savedBytes(`${ticker.toLowerCase()}_details.html`);
  const html = Buffer.from(bytes)
    .toString('latin1')
    .replace(/<span class="help[\s\S]*?<\/span>/g, '');
  const cells = html.matchAll(/<td class="(label|data)[^"]*"\s*>([\s\S]*?)<\/td>/g);
  const texts = [...cells].map(([, kind = '', inner = '']) => {
    const text = inner.replace(/<[^>]*>/g, '').replaceAll('&nbsp;', ' ');
    return { kind, text: text.replace(/\s+/g, ' ').trim() };
  });
  const pairs: { label: string; text: string }[] = [];
  for (const [index, { kind, text }] of texts.entries()) {
    const next = texts[index + 1];
    if (kind === 'label' && next?.kind === 'data' && text !== '') {
      pairs.push({ label: text, text: next.text });
    }
  }
  return pairs;
}

/** Columns of a label in the order of the page: of two equal labels, twelve months stand left. */
function columnsOf(kind: AssetKind, label: string): IndicatorColumn[] {
  const printed = (column: IndicatorColumn): string =>
    typeof column.label === 'string' ? column.label : String(YEAR - column.label.yearsBack);
  return assets[kind].columns.filter((column) => printed(column) === label);
}

/** Every column that a saved page has a text for, with that text. */
function expectedTexts(
  ticker: string,
  kind: AssetKind,
): { column: IndicatorColumn; text: string }[] {
  const seen = new Map<string, number>();
  return crudePairs(ticker).map(({ label, text }) => {
    const nth = seen.get(label) ?? 0;
    seen.set(label, nth + 1);
    const column = columnsOf(kind, label)[nth];
    if (!column) throw new Error(`${label} (${nth + 1}) has no column`);
    return { column, text };
  });
}

/** A value by other means than the project's: digits alone, and the comma as so many decimals. */
function valueByHand(text: string, type: ColumnType): string | number | null {
  if (text === '' || text === '-') return null;
  if (type === 'string') return text;
  if (type === 'date') return text.split('/').reverse().join('-');
  const decimals = /,(\d+)/.exec(text)?.[1]?.length ?? 0;
  const digits = Number(text.replace(/[^\d]/g, ''));
  const value = digits / 10 ** (decimals + (text.includes('%') ? 2 : 0));
  return text.startsWith('-') && value !== 0 ? -value : value;
}

describe.runIf(reference)('the saved page', () => {
  it.each(PAGES)('of $ticker is read as one of the $kind', ({ ticker, kind, pairs }) => {
    expect(readDetails(savedHtml(ticker), parseTicker(ticker)).kind).toBe(kind);
    expect(crudePairs(ticker).length).toBeGreaterThan(pairs - 10);
  });

  it.each(PAGES)('of $ticker: every label arrives in SoR word for word', ({ ticker, kind }) => {
    const { row, unknownLabels, columnsSeen } = savedRow(ticker);
    const expected = expectedTexts(ticker, kind);
    const found = expected.map(({ column }) => [column.name, row[column.name]]);
    expect(found).toEqual(expected.map(({ column, text }) => [column.name, text]));
    expect(columnsSeen).toEqual(new Set(expected.map(({ column }) => column.name)));
    expect(unknownLabels).toEqual([]);
    expect(othersOf(row)).toEqual(new Map());
  });

  it.each(PAGES)(
    'of $ticker: every value arrives in SoT as the right number',
    ({ ticker, kind }) => {
      const { row, unparsed } = prepare(savedRow(ticker).row, assets[kind].dataset);
      expect(unparsed).toEqual([]);
      const expected = expectedTexts(ticker, kind);
      const found = expected.map(({ column }) => [column.name, row[column.name]]);
      expect(found).toEqual(
        expected.map(({ column, text }) => [column.name, valueByHand(text, column.type)]),
      );
    },
  );

  it.each(PAGES)(
    'of $ticker, cut anywhere, is recognised as cut or holds everything',
    ({ ticker }) => {
      const html = savedHtml(ticker);
      const whole = readLabelledValues(html);
      fc.assert(
        fc.property(fc.nat(html.length), (length) => {
          const cut = html.slice(0, length);
          if (isCompletePage(cut)) expect(readLabelledValues(cut)).toEqual(whole);
        }),
      );
    },
  );

  it('of WEGE3 gives the figures that were checked by hand', () => {
    expect(prepare(savedRow('WEGE3').row, stocks).row).toMatchObject({
      vlr_divida_liq: -3293290000,
      pct_var_mes: -0.0066,
      pct_cresc_rec_liq_ult_5a: 0.126,
      vlr_ind_giro_ativos: 0.93,
      vlr_ind_divida_liq_sobre_patrim: -0.19,
      vlr_ind_divida_bruta_sobre_patrim: null,
    });
  });

  it('of HGLG11 gives the figures that were checked by hand', () => {
    expect(prepare(savedRow('HGLG11').row, funds).row).toMatchObject({
      vlr_ativos: 8868530000,
      vlr_patrim_liq: 7570060000,
      total_area_m2: 3404765,
    });
  });

  it('of the listing names 983 tickers, and nothing that is none', () => {
    const bytes = savedBytes('resultado.html');
    const { tickers, rejected } = readListing(decodePage(bytes), 'acoes');
    const links = Buffer.from(bytes)
      .toString('latin1')
      .match(/(?<=papel=)[A-Z0-9]+/g);
    expect(tickers).toHaveLength(983);
    expect(tickers).toEqual([...new Set(links)].sort());
    expect(rejected).toEqual([]);
  });
});

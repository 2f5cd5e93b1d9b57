/** The named screens on real pages, which are no part of this project: positions are counted here in another way. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRanking } from '../../src/analysis/ranking.ts';
import { parseCriterion } from '../../src/analysis/screens.ts';
import { type AssetKind, assets } from '../../src/catalog/asset.ts';
import type { Row } from '../../src/catalog/column.ts';
import { parseTicker } from '../../src/catalog/ticker.ts';
import { openDuckDb } from '../../src/query/duckdb/engine.ts';
import type { QueryEngine } from '../../src/query/engine.ts';
import { readDetails } from '../../src/sources/fundamentus/details.ts';
import { decodePage } from '../../src/sources/fundamentus/page.ts';
import { prepare } from '../../src/transform/layers.ts';
import { recordOn } from '../support/demo-assets.ts';
import { newFolder } from '../support/folders.ts';
import { typed, writeRowsTo } from '../support/made-up-lake.ts';
import { sotTables } from '../support/tables.ts';

const reference = process.env['PYNVEST_REFERENCE'];
const DAY = '2026-07-03';

function savedHtml(name: string): string {
  return decodePage(
    new Uint8Array(readFileSync(join(reference ?? '', 'site', 'pages', `${name}.html`))),
  );
}

/** The listing's columns by their place, as it heads them. */
const PLACES = { price: 1, pl: 2, pvp: 3, dy: 5, evEbit: 10, roic: 15, volume: 17 } as const;

type Listed = Readonly<Record<keyof typeof PLACES, number>> & { readonly ticker: string };

/** The rows of the saved listing, by a crude pattern: no code of the project takes part. */
function readListed(): Listed[] {
  const body = savedHtml('resultado').split('<tbody>')[1] ?? '';
  const rows = body.split('<tr').slice(1);
  const seen = new Set<string>();
  return rows.flatMap((html) => {
    const cells = [...html.matchAll(/<td[^>]*>([\s\S]*?)<\/td>/g)].map(([, inner = '']) =>
      inner.replace(/<[^>]*>/g, '').trim(),
    );
    const [ticker = ''] = cells;
    if (!/^[A-Z0-9]{4}\d{1,2}[A-Z]?$/.test(ticker) || seen.has(ticker)) return [];
    seen.add(ticker);
    const numbers = Object.entries(PLACES).map(([name, place]) => {
      const text = cells[place] ?? '';
      const value = Number(text.replaceAll('.', '').replace(',', '.').replace('%', ''));
      return [name, text.includes('%') ? value / 100 : value];
    });
    return [{ ticker, ...(Object.fromEntries(numbers) as Record<keyof typeof PLACES, number>) }];
  });
}

/** What the listing prints as zero it does not know. */
const orNull = (value: number): number | null => (value === 0 ? null : value);

function toRow({ ticker, price, pl, pvp, dy, evEbit, roic, volume }: Listed): Row {
  return typed('acoes', ticker, {
    vlr_cot: price,
    // It has no day of the last trade: what has no volume has not been traded.
    dt_ult_cot: volume > 0 ? DAY : '2020-01-02',
    vol_med_neg_2m: Math.round(volume),
    vlr_ind_lpa: pl === 0 ? null : price / pl,
    vlr_ind_vpa: pvp === 0 ? null : price / pvp,
    vlr_ind_div_yield: dy,
    vlr_ind_ev_sobre_ebit: orNull(evEbit),
    vlr_ebit_ult_12m: orNull(Math.sign(evEbit)),
    vlr_ind_roic: orNull(roic),
  });
}

describe.runIf(reference)('the whole saved listing', () => {
  let engine: QueryEngine;
  let listed: readonly Listed[];
  /** The most traded paper of each company, of those that are traded. */
  let companies: readonly Listed[];
  beforeAll(async () => {
    listed = readListed();
    const root = await newFolder();
    await writeRowsTo(root, sotTables.acoes, DAY, listed.map(toRow));
    engine = await openDuckDb(root);
    const inOrder = [...listed].sort(
      (a, b) => b.volume - a.volume || (a.ticker < b.ticker ? -1 : 1),
    );
    companies = inOrder.filter(
      ({ ticker, volume }, at) =>
        volume > 0 &&
        inOrder.findIndex((each) => each.ticker.slice(0, 4) === ticker.slice(0, 4)) === at,
    );
  });
  afterAll(() => engine?.close());

  const rank = async (screen: string) => {
    const { columns, rows } = await readRanking(engine, parseCriterion(screen));
    const at = columns.indexOf('codigo_ticker_ativo');
    return rows.map((row) => String(row[at]));
  };

  it('has the companies that are traded once each', () => {
    expect(listed).toHaveLength(983);
    expect(companies.length).toBeGreaterThan(200);
  });

  it('is ranked by the magic formula as by hand', async () => {
    const valid = companies.filter(({ evEbit, roic }) => evEbit > 0 && roic > 0);
    const place = (own: Listed, isBetter: (other: Listed) => boolean): number =>
      1 + valid.filter((other) => other !== own && isBetter(other)).length;
    const sums = valid.map((own) => ({
      ...own,
      sum:
        place(own, (other) => other.evEbit < own.evEbit) +
        place(own, (other) => other.roic > own.roic),
    }));
    sums.sort((a, b) => a.sum - b.sum || a.evEbit - b.evEbit || (a.ticker < b.ticker ? -1 : 1));
    expect(await rank('magic')).toEqual(sums.map(({ ticker }) => ticker));
  });

  it('is ranked by the Graham number as by P/L × P/VP', async () => {
    const valid = companies.filter(({ pl, pvp, price }) => pl > 0 && pvp > 0 && price > 0);
    const found = await rank('graham');
    const product = (ticker: string): number => {
      const own = valid.find((each) => each.ticker === ticker);
      return (own?.pl ?? 0) * (own?.pvp ?? 0);
    };
    expect([...found].sort()).toEqual(valid.map(({ ticker }) => ticker).sort());
    // Equal products may differ in their last digit.
    for (const [at, ticker] of found.slice(1).entries()) {
      expect(product(ticker)).toBeGreaterThan(product(found[at] ?? '') * (1 - 1e-9));
    }
  });

  it('is ranked by the Bazin price as by the yield', async () => {
    const yields = new Map(companies.map(({ ticker, dy }) => [ticker, dy]));
    const found = await rank('bazin');
    expect(found).toHaveLength(companies.filter(({ dy, price }) => dy > 0 && price > 0).length);
    for (const [at, ticker] of found.slice(1).entries()) {
      expect(yields.get(ticker) ?? 0).toBeLessThan((yields.get(found[at] ?? '') ?? 0) + 1e-9);
    }
  });
});

describe.runIf(reference)('the saved pages', () => {
  let engine: QueryEngine;
  beforeAll(async () => {
    const root = await newFolder();
    const write = async (ticker: string, kind: AssetKind, rest: Row = {}) => {
      const html = savedHtml(`${ticker.toLowerCase()}_details`);
      const record = recordOn(DAY, readDetails(html, parseTicker(ticker)));
      const { row } = prepare(record.row, assets[kind].dataset);
      await writeRowsTo(root, sotTables[kind], DAY, [{ ...row, ...rest }]);
      return row;
    };
    const weg = await write('WEGE3', 'acoes');
    await write('HGLG11', 'fiis');
    // The site has no page of a year before: a balance that is half of this one.
    const half = ['vlr_lucro_liq_ult_12m', 'vlr_divida_bruta'].map((name) => [
      name,
      Number(weg[name]) / 2,
    ]);
    const earlier: Row = {
      ...{ ...weg, ...Object.fromEntries(half), dt_ult_balanco_proc: '2025-03-31' },
      dt_ult_cot: '2025-07-03',
    };
    await writeRowsTo(root, sotTables.acoes, '2025-07-03', [earlier]);
    engine = await openDuckDb(root);
  });
  afterAll(() => engine?.close());

  it.each([
    ['graham', { vlr_graham: Math.sqrt(22.5 * 1.5 * 4.23), vlr_cot: 46.48 }],
    ['bazin', { vlr_provento_medio: 0.047 * 46.48, vlr_preco_teto: (0.047 * 46.48) / 0.06 }],
    ['magic', { vlr_ind_ev_sobre_ebit: 22.53, vlr_ind_roic: 0.26 }],
    // Profit and debt have doubled; liquidity, margin and turnover are what they were.
    ['piotroski', { num_sinais: 3, pct_roa: 6_287_370_000 / 43_377_600_000 }],
    ['renda', { vlr_div_yield: 0.087, vlr_p_sobre_vp: 0.91 }],
    ['tijolo', { vlr_ffo_yield: 0.0647, vlr_vacancia_media: 0.032, qtd_imoveis: 60 }],
  ])('%s has the figures that follow from the page', async (screen, expected) => {
    const { columns, rows } = await readRanking(engine, parseCriterion(screen));
    expect(rows).toHaveLength(1);
    for (const [name, value] of Object.entries(expected)) {
      expect(Number(rows[0]?.[columns.indexOf(name)]), name).toBeCloseTo(value, 9);
    }
  });
});

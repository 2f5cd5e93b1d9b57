import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assets } from '../../src/catalog/asset.ts';
import { stocks } from '../../src/catalog/datasets/acoes.ts';
import { funds } from '../../src/catalog/datasets/fiis.ts';
import { type DemoAsset, demoMarket, type PrintedValues } from '../../src/demo/market.ts';
import { prepare } from '../../src/transform/layers.ts';
import { anyCharacter } from '../support/characters.ts';
import { demoAsset, recordAsset } from '../support/demo-assets.ts';
import { anyAsset, anyKind } from '../support/random-assets.ts';
import { sorTables, sotTables } from '../support/tables.ts';

describe('the typed row', () => {
  it('of a stock has its signs, fractions, dates and whole numbers', () => {
    const { row, unparsed } = prepare(recordAsset(demoAsset('MANG3')).row, stocks);
    expect(unparsed).toEqual([]);
    expect(row).toMatchObject({
      nome_papel: 'MANG3',
      nome_empresa: 'MANGABA VAREJO SA',
      vlr_cot: 3.41,
      dt_ult_cot: '2026-11-19',
      num_acoes: 640250000,
      vol_med_neg_2m: 22871600,
      pct_var_dia: -0.0475,
      pct_var_ano_a0: -0.3867,
      pct_var_ano_a5: -0.4009,
      vlr_ind_roe: -0.323,
      vlr_ind_div_yield: 0,
      pct_cresc_rec_liq_ult_5a: -0.047,
      vlr_ind_p_sobre_ativ_circ_liq: 455.79,
      vlr_divida_liq: -827615000,
      vlr_lucro_liq_ult_12m: -421093000,
      vlr_lucro_liq_ult_3m: -143882000,
      vlr_ind_divida_bruta_sobre_patrim: null,
      datetime_exec: '2026-11-20T18:45:00.000-03:00',
      outros_indicadores: null,
    });
  });

  it('of a bank is null where the page prints "-" or nothing, and has its own labels', () => {
    const { row, unparsed } = prepare(recordAsset(demoAsset('BSAB4')).row, stocks);
    expect(unparsed).toEqual([]);
    expect(row).toMatchObject({
      vlr_firma: null,
      vlr_ind_margem_bruta: null,
      vlr_divida_bruta: null,
      vlr_depositos: 118372000000,
      vlr_cart_credito: 132905000000,
      vlr_result_int_financ_ult_12m: 14803300000,
      vlr_rec_servicos_ult_3m: 1108720000,
      vlr_ind_roe: 0.142,
    });
  });

  it('of a fund has its units', () => {
    const { row, unparsed } = prepare(recordAsset(demoAsset('DEMO11')).row, funds);
    expect(unparsed).toEqual([]);
    expect(row).toMatchObject({
      fii: 'DEMO11',
      qtd_imoveis: 14,
      total_area_m2: 612430,
      vlr_do_m2: 2947,
      vlr_cap_rate: 0.094,
      vlr_imoveis_sobre_pl: 0.912,
      vlr_vend_ativ_ult_3m: 0,
      dt_ult_relat_ger: '2026-10-30',
    });
  });

  it('of a company with a short history is null where older years print "-"', () => {
    const { row } = prepare(recordAsset(demoAsset('IPED3')).row, stocks);
    expect(row).toMatchObject({ pct_var_ano_a1: -0.0642, pct_var_ano_a2: null });
    expect(row['pct_cresc_rec_liq_ult_5a']).toBeNull();
  });

  it('keeps the other labels as their text', () => {
    const asset = { ...demoAsset('TUCA3'), extra: { Novo: '1.234,5%' } };
    const { row } = prepare(recordAsset(asset).row, stocks);
    expect(row['outros_indicadores']).toBe('{"Novo":"1.234,5%"}');
  });

  it('reads a column that an older file lacks as absent, and trims what a file has padded', () => {
    const { row, unparsed } = prepare({ nome_papel: ' TUCA3 ', vlr_cot: ' 1,50\n' }, stocks);
    expect(unparsed).toEqual([]);
    expect(row).toMatchObject({ nome_papel: 'TUCA3', vlr_cot: 1.5, vlr_depositos: null });
    expect(Object.keys(row).sort()).toEqual(sotTables.acoes.columns.map((c) => c.name).sort());
  });
});

describe('text that does not parse', () => {
  it('is null, and is named with its ticker and its column', () => {
    const base = demoAsset('TUCA3');
    const values = { ...base.values, Cotação: 'R$ 5', 'Data últ cot': '31/02/2026', ROE: '1,2,3' };
    const { row, unparsed } = prepare(recordAsset({ ...base, values }).row, stocks);
    expect(row).toMatchObject({
      vlr_cot: null,
      dt_ult_cot: null,
      vlr_ind_roe: null,
      vlr_ind_lpa: 2.32,
    });
    expect(unparsed).toEqual([
      { ticker: 'TUCA3', column: 'vlr_cot', text: 'R$ 5' },
      { ticker: 'TUCA3', column: 'dt_ult_cot', text: '31/02/2026' },
      { ticker: 'TUCA3', column: 'vlr_ind_roe', text: '1,2,3' },
    ]);
  });
});

describe('a page that prints its numbers in other units', () => {
  const without = ({ values, years }: DemoAsset): Pick<DemoAsset, 'values' | 'years'> => ({
    values: mapTexts(values, (text) => text.replace('%', '')),
    years: years.map((text) => text.replace('%', '')),
  });
  const mapTexts = (texts: PrintedValues, change: (text: string) => string): PrintedValues =>
    Object.fromEntries(Object.entries(texts).map(([label, text]) => [label, change(text)]));

  it.each(demoMarket)('$ticker: has no fraction from a text without %, but zeros', (asset) => {
    const before = prepare(recordAsset(asset).row, assets[asset.kind].dataset);
    const { row, unparsed } = prepare(
      recordAsset({ ...asset, ...without(asset) }).row,
      assets[asset.kind].dataset,
    );
    const fractions = assets[asset.kind].columns.filter(({ fraction }) => fraction);
    const lost = fractions.filter(({ name }) => before.row[name]).map(({ name }) => name);
    expect(lost.length).toBeGreaterThan(5);
    expect(row).toEqual({ ...before.row, ...Object.fromEntries(lost.map((name) => [name, null])) });
    expect(unparsed.map(({ column }) => column)).toEqual(lost);
  });
});

describe('the demo’s market', () => {
  it.each(demoMarket)('prints every value of $ticker as its column wants it', (asset) => {
    expect(prepare(recordAsset(asset).row, assets[asset.kind].dataset).unparsed).toEqual([]);
  });
});

describe('preparing any row', () => {
  const textOrNothing = fc.option(fc.string({ unit: anyCharacter }), { nil: null });
  const anyRow = anyKind.chain((kind) => {
    const names = sorTables[kind].columns.map(({ name }) => name);
    const cells = fc.dictionary(fc.constantFrom(...names), textOrNothing, {
      maxKeys: names.length,
      size: 'max',
    });
    return fc.tuple(fc.constant(kind), cells);
  });

  it('never throws, and gives every column of the table', () => {
    fc.assert(
      fc.property(anyRow, ([kind, raw]) => {
        const { row } = prepare(raw, assets[kind].dataset);
        expect(Object.keys(row).sort()).toEqual(sotTables[kind].columns.map((c) => c.name).sort());
      }),
    );
  });

  it('names exactly the texts that it could not keep', () => {
    fc.assert(
      fc.property(anyRow, ([kind, raw]) => {
        const { row, unparsed } = prepare(raw, assets[kind].dataset);
        const lost = assets[kind].columns.filter(({ name }) => {
          const text = raw[name]?.trim() ?? '';
          return row[name] === null && !['', '-', '\u2212'].includes(text);
        });
        expect(unparsed.map(({ column }) => column)).toEqual(lost.map(({ name }) => name));
        for (const { column, text } of unparsed) expect(text).toBe(raw[column]?.trim());
      }),
    );
  });

  it('never throws on what a page may say', () => {
    fc.assert(
      fc.property(anyAsset, (asset) => {
        const { row } = prepare(recordAsset(asset).row, assets[asset.kind].dataset);
        expect(row[assets[asset.kind].tickerColumn]).toBe(asset.ticker);
      }),
    );
  });

  it('leaves the raw row as it was', () => {
    const raw = Object.freeze({ ...recordAsset(demoAsset('TUCA3')).row });
    expect(() => prepare(raw, stocks)).not.toThrow();
  });
});

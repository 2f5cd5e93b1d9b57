import { describe, expect, it } from 'vitest';
import { assets } from '../../src/catalog/asset.ts';
import type { Row } from '../../src/catalog/column.ts';
import type { Dataset } from '../../src/catalog/dataset.ts';
import { quotes } from '../../src/catalog/datasets/cotacoes.ts';
import { funds } from '../../src/catalog/datasets/fiis.ts';
import { getStepsInto } from '../../src/pipeline/steps.ts';
import { prepare } from '../../src/transform/layers.ts';
import { demoAsset, recordAsset } from '../support/demo-assets.ts';
import { specTable } from '../support/tables.ts';

/** The quote that follows from a typed row. */
function specialize(typed: Row, from: Dataset): Row {
  const step = getStepsInto(quotes, 'spec').find(({ source }) => source === from.tables.sot);
  if (step === undefined) throw new Error(`no quotes follow from ${from.id}`);
  return step.convert(typed).row;
}

function quoteOf(ticker: string): Readonly<Record<string, unknown>> {
  const asset = demoAsset(ticker);
  return specialize(
    prepare(recordAsset(asset).row, assets[asset.kind].dataset).row,
    assets[asset.kind].dataset,
  );
}

describe('the quote', () => {
  it('of a stock takes its paper, its company and its sector', () => {
    expect(quoteOf('MANG3')).toEqual({
      codigo_ticker_ativo: 'MANG3',
      tipo_ativo: 'Ação',
      nome_ativo: 'MANGABA VAREJO SA',
      nome_setor_segmento: 'Comércio',
      vlr_cot: 3.41,
      dt_ult_cot: '2026-11-19',
      vlr_min_52_sem: 2.88,
      vlr_max_52_sem: 7.02,
      pct_var_dia: -0.0475,
      pct_var_mes: -0.1256,
      pct_var_30d: -0.1803,
      pct_var_12m: -0.4621,
      pct_var_ano_a0: -0.3867,
      pct_var_ano_a1: -0.2715,
      pct_var_ano_a2: -0.518,
      pct_var_ano_a3: 0.0936,
      pct_var_ano_a4: -0.6342,
      pct_var_ano_a5: -0.4009,
      origem: 'fundamentus',
    });
  });

  it('of a fund takes its code, its name and its segment', () => {
    expect(quoteOf('DEMO11')).toEqual({
      codigo_ticker_ativo: 'DEMO11',
      tipo_ativo: 'Fundo Imobiliário',
      nome_ativo: 'FII DEMONSTRAÇÃO LOGÍSTICA',
      nome_setor_segmento: 'Logística',
      vlr_cot: 108.42,
      dt_ult_cot: '2026-11-19',
      vlr_min_52_sem: 96.18,
      vlr_max_52_sem: 112.35,
      pct_var_dia: 0.0021,
      pct_var_mes: 0.0098,
      pct_var_30d: -0.0074,
      pct_var_12m: 0.0983,
      pct_var_ano_a0: 0.0746,
      pct_var_ano_a1: 0.0531,
      pct_var_ano_a2: -0.0218,
      pct_var_ano_a3: 0.1102,
      pct_var_ano_a4: 0.0377,
      pct_var_ano_a5: -0.065,
      origem: 'fundamentus',
    });
  });

  it('is null where the typed row is, or lacks the column', () => {
    const quote = specialize({ fii: 'XPTO11', vlr_cot: null }, funds);
    expect(Object.keys(quote)).toEqual(specTable.columns.map(({ name }) => name));
    expect(Object.entries(quote).filter(([, value]) => value !== null)).toEqual([
      ['codigo_ticker_ativo', 'XPTO11'],
      ['tipo_ativo', 'Fundo Imobiliário'],
      ['origem', 'fundamentus'],
    ]);
  });

  it('keeps a zero, which is no absence', () => {
    expect(specialize({ fii: 'XPTO11', pct_var_dia: 0 }, funds)['pct_var_dia']).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { parseTicker } from '../../src/catalog/ticker.ts';
import { demoMarket } from '../../src/demo/market.ts';
import { readDetails } from '../../src/sources/fundamentus/details.ts';
import { assetPage, demoAsset, othersOf, recordAsset, recordOn } from '../support/demo-assets.ts';
import { cell, pageOf, pairCells, tableOf } from '../support/handmade-page.ts';
import { sorTables } from '../support/tables.ts';

const DAY = '2026-11-20';
describe('the raw row of a page', () => {
  it.each(demoMarket.map(({ ticker }) => ticker))(
    'of %s has the columns of its table, in order, and nothing left over',
    (ticker) => {
      const asset = demoAsset(ticker);
      const { row, unknownLabels } = recordAsset(asset);
      expect(Object.keys(row).sort()).toEqual(
        sorTables[asset.kind].columns.map(({ name }) => name).sort(),
      );
      expect(unknownLabels).toEqual([]);
      expect(row['outros_indicadores']).toBeNull();
    },
  );

  it('keeps the text of a stock as printed', () => {
    expect(recordAsset(demoAsset('MANG3')).row).toMatchObject({
      nome_papel: 'MANG3',
      nome_setor: 'Comércio',
      vlr_cot: '3,41',
      dt_ult_cot: '19/11/2026',
      num_acoes: '640.250.000',
      pct_var_dia: '-4,75%',
      vlr_divida_liq: '-827.615.000',
      vlr_ebit_ult_12m: '-312.846.000',
      vlr_ebit_ult_3m: '-110.527.000',
      vlr_ind_divida_liq_sobre_patrim: '-0,64',
      vlr_ind_divida_bruta_sobre_patrim: null,
      datetime_exec: '2026-11-20T18:45:00.000-03:00',
    });
  });

  it('keeps what only banks have', () => {
    expect(recordAsset(demoAsset('BSAB4')).row).toMatchObject({
      vlr_firma: '-',
      vlr_depositos: '118.372.000.000',
      vlr_cart_credito: '132.905.000.000',
      vlr_result_int_financ_ult_12m: '14.803.300.000',
      vlr_rec_servicos_ult_12m: '4.309.150.000',
      vlr_result_int_financ_ult_3m: '3.912.640.000',
      vlr_rec_servicos_ult_3m: '1.108.720.000',
      vlr_divida_bruta: null,
      vlr_receita_liq_ult_12m: null,
    });
  });

  it('keeps the text of a fund as printed, twelve months and three apart', () => {
    expect(recordAsset(demoAsset('DEMO11')).row).toMatchObject({
      fii: 'DEMO11',
      nome_fii: 'FII DEMONSTRAÇÃO LOGÍSTICA',
      vlr_rec_bruta_ult_12m: '205.418.000',
      vlr_rec_bruta_ult_3m: '52.807.300',
      vlr_vend_ativ_ult_3m: '0',
      vlr_ativos: '2.351.270.000',
      vlr_patrim_liq: '2.061.840.000',
      total_area_m2: '612.430',
    });
  });

  it('keeps "-" and "" as they are, and null where the label is absent', () => {
    const { row } = recordAsset(demoAsset('IPED3'));
    expect(row).toMatchObject({ pct_var_ano_a2: '-', pct_cresc_rec_liq_ult_5a: '' });
    expect(recordOn(DAY, assetPage('acoes', [['Papel', 'TEST3']])).row).toMatchObject({
      nome_papel: 'TEST3',
      vlr_cot: null,
      pct_var_ano_a0: null,
    });
  });

  it('follows the labels of the layout of 2014, wherever they stand', () => {
    const html = pageOf(
      tableOf(pairCells('Cotação', '31,20') + pairCells('Papel', 'WEGE3')),
      tableOf(
        cell('nivel1', 'Indicadores', 4) + cell('nivel1', 'Oscilações', 2),
        pairCells('LPA', '1,1') + pairCells('P/L', '24,9') + pairCells('2014', '-3,1%'),
        pairCells('Div Br/ Patrim', '0,72') + pairCells('Giro Ativos', '0,6'),
      ),
    );
    const { row, unknownLabels } = recordOn('2014-11-20', readDetails(html, parseTicker('WEGE3')));
    expect(unknownLabels).toEqual([]);
    expect(row).toMatchObject({
      vlr_cot: '31,20',
      vlr_ind_lpa: '1,1',
      vlr_ind_p_sobre_l: '24,9',
      vlr_ind_divida_bruta_sobre_patrim: '0,72',
      vlr_ind_giro_ativos: '0,6',
      vlr_ind_divida_liq_sobre_patrim: null,
      pct_var_ano_a0: '-3,1%',
    });
  });
});

describe('a label that no column takes', () => {
  it('is kept as JSON under its section and its name', () => {
    const { row, unknownLabels, columnsSeen } = recordOn(
      DAY,
      assetPage('acoes', [
        ['Novo', '1,00'],
        ['Novo', '2,00', 'Indicadores'],
        ['EBIT', '3,00', 'Últimos 6 meses'],
        ['Vazio', ''],
      ]),
    );
    expect([...othersOf(row)]).toEqual([
      ['Novo', '1,00'],
      ['Indicadores: Novo', '2,00'],
      ['Últimos 6 meses: EBIT', '3,00'],
      ['Vazio', ''],
    ]);
    expect(unknownLabels).toEqual([...othersOf(row).keys()]);
    expect(columnsSeen).toEqual(new Set());
  });

  it('may be called __proto__ or constructor', () => {
    const pairs = [
      ['__proto__', '1'],
      ['constructor', '2'],
    ] as const;
    const { row } = recordOn(DAY, assetPage('acoes', pairs));
    expect(row['outros_indicadores']).toBe('{"__proto__":"1","constructor":"2"}');
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
  });

  it('that occurs more than once keeps all its texts', () => {
    const pairs = ['1', '2', '1'].map((text) => ['Novo', text] as const);
    expect(othersOf(recordOn(DAY, assetPage('fiis', pairs)).row).get('Novo')).toEqual([
      '1',
      '2',
      '1',
    ]);
  });

  it('is no label at all where the page leaves it empty, yet its value is kept', () => {
    const empty = recordOn(DAY, assetPage('fiis', [['', '', 'Imóveis']]));
    expect(empty.row['outros_indicadores']).toBeNull();
    expect(empty.unknownLabels).toEqual([]);
    expect([...othersOf(recordOn(DAY, assetPage('fiis', [['', '7']])).row).values()]).toEqual([
      '7',
    ]);
  });

  it('belongs to the other kind of asset as little as to its own', () => {
    const { row } = recordOn(DAY, assetPage('fiis', [['P/EBIT', '9']]));
    expect(othersOf(row).get('P/EBIT')).toBe('9');
  });
});

describe('a label that occurs twice without a section to distinguish it', () => {
  it('is taken for neither, and both texts are kept', () => {
    const page = assetPage('acoes', [
      ['P/L', '10'],
      ['P/L', '11'],
    ]);
    const { row, unknownLabels, columnsSeen } = recordOn(DAY, page);
    expect(row['vlr_ind_p_sobre_l']).toBeNull();
    expect(othersOf(row).get('P/L')).toEqual(['10', '11']);
    expect(unknownLabels).toEqual(['P/L']);
    expect(columnsSeen).toEqual(new Set(['vlr_ind_p_sobre_l']));
  });

  it('is one where both say the same', () => {
    const page = assetPage('acoes', [
      ['P/L', '10'],
      ['P/L', '10'],
    ]);
    const { row } = recordOn(DAY, page);
    expect(row).toMatchObject({ vlr_ind_p_sobre_l: '10', outros_indicadores: null });
  });

  it('and needs one goes to no column without it', () => {
    const page = assetPage('acoes', [
      ['EBIT', '12'],
      ['EBIT', '3'],
    ]);
    const { row } = recordOn(DAY, page);
    expect(row).toMatchObject({ vlr_ebit_ult_12m: null, vlr_ebit_ult_3m: null });
    expect(othersOf(row).get('EBIT')).toEqual(['12', '3']);
  });
});

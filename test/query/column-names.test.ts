/** The names that people use for columns. */
import { beforeAll, describe, expect, it, test } from 'vitest';
import { screens } from '../../src/analysis/screens.ts';
import { assetKinds, assets } from '../../src/catalog/asset.ts';
import { getTables } from '../../src/catalog/dataset.ts';
import { datasets } from '../../src/catalog/datasets.ts';
import { getHeadings, isKnownColumn } from '../../src/catalog/headings.ts';
import { getMeasure } from '../../src/catalog/measure.ts';
import { listShortNames, sharedColumns } from '../../src/query/column-names.ts';
import {
  findColumn,
  getColumn,
  getResultColumns,
  indicatorResultColumns,
  quoteResultColumns,
} from '../../src/query/columns.ts';
import { csvLines, jsonRows } from '../support/answers.ts';
import { newFolder } from '../support/folders.ts';
import { pynvest } from '../support/in-process.ts';
import { typed, writeRowsTo } from '../support/made-up-lake.ts';
import { sotTables } from '../support/tables.ts';

const stockColumns = getResultColumns(assets.acoes.dataset);
const fundColumns = getResultColumns(assets.fiis.dataset);

describe.each(assetKinds)('of %s', (kind) => {
  const { columns, dataset } = assets[kind];
  const labelled = columns.filter(({ label }) => typeof label === 'string');

  it.each(labelled.map(({ label, section, name }) => [label, section, name]))(
    'the label %s (%s) is the column',
    (label, section, name) => {
      if (name === assets[kind].tickerColumn) return;
      const suffix = section === 'Últimos 3 meses' ? ' 3m' : '';
      expect(findColumn(`${label}${suffix}`, getResultColumns(dataset))?.name).toBe(name);
    },
  );
});

test.each([
  ['pl', stockColumns, 'vlr_ind_p_sobre_l'],
  ['P/L', stockColumns, 'vlr_ind_p_sobre_l'],
  ['p/vp', stockColumns, 'vlr_ind_p_sobre_vp'],
  ['P/VP', fundColumns, 'vlr_p_sobre_vp'],
  ['PVP', indicatorResultColumns, 'p_vp'],
  ['roe', indicatorResultColumns, 'vlr_ind_roe'],
  ['Margem Líquida', stockColumns, 'vlr_ind_margem_liq'],
  ['dy', stockColumns, 'vlr_ind_div_yield'],
  ['DY', fundColumns, 'vlr_div_yield'],
  ['dy', indicatorResultColumns, 'dy'],
  ['Div. Yield', indicatorResultColumns, 'dy'],
  ['preço', quoteResultColumns, 'vlr_cot'],
  ['COTACAO', indicatorResultColumns, 'vlr_cot'],
  ['lucro líquido 3m', stockColumns, 'vlr_lucro_liq_ult_3m'],
  ['lucro', stockColumns, 'vlr_lucro_liq_ult_12m'],
  ['setor', quoteResultColumns, 'nome_setor_segmento'],
  ['setor', indicatorResultColumns, 'nome_setor_segmento'],
  ['setor', fundColumns, 'segmento'],
  ['papel', indicatorResultColumns, 'codigo_ticker_ativo'],
  ['vlr_cot', quoteResultColumns, 'vlr_cot'],
])('%s', (name, known, column) => {
  expect(getColumn(name, known).name).toBe(column);
});

test.each([
  [
    'roe',
    fundColumns,
    'roe (vlr_ind_roe) is a column of stocks (acoes); funds (fiis) have nothing like it',
  ],
  [
    'vlr_ind_div_yield',
    fundColumns,
    'vlr_ind_div_yield is a column of stocks (acoes); funds (fiis) have vlr_div_yield.',
  ],
  [
    'vacância média',
    stockColumns,
    '(vlr_vacancia_media) is a column of funds (fiis); stocks (acoes) have',
  ],
  ['dy', quoteResultColumns, 'dy (vlr_ind_div_yield, vlr_div_yield) is a column of acoes, fiis'],
])('%s of the other kind is named as such', (name, known, hint) => {
  expect(() => getColumn(name, known)).toThrow(
    expect.objectContaining({ hint: expect.stringContaining(hint) }),
  );
});

test('every column of a typed table has a heading, and every column is heard of by one name', () => {
  const names = getTables(datasets).flatMap(({ columns }) => columns.map(({ name }) => name));
  expect(names.filter((name) => !isKnownColumn(name))).toEqual([]);
  for (const { name, own } of sharedColumns) {
    expect(new Set([name, ...Object.values(own)].map(getMeasure)).size, name).toBe(1);
    expect(isKnownColumn(name)).toBe(true);
  }
  expect(listShortNames('vlr_ind_div_yield')).toContain('dy');
});

test('every figure of a ranking has a heading', () => {
  const figures = screens.flatMap((screen) => Object.keys(screen.figures));
  const others = ['posicao', 'soma_posicoes', 'pos_roic', 'pos_ev_sobre_ebit'];
  expect([...figures, ...others].filter((name) => !isKnownColumn(name))).toEqual([]);
  expect(getHeadings(['pos_roic', 'vlr_liquidez_corr_anterior'])).toEqual([
    'Pos. ROIC',
    'Liquidez Corr (antes)',
  ]);
  expect(getMeasure('num_acoes_anterior')).toBe('count');
});

test('headings of one table differ', () => {
  const all = indicatorResultColumns.map(({ name }) => name);
  const headings = getHeadings(all, 2026);
  expect(new Set(headings).size).toBe(headings.length);
  expect(headings).toContain('P/VP (FII)');
  expect(getHeadings(['vlr_p_sobre_vp', 'pct_var_ano_a1'])).toEqual(['P/VP', 'Ano -1']);
  expect(getHeadings(['fii', 'vlr_patrim_liq'])).toEqual(['FII', 'Patrim Líquido']);
  expect(getHeadings(['minha_coluna'])).toEqual(['minha_coluna']);
});

describe('a question by names that people use', () => {
  let lake: string;
  beforeAll(async () => {
    lake = await newFolder();
    const { acoes, fiis } = sotTables;
    await writeRowsTo(lake, acoes, '2026-11-19', [
      typed('acoes', 'TUCA3', { vlr_cot: 1, vlr_ind_div_yield: 0.09, vlr_ind_p_sobre_vp: 2 }),
      typed('acoes', 'MANG3', { vlr_cot: 2, vlr_ind_div_yield: 0.01, vlr_ind_p_sobre_vp: 1 }),
    ]);
    await writeRowsTo(lake, fiis, '2026-11-19', [
      typed('fiis', 'DEMO11', { vlr_cot: 3, vlr_div_yield: 0.1, vlr_p_sobre_vp: 0.9 }),
    ]);
  });
  const ask = (...words: string[]) => pynvest(['query', 'indicadores', '--lake', lake, ...words]);

  test('dy and p/vp are each kind’s own', async () => {
    const words = [
      '--columns',
      'dy,p/vp',
      '--where',
      'not dy < 5% and p/vp > 0',
      '--sort',
      'DY:desc',
    ];
    const { status, stdout } = await ask(...words);
    expect(status).toBe(0);
    expect(csvLines(stdout)).toEqual([
      ['anomesdia_exec', 'codigo_ticker_ativo', 'dy', 'p_vp'],
      ['20261119', 'DEMO11', '0.1', '0.9'],
      ['20261119', 'TUCA3', '0.09', '2'],
    ]);
    const days = await ask(...words, '--from', '19/11/2026', '--to', '2026-11');
    expect(csvLines(days.stdout)).toEqual(csvLines(stdout));
    const table = await ask(...words, '--format', 'table');
    expect(table.stdout).toContain('Coleta      Papel   Div. Yield  P/VP\n');
    expect(table.stdout).toContain('19/11/2026  DEMO11      10,00%  0,90\n');
    const one = await ask('--tipo', 'fiis', '--columns', 'Div. Yield, preço');
    expect(csvLines(one.stdout)[0]?.slice(2)).toEqual(['vlr_div_yield', 'vlr_cot']);
  });

  test('a column of the other kind is refused where one kind is asked for', async () => {
    const { status, stderr } = await ask('--tipo', 'fiis', '--columns', 'roe');
    expect(status).toBe(2);
    expect(stderr).toContain('roe (vlr_ind_roe) is a column of stocks (acoes); funds (fiis) have');
    const own = await ask('DEMO11', '--columns', 'vlr_ind_p_sobre_vp');
    expect(own.stderr).toContain(
      'vlr_ind_p_sobre_vp is a column of stocks (acoes): it is empty for funds (fiis), which have vlr_p_sobre_vp.',
    );
  });

  test('pynvest columns lists what a name means', async () => {
    const { stdout } = await pynvest(['columns', 'dy', 'P/L', '--format', 'json']);
    expect(
      jsonRows(stdout).map((row) => [row['column'], row['label'], row['short_names']]),
    ).toEqual([
      ['vlr_ind_div_yield', 'Div. Yield', 'dy yield dividendyield'],
      ['vlr_div_yield', 'Div. Yield', 'dy yield dividendyield'],
      ['vlr_ind_p_sobre_l', 'P/L', 'pl'],
    ]);
  });
});

/**
 * What programs read is the same byte for byte: csv and json of every query, kept in `test/golden/answers`. Where a
 * column is added on purpose, `npx vitest run test/cli/golden-answers.test.ts -u` writes the files anew.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { createGoldenLake } from '../support/golden-lake.ts';
import { pynvest } from '../support/in-process.ts';

let lake: string;
beforeAll(async () => {
  lake = await createGoldenLake();
});

const QUERIES: readonly (readonly [name: string, ...words: string[]])[] = [
  ['cotacoes', 'cotacoes'],
  ['cotacoes-one', 'cotacoes', 'TUCA3'],
  ['cotacoes-columns', 'cotacoes', 'TUCA3', 'DEMO11', '--columns', 'vlr_cot,pct_var_dia'],
  ['cotacoes-where', 'cotacoes', '--where', 'pct_var_dia > 0.5%', '--sort', 'vlr_cot:desc'],
  ['cotacoes-none', 'cotacoes', '--where', 'vlr_cot < 0'],
  ['indicadores', 'indicadores'],
  ['indicadores-stock', 'indicadores', 'MANG3'],
  ['indicadores-bank', 'indicadores', 'BSAB4'],
  ['indicadores-fund', 'indicadores', 'DEMO11'],
  ['indicadores-columns', 'indicadores', 'TUCA3', 'FIKT11', '--columns', 'vlr_ind_roe,segmento'],
  ['historico', 'historico', 'NOVO3'],
  ['historico-month', 'historico', 'NOVO3', 'TUCA4', '--freq', 'mes', '--ajuste', 'nenhum'],
  ['proventos', 'proventos', 'NOVO3'],
  ['proventos-total', 'proventos', 'NOVO3', '--total'],
  ['retorno', 'retorno', 'NOVO3', 'TUCA4'],
  [
    'sql',
    'sql',
    `SELECT fii, vlr_cot, vlr_ffo_yield, dt_ult_cot, anomesdia_exec, vlr_cot / 3 AS terco,
       qtd_imoveis, tipo_gestao, 9007199254740993 AS grande, CAST(1.50 AS decimal(9, 2)) AS exato,
       vlr_cot > 50 AS caro, null AS nada, timestamp '2026-11-19 18:45:00.123' AS hora
     FROM fiis WHERE anomesdia_exec = 20261119 ORDER BY fii`,
  ],
];

describe.each(QUERIES)('query %s', (name, ...words) => {
  test.each(['csv', 'json', 'csv-br'])('--format %s', async (format) => {
    const { stdout } = await pynvest(['query', ...words, '--lake', lake, '--format', format]);
    await expect(stdout).toMatchFileSnapshot(`../golden/answers/${name}.${format}`);
  });
});

test('the columns, as csv and json', async () => {
  for (const format of ['csv', 'json']) {
    const { stdout } = await pynvest(['columns', '--format', format]);
    await expect(stdout).toMatchFileSnapshot(`../golden/answers/columns.${format}`);
  }
});

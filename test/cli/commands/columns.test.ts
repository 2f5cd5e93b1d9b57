import { expect, test } from 'vitest';
import { tables } from '../../../src/catalog/datasets.ts';
import { jsonRows } from '../../support/answers.ts';
import { pynvest } from '../../support/in-process.ts';
import { sotTables, specTable } from '../../support/tables.ts';

const listed = async (...args: string[]) => {
  const { status, stdout, stderr } = await pynvest(['columns', ...args, '--format', 'json']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return jsonRows(stdout);
};
const names = (columns: readonly { name: string }[]) => columns.map(({ name }) => name);

test('lists each column once, with its type, whose it is and what it means', async () => {
  const rows = await listed();
  const every = [
    ...tables.flatMap(({ layer, partition, columns }) =>
      layer === 'sor' && partition.grain === 'day' ? [] : columns,
    ),
  ];
  const found = rows.map((row) => String(row['column']));
  expect(found.toSorted()).toEqual([...new Set(['anomesdia_exec', 'ano', ...names(every)])].sort());
  expect(rows[0]).toMatchObject({ column: 'anomesdia_exec', type: 'integer' });
  expect(rows.find((row) => row['column'] === 'vlr_cot')).toEqual({
    column: 'vlr_cot',
    type: 'double',
    of: 'acoes fiis cotacoes',
    description: 'Cotação de fechamento no último pregão, em reais (R$)',
    label: 'Cotação',
    short_names: 'preco cotacao',
  });
  expect(rows.find((row) => row['column'] === 'vlr_ind_roe')?.['of']).toBe('acoes');
});

test('lists those of one kind of answer in its order', async () => {
  const front = ['anomesdia_exec', 'codigo_ticker_ativo'];
  const of = async (what: string) => (await listed(what)).map((row) => row['column']);
  expect(await of('fiis')).toEqual([...front, ...names(sotTables.fiis.columns)]);
  expect(await of('cotacoes')).toEqual(['anomesdia_exec', ...names(specTable.columns)]);
});

test.each(['acao', 'AÇÃO', 'fii', 'fiis', 'acoes'])('takes %s, as --tipo does', async (word) => {
  const kind = /fii/.test(word) ? 'fiis' : 'acoes';
  expect(await listed(word)).toEqual(await listed(kind));
  const args = ['query', 'cotacoes', '--tipo', word, '--lake', '/nowhere'];
  expect((await pynvest(args)).stderr).toContain('there is no lake at /nowhere');
});

test('every column that it lists can be asked for', async () => {
  const rows = await listed('acoes');
  const list = rows.map((row) => row['column']).join();
  const args = ['query', 'indicadores', '--columns', list, '--lake', '/nowhere'];
  expect((await pynvest(args)).stderr).toContain('there is no lake at /nowhere');
});

test('shows descriptions in full on a screen however narrow', async () => {
  const args = ['columns', 'fiis', '--format', 'table'];
  const { stdout, stderr } = await pynvest(args, { env: { COLUMNS: '40' } });
  expect(stderr).toBe('');
  for (const { description } of sotTables.fiis.columns) expect(stdout).toContain(description);
});

test('refuses any other word with those that there are', async () => {
  expect(await pynvest(['columns', 'debentures'])).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining(
      'Use acoes, fiis, cotacoes, historico, proventos, eventosB3, eventos, fatores, series;',
    ),
  });
});

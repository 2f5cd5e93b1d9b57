/** The notes of answers about years, on a lake of the test's own. */
import { expect, test } from 'vitest';
import type { Row } from '../../src/catalog/column.ts';
import { getTable, type Table } from '../../src/catalog/dataset.ts';
import { adjustments, events, history } from '../../src/catalog/datasets/b3.ts';
import type { Partition } from '../../src/catalog/partition.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { DEDUP_NAME } from '../../src/lake/names.ts';
import type { Answer, ToolContext } from '../../src/mcp/answer.ts';
import { historyTools } from '../../src/mcp/history-tools.ts';
import { openDuckDb } from '../../src/query/duckdb/engine.ts';
import { newFolder } from '../support/folders.ts';
import { wholeRow } from '../support/rows.ts';

async function ask(root: string, name: string, args: object, isDerived = true): Promise<Answer> {
  const tool = historyTools.find((each) => each.name === name);
  if (tool === undefined) throw new Error(`no tool ${name}`);
  const openEngine = () => openDuckDb(root);
  const context: ToolContext = {
    ...{ place: root, openEngine, sqlTimeLimitMs: 10_000 },
    explainEmptyLake: () => Promise.reject(new Error('not asked for')),
    readStatus: () => Promise.reject(new Error('not asked for')),
    areAdjustmentsDerived: () => Promise.resolve(isDerived),
    findEventsReading: () => Promise.reject(new Error('not asked for')),
  };
  const engine = await openEngine();
  try {
    return await tool.answer(tool.input.parse(args), engine, context);
  } finally {
    engine.close();
  }
}

const write = async (root: string, table: Table, rows: readonly Row[]): Promise<void> => {
  const file = { table, partition: 1994 as Partition, name: DEDUP_NAME };
  await createLocalLake(root).write(
    file,
    rows.map((row) => wholeRow(table, row)),
  );
};

const session = (day: string, currency: string): Row => ({
  ...{ codigo_ticker_ativo: 'TUCA4', codigo_mercado: '010', fator_cotacao: 1, moeda: currency },
  ...{ dt_pregao: day, vlr_fechamento: 5 },
});

test('over a change of currency get_returns has no row, and says why', async () => {
  const root = await newFolder();
  await write(root, getTable(history, 'sot'), [
    session('1994-06-29', 'CR$'),
    session('1994-06-30', 'CR$'),
    session('1994-07-01', 'R$'),
    session('1994-07-04', 'R$'),
  ]);
  const over = await ask(root, 'get_returns', { tickers: ['TUCA4'], from: '1994-06-29' });
  expect(over.rows).toEqual([]);
  expect(over.notes).toEqual([
    'TUCA4: no return, because its prices are in CR$ before 1994-07-01, and then in R$. Ask for days of one of them.',
  ]);
  const after = await ask(root, 'get_returns', { tickers: ['TUCA4'], from: '1994-07-01' });
  expect(after.notes).toEqual([]);
  expect(after.rows[0]?.slice(0, 5)).toEqual(['TUCA4', '1994-07-01', '1994-07-04', 2, 0]);
});

test('after an import that was not completed get_events gives no event as proved', async () => {
  const root = await newFolder();
  await write(root, getTable(history, 'sot'), [
    session('1994-07-01', 'R$'),
    session('1994-07-04', 'R$'),
  ]);
  const paid = { codigo_evento: '1', tipo_evento: 'DIVIDENDO', dt_com: '1994-07-01' };
  await write(root, getTable(events, 'sot'), [
    { codigo_ticker_ativo: 'TUCA4', ...paid, vlr_provento: 1, fontes: 'b3', situacao: 'vigente' },
  ]);
  await write(root, getTable(adjustments, 'spec'), [
    {
      ...{ codigo_ticker_ativo: 'TUCA4', codigo_ativo: 'TUCA4', dt_inicio: '1994-07-01' },
      ...{ dt_pregao: '1994-07-04', motivo: 'DIVIDENDO 1; distribution number 5 to 6' },
      ...{ fator_proventos: 0.8, fator_desdobramento: 1, fator_desdobramento_acumulado: 1 },
      ...{ fator_total_acumulado: 0.8, provado: true, provado_acumulado: true },
    },
  ]);
  for (const isDerived of [true, false]) {
    const { columns, rows } = await ask(root, 'get_events', { tickers: ['TUCA4'] }, isDerived);
    expect(rows.map((row) => row[columns.indexOf('provado')])).toEqual([isDerived]);
  }
});

import { expect, test } from 'vitest';
import { getTable } from '../../src/catalog/dataset.ts';
import { history } from '../../src/catalog/datasets/b3.ts';
import { datasets } from '../../src/catalog/datasets.ts';
import type { Partition } from '../../src/catalog/partition.ts';
import { readDay, readFiles } from '../../src/health/facts/read-files.ts';
import { createLocalInspector, createLocalLake } from '../../src/lake/local/lake.ts';
import { newFolder } from '../support/folders.ts';

const table = getTable(history, 'sot');

test.each([
  [100_001, 0],
  [3, 3],
])('of a year of %d rows, %d are read as rows', async (count, expected) => {
  const root = await newFolder();
  const lake = createLocalLake(root);
  const partition = 2024 as Partition;
  const tickers = { values: ['TUCA3'], codes: new Uint32Array(count) };
  const batch = { rowCount: count, texts: { codigo_ticker_ativo: tickers }, numbers: {} };
  await lake.writeColumns({ table, partition, name: 'dedup' }, batch);
  const store = createLocalInspector(root);
  const contents = new Map([[table, await store.contents(table)]]);
  const bounds = { from: undefined, to: undefined };
  const request = { ...{ datasets, lake, store, bounds }, dayInProgress: undefined };
  const facts = await readFiles(request, contents);
  const { rows, broken } = await readDay({ lake, store }, facts, partition);
  expect(rows.get(table)?.length ?? 0).toBe(expected);
  expect([...broken]).toEqual([]);
});

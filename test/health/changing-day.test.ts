import { expect, test } from 'vitest';
import { datasets } from '../../src/catalog/datasets.ts';
import { readDay, readFiles } from '../../src/health/facts/read-files.ts';
import type { LakeFile } from '../../src/lake/lake.ts';
import { createLocalInspector, createLocalLake } from '../../src/lake/local/lake.ts';
import { newFolder } from '../support/folders.ts';
import { day } from '../support/made-up-lake.ts';
import { specTable as table } from '../support/tables.ts';

const partition = day('2026-11-20');
const fileOf = (name: string): LakeFile => ({ table, partition, name });
const row = {
  ...Object.fromEntries(table.columns.map(({ name }) => [name, null])),
  codigo_ticker_ativo: 'TUCA3',
};

test.each([
  ['none', [], false],
  ['a batch', ['acoes-1.cotacao'], true],
  ['the merged file', ['dedup'], true],
])(
  'a day is changing if of its files %s is removed once its bytes are read',
  async (_, removed, isChanging) => {
    const root = await newFolder();
    const lake = createLocalLake(root);
    for (const name of ['dedup', 'acoes-1.cotacao']) await lake.write(fileOf(name), [row]);
    // As the inspector of a lake in AWS does it, which keeps the bytes that it has verified.
    const store = { ...createLocalInspector(root), rows: async () => [row] };
    const contents = new Map([[table, await store.contents(table)]]);
    const bounds = { from: undefined, to: undefined };
    const request = { ...{ datasets, lake, store, bounds }, dayInProgress: undefined };
    const facts = await readFiles(request, contents);
    await lake.remove(removed.map(fileOf));
    expect((await readDay({ lake, store }, facts, partition)).isChanging).toBe(isChanging);
  },
);

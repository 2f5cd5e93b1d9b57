import { stat, utimes } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openReadOnlyDatabase } from '../../../src/query/duckdb/connection.ts';
import { openDuckDb } from '../../../src/query/duckdb/engine.ts';
import { FileGroups } from '../../../src/query/duckdb/file-groups.ts';
import { selectQuotes } from '../../support/engines.ts';
import { newFolder } from '../../support/folders.ts';
import { olderEdition, quote, writeQuotes, writeRowsTo } from '../../support/made-up-lake.ts';
import { specTable } from '../../support/tables.ts';

const CHANGE = 'pct_var_ano_a5';
const older = olderEdition(specTable, 3);
/** Its files are of the same size. */
const renamed = {
  ...specTable,
  columns: specTable.columns.map((column) =>
    column.name === CHANGE ? { ...column, name: 'pct_var_ano_a6' } : column,
  ),
};

// The files are so old that their schemas are remembered.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

test.each([[1], [2]])('of %i days are read again where they have changed', async (days) => {
  const root = await newFolder();
  const write = (table: typeof specTable, column = CHANGE): Promise<string[]> =>
    Promise.all(
      ['2026-11-18', '2026-11-20']
        .slice(-days)
        .map((day) => writeRowsTo(root, table, day, [quote('PETR4', 38.72, { [column]: -0.1 })])),
    );
  const engine = await openDuckDb(root);
  const read = async (): Promise<unknown[]> => {
    const { columns, rows } = await engine.query(selectQuotes([], {}));
    const found: unknown[] = [];
    for await (const row of rows) found.push(row[columns.indexOf(CHANGE)]);
    return found;
  };
  try {
    await write(older);
    for (let time = 0; time < 2; time += 1) expect(await read()).toEqual(Array(days).fill(null));
    const paths = await write(specTable);
    for (let time = 0; time < 2; time += 1) expect(await read()).toEqual(Array(days).fill(-0.1));
    const before = await Promise.all(paths.map((path) => stat(path)));
    await write(renamed, 'pct_var_ano_a6');
    for (const [at, path] of paths.entries()) {
      const { size, mtime } = before[at] ?? (await stat(path));
      expect((await stat(path)).size).toBe(size);
      await utimes(path, mtime, mtime);
    }
    expect(await read()).toEqual(Array(days).fill(null));
  } finally {
    engine.close();
  }
});

test('of a file are remembered only once it is so old that a change of it changes its times', async () => {
  const root = await newFolder();
  const paths = [await writeQuotes(root, '2026-11-20', [quote('PETR4', 38.72)])];
  const database = await openReadOnlyDatabase([specTable], { folders: [root] });
  const groups = new FileGroups();
  const find = () => groups.find(database.connection, specTable, paths);
  try {
    vi.useRealTimers();
    expect(await find()).not.toBe(await find());
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
    expect(await find()).toBe(await find());
  } finally {
    database.close();
  }
});

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openDuckDb } from '../../../src/query/duckdb/engine.ts';
import { selectQuotes } from '../../support/engines.ts';
import { newFolder } from '../../support/folders.ts';
import { olderEdition, quote, writeRowsTo } from '../../support/made-up-lake.ts';
import { specTable } from '../../support/tables.ts';

const older = olderEdition(specTable, 3);

// The files are so old that their schemas are remembered.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

test.each([[1], [2]])('of %i days are read again where they have changed', async (days) => {
  const root = await newFolder();
  const write = async (table: typeof specTable, change: number | null): Promise<void> => {
    for (const day of ['2026-11-18', '2026-11-20'].slice(-days)) {
      const row = quote('PETR4', 38.72, change === null ? {} : { pct_var_ano_a5: change });
      await writeRowsTo(root, table, day, [row]);
    }
  };
  const engine = await openDuckDb(root);
  const read = async (): Promise<unknown[]> => {
    const { columns, rows } = await engine.query(selectQuotes([], {}));
    const found: unknown[] = [];
    for await (const row of rows) found.push(row[columns.indexOf('pct_var_ano_a5')]);
    return found;
  };
  try {
    await write(older, null);
    for (let time = 0; time < 2; time += 1) expect(await read()).toEqual(Array(days).fill(null));
    await write(specTable, -0.1);
    for (let time = 0; time < 2; time += 1) expect(await read()).toEqual(Array(days).fill(-0.1));
  } finally {
    engine.close();
  }
});

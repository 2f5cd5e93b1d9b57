import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { readTables } from '../../src/health/facts/read-tables.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { newFolder } from '../support/folders.ts';
import { day } from '../support/made-up-lake.ts';
import { sorTables } from '../support/tables.ts';

test("a day's files are read a few at once, and their rows stay in the files' order", async () => {
  const lake = createLocalLake(await newFolder());
  const { acoes } = sorTables;
  const tickers = Array.from({ length: 20 }, (_, index) => `AAA${index}`);
  for (const papel of tickers) {
    const file = { table: acoes, partition: day('2026-11-20'), name: `acoes-${papel}.raw` };
    await lake.write(file, [{ [acoes.tickerColumn]: papel }]);
  }
  let underWay = 0;
  let most = 0;
  const { tables } = await readTables({
    ...lake,
    async read(file) {
      underWay += 1;
      most = Math.max(most, underWay);
      await nextTurn();
      return lake.read(file).finally(() => {
        underWay -= 1;
      });
    },
  });
  const newest = tables.find(({ table }) => table === acoes)?.newest;
  expect(newest?.readable && [...newest.tickers]).toEqual(tickers);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(8);
});

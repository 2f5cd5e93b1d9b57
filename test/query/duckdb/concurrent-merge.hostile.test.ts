/** A query while a run merges the files of a day: a row may come twice, and never not at all. */
import { expect, test } from 'vitest';
import { createLocalLake } from '../../../src/lake/local/lake.ts';
import { openDuckDb } from '../../../src/query/duckdb/engine.ts';
import { newFolder } from '../../support/folders.ts';
import { day, quote } from '../../support/made-up-lake.ts';
import { specTable } from '../../support/tables.ts';

const SQL = 'SELECT vlr_cot FROM db_pynvest_spec.tbspec_fundamentus_cotacao_ativos ORDER BY 1';

test('is answered from the files that there are by then', async () => {
  const root = await newFolder();
  const lake = createLocalLake(root);
  const file = (name: string) => ({ table: specTable, partition: day('2026-11-20'), name });
  const single = (at: number) => file(`acoes-${at}.cotacao`);
  await lake.write(file('dedup'), [quote('PETR4', 0)]);
  let merging = true;
  const merged = (async () => {
    for (let at = 1; at <= 150; at += 1) {
      await lake.write(single(at), [quote('PETR4', at)]);
      await lake.write(file('dedup'), [quote('PETR4', at)]);
      await lake.remove([single(at)]);
    }
    merging = false;
  })();
  const engine = await openDuckDb(root);
  let answers = 0;
  while (merging) {
    const prices: unknown[] = [];
    for await (const [price] of (await engine.query({ sql: SQL })).rows) prices.push(price);
    expect(prices.length).toBeGreaterThanOrEqual(1);
    answers += 1;
  }
  await merged;
  engine.close();
  expect(answers).toBeGreaterThan(1);
});

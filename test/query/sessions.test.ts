import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { quotesTable } from '../../src/query/columns.ts';
import { formatSessionKey } from '../../src/query/sessions.ts';

test('the session of a row without one is the day of its partition; a number that is no day has none', async () => {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  // As the engine has it.
  await connection.run('SET integer_division = true');
  const { column } = quotesTable.partition;
  const key = formatSessionKey(quotesTable, 'dt_ult_cot');
  const days = "(20261119, DATE '2026-11-18'), (20261119, NULL), (20260230, NULL), (5, NULL)";
  const answer = await connection.runAndReadAll(
    `SELECT CAST(${key} AS VARCHAR) FROM (VALUES ${days}) AS t(${column}, dt_ult_cot)`,
  );
  connection.closeSync();
  instance.closeSync();
  expect(answer.getRows()).toEqual([['2026-11-18'], ['2026-11-19'], [null], [null]]);
});

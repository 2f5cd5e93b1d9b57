/** What fails when millions of rows have gone out already must not pass for a whole answer. */
import { expect, test } from 'vitest';
import { QueryError } from '../../../src/errors.ts';
import { openDuckDb } from '../../../src/query/duckdb/engine.ts';
import { csvLines } from '../../support/answers.ts';
import { pynvest } from '../../support/command.ts';
import { newFolder } from '../../support/folders.ts';

const FAILS_LATE = `SELECT CASE WHEN i = 990000 THEN error('too far') ELSE i END AS i
  FROM range(1000000) AS t(i)`;

test('an answer that fails amid its rows throws, and the next one is answered', async () => {
  const engine = await openDuckDb(await newFolder());
  const { rows } = await engine.query({ sql: FAILS_LATE });
  let seen = 0;
  const reading = (async () => {
    for await (const _ of rows) seen += 1;
  })();
  await expect(reading).rejects.toThrow(QueryError);
  await expect(reading).rejects.toThrow('too far');
  expect(seen).toBeGreaterThan(0);
  const answer: unknown[] = [];
  for await (const row of (await engine.query({ sql: 'SELECT 42' })).rows) answer.push(row);
  expect(answer).toEqual([[42]]);
  engine.close();
});

test('an answer that is not read to its end does not hinder the next', async () => {
  const engine = await openDuckDb(await newFolder());
  await engine.query({ sql: 'SELECT * FROM range(1000000)' });
  for await (const _ of (await engine.query({ sql: 'SELECT * FROM range(1000000)' })).rows) break;
  const answer: unknown[] = [];
  for await (const row of (await engine.query({ sql: 'SELECT 42' })).rows) answer.push(row);
  expect(answer).toEqual([[42]]);
  engine.close();
});

test.each([
  ['before its first row is read', 0],
  ['amid its rows', 3_000],
])('an answer has all its rows where another is asked for %s', async (_, readBefore) => {
  const engine = await openDuckDb(await newFolder());
  const answer: unknown[] = [];
  const rows = (await engine.query({ sql: 'SELECT * FROM range(10000)' })).rows[
    Symbol.asyncIterator
  ]();
  const read = async (most: number) => {
    for (let row = await rows.next(); !row.done; row = await rows.next()) {
      answer.push(Number(row.value[0]));
      if (answer.length === most) return;
    }
  };
  if (readBefore > 0) await read(readBefore);
  for (const other of [1, 2]) {
    const between: unknown[] = [];
    for await (const row of (await engine.query({ sql: `SELECT ${other}` })).rows) {
      between.push(row);
    }
    expect(between).toEqual([[other]]);
  }
  await read(Number.POSITIVE_INFINITY);
  expect(answer).toEqual(Array.from({ length: 10_000 }, (_, at) => at));
  engine.close();
});

test('an answer that fails while another is asked for throws where it is read', async () => {
  const engine = await openDuckDb(await newFolder());
  const { rows } = await engine.query({ sql: FAILS_LATE });
  for await (const row of (await engine.query({ sql: 'SELECT 42' })).rows)
    expect(row).toEqual([42]);
  let seen = 0;
  const reading = (async () => {
    for await (const _ of rows) seen += 1;
  })();
  await expect(reading).rejects.toThrow('too far');
  expect(seen).toBeGreaterThan(0);
  engine.close();
});

test('the command ends with 1 and says why, however many rows it has printed', async () => {
  const lake = await newFolder();
  const args = [
    'query',
    'sql',
    FAILS_LATE,
    '--dialect',
    'duckdb',
    '--format',
    'csv',
    '--lake',
    lake,
  ];
  const { status, stdout, stderr } = await pynvest(args);
  expect(status).toBe(1);
  expect(stderr).toContain('too far');
  expect(csvLines(stdout).length).toBeGreaterThan(1);
});

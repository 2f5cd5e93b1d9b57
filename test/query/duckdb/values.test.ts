import { isDeepStrictEqual } from 'node:util';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, describe, expect, test } from 'vitest';
import { convertColumn, convertToAthena, convertValue } from '../../../src/query/duckdb/values.ts';
import type { OutputRow } from '../../../src/query/engine.ts';
import { afterFile } from '../../support/cleanup.ts';
import { ask, askOne } from '../../support/engines.ts';
import { newFolder } from '../../support/folders.ts';

const empty = newFolder();
const one = async (expression: string): Promise<unknown> =>
  (await askOne(await empty, `SELECT ${expression}`))[0];

describe('a value of an answer', () => {
  test('that is a whole number keeps every digit, as large as it may be', async () => {
    expect(await one('9007199254740993')).toBe(9007199254740993n);
    expect(await one('sum(x) FROM (VALUES (9007199254740993), (2)) t(x)')).toBe(9007199254740995n);
    expect(await one('-170141183460469231731687303715884105727::HUGEINT')).toBe(
      -170141183460469231731687303715884105727n,
    );
    expect(await one('count(*)')).toBe(1n);
    expect(await one('20261120::INTEGER')).toBe(20261120);
  });

  test('that is a decimal is the number that its digits say', async () => {
    expect(await one('0.1 + 0.2')).toBe(0.3);
    expect(await one('-1234567.89::DECIMAL(18, 2)')).toBe(-1234567.89);
    expect(await one('NULL::DECIMAL(18, 2)')).toBeNull();
    expect(await one('[0.10, 0.2]')).toEqual([0.1, 0.2]);
  });

  test.each([
    ['1000000000000000.00', 1e15],
    ['-1000000000000000.10', '-1000000000000000.10'],
    ['100000000000000000000.00', 1e20],
    ['123456789012345.0000000', 123456789012345],
    ['0.00000000000000', 0],
    ['10.50', 10.5],
  ])(
    'that is the decimal %s is a number where that holds it, whatever zeros end it',
    async (text, expected) => {
      const scale = text.split('.')[1]?.length ?? 0;
      expect(await one(`${text}::DECIMAL(38, ${scale})`)).toBe(expected);
    },
  );

  test('that is a decimal with more digits than a number holds loses none of them', async () => {
    expect(String(await one('12345678901234567890.12::DECIMAL(38, 2)'))).toBe(
      '12345678901234567890.12',
    );
  });

  test('that is a double is the very same number', async () => {
    expect(await one('0.1::DOUBLE + 0.2::DOUBLE')).toBe(0.1 + 0.2);
    expect(await one('-0.0066::DOUBLE')).toBe(-0.0066);
    expect(await one('1e300::DOUBLE')).toBe(1e300);
  });

  test('that is a day or a time of day is its text', async () => {
    expect(await one("DATE '2026-11-20'")).toBe('2026-11-20');
    expect(await one("TIMESTAMP '2026-11-20 18:45:00'")).toBe('2026-11-20 18:45:00');
    expect(await one("TIMESTAMP '2026-11-20 18:45:00.25'")).toMatch(/^2026-11-20 18:45:00\.250*$/);
    expect(await one("TIME '18:45:00'")).toBe('18:45:00');
  });

  test('that is an instant counts in UTC', async () => {
    expect(await one("CAST(TIMESTAMP WITH TIME ZONE '2026-11-20 18:45:00-03:00' AS VARCHAR)")).toBe(
      '2026-11-20 21:45:00+00',
    );
    expect(await one('current_date = CAST(now() AS DATE)')).toBe(true);
  });

  test('that is a list or a structure keeps its parts', async () => {
    expect(await one("[DATE '2026-11-20', NULL]")).toEqual(['2026-11-20', null]);
    expect(await one('[9007199254740993, 1]')).toEqual([9007199254740993n, 1n]);
    expect(await one("{'ticker': 'PETR4', 'preco': 38.72}")).toEqual({
      ticker: 'PETR4',
      preco: 38.72,
    });
  });

  test('that is no value is null, and a truth is a truth', async () => {
    expect(await one('NULL')).toBeNull();
    expect(await one('1 < 2')).toBe(true);
    expect(await one("'Ação'")).toBe('Ação');
    expect(await one("''")).toBe('');
  });
});

describe('the columns of an answer', () => {
  test('have names of their own where the query gives two the same', async () => {
    const { columns, rows } = await ask(await empty, 'SELECT 1 AS a, 2 AS a, 3');
    expect(new Set(columns).size).toBe(3);
    expect(columns[0]).toBe('a');
    expect(rows).toEqual([[1, 2, 3]]);
  });

  test('stand above no rows where there are none', async () => {
    const { columns, rows } = await ask(await empty, 'SELECT 1 AS a WHERE false');
    expect(columns).toEqual(['a']);
    expect(rows).toEqual([]);
  });

  test('come with as many rows as the query has, in its order', async () => {
    const { rows } = await ask(await empty, 'SELECT i FROM range(10000) t(i) ORDER BY i DESC');
    expect(rows).toHaveLength(10_000);
    expect(rows.at(0)).toEqual([9999n]);
    expect(rows.at(-1)).toEqual([0n]);
  });
});

/** The columns of the first chunk of a statement are those of its rows, each converted by the binding. */
async function expectColumnsOfRows(
  sql: string,
  rowCount: number,
  converter: typeof convertValue,
): Promise<void> {
  const chunk = await (await connection.run(sql)).fetchChunk();
  if (chunk === null) throw new Error('there are no rows');
  expect(chunk.rowCount).toBe(rowCount);
  const columns = Array.from({ length: chunk.columnCount }, (_, at) =>
    convertColumn(chunk, at, converter),
  );
  const byRow = await (await connection.run(sql)).yieldConvertedRows(converter).next();
  const expected = columns.map((_, at) => (byRow.value ?? []).map((row: OutputRow) => row[at]));
  // Of thousands of values, only what differs is for `expect`, which takes much longer to compare.
  if (!isDeepStrictEqual(columns, expected)) expect(columns).toEqual(expected);
}

let connection: DuckDBConnection;
beforeAll(async () => {
  const instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  afterFile(() => {
    connection.closeSync();
    instance.closeSync();
  });
});

describe('a column of a chunk', () => {
  test.each([
    ['of a statement in the own SQL', convertValue],
    ['of a text in Athena’s SQL', convertToAthena],
  ])('%s has the values that its rows have one by one', async (_, converter) => {
    const { rows: names } = await ask(
      await empty,
      "SELECT column_name FROM (DESCRIBE SELECT * FROM test_all_types()) WHERE column_type <> 'VARIANT'",
    );
    const list = names.map(([name]) => `"${name}"`).join(', ');
    const sql = `SELECT ${list}, d FROM (SELECT * FROM test_all_types()),
      (VALUES ('NaN'::DOUBLE), ('-Infinity'::DOUBLE), (-0.0::DOUBLE), (NULL)) t(d)`;
    await expectColumnsOfRows(sql, 12, converter);
  });

  // Texts of twelve bytes are within the row, longer ones elsewhere.
  test.each([
    '""',
    'PETR4',
    '"123456789012"',
    '"1234567890123"',
    'Ação preferencial',
    '\ufeffPETR4',
  ])('has the text %s as often as it stands there, and null between', async (text) => {
    const value = `'${text.replaceAll('"', '')}'`;
    for (const every of [1, 2, 3, 64, 5000]) {
      const sql = `SELECT CASE WHEN i % ${every} = ${every - 1} THEN NULL ELSE ${value} END,
          CASE WHEN i % 5 < 3 THEN ${value} ELSE ${value} || (i // 7) END, nullif(i % 70, 64),
          nullif(i % 3, 2)::INTEGER, nullif(i % ${every}, 0) / 8, DATE '2026-11-20' + (nullif(i % 9, 3))::INTEGER
          FROM range(2048) t(i)`;
      await expectColumnsOfRows(sql, 2048, convertValue);
    }
  });
});

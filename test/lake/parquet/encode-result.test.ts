import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UnstorableValueError } from '../../../src/errors.ts';
import { verifyChecksum } from '../../../src/lake/parquet/checksum.ts';
import type { StoredColumn } from '../../../src/lake/parquet/encode.ts';
import { encodeResult, type StoredValue } from '../../../src/lake/parquet/encode-result.ts';
import type { StoredType } from '../../../src/lake/parquet/stored-type.ts';
import { duckdb } from '../../support/duckdb.ts';
import { newFolder } from '../../support/folders.ts';
import { fromPython, hasPython } from '../../support/python.ts';

async function encoded(
  columns: readonly StoredColumn[],
  rows: Iterable<readonly StoredValue[]>,
): Promise<{ path: string; pieces: number }> {
  const pieces: Uint8Array[] = [];
  for await (const piece of encodeResult(columns, rows)) pieces.push(piece);
  const path = join(await newFolder(), 'answer.parquet');
  await writeFile(path, Buffer.concat(pieces));
  return { path, pieces: pieces.length };
}

const columns: readonly StoredColumn[] = [
  { name: 'texto', type: 'string' },
  { name: 'fração', type: 'double' },
  { name: 'decimal', type: 'decimal' },
  { name: 'dia', type: 'integer' },
  { name: 'volume', type: 'bigint' },
  { name: 'sim', type: 'boolean' },
  { name: 'data', type: 'date' },
];
const NULLS = columns.map(() => null);
const MOST = 9_223_372_036_854_775_807n;

describe('an answer as Parquet', () => {
  test.each([0, 3, 45_000])(
    'of %i rows has a checksum that any other byte breaks',
    async (count) => {
      const { path } = await encoded(
        columns.slice(0, 2),
        Array.from({ length: count }, (_, at) => [`texto ${at}`, at / 8]),
      );
      const bytes = await readFile(path);
      expect(verifyChecksum(bytes)).toBe('valid');
      for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 50)) {
        const damaged = Uint8Array.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ 1;
        expect(verifyChecksum(damaged), `byte ${at}`).toBe('invalid');
      }
    },
  );

  test('is read by DuckDB with its types and every digit', async () => {
    const { path } = await encoded(columns, [
      ['Ação 🍉', -0.0066, 1.5, 20261120, MOST, true, '2026-11-20'],
      NULLS,
      // As Athena sends values: everything is text.
      ['', '1.0E-4', '12.50', '-5', String(-MOST), 'false', '0001-01-01'],
    ]);
    const { types, rows } = await duckdb(`SELECT * FROM '${path}'`);
    expect(Object.entries(types)).toEqual([
      ['texto', 'VARCHAR'],
      ['fração', 'DOUBLE'],
      ['decimal', 'DOUBLE'],
      ['dia', 'INTEGER'],
      ['volume', 'BIGINT'],
      ['sim', 'BOOLEAN'],
      ['data', 'DATE'],
    ]);
    expect(rows.map((row) => Object.values(row))).toEqual([
      ['Ação 🍉', -0.0066, 1.5, 20261120, MOST, true, '2026-11-20'],
      NULLS,
      ['', 0.0001, 12.5, -5, -MOST, false, '0001-01-01'],
    ]);
  });

  test('holds decimals that a double holds, whatever zeros end them', async () => {
    const decimal: readonly StoredColumn[] = [{ name: 'x', type: 'decimal' }];
    const { path } = await encoded(decimal, [['1000000000000000.00'], [1e20], ['0.00'], [1.5]]);
    const { rows } = await duckdb(`SELECT x FROM '${path}'`);
    expect(rows.map(({ x }) => x)).toEqual([1e15, 1e20, 0, 1.5]);
  });

  test('without rows has its columns', async () => {
    const { path } = await encoded(columns, []);
    const { types, rows } = await duckdb(`SELECT * FROM '${path}'`);
    expect([Object.keys(types), rows]).toEqual([columns.map(({ name }) => name), []]);
  });

  test('of many rows comes in pieces, a group each, in order', async () => {
    const number: readonly StoredColumn[] = [{ name: 'n', type: 'bigint' }];
    const rows = Array.from({ length: 45_000 }, (_, index) => [index]);
    const { path, pieces } = await encoded(number, rows);
    expect(pieces).toBe(3);
    const read = await duckdb(`SELECT n FROM '${path}'`);
    expect(read.rows.every(({ n }, index) => n === BigInt(index))).toBe(true);
    expect(read.rows).toHaveLength(45_000);
    const exact = await encoded(number, rows.slice(0, 20_000));
    expect((await duckdb(`SELECT count(*) AS n FROM '${exact.path}'`)).rows).toEqual([
      { n: 20_000n },
    ]);
  });

  test('keeps what is no number', async () => {
    const { path } = await encoded(
      [{ name: 'x', type: 'double' }],
      [['NaN'], ['Infinity'], ['-Infinity']],
    );
    const { rows } = await duckdb(`SELECT x FROM '${path}'`);
    expect(rows.map(({ x }) => x)).toEqual([Number.NaN, Infinity, -Infinity]);
  });

  test.each<[StoredType, StoredValue]>([
    ['string', '\ud800'],
    ['double', 'x'],
    ['double', ''],
    ['double', 2n ** 53n + 1n],
    ['decimal', '123456789012345678.12'],
    ['integer', 2_147_483_648],
    ['integer', 1.5],
    ['bigint', MOST + 1n],
    ['bigint', 2 ** 53],
    ['bigint', '1.0'],
    ['boolean', 1],
    ['date', '2026-02-30'],
    ['date', '10000-01-01'],
    ['date', 'infinity'],
  ])('refuses for a %s what it cannot hold: %s', async (type, value) => {
    const encoding = encoded([{ name: 'coluna', type }], [[value]]);
    await expect(encoding).rejects.toThrow(UnstorableValueError);
    await expect(encoding).rejects.toThrow('does not fit the column coluna');
  });

  test('reads back as it was, whatever whole numbers and texts it holds', async () => {
    const row = fc.tuple(
      fc.option(fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', ''))),
      fc.option(fc.bigInt({ min: -MOST - 1n, max: MOST })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 30 }), async (rows) => {
        const { path } = await encoded(
          [
            { name: 't', type: 'string' },
            { name: 'n', type: 'bigint' },
          ],
          rows,
        );
        const read = await duckdb(`SELECT t, n FROM '${path}'`);
        expect(read.rows.map(({ t, n }) => [t, n])).toEqual(rows);
      }),
      { numRuns: 25 },
    );
  });

  test.runIf(hasPython)('is read by pyarrow with its types', async () => {
    const { path } = await encoded(columns, [
      ['Ação', -0.0066, 1.5, 20261120, 9_007_199_254_740_991, true, '2026-11-20'],
      NULLS,
    ]);
    const script = `
import json, sys, pyarrow.parquet as pq
table = pq.read_table(sys.argv[1])
print(json.dumps([[str(field.type) for field in table.schema],
    [[v.isoformat() if hasattr(v, 'isoformat') else v for v in row.values()] for row in table.to_pylist()]]))`;
    expect(await fromPython(script, path)).toEqual([
      ['string', 'double', 'double', 'int32', 'int64', 'bool', 'date32[day]'],
      [['Ação', -0.0066, 1.5, 20261120, 9_007_199_254_740_991, true, '2026-11-20'], NULLS],
    ]);
  });
});

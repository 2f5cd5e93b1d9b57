import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { parquetMetadata } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import type { ColumnBatch, Row } from '../../../src/catalog/column.ts';
import { getTable, type Table } from '../../../src/catalog/dataset.ts';
import { adjustments, history } from '../../../src/catalog/datasets/b3.ts';
import { BrokenFileError, UnstorableValueError } from '../../../src/errors.ts';
import { decodeRows } from '../../../src/lake/parquet/decode.ts';
import { decodeColumns } from '../../../src/lake/parquet/decode-columns.ts';
import { encodeRows } from '../../../src/lake/parquet/encode.ts';
import { encodeColumns } from '../../../src/lake/parquet/encode-columns.ts';
import { duckdb } from '../../support/duckdb.ts';
import { newFolder } from '../../support/folders.ts';
import { anyRows, sampleRow } from '../../support/rows.ts';

const quotes = getTable(history, 'sot');
const factors = getTable(adjustments, 'spec');

const namesOf = ({ columns }: Table): string[] => columns.map(({ name }) => name);

function toColumns(table: Table, rows: readonly Row[]): ColumnBatch {
  const texts: Record<string, (string | null)[]> = {};
  const numbers: Record<string, Float64Array> = {};
  for (const { name, type } of table.columns) {
    const values = rows.map((row) => row[name] ?? null);
    if (type === 'string') texts[name] = values.map((value) => value as string | null);
    else {
      numbers[name] = Float64Array.from(values, (value) => {
        if (value === null) return Number.NaN;
        return type === 'date' ? Date.parse(String(value)) / 86_400_000 : Number(value);
      });
    }
  }
  return { rowCount: rows.length, texts, numbers };
}

describe.each([quotes, factors])('columns of $name', (table) => {
  test('are stored as the same rows are, whatever their values', async () => {
    await fc.assert(
      fc.asyncProperty(anyRows(table), async (rows) => {
        const batch = toColumns(table, rows);
        const bytes = encodeColumns(table, batch);
        expect(await decodeRows(table, bytes, 'a file')).toEqual(rows);
        expect(await decodeColumns(table, bytes, 'a file', namesOf(table))).toEqual(batch);
        const fromRows = encodeRows(table, rows);
        expect(await decodeColumns(table, fromRows, 'a file', namesOf(table))).toEqual(batch);
      }),
      { numRuns: 60 },
    );
  });
});

/** Values that repeat, that all differ, and that are absent, over several groups of rows. */
function manyRows(count: number): Row[] {
  return Array.from({ length: count }, (_, at) =>
    sampleRow(quotes, {
      codigo_ticker_ativo: `AB${String(Math.floor(at / 250)).padStart(4, '0')}3`,
      dt_pregao: new Date(at * 86_400_000).toISOString().slice(0, 10),
      prazo_termo: at % 3 === 0 ? null : at,
      vlr_abertura: at / 100,
      vlr_max: at % 1000,
      vlr_min: at % 2 === 0 ? null : 0,
      dt_vencimento: null,
      qtd_titulos: at * 2 ** 20 - 2 ** 31,
      nome_resumido: at % 40 < 20 ? null : `n ${at % 300}`,
      codigo_isin: `ISIN ${at}`,
    }),
  );
}

test('rows of several groups are read by pynvest and by DuckDB as they were', async () => {
  // Two groups are of 32,768 rows each.
  const rows = manyRows(66_000);
  const bytes = encodeColumns(quotes, toColumns(quotes, rows));
  expect(parquetMetadata(Uint8Array.from(bytes).buffer).row_groups).toHaveLength(3);
  const decoded = await decodeRows(quotes, bytes, 'a file');
  expect(decoded).toHaveLength(rows.length);
  // One `expect` for all would take longer than the reading.
  expect(decoded.filter((row, at) => !isDeepStrictEqual(row, rows[at]))).toEqual([]);
  const path = join(await newFolder(), 'file.parquet');
  await writeFile(path, bytes);
  const { rows: read } = await duckdb(
    `SELECT count(*) AS n, sum(vlr_abertura) AS a, count(prazo_termo) AS b, sum(qtd_titulos)::DOUBLE AS c,
       count(DISTINCT codigo_isin) AS d, count(nome_resumido) AS e, count(dt_vencimento) AS f
     FROM read_parquet('${path}')`,
  );
  const sum = (name: string) => rows.reduce((total, row) => total + Number(row[name] ?? 0), 0);
  const count = (name: string) => rows.filter((row) => row[name] !== null).length;
  expect(read.map((row) => Object.values(row).map(Number))).toEqual([
    [
      ...[66_000, expect.closeTo(sum('vlr_abertura'), 3), count('prazo_termo')],
      ...[sum('qtd_titulos'), 66_000, count('nome_resumido'), 0],
    ],
  ]);
  const one = await duckdb(
    `SELECT count(*) AS n FROM read_parquet('${path}') WHERE codigo_ticker_ativo = 'AB00203'`,
  );
  expect(one.rows.map(({ n }) => Number(n))).toEqual([250]);
});

test('rows that repeat may be more than the bytes of their file', async () => {
  // Of two groups.
  const rows = new Array<Row>(33_000).fill(sampleRow(quotes));
  const bytes = encodeColumns(quotes, toColumns(quotes, rows));
  expect(bytes.byteLength).toBeLessThan(rows.length);
  const { rowCount } = await decodeColumns(quotes, bytes, 'a file', ['codigo_ticker_ativo']);
  expect(rowCount).toBe(33_000);
  expect(await decodeRows(quotes, bytes, 'a file')).toHaveLength(33_000);
});

test('the same columns give the same bytes, as texts and as codes of texts', () => {
  const batch = toColumns(quotes, [sampleRow(quotes), sampleRow(quotes)]);
  const codes = { values: ['unused', 'TUCA3', null], codes: Uint32Array.of(1, 1) };
  const coded = { ...batch, texts: { ...batch.texts, codigo_ticker_ativo: codes } };
  expect(encodeColumns(quotes, coded)).toEqual(encodeColumns(quotes, batch));
});

test('only the columns that are asked for are read; one that the file lacks is absent', async () => {
  const older = { ...quotes, columns: quotes.columns.slice(0, -1) };
  const rows = [sampleRow(older)];
  const bytes = encodeColumns(older, toColumns(older, rows));
  const names = ['codigo_ticker_ativo', 'num_distribuicao'];
  expect(await decodeColumns(quotes, bytes, 'a file', names)).toEqual({
    rowCount: 1,
    texts: { codigo_ticker_ativo: ['TUCA3'] },
    numbers: { num_distribuicao: Float64Array.of(Number.NaN) },
  });
});

test.each([
  ['vlr_abertura', Number.POSITIVE_INFINITY],
  ['qtd_titulos', 0.5],
  ['qtd_titulos', 2 ** 53],
  ['dt_pregao', 1.5],
  ['dt_pregao', 3_000_000],
])('a value that its column cannot hold is refused: %s %d', (name, value) => {
  const batch = toColumns(quotes, [sampleRow(quotes)]);
  const numbers = { ...batch.numbers, [name]: Float64Array.of(value) };
  expect(() => encodeColumns(quotes, { ...batch, numbers })).toThrow(UnstorableValueError);
});

test('a row without a ticker, or a text that is no text, is refused', () => {
  const batch = toColumns(quotes, [sampleRow(quotes)]);
  for (const [name, text] of [
    ['codigo_ticker_ativo', null],
    ['moeda', '\ud800'],
  ] as const) {
    const texts = { ...batch.texts, [name]: [text] };
    expect(() => encodeColumns(quotes, { ...batch, texts })).toThrow(UnstorableValueError);
  }
});

test('a damaged file is found before a value of it is used', async () => {
  const bytes = encodeColumns(quotes, toColumns(quotes, manyRows(100)));
  bytes[200] = (bytes[200] ?? 0) ^ 1;
  const read = decodeColumns(quotes, bytes, 'a file', namesOf(quotes));
  await expect(read).rejects.toThrow(BrokenFileError);
});

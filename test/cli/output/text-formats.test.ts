import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BRAZILIAN_CSV,
  type CsvDialect,
  formatCsvHeader,
  formatCsvRows,
  formatJsonRows,
  PLAIN_CSV,
} from '../../../src/cli/output/text-formats.ts';
import type { OutputRow, OutputValue } from '../../../src/query/engine.ts';
import { getRows, type RowBatch, toBatchedRows } from '../../../src/query/row-batches.ts';

const text = fc.oneof(
  fc.string({
    unit: fc.constantFrom('a', 'ã', '"', ',', ';', '\n', '\r', ' ', '=', '-', '1', '\u001b'),
  }),
  fc.string({ unit: 'grapheme' }),
);
const value: fc.Arbitrary<OutputValue> = fc.oneof(
  text,
  fc.double(),
  fc.integer(),
  fc.bigInt(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.oneof(fc.integer(), text, fc.constant(null)), { maxLength: 3 }),
  fc.dictionary(text, fc.integer(), { maxKeys: 3 }),
);
/** Rows of one width, with runs of equal ones, as a sorted answer has them. */
const table = fc.integer({ min: 1, max: 4 }).chain((width) =>
  fc.record({
    names: fc.array(text, { minLength: width, maxLength: width }),
    rows: fc
      .array(
        fc.tuple(
          fc.array(value, { minLength: width, maxLength: width }),
          fc.integer({ min: 1, max: 3 }),
        ),
        { maxLength: 8 },
      )
      .map((runs) => runs.flatMap(([row, times]) => Array.from({ length: times }, () => row))),
  }),
);

async function toBatch(rows: readonly OutputRow[], width: number): Promise<RowBatch> {
  for await (const batch of toBatchedRows(rows, width, rows.length).batches) return batch;
  return { rowCount: 0, columns: Array.from({ length: width }, () => []) };
}

describe('a batch of rows', () => {
  it.each([
    ['csv', PLAIN_CSV, {}],
    [
      'csv-br',
      BRAZILIAN_CSV,
      { delimiter: ';', record_delimiter: '\r\n', quote_record_delimiter: true },
    ],
  ] as const)('is %s as csv-stringify writes its rows one by one', async (_, dialect, options) => {
    // A reader takes a line without anything for none.
    const stringifyRow = (cells: readonly string[]): string =>
      stringify([[...cells]], { ...options, quoted_empty: cells.length === 1 });
    const formatRow = (row: OutputRow, { formatCell }: CsvDialect): string =>
      stringifyRow(row.map((cell) => formatCell(cell, undefined)));
    await fc.assert(
      fc.asyncProperty(table, async ({ names, rows }) => {
        const batch = await toBatch(rows, names.length);
        expect(formatCsvHeader(names, dialect)).toBe(formatRow(names, dialect));
        expect(formatCsvRows(batch, undefined, dialect)).toBe(
          rows.map((row) => formatRow(row, dialect)).join(''),
        );
      }),
    );
  });

  it('has no heading or text in csv-br that a spreadsheet runs, and every one in csv as it is', () => {
    fc.assert(
      fc.property(fc.constantFrom('=', '+', '-', '@', '\t', '\r', ' ='), text, (first, rest) => {
        const name = `${first}A${rest}`;
        const header = formatCsvHeader([name], BRAZILIAN_CSV).slice(0, -2);
        expect(header.replaceAll('"', '')).toMatch(/^'/);
        const batch = { rowCount: 1, columns: [[name]] };
        expect(formatCsvRows(batch, undefined, BRAZILIAN_CSV).slice(0, -2)).toBe(header);
        expect(formatCsvHeader([name], PLAIN_CSV).slice(0, -1)).toBe(
          stringify([[name]]).slice(0, -1),
        );
      }),
    );
    const hidden = ['＝1', '\u200e=1', '－x', '＠a'];
    expect(formatCsvHeader(hidden, BRAZILIAN_CSV)).toBe(
      `${hidden.map((text) => `'${text}`).join(';')}\r\n`,
    );
    expect(formatCsvHeader(['=1+1', '-0,66', 'vlr_cot'], BRAZILIAN_CSV)).toBe(
      "'=1+1;-0,66;vlr_cot\r\n",
    );
  });

  it('is JSON that has the values of its rows', async () => {
    const toPlain = (cell: OutputValue): unknown =>
      JSON.parse(
        JSON.stringify(cell, (_, each) => (typeof each === 'bigint' ? Number(each) : each)),
      );
    await fc.assert(
      fc.asyncProperty(table, async ({ names, rows }) => {
        const columns = names.map((name, at) => `${at}${name}`);
        const json = formatJsonRows(await toBatch(rows, columns.length), columns);
        const objects = rows.map((row) =>
          Object.fromEntries(columns.map((name, at) => [name, toPlain(row[at] ?? null)])),
        );
        expect(JSON.parse(`[${json}]`)).toEqual(objects);
        expect(json.split('\n').length).toBe(Math.max(1, rows.length));
      }),
    );
  });

  it('gives its rows back', async () => {
    await fc.assert(
      fc.asyncProperty(table, async ({ names, rows }) => {
        expect([...getRows(await toBatch(rows, names.length))]).toEqual(rows);
      }),
    );
  });
});

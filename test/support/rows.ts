/** Rows for the tables: one with a value in every column, and any rows at all. */
import fc from 'fast-check';
import type { Cell, ColumnType, Row } from '../../src/catalog/column.ts';
import type { Table } from '../../src/catalog/dataset.ts';
import { anyCharacter } from './characters.ts';

const samples: Readonly<Record<ColumnType, Cell>> = {
  string: 'Araçá & Filhos – 株 🍉',
  double: -0.0066,
  bigint: 9_007_199_254_740_991,
  date: '2026-11-20',
  boolean: true,
};

/** A row of the table with a value in every column, but for those that `values` names. */
export function sampleRow(table: Table, values: Row = {}): Row {
  const row: Record<string, Cell> = {};
  for (const { name, type } of table.columns) row[name] = samples[type];
  return { ...row, [table.tickerColumn]: 'TUCA3', ...values };
}

/** The row with every column of its table, absent ones as null: as the lake answers it. */
export function wholeRow(table: Table, values: Row): Row {
  return Object.fromEntries(table.columns.map(({ name }) => [name, values[name] ?? null]));
}

const cells: Readonly<Record<ColumnType, fc.Arbitrary<Cell>>> = {
  string: fc.oneof(fc.string({ unit: anyCharacter }), fc.constantFrom('', '-', '\0', '🍉', 'ã')),
  // A minus zero is no number of its own to the lake.
  double: fc
    .oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(5e-324, -5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, 0.1, -0.0066),
    )
    .map((value) => (value === 0 ? 0 : value)),
  bigint: fc.oneof(
    fc.maxSafeInteger(),
    fc.constantFrom(0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
  ),
  date: fc
    .date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T00:00:00Z'),
      noInvalidDate: true,
    })
    .map((date) => date.toISOString().slice(0, 10)),
  boolean: fc.boolean(),
};

/** Any rows that the table can hold: a ticker they must have. */
export function anyRows(table: Table): fc.Arbitrary<Row[]> {
  const columns = Object.fromEntries(
    table.columns.map(({ name, type }) => [
      name,
      name === table.tickerColumn ? cells[type] : fc.option(cells[type], { nil: null, freq: 4 }),
    ]),
  );
  return fc.array(fc.record(columns), { minLength: 1, maxLength: 12 });
}

/**
 * From layer to layer: a row of raw text (SoR) to typed values (SoT), and those to a row derived from them (Spec).
 * Pure.
 */
import { type Cell, type Column, createRowFactory, type Row } from '../catalog/column.ts';
import { type Dataset, type Derivation, getTable, type Table } from '../catalog/dataset.ts';
import type { Partition } from '../catalog/partition.ts';
import { parseCell, parseValue } from './values.ts';

/** Text that did not parse as its column's type, and so is null from SoT on. */
export interface UnparsedValue {
  readonly ticker: string;
  readonly column: string;
  readonly text: string;
}

export interface PreparedRow {
  readonly row: Row;
  readonly unparsed: readonly UnparsedValue[];
}

const rowFactories = new WeakMap<readonly Column[], () => Record<string, Cell>>();

function getRowFactory(columns: readonly Column[]): () => Record<string, Cell> {
  const known = rowFactories.get(columns) ?? createRowFactory(columns);
  rowFactories.set(columns, known);
  return known;
}

/** Types every value of a row. Never throws for its text: what does not parse is null, and is named. */
export function prepare(raw: Row, dataset: Dataset): PreparedRow {
  const { typing, id } = dataset;
  if (typing === undefined) throw new Error(`the data set ${id} has no raw text`);
  const { columns, tickerColumn } = getTable(dataset, 'sot');
  const ticker = toTextOrNull(raw[tickerColumn]) ?? '';
  const row = getRowFactory(columns)();
  const unparsed: UnparsedValue[] = [];
  for (const { name, type } of columns) {
    const text = toTextOrNull(raw[name]);
    if (typing.copied.has(name)) {
      row[name] = text;
      continue;
    }
    const isFraction = typing.fractions.has(name);
    const parsed = parseCell(text, { type, isFraction }, typing.notation);
    row[name] = parsed.ok ? parsed.value : null;
    if (!parsed.ok) unparsed.push({ ticker, column: name, text: parsed.text });
  }
  return { row, unparsed };
}

/** A column that an older file lacks reads as absent. */
function toTextOrNull(cell: Cell | undefined): string | null {
  return cell === undefined || cell === null ? null : String(cell).trim();
}

/** The row of a table that follows from a typed row; null where neither gives a column. */
export function derive(typed: Row, { columns, constants }: Derivation, target: Table): Row {
  const row = getRowFactory(target.columns)();
  for (const { name } of target.columns) {
    const source = columns[name];
    row[name] = constants[name] ?? (source === undefined ? null : (typed[source] ?? null));
  }
  return row;
}

/**
 * The partition that a raw row of a data set of events belongs to. Undefined for any other data set, and where the
 * row's date does not parse.
 */
export function findEventYear(
  row: Row,
  { partition: { dateColumn }, typing }: Dataset,
): Partition | undefined {
  const text = dateColumn === undefined ? undefined : row[dateColumn];
  if (typeof text !== 'string') return undefined;
  const parsed = parseValue(text.trim(), 'date', typing?.notation ?? 'iso');
  if (!parsed.ok || parsed.value === null) return undefined;
  return Number(String(parsed.value).slice(0, 4)) as Partition;
}

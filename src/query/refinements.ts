/**
 * How a person refines a query: a condition, an order (`vlr_cot:desc,codigo_ticker_ativo`, or with a space as in
 * SQL) and a limit; and the columns that these refer to. Pure.
 */

import { UsageError } from '../errors.ts';
import { findColumn, getColumns, type ResultColumn } from './columns.ts';
import type { OutputRow, OutputValue } from './engine.ts';
import type { Condition, Operand } from './where/condition.ts';

export interface SortKey {
  readonly column: ResultColumn;
  readonly descending: boolean;
}

/** @throws UsageError if a name is no column, or a direction is neither `asc` nor `desc` */
export function parseSort(list: string, known: readonly ResultColumn[]): readonly SortKey[] {
  const parts = list.split(/[,;]/).flatMap((part) => part.trim() || []);
  if (parts.length === 0 || parts.some((part) => part.startsWith(':'))) {
    throw new UsageError('--sort names no column', { hint: 'Such as vlr_cot:desc.' });
  }
  const keys = parts.map((part): readonly string[] => {
    const [, name, direction] = /^([^:]*[^:\s])(?:\s*:\s*|\s+)(asc|desc)$/i.exec(part) ?? [];
    // A label may have spaces.
    if (name !== undefined && direction !== undefined) return [name, direction];
    return part.includes(':') ? part.split(/\s*:\s*/) : splitLabel(part, known);
  });
  const columns = getColumns(
    keys.map(([name = '']) => name),
    known,
  );
  return columns.map((column, at) => {
    const [, direction = 'asc', ...rest] = keys[at] ?? [];
    if (rest.length > 0 || !/^(asc|desc)$/i.test(direction)) {
      throw new UsageError(`--sort: ${JSON.stringify(parts[at])} names no direction`, {
        hint: `Write ${column.name}:asc or ${column.name}:desc; a comma parts columns.`,
      });
    }
    return { column, descending: direction.toLowerCase() === 'desc' };
  });
}

/** The label of a column in one; else its name, and what follows it. */
function splitLabel(part: string, known: readonly ResultColumn[]): readonly string[] {
  return findColumn(part, known) === undefined ? part.split(/\s+/) : [part];
}

/**
 * Compares two rows by these keys: nulls last, in either direction.
 * @param positionOf where a row has the value of a column; by default rows have just the values of the keys
 */
export function createRowComparator(
  keys: readonly SortKey[],
  positionOf?: (name: string) => number,
): (a: OutputRow, b: OutputRow) => number {
  const positions = keys.map(({ column }, at) => positionOf?.(column.name) ?? at);
  return (a, b) => {
    for (const [at, { column, descending }] of keys.entries()) {
      const position = positions[at] ?? -1;
      const [left, right] = [a, b].map((row) => toComparable(row[position], column));
      if (left === right) continue;
      if (left === undefined) return 1;
      if (right === undefined) return -1;
      return left < right === descending ? 1 : -1;
    }
    return 0;
  };
}

/** A number as such, whichever type the engine gives it; any other value as text. */
function toComparable(
  value: OutputValue | undefined,
  { type }: ResultColumn,
): number | string | undefined {
  if (value === null || value === undefined) return undefined;
  return ['double', 'bigint', 'integer'].includes(type) ? Number(value) : String(value);
}

/** The parts of a query besides its tickers and days. */
export interface Refinements {
  /** Only rows that meet it; with a number of newest days, the newest that do. */
  readonly where?: Condition | undefined;
  /** Ties are broken by ticker and day. */
  readonly sort?: readonly SortKey[] | undefined;
  /** At most so many rows, in that order. */
  readonly limit?: number | undefined;
}

/** The columns of the order, then those of the condition, each once. */
export function getReferencedColumns({ sort = [], where }: Refinements): readonly string[] {
  return [
    ...new Set([
      ...sort.map(({ column }) => column.name),
      ...(where ? getConditionColumns(where) : []),
    ]),
  ];
}

function getConditionColumns(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.parts.flatMap(getConditionColumns);
    case 'not':
      return getConditionColumns(condition.part);
    case 'compare':
      return [condition.column.name, ...getOperandColumns(condition.value)];
    case 'between':
      return [
        condition.column.name,
        ...getOperandColumns(condition.low),
        ...getOperandColumns(condition.high),
      ];
    case 'in':
      return [condition.column.name, ...condition.values.flatMap(getOperandColumns)];
    case 'like':
    case 'null':
      return [condition.column.name];
  }
}

function getOperandColumns(operand: Operand): readonly string[] {
  return 'column' in operand ? [operand.column.name] : [];
}

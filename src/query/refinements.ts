/**
 * How a person refines a query: a condition, an order (`vlr_cot:desc,codigo_ticker_ativo`, or with a space as in
 * SQL) and a limit; and which columns that refers to. Pure.
 */
import type { Column } from '../catalog/column.ts';
import { UsageError } from '../errors.ts';
import { getColumns } from './columns.ts';
import type { OutputValue } from './engine.ts';
import type { Condition, Operand } from './where/condition.ts';

export interface SortKey {
  readonly column: Column;
  readonly descending: boolean;
}

/** @throws UsageError where a name is no column, or a direction neither `asc` nor `desc` */
export function parseSort(list: string, known: readonly Column[]): readonly SortKey[] {
  const parts = list.split(/[,;]/).flatMap((part) => part.trim() || []);
  if (parts.length === 0 || parts.some((part) => part.startsWith(':'))) {
    throw new UsageError('--sort names no column', { hint: 'Such as vlr_cot:desc.' });
  }
  const keys = parts.map((part) => part.split(/\s*[:\s]\s*/));
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

/** Compares two rows, given the values of the keys in their order: nulls last, whatever the direction. */
export function createRowComparator(
  keys: readonly SortKey[],
): (a: readonly OutputValue[], b: readonly OutputValue[]) => number {
  return (a, b) => {
    for (const [at, { column, descending }] of keys.entries()) {
      const [left, right] = [toComparable(a[at], column), toComparable(b[at], column)];
      if (left === right) continue;
      if (left === undefined) return 1;
      if (right === undefined) return -1;
      return left < right === descending ? 1 : -1;
    }
    return 0;
  };
}

/** Numbers as such, whichever way an engine gives them; all else as text. */
function toComparable(
  value: OutputValue | undefined,
  { type }: Column,
): number | string | undefined {
  if (value === null || value === undefined) return undefined;
  return type === 'double' || type === 'bigint' ? Number(value) : String(value);
}

/** What a person may ask for besides assets and days. */
export interface Refinements {
  /** Only rows for which this holds; of these the newest, where only the last days are wanted. */
  readonly where?: Condition | undefined;
  /** Before the usual order, which settles what these leave open. */
  readonly sort?: readonly SortKey[] | undefined;
  /** Only so many of the rows in that order. */
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

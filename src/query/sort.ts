/** The order of an answer: `vlr_cot:desc,codigo_ticker_ativo`, or with a space as SQL has it. Pure. */
import type { Column } from '../catalog/column.ts';
import { UsageError } from '../errors.ts';
import type { OutputValue } from './engine.ts';
import { columnsNamed } from './known-columns.ts';

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
  const columns = columnsNamed(
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
export function compareBy(
  keys: readonly SortKey[],
): (a: readonly OutputValue[], b: readonly OutputValue[]) => number {
  return (a, b) => {
    for (const [at, { column, descending }] of keys.entries()) {
      const [left, right] = [comparable(a[at], column), comparable(b[at], column)];
      if (left === right) continue;
      if (left === undefined) return 1;
      if (right === undefined) return -1;
      return left < right === descending ? 1 : -1;
    }
    return 0;
  };
}

/** Numbers as such, whichever way an engine gives them; all else as text. */
function comparable(value: OutputValue | undefined, { type }: Column): number | string | undefined {
  if (value === null || value === undefined) return undefined;
  return type === 'double' || type === 'bigint' ? Number(value) : String(value);
}

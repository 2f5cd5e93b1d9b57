/** The columns of a file against those of its table. Pure. */

import { PARTITION_COLUMN } from '../../catalog/partition.ts';
import type { Table } from '../../catalog/tables.ts';
import type { FileShape, StoredFile } from '../../lake/store.ts';
import { type Finding, type Fix, finding } from './finding.ts';

export interface ColumnsVerdict {
  /** The newest columns, which an earlier edition did not have. */
  readonly older: readonly string[];
  /** What is wrong, a column each, in words. */
  readonly wrong: readonly string[];
  /** Columns that this edition does not know. */
  readonly unknown: readonly string[];
}

export function judgeColumns({ columns }: Table, shape: FileShape): ColumnsVerdict {
  const lastPresent = columns.findLastIndex(({ name }) => shape.columns.has(name));
  const wrong: string[] = [];
  for (const { name, type } of columns.slice(0, lastPresent + 1)) {
    const actual = shape.columns.get(name);
    if (actual === undefined) wrong.push(`${name} is not there`);
    else if (actual !== type) wrong.push(`${name} is ${NAMES[actual]}, not ${NAMES[type]}`);
  }
  if (lastPresent < 0) wrong.push('it has none of the columns');
  const known = new Set([...columns.map(({ name }) => name), PARTITION_COLUMN]);
  return {
    older: lastPresent < 0 ? [] : columns.slice(lastPresent + 1).map(({ name }) => name),
    wrong,
    unknown: [...shape.columns.keys()].filter((name) => !known.has(name)),
  };
}

const NAMES = {
  string: 'text',
  double: 'a number',
  bigint: 'a whole number',
  date: 'a date',
  other: 'of a type of its own',
} as const;

/** How many columns are named before the rest is counted. */
const NAMED = 3;

export function wrongColumns(
  file: StoredFile,
  place: string,
  { wrong }: ColumnsVerdict,
  fix: Fix | undefined,
): Finding {
  const { table, partition } = file;
  const more = wrong.length > NAMED ? `, and ${wrong.length - NAMED} more` : '';
  const detail = `${wrong.slice(0, NAMED).join(', ')}${more}`;
  const remedy =
    fix === undefined
      ? 'Its source is not there to make it again: correct it with the program that wrote it.'
      : undefined;
  return finding('columns-wrong', {
    status: 'problem',
    table,
    partition,
    subject: place,
    detail,
    fix,
    ...(remedy === undefined ? {} : { remedy }),
  });
}

export function unknownColumns(
  { table, partition }: StoredFile,
  place: string,
  { unknown }: ColumnsVerdict,
): Finding {
  const detail = `columns that this version does not know: ${unknown.join(', ')}`;
  return finding('columns-unknown', { status: 'note', table, partition, subject: place, detail });
}

/** One note a table, however many files an earlier edition left. */
export function olderColumns(table: Table, older: readonly ColumnsVerdict[]): Finding[] {
  if (older.length === 0) return [];
  const names = new Set(older.flatMap((verdict) => verdict.older));
  const detail = `${older.length} files of an earlier version lack ${[...names].join(', ')}`;
  return [finding('columns-older', { status: 'note', table, detail })];
}

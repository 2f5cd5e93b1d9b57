/**
 * Rules about single files: missing, wrong, older or unknown columns, and files that cannot be read. Pure.
 */

import { assetKinds } from '../../catalog/asset.ts';
import { PARTITION_COLUMN, type Partition } from '../../catalog/partition.ts';
import { sorTables, sotTables, specTable, type Table } from '../../catalog/tables.ts';
import type { FileShape, StoredFile } from '../../lake/inspector.ts';
import { type Finding, type Fix, finding } from '../finding.ts';

export interface ColumnsComparison {
  /** The newest columns, which an earlier edition did not have. */
  readonly older: readonly string[];
  /** What is wrong, a column each, in words. */
  readonly wrong: readonly string[];
  /** Columns that this edition does not know. */
  readonly unknown: readonly string[];
}

export function compareColumns({ columns }: Table, shape: FileShape): ColumnsComparison {
  const lastPresent = columns.findLastIndex(({ name }) => shape.columns.has(name));
  const wrong: string[] = [];
  for (const { name, type } of columns.slice(0, lastPresent + 1)) {
    const actual = shape.columns.get(name);
    if (actual === undefined) wrong.push(`${name} is not there`);
    else if (actual !== type)
      wrong.push(`${name} is ${TYPE_NAMES[actual]}, not ${TYPE_NAMES[type]}`);
  }
  if (lastPresent < 0) wrong.push('it has none of the columns');
  const known = new Set([...columns.map(({ name }) => name), PARTITION_COLUMN]);
  return {
    older: lastPresent < 0 ? [] : columns.slice(lastPresent + 1).map(({ name }) => name),
    wrong,
    unknown: [...shape.columns.keys()].filter((name) => !known.has(name)),
  };
}

const TYPE_NAMES = {
  string: 'text',
  double: 'a number',
  bigint: 'a whole number',
  date: 'a date',
  other: 'of a type of its own',
} as const;

/** How many columns are named before the rest is counted. */
const MAX_COLUMNS_NAMED = 3;

export function wrongColumnsFinding(
  file: StoredFile,
  place: string,
  { wrong }: ColumnsComparison,
  fix: Fix | undefined,
): Finding {
  const { table, partition } = file;
  const more =
    wrong.length > MAX_COLUMNS_NAMED ? `, and ${wrong.length - MAX_COLUMNS_NAMED} more` : '';
  const detail = `${wrong.slice(0, MAX_COLUMNS_NAMED).join(', ')}${more}`;
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

export function unknownColumnsFinding(
  { table, partition }: StoredFile,
  place: string,
  { unknown }: ColumnsComparison,
): Finding {
  const detail = `columns that this version does not know: ${unknown.join(', ')}`;
  return finding('columns-unknown', { status: 'note', table, partition, subject: place, detail });
}

/** One note a table, however many files an earlier edition left. */
export function olderColumnsFindings(table: Table, older: readonly ColumnsComparison[]): Finding[] {
  if (older.length === 0) return [];
  const names = new Set(older.flatMap((verdict) => verdict.older));
  const detail = `${older.length} files of an earlier version lack ${[...names].join(', ')}`;
  return [finding('columns-older', { status: 'note', table, detail })];
}

/** Whether the day has a sound file of what the table's rows are made from. */
export function hasSourceFile(sound: readonly StoredFile[], table: Table): boolean {
  const has = (wanted: Table): boolean => sound.some((file) => file.table === wanted);
  if (table === specTable) {
    return assetKinds.some((kind) => has(sotTables[kind]) || has(sorTables[kind]));
  }
  const kind = assetKinds.find((each) => sotTables[each] === table);
  return kind !== undefined && has(sorTables[kind]);
}

/** Raw text that a program of the person's own wrote is left alone: there is nothing to make it from. */
export function findColumnsFix(
  file: StoredFile,
  why: string | undefined,
  hasSource: boolean,
): Fix | undefined {
  if (!hasSource) return undefined;
  if (why !== undefined) return { kind: 'set-aside', file };
  return { kind: 'rebuild', partition: file.partition };
}

export function findUnreadableRemedy(
  { table, partition }: StoredFile,
  hasSource: boolean,
  today: Partition,
): string | undefined {
  const aside = '`pynvest doctor --fix` moves it to _quarantine';
  if (hasSource) return `${aside} and makes its rows again.`;
  if (table.layer !== 'sor') return `${aside}. What its rows came from is gone.`;
  return partition === today ? `${aside}, then \`pynvest run\` reads its pages again.` : undefined;
}

export function unreadableFinding(
  file: StoredFile,
  place: string,
  why: string,
  remedy: string | undefined,
): Finding {
  const { table, partition } = file;
  const reason = why.startsWith(place) ? why.slice(place.length).trim().replace(/^is /, '') : why;
  return finding('file-unreadable', {
    status: 'problem',
    table,
    partition,
    subject: place,
    detail: reason,
    ...(remedy === undefined ? {} : { remedy }),
    fix: { kind: 'set-aside', file },
  });
}

/** What others can read is no broken file, and stays where it is. */
export function unreadableCodecFinding(
  { table, partition }: StoredFile,
  subject: string,
  why: string,
): Finding {
  const detail = why.startsWith(subject) ? why.slice(subject.length).trim() : why;
  return finding('codec-unreadable', { status: 'problem', table, partition, subject, detail });
}

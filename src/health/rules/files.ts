/**
 * Rules about single files: missing, wrong, older or unknown columns, and files that cannot be read. Pure.
 */

import { type Dataset, findOrigins, getTables, layers, type Table } from '../../catalog/dataset.ts';
import { formatPartition } from '../../catalog/partition.ts';
import type { StoredFile } from '../../lake/inspector.ts';
import { getBrokenFileRemedy, getWrongTypesRemedy } from '../../lake/lake.ts';
import { formatFirst, formatQuantity } from '../../text.ts';
import type { ColumnsComparison, DayFacts, FileFacts } from '../facts/file-facts.ts';
import { type Facts, getSection } from '../facts/model.ts';
import { createFinding, type Finding, type Fix } from '../finding.ts';

/** One note for each table, however many files an earlier version left. */
export function findOlderColumns({ contents, columns }: FileFacts): Finding[] {
  return [...contents.keys()].flatMap((table) => {
    const older = [...columns].filter(
      ([file, each]) => file.table === table && each.older.length > 0,
    );
    if (older.length === 0) return [];
    const names = new Set(older.flatMap(([, each]) => each.older));
    const detail = `${formatQuantity(older.length, 'file')} of an earlier version, without ${[...names].join(', ')}`;
    return [createFinding('columns-older', { table, detail })];
  });
}

export function findUnknownColumns({ columns, locationOf }: FileFacts): Finding[] {
  return [...columns].flatMap(([file, { unknown }]) => {
    if (unknown.length === 0) return [];
    const detail = `columns that this version does not know: ${unknown.join(', ')}`;
    return [createFinding('columns-unknown', { ...getLocation(file, locationOf), detail })];
  });
}

/** A damaged copy may give a query other values than the daily files have. */
export function findDamagedCopies({ damagedCopies }: FileFacts): Finding[] {
  return damagedCopies.map(({ path, reason, table }) =>
    createFinding('copy-damaged', {
      table,
      subject: path,
      detail: removePrefix(reason, path).replace(/^is /, ''),
      fix: { kind: 'remove-copy', path },
    }),
  );
}

/** The files of a day that cannot be read, or have wrong columns. */
export function findFaultyFiles(day: DayFacts, facts: Facts): Finding[] {
  const files = getSection(facts, 'files');
  if (files === undefined) return [];
  return day.files.flatMap((file) => {
    const about = getLocation(file, files.locationOf);
    const sources = findSources(files.datasets, day, file.table);
    const hasSource = sources.length > 0;
    const reason = day.broken.get(file);
    const comparison = files.columns.get(file);
    const codec = day.unreadableCodec.get(file);
    const found: Finding[] = [];
    if (codec !== undefined) {
      const detail = removePrefix(codec, about.subject);
      found.push(createFinding('codec-unreadable', { ...about, detail }));
    }
    if (comparison !== undefined && comparison.wrong.length > 0) {
      const hasRawText = sources.some(({ layer }) => layer === 'sor');
      found.push(
        createFinding('columns-wrong', {
          ...about,
          detail: describeWrongColumns(comparison),
          remedy: getColumnsRemedy(file, reason, hasRawText),
          fix: getColumnsFix(file, reason, hasSource),
        }),
      );
    } else if (reason !== undefined) {
      found.push(
        createFinding('file-unreadable', {
          ...about,
          detail: describeUnreadable(removePrefix(reason, about.subject), file.table, hasSource),
          remedy: getBrokenFileRemedy(file.table),
          fix: { kind: 'quarantine', file },
        }),
      );
    }
    return found;
  });
}

/** The tables of a day with faulty files, by which no other table is to be judged. */
export function findFaultyTables(day: DayFacts, facts: Facts): ReadonlySet<Table> {
  const columns = getSection(facts, 'files')?.columns;
  const faulty = day.files.filter(
    (file) =>
      day.broken.has(file) ||
      day.unreadableCodec.has(file) ||
      (columns?.get(file)?.wrong.length ?? 0) > 0,
  );
  return new Set(faulty.map(({ table }) => table));
}

function getLocation(file: StoredFile, locationOf: FileFacts['locationOf']) {
  return { table: file.table, partition: file.partition, subject: locationOf(file) };
}

/** A reason without the path that it begins with. */
function removePrefix(reason: string, path: string): string {
  return reason.startsWith(path) ? reason.slice(path.length).trim() : reason;
}

function describeUnreadable(reason: string, { layer }: Table, hasSource: boolean): string {
  const detail = reason.replace(/^is /, '');
  return layer === 'sor' || hasSource ? detail : `${detail}; the source of its rows is missing`;
}

/**
 * `backfill` needs raw text: without it, as in a day of the Terraform module, what can be read is written with the
 * right types. Of what cannot be read, a query gives the same remedy.
 * @returns undefined for the remedy of the code
 */
function getColumnsRemedy(
  { table, partition }: StoredFile,
  unreadableReason: string | undefined,
  hasRawText: boolean,
): string | undefined {
  if (table.layer === 'sor' || unreadableReason !== undefined) return getWrongTypesRemedy(table);
  return hasRawText
    ? undefined
    : `Its rows can be read: \`pynvest dedup now --date ${formatPartition(partition)}\` writes them with the columns of the table.`;
}

const TYPE_NAMES = {
  string: 'text',
  double: 'a number',
  bigint: 'a whole number',
  date: 'a date',
  boolean: 'true or false',
  other: 'of an unknown type',
} as const;

function describeWrongColumns({ wrong }: ColumnsComparison): string {
  const texts = wrong.map(({ name, expected, actual }) =>
    actual === undefined
      ? `${name} is missing`
      : `${name} is ${TYPE_NAMES[actual]}, not ${TYPE_NAMES[expected]}`,
  );
  return formatFirst(texts, 3);
}

/** The tables of which the day has a sound file, and from which the table's rows can be rebuilt. */
function findSources(datasets: readonly Dataset[], { sound }: DayFacts, table: Table): Table[] {
  const sources = getTables(findOrigins(datasets, table)).filter(
    ({ layer }) => layers.indexOf(layer) < layers.indexOf(table.layer),
  );
  return sources.filter((source) => sound.some((file) => file.table === source));
}

/** A file that has no source is left alone: nothing would create its rows again. */
function getColumnsFix(
  file: StoredFile,
  unreadableReason: string | undefined,
  hasSource: boolean,
): Fix | undefined {
  if (!hasSource) return undefined;
  if (unreadableReason !== undefined) return { kind: 'quarantine', file };
  return { kind: 'rebuild', partition: file.partition };
}

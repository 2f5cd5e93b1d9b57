/** One row a key: which of several rows is kept, and which rows a table lacks. Pure. */

import type { Column, Row } from '../catalog/column.ts';
import type { Table } from '../catalog/dataset.ts';

/** What tells the rows of a table apart, and the newest of them. */
export type RowIdentity = Pick<Table, 'keyColumns' | 'versionColumn'> &
  Partial<Pick<Table, 'substitute'>>;

/** What identifies a row, as one text: of a key of one column that column's own. */
export function getRowKey(row: Row, { keyColumns }: Pick<Table, 'keyColumns'>): string {
  const [column = '', ...others] = keyColumns;
  if (others.length === 0) return String(row[column]);
  return JSON.stringify(keyColumns.map((name) => row[name] ?? null));
}

/** The same for people to read, such as `PETR4 2026-11-19`. */
export function formatRowKey(row: Row, { keyColumns }: Pick<Table, 'keyColumns'>): string {
  return keyColumns.map((name) => String(row[name])).join(' ');
}

/**
 * Keeps the newest row of each key, in the order of keys.
 *
 * The newest is the one with the latest version, such as when its page was read (`datetime_exec`); between rows that
 * are equally new, or that carry no version (as the quotes), it is the last one in `rows`. A substitute is kept only
 * where there is no other row.
 */
export function deduplicate(rows: readonly Row[], identity: RowIdentity): Row[] {
  const newest = new Map<string, { row: Row; version: number }>();
  for (const row of rows) {
    const key = getRowKey(row, identity);
    const version = getVersion(row, identity);
    const kept = newest.get(key);
    const wins =
      kept === undefined ||
      (isSubstitute(row, identity) === isSubstitute(kept.row, identity)
        ? version >= kept.version
        : isSubstitute(kept.row, identity));
    if (wins) newest.set(key, { row, version });
  }
  return [...newest.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { row }]) => row);
}

/** Whether a row only stands in for a collected one. */
export function isSubstitute(
  row: Row,
  { substitute }: Partial<Pick<Table, 'substitute'>>,
): boolean {
  return substitute !== undefined && row[substitute.column] === substitute.value;
}

/** The instant of a row's version in milliseconds; before all others where it has none. */
export function getVersion(row: Row, { versionColumn }: Pick<Table, 'versionColumn'>): number {
  return versionColumn === undefined ? Number.NEGATIVE_INFINITY : parseReadAt(row[versionColumn]);
}

/** The instant of a `datetime_exec` in milliseconds; before all others where it is none. */
function parseReadAt(readAt: Row[string] | undefined): number {
  const instant = typeof readAt === 'string' ? Date.parse(addDefaultOffset(readAt)) : Number.NaN;
  return Number.isNaN(instant) ? Number.NEGATIVE_INFINITY : instant;
}

/** A time without an offset, as other writers leave it, is São Paulo's: not that of this machine. */
function addDefaultOffset(text: string): string {
  return /(?:z|[+-]\d{2}:?\d{2})$/i.test(text) ? text : `${text.replace(' ', 'T')}-03:00`;
}

/** Which rows `stored` lacks, or has an older version of. */
export function createMissingRowFilter(
  stored: readonly Row[],
  identity: RowIdentity,
): (row: Row) => boolean {
  const versions = new Map<string, number>();
  for (const row of stored) {
    const key = getRowKey(row, identity);
    const version = getVersion(row, identity);
    versions.set(key, Math.max(version, versions.get(key) ?? version));
  }
  return (row) => {
    const version = versions.get(getRowKey(row, identity));
    return version === undefined || getVersion(row, identity) > version;
  };
}

/** Whether two rows of a table are equal in all its columns. */
export function isSameRow(a: Row, b: Row, columns: readonly Column[]): boolean {
  return columns.every((column) => isSameCell(a, b, column));
}

export function isSameCell(a: Row, b: Row, { name, assumed }: Column): boolean {
  const otherwise = assumed ?? null;
  return (a[name] ?? otherwise) === (b[name] ?? otherwise);
}

/**
 * Rows that follow from the layer before, with the stored values where they have none. Another program, such as the
 * Terraform module, may have stored in a derived table what its typed table lacks: without raw text, a null does not
 * replace it. A substitute's values are no part of a collected row.
 */
export function fillNulls(derived: readonly Row[], stored: readonly Row[], table: Table): Row[] {
  const collected = deduplicate(stored, table).filter((row) => !isSubstitute(row, table));
  const byKey = new Map(collected.map((row) => [getRowKey(row, table), row]));
  return derived.map((row) => {
    const before = byKey.get(getRowKey(row, table)) ?? {};
    return Object.fromEntries(
      table.columns.map(({ name }) => [name, row[name] ?? before[name] ?? null]),
    );
  });
}

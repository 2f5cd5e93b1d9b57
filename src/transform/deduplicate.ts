/** One row a ticker. Pure. */
import type { Column, Row } from '../catalog/column.ts';
import { READ_AT_COLUMN } from '../catalog/tables.ts';

/**
 * Keeps the newest row of each ticker, in the order of tickers.
 *
 * The newest is the one whose page was read last (`datetime_exec`); between rows that are equally
 * new, or that do not say (the quotes carry no time), it is the one that comes last in `rows`.
 */
export function deduplicate(rows: readonly Row[], tickerColumn: string): Row[] {
  const newest = new Map<string, { row: Row; readAt: number }>();
  for (const row of rows) {
    const ticker = String(row[tickerColumn]);
    const readAt = parseReadAt(row[READ_AT_COLUMN]);
    const kept = newest.get(ticker);
    if (kept === undefined || readAt >= kept.readAt) newest.set(ticker, { row, readAt });
  }
  return [...newest.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { row }]) => row);
}

/** The instant of a `datetime_exec` in milliseconds; before all others where it says none. */
export function parseReadAt(readAt: Row[string] | undefined): number {
  const instant = typeof readAt === 'string' ? Date.parse(addDefaultOffset(readAt)) : Number.NaN;
  return Number.isNaN(instant) ? Number.NEGATIVE_INFINITY : instant;
}

/** A time without an offset, as other writers leave it, is São Paulo's: not that of this machine. */
function addDefaultOffset(text: string): string {
  return /(?:z|[+-]\d{2}:?\d{2})$/i.test(text) ? text : `${text.replace(' ', 'T')}-03:00`;
}

/**
 * Which rows of others `held` lacks, or has older. A row is no news where `held` has its ticker with a
 * page that was read at the same time or later.
 */
export function createMissingRowFilter(
  held: readonly Row[],
  tickerColumn: string,
): (row: Row) => boolean {
  const readAt = new Map<Row[string] | undefined, number>();
  for (const row of held) {
    const instant = parseReadAt(row[READ_AT_COLUMN]);
    const ticker = row[tickerColumn];
    readAt.set(ticker, Math.max(instant, readAt.get(ticker) ?? instant));
  }
  return (row) => {
    const instant = readAt.get(row[tickerColumn]);
    return instant === undefined || parseReadAt(row[READ_AT_COLUMN]) > instant;
  };
}

/** Whether two rows of a table are equal in all its columns. */
export function isSameRow(a: Row, b: Row, columns: readonly Column[]): boolean {
  return columns.every(({ name }) => (a[name] ?? null) === (b[name] ?? null));
}

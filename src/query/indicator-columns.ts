/** The columns of indicators: what each kind of asset has of them, and what an answer shows. Pure. */
import type { AssetKind } from '../catalog/asset.ts';
import { PARTITION_COLUMN } from '../catalog/partition.ts';
import { sotTables, specTable } from '../catalog/tables.ts';
import type { SortKey } from './sort.ts';
import { identifier } from './sql-names.ts';
import { type ExpressionOf, sqlTypes } from './where-sql.ts';

/** Where a row of `columnsOf` has its ticker. */
export const TICKER_POSITION = 1;

/** The partition and the ticker first, then the columns asked for that this kind has. */
export function columnsOf(kind: AssetKind, asked: readonly string[] | undefined): string[] {
  const { columns, tickerColumn } = sotTables[kind];
  const names = columns.map(({ name }) => name);
  const chosen = asked?.filter((name) => names.includes(name)) ?? names;
  return [...new Set([PARTITION_COLUMN, tickerColumn, ...chosen])];
}

/** What a kind's table calls a column of the answer; undefined where it lacks it. */
export function nameIn(kind: AssetKind, name: string): string | undefined {
  const { columns, tickerColumn } = sotTables[kind];
  if (name === specTable.tickerColumn) return tickerColumn;
  if (name === PARTITION_COLUMN) return name;
  return columns.some((column) => column.name === name) ? name : undefined;
}

/** How a kind's table gives the columns of a condition: as null where it lacks one. */
export function expressionIn(kind: AssetKind): ExpressionOf {
  return ({ name, type }) => {
    const own = nameIn(kind, name);
    return own === undefined ? `CAST(NULL AS ${sqlTypes[type]})` : identifier(own);
  };
}

/** The keys by which a kind can be sorted, by its own names: one that it lacks is null in all its rows. */
export function sortKeysIn(kind: AssetKind, sort: readonly SortKey[]): readonly SortKey[] {
  return sort.flatMap(({ column, descending }) => {
    const name = nameIn(kind, column.name);
    return name === undefined ? [] : [{ column: { ...column, name }, descending }];
  });
}

/**
 * Alone, a kind shows its table as it is. Together, or with columns of one's own choice, both kinds
 * answer under the same heading, whichever of them have rows.
 * @param shown the columns of each kind that there is
 */
export function headingOf(
  shown: readonly (readonly string[])[],
  asked: readonly string[] | undefined,
): readonly string[] {
  const [first, second] = shown;
  if (asked === undefined && first !== undefined && second === undefined) return first;
  return [...new Set([PARTITION_COLUMN, specTable.tickerColumn, ...(asked ?? shown.flat())])];
}

/** Where each column of a heading stands in rows of these columns; -1 where they lack it. */
export function positionsIn(columns: readonly string[], heading: readonly string[]): number[] {
  return heading.map((column) =>
    column === specTable.tickerColumn ? TICKER_POSITION : columns.indexOf(column),
  );
}

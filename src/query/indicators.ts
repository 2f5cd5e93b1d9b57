/**
 * The typed indicators of stocks and funds: of some tickers, in memory, or of all assets over many days, streamed;
 * and the columns that each kind of asset has of them.
 */

import { type AssetKind, assetKinds } from '../catalog/asset.ts';
import { PARTITION_COLUMN } from '../catalog/partition.ts';
import { sotTables, specTable } from '../catalog/tables.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { getColumns, indicatorResultColumns } from './columns.ts';
import type { OutputValue, QueryEngine } from './engine.ts';
import {
  limitToKnownDays,
  type Rows,
  readNewestRows,
  readRows,
  type TableQuery,
  TICKER_POSITION,
} from './read-rows.ts';
import { createRowComparator, type Refinements, type SortKey } from './refinements.ts';
import { buildSelect, type DayRange, isUnbounded } from './select.ts';
import { type ColumnExpression, quoteIdentifier, sqlTypes } from './sql.ts';

interface Indicators {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly OutputValue[])[];
  /** The tickers asked for that have no row among those read. */
  readonly missing: readonly Ticker[];
}

export interface IndicatorsOptions extends Refinements {
  readonly kinds?: readonly AssetKind[];
}

/**
 * The typed rows of `tickers`, of either kind: of each one's newest day unless `days` says otherwise.
 * Without tickers those of every asset, of the newest day of its kind. The answer is held in memory; for
 * many days of all assets there is `allIndicators`.
 *
 * Stocks and funds have columns of their own; asked for together, a column that a kind lacks is null
 * and the ticker stands under the name that it has in the quotes.
 *
 * @throws UsageError where a column is none of either kind
 */
export async function readIndicators(
  engine: QueryEngine,
  tickers: readonly Ticker[],
  columns: readonly string[] | undefined,
  days: DayRange,
  { kinds = assetKinds, where, sort = [], limit }: IndicatorsOptions = {},
): Promise<Indicators> {
  const asked = columns && getColumns(columns, indicatorResultColumns).map(({ name }) => name);
  const parts = kinds.map((kind): KindQuery => {
    const shown = selectColumns(kind, asked);
    const keys = getSortKeys(kind, sort);
    const read = [...new Set([...shown, ...keys.map(({ column }) => column.name)])];
    const form = { where, sort: keys, limit, expressionOf: getColumnExpression(kind) };
    return { kind, shown, table: sotTables[kind], columns: read, form };
  });
  const { rowsOf, present } =
    isUnbounded(days) && tickers.length > 0
      ? await readNewestRows(engine, parts, tickers)
      : await readRowsOfDays(engine, parts, tickers, days);
  const found = parts.flatMap((part) => {
    const rows = rowsOf.get(part) ?? [];
    if (rows.length === 0) return [];
    const positions = sort.map(({ column }) =>
      part.columns.indexOf(getColumnName(part.kind, column.name) ?? ''),
    );
    const keys = rows.map((row) => positions.map((position) => row[position] ?? null));
    return [{ shown: part.shown, rows, keys }];
  });
  const shown = (found.length > 0 ? found : parts).map(({ shown }) => shown);
  const heading = createHeading(shown, asked);
  const compare = createRowComparator(sort);
  const rows = found
    .flatMap((part) => {
      const positions = findPositions(part.shown, heading);
      return part.rows.map((row, at) => ({
        row: positions.map((position) => row[position] ?? null),
        key: part.keys[at] ?? [],
      }));
    })
    .sort((a, b) => compare(a.key, b.key))
    .slice(0, limit)
    .map(({ row }) => row);
  return {
    columns: heading,
    rows,
    missing: tickers.filter((ticker) => !present.has(ticker)),
  };
}

interface KindQuery extends TableQuery {
  readonly kind: AssetKind;
  /** Of the columns read, those of the answer. */
  readonly shown: readonly string[];
}

/** The rows of those days; of none where no day was asked for, of the newest of each kind. */
async function readRowsOfDays<P extends TableQuery>(
  engine: QueryEngine,
  parts: readonly P[],
  tickers: readonly Ticker[],
  days: DayRange,
): Promise<{ rowsOf: Map<P, Rows>; present: Set<OutputValue | undefined> }> {
  const rowsOf = new Map<P, Rows>();
  for (const part of parts) {
    const newest = isUnbounded(days) ? await engine.newestPartition(part.table) : undefined;
    if (isUnbounded(days) && newest === undefined) continue;
    const when = newest === undefined ? days : { from: newest, last: 1 };
    rowsOf.set(part, await readRows(engine, part, tickers, when));
  }
  const present = [...rowsOf.values()].flat().map((row) => row[TICKER_POSITION]);
  return { rowsOf, present: new Set(present) };
}

interface IndicatorStream {
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<readonly OutputValue[]>;
}

/**
 * Stocks first, then funds. The heading has the columns of the kinds asked for, whether they have rows or
 * not: that shows only at the end. Both kinds in one order are held in memory, `limit` rows of each.
 *
 * @throws UsageError where a column is none of either kind
 */
export async function streamIndicators(
  engine: QueryEngine,
  columns: readonly string[] | undefined,
  days: DayRange,
  form: IndicatorsOptions,
): Promise<IndicatorStream> {
  const { kinds = assetKinds, where, sort = [], limit } = form;
  if (sort.length > 0 && kinds.length > 1) {
    const { rows, ...heading } = await readIndicators(engine, [], columns, days, form);
    return { ...heading, rows: toAsyncIterable(rows) };
  }
  const asked = columns && getColumns(columns, indicatorResultColumns).map(({ name }) => name);
  const shown = kinds.map((kind) => selectColumns(kind, asked));
  const heading = createHeading(shown, asked);

  async function* rows(): AsyncGenerator<readonly OutputValue[]> {
    let left = limit ?? Number.POSITIVE_INFINITY;
    for (const [at, kind] of kinds.entries()) {
      if (left <= 0) return;
      const own = shown[at] ?? [];
      const within = await limitToKnownDays(engine, sotTables[kind], days);
      const { sql, parameters } = buildSelect(sotTables[kind], own, [], within, {
        where,
        sort: getSortKeys(kind, sort),
        limit: limit === undefined ? undefined : left,
        expressionOf: getColumnExpression(kind),
        from: engine.nameOf(sotTables[kind]),
      });
      const positions = findPositions(own, heading);
      const answer = await engine.query(sql, parameters, { days: within });
      for await (const row of answer.rows) {
        left -= 1;
        yield positions.map((position) => row[position] ?? null);
      }
    }
  }
  return { columns: heading, rows: rows() };
}

async function* toAsyncIterable<T>(items: Iterable<T>): AsyncIterable<T> {
  yield* items;
}

/** The partition and the ticker first, then the columns asked for that this kind has. */
function selectColumns(kind: AssetKind, asked: readonly string[] | undefined): string[] {
  const { columns, tickerColumn } = sotTables[kind];
  const names = columns.map(({ name }) => name);
  const chosen = asked?.filter((name) => names.includes(name)) ?? names;
  return [...new Set([PARTITION_COLUMN, tickerColumn, ...chosen])];
}

/** What a kind's table calls a column of the answer; undefined where it lacks it. */
function getColumnName(kind: AssetKind, name: string): string | undefined {
  const { columns, tickerColumn } = sotTables[kind];
  if (name === specTable.tickerColumn) return tickerColumn;
  if (name === PARTITION_COLUMN) return name;
  return columns.some((column) => column.name === name) ? name : undefined;
}

/** How a kind's table gives the columns of a condition: as null where it lacks one. */
function getColumnExpression(kind: AssetKind): ColumnExpression {
  return ({ name, type }) => {
    const own = getColumnName(kind, name);
    return own === undefined ? `CAST(NULL AS ${sqlTypes[type]})` : quoteIdentifier(own);
  };
}

/** The keys by which a kind can be sorted, by its own names: one that it lacks is null in all its rows. */
function getSortKeys(kind: AssetKind, sort: readonly SortKey[]): readonly SortKey[] {
  return sort.flatMap(({ column, descending }) => {
    const name = getColumnName(kind, column.name);
    return name === undefined ? [] : [{ column: { ...column, name }, descending }];
  });
}

/**
 * Alone, a kind shows its table as it is. Together, or with columns of one's own choice, both kinds
 * answer under the same heading, whichever of them have rows.
 * @param shown the columns of each kind that there is
 */
function createHeading(
  shown: readonly (readonly string[])[],
  asked: readonly string[] | undefined,
): readonly string[] {
  const [first, second] = shown;
  if (asked === undefined && first !== undefined && second === undefined) return first;
  return [...new Set([PARTITION_COLUMN, specTable.tickerColumn, ...(asked ?? shown.flat())])];
}

/** Where each column of a heading stands in rows of these columns; -1 where they lack it. */
function findPositions(columns: readonly string[], heading: readonly string[]): number[] {
  return heading.map((column) =>
    column === specTable.tickerColumn ? TICKER_POSITION : columns.indexOf(column),
  );
}

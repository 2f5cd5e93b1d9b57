/**
 * The typed indicators of stocks and funds: of some tickers, in memory, or of all assets over many days, streamed.
 * Each kind has a table with columns of its own; a result of both has the columns of both, null where a kind lacks
 * one, and the ticker under the name that it has in the quotes.
 */

import { type AssetKind, assetKinds } from '../catalog/asset.ts';
import { sotTables, specTable, type Table } from '../catalog/tables.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { getColumns, indicatorResultColumns, partitionColumn } from './columns.ts';
import type { OutputRow, OutputValue, QueryEngine, QueryResult } from './engine.ts';
import {
  type FoundRows,
  queryRows,
  readNewestRows,
  readRows,
  toAsyncIterable,
} from './read-rows.ts';
import { createRowComparator, type Refinements } from './refinements.ts';
import { type DayRange, findTickerPosition, isUnbounded, type SelectRequest } from './select.ts';

interface Indicators extends Omit<QueryResult, 'rows'> {
  readonly rows: readonly OutputRow[];
  /** The requested tickers that have no row among those read. */
  readonly missing: readonly Ticker[];
}

export interface IndicatorsOptions extends Refinements {
  readonly kinds?: readonly AssetKind[];
}

/**
 * The rows of `tickers`, of either kind: each one's newest unless `days` says otherwise. Without tickers, those of
 * all assets, of the newest day of their kind. The result is held in memory; for many days of all assets there is
 * `streamIndicators`.
 *
 * @throws UsageError if a column belongs to neither kind
 */
export async function readIndicators(
  engine: QueryEngine,
  tickers: readonly Ticker[],
  columns: readonly string[] | undefined,
  days: DayRange,
  { kinds = assetKinds, where, sort = [], limit }: IndicatorsOptions = {},
): Promise<Indicators> {
  const sorted = sort.map(({ column }) => column.name);
  const names = [...new Set([...createHeading(kinds, columns), ...sorted])];
  const requests = kinds.map((kind) =>
    createRequest(kind, names, { tickers, days, where, sort, limit }),
  );
  const { rowsByTable, present } =
    isUnbounded(days) && tickers.length > 0
      ? await readNewestRows(engine, requests, tickers)
      : await readRowsOfDays(engine, requests);
  const rowsOf = (kind: AssetKind): readonly OutputRow[] => rowsByTable.get(sotTables[kind]) ?? [];
  const found = kinds.filter((kind) => rowsOf(kind).length > 0);
  const heading = createHeading(found.length > 0 ? found : kinds, columns);
  const positions = heading.map((name) => names.indexOf(name));
  const rows = found
    .flatMap(rowsOf)
    .sort(createRowComparator(sort, (name) => names.indexOf(name)))
    .slice(0, limit)
    .map((row) => positions.map((position) => row[position] ?? null));
  return {
    columns: heading,
    types: getTypes(heading),
    rows,
    missing: tickers.filter((ticker) => !present.has(ticker)),
  };
}

/** The rows of each request, of its days; if it has none, of the newest day of its table. */
async function readRowsOfDays(
  engine: QueryEngine,
  requests: readonly SelectRequest[],
): Promise<FoundRows> {
  const rowsByTable = new Map<Table, readonly OutputRow[]>();
  const present = new Set<OutputValue>();
  for (const request of requests) {
    let { days } = request;
    if (isUnbounded(days)) {
      const newest = await engine.newestPartition(request.table);
      if (newest === undefined) continue;
      days = { from: newest, last: 1 };
    }
    const rows = await readRows(engine, { ...request, days });
    rowsByTable.set(request.table, rows);
    const tickerAt = findTickerPosition(request);
    for (const row of rows) present.add(row[tickerAt] ?? null);
  }
  return { rowsByTable, present };
}

/**
 * Stocks first, then funds, under the heading of the kinds asked for, whether they have rows or not: that shows
 * only at the end. Both kinds in one order are held in memory, `limit` rows of each.
 *
 * @throws UsageError if a column belongs to neither kind
 */
export async function streamIndicators(
  engine: QueryEngine,
  columns: readonly string[] | undefined,
  days: DayRange,
  options: IndicatorsOptions,
): Promise<QueryResult> {
  const { kinds = assetKinds, where, sort = [], limit } = options;
  if (sort.length > 0 && kinds.length > 1) {
    const { rows, ...heading } = await readIndicators(engine, [], columns, days, options);
    return { ...heading, rows: toAsyncIterable(rows) };
  }
  const heading = createHeading(kinds, columns);

  async function* rows(): AsyncGenerator<OutputRow> {
    let left = limit ?? Number.POSITIVE_INFINITY;
    for (const kind of kinds) {
      if (left <= 0) return;
      const most = limit === undefined ? undefined : left;
      const request = createRequest(kind, heading, { tickers: [], days, where, sort, limit: most });
      for await (const row of (await queryRows(engine, request)).rows) {
        left -= 1;
        yield row;
      }
    }
  }
  return { columns: heading, types: getTypes(heading), rows: rows() };
}

/**
 * The names of the columns. A single kind has those of its table, under their own names. Several kinds, or
 * columns of a person's choice, come with the ticker under one name, so that the heading is the same whichever
 * kinds have rows.
 * @throws UsageError
 */
function createHeading(
  kinds: readonly AssetKind[],
  chosen: readonly string[] | undefined,
): readonly string[] {
  const own = kinds.flatMap((kind) => {
    const { tickerColumn, columns } = sotTables[kind];
    return [partitionColumn.name, tickerColumn, ...columns.map(({ name }) => name)];
  });
  if (chosen === undefined && kinds.length === 1) return [...new Set(own)];
  const names = chosen && getColumns(chosen, indicatorResultColumns).map(({ name }) => name);
  return [...new Set([partitionColumn.name, specTable.tickerColumn, ...(names ?? own)])];
}

function getTypes(names: readonly string[]): readonly string[] {
  return getColumns(names, indicatorResultColumns).map(({ type }) => type);
}

function createRequest(
  kind: AssetKind,
  names: readonly string[],
  options: Omit<SelectRequest, 'table' | 'columns' | 'findName'>,
): SelectRequest {
  const table = sotTables[kind];
  const own = new Set([partitionColumn.name, ...table.columns.map(({ name }) => name)]);
  return {
    table,
    columns: getColumns(names, indicatorResultColumns),
    findName({ name }) {
      if (name === specTable.tickerColumn) return table.tickerColumn;
      return own.has(name) ? name : undefined;
    },
    ...options,
  };
}

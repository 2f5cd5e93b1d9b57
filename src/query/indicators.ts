/**
 * The typed indicators of stocks and funds: of some tickers, in memory, or of all assets over many days, streamed.
 * Each data set has columns of its own; a result of several has the columns of all, null where one lacks a column,
 * and the ticker under the name that it has in the quotes.
 */

import { type Dataset, getTable } from '../catalog/dataset.ts';
import { indicators } from '../catalog/datasets.ts';
import type { Ticker } from '../catalog/ticker.ts';
import {
  getColumns,
  getOwnName,
  indicatorResultColumns,
  partitionColumn,
  quotesTable,
} from './columns.ts';
import type { OutputRow, QueryEngine, QueryResult } from './engine.ts';
import {
  queryAllAssets,
  readDays,
  readNewestRows,
  toAsyncIterable,
  type UnreadableDayHandler,
} from './read-rows.ts';
import { createRowComparator, type Refinements } from './refinements.ts';
import { BatchedRows, type RowBatch, toBatchedRows } from './row-batches.ts';
import { type DayRange, isUnbounded, type SelectRequest } from './select.ts';

interface Indicators extends Omit<QueryResult, 'rows'> {
  readonly rows: readonly OutputRow[];
  /** The requested tickers that have no row among those read. */
  readonly missing: readonly Ticker[];
  /** The data sets that have rows. */
  readonly found: readonly Dataset[];
}

export interface IndicatorsOptions extends Refinements {
  readonly datasets?: readonly Dataset[];
  readonly onUnreadableDay?: UnreadableDayHandler | undefined;
}

/**
 * The rows of `tickers`, of either data set: each one's newest unless `days` says otherwise. Without tickers, those of
 * all assets, of the newest day of their data set. The result is held in memory; for many days of all assets there is
 * `streamIndicators`.
 *
 * @throws UsageError if a column belongs to none of them
 */
export async function readIndicators(
  engine: QueryEngine,
  tickers: readonly Ticker[],
  columns: readonly string[] | undefined,
  days: DayRange,
  { datasets = indicators, where, sort = [], limit, onUnreadableDay }: IndicatorsOptions = {},
): Promise<Indicators> {
  const sorted = sort.map(({ column }) => column.name);
  const names = [...new Set([...createHeading(datasets, columns), ...sorted])];
  const requests = datasets.map((dataset) =>
    createRequest(dataset, names, { tickers, days, where, sort, limit }),
  );
  const { rowsByTable, present } =
    isUnbounded(days) && tickers.length > 0
      ? await readNewestRows(engine, requests, tickers, onUnreadableDay)
      : await readDays(engine, await boundRequests(engine, requests), onUnreadableDay);
  const rowsOf = (dataset: Dataset): readonly OutputRow[] =>
    rowsByTable.get(getTable(dataset, 'sot')) ?? [];
  const found = datasets.filter((dataset) => rowsOf(dataset).length > 0);
  const heading = createHeading(found.length > 0 ? found : datasets, columns);
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
    found,
  };
}

/** Each request with its days; where it has none, with the newest day of its table, if there is one. */
async function boundRequests(
  engine: QueryEngine,
  requests: readonly SelectRequest[],
): Promise<SelectRequest[]> {
  const bounded: SelectRequest[] = [];
  for (const request of requests) {
    const newest = isUnbounded(request.days)
      ? await engine.newestPartition(request.table)
      : undefined;
    if (newest !== undefined) bounded.push({ ...request, days: { from: newest, last: 1 } });
    else if (!isUnbounded(request.days)) bounded.push(request);
  }
  return bounded;
}

/**
 * One data set after the other, under the heading of all that are asked for, whether they have rows or not: that
 * shows only at the end. Several in one order are held in memory, `limit` rows of each.
 *
 * @throws UsageError if a column belongs to none of them
 */
export async function streamIndicators(
  engine: QueryEngine,
  columns: readonly string[] | undefined,
  days: DayRange,
  options: IndicatorsOptions,
): Promise<QueryResult> {
  const { datasets = indicators, where, sort = [], limit, onUnreadableDay } = options;
  if (sort.length > 0 && datasets.length > 1) {
    const { rows, ...heading } = await readIndicators(engine, [], columns, days, options);
    return { ...heading, rows: toAsyncIterable(rows) };
  }
  const heading = createHeading(datasets, columns);

  async function* batches(): AsyncGenerator<RowBatch> {
    let left = limit ?? Number.POSITIVE_INFINITY;
    for (const dataset of datasets) {
      if (left <= 0) return;
      const most = limit === undefined ? undefined : left;
      const options = { tickers: [], days, where, sort, limit: most };
      const request = createRequest(dataset, heading, options);
      const { rows } = await queryAllAssets(engine, request, onUnreadableDay);
      for await (const batch of toBatchedRows(rows, heading.length).batches) {
        left -= batch.rowCount;
        yield batch;
      }
    }
  }
  return { columns: heading, types: getTypes(heading), rows: new BatchedRows(batches()) };
}

/**
 * The names of the columns. A single data set has those of its table, under their own names. Several, or columns of
 * a person's choice, have the ticker under one name, so that the heading is the same whichever data sets have rows.
 * @throws UsageError
 */
function createHeading(
  datasets: readonly Dataset[],
  chosen: readonly string[] | undefined,
): readonly string[] {
  const own = datasets.flatMap((dataset) => {
    const { tickerColumn, columns } = getTable(dataset, 'sot');
    return [partitionColumn.name, tickerColumn, ...columns.map(({ name }) => name)];
  });
  if (chosen === undefined && datasets.length === 1) return [...new Set(own)];
  const names = chosen && getColumns(chosen, indicatorResultColumns).map(({ name }) => name);
  return [...new Set([partitionColumn.name, quotesTable.tickerColumn, ...(names ?? own)])];
}

function getTypes(names: readonly string[]): readonly string[] {
  return getColumns(names, indicatorResultColumns).map(({ type }) => type);
}

function createRequest(
  dataset: Dataset,
  names: readonly string[],
  options: Omit<SelectRequest, 'table' | 'columns' | 'findName'>,
): SelectRequest {
  const table = getTable(dataset, 'sot');
  return {
    table,
    columns: getColumns(names, indicatorResultColumns),
    findName({ name }) {
      return name === quotesTable.tickerColumn ? table.tickerColumn : getOwnName(dataset, name);
    },
    ...options,
  };
}

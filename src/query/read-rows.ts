/**
 * Rows read from an engine by as few days as will do: the days of a query are named, so that an engine that bills
 * by what it reads reads no others, and the newest row of a ticker is looked for on the newest days first.
 */

import { PARTITION_COLUMN, type Partition } from '../catalog/partition.ts';
import type { Table } from '../catalog/tables.ts';
import type { Ticker } from '../catalog/ticker.ts';
import type { OutputValue, QueryEngine, QueryResult } from './engine.ts';
import { buildSelect, type DayRange, type SelectOptions, type SelectStatement } from './select.ts';
import type { Condition } from './where/condition.ts';

/** So many days beside those asked for let a ticker miss a few and still have enough. */
const SPARE_DAYS = 5;

/** The same days with both ends named, where the engine can tell which days there are. */
export async function limitToKnownDays(
  engine: QueryEngine,
  table: Table,
  days: DayRange,
): Promise<DayRange> {
  const known = await engine.knownDays?.(table);
  return known === undefined ? days : withBounds(days, known);
}

/**
 * The answer to a question about some tickers, at most `limit` rows of it. Where it is about the
 * newest days of each, the newest partitions are asked first, and all of them only where some ticker has
 * too few days there: that shows only in an answer that no limit has cut.
 */
export async function queryKnownDays(
  engine: QueryEngine,
  table: Table,
  tickers: readonly Ticker[],
  { limit, ...days }: DayRange & { readonly limit?: number | undefined },
  questionAbout: (days: DayRange, limit: number | undefined) => SelectStatement,
): Promise<QueryResult> {
  const ask = (about: DayRange, most: number | undefined): Promise<QueryResult> => {
    const { sql, parameters } = questionAbout(about, most);
    return engine.query(sql, parameters, { days: about });
  };
  const known = await engine.knownDays?.(table);
  if (known === undefined) return ask(days, limit);
  const whole = withBounds(days, known);
  const { last } = days;
  const newest = last === undefined ? undefined : findStartOfNewest(last, whole, known);
  if (last === undefined || newest === undefined || tickers.length === 0) return ask(whole, limit);
  const { columns, types, rows } = await ask({ ...whole, from: newest }, undefined);
  const found: (readonly OutputValue[])[] = [];
  for await (const row of rows) found.push(row);
  const daysOf = groupDaysByTicker(found, columns, table);
  const enough = tickers.every((ticker) => (daysOf.get(ticker)?.size ?? 0) >= last);
  return enough
    ? { columns, types, rows: toAsyncIterable(found.slice(0, limit)) }
    : ask(whole, limit);
}

/** Days and not rows: until a day is merged a ticker may stand in it twice. */
function groupDaysByTicker(
  rows: readonly (readonly OutputValue[])[],
  columns: readonly string[],
  { tickerColumn }: Table,
): Map<OutputValue | undefined, Set<OutputValue | undefined>> {
  const [day, name] = [columns.indexOf(PARTITION_COLUMN), columns.indexOf(tickerColumn)];
  const days = new Map<OutputValue | undefined, Set<OutputValue | undefined>>();
  for (const row of rows) {
    const ofTicker = days.get(row[name]) ?? new Set();
    days.set(row[name], ofTicker.add(row[day]));
  }
  return days;
}

function withBounds(days: DayRange, known: readonly Partition[]): DayRange {
  return { ...days, from: days.from ?? known.at(0), to: days.to ?? known.at(-1) };
}

/** Where the newest days begin, or undefined where they are all that there are. */
function findStartOfNewest(
  last: number,
  { from, to }: DayRange,
  known: readonly Partition[],
): Partition | undefined {
  const start = known.filter((day) => to === undefined || day <= to).at(-(last + SPARE_DAYS));
  return start !== undefined && (from === undefined || start > from) ? start : undefined;
}

async function* toAsyncIterable<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

export type Rows = readonly (readonly OutputValue[])[];

/** What is read of one table. */
export interface TableQuery {
  readonly table: Table;
  /** The partition and the ticker first. */
  readonly columns: readonly string[];
  readonly form: SelectOptions;
}

interface NewestRows<P> {
  readonly rowsOf: ReadonlyMap<P, Rows>;
  /** The tickers that some table has, whether the condition holds of their newest row or not. */
  readonly present: ReadonlySet<OutputValue | undefined>;
}

/**
 * Of each ticker its newest row, where the condition of the form holds of that; nothing is cut off by the
 * form's limit. Most tickers have a row on the newest day of one of the tables: the days before are read
 * only for those that none has there.
 */
export async function readNewestRows<P extends TableQuery>(
  engine: QueryEngine,
  parts: readonly P[],
  tickers: readonly Ticker[],
): Promise<NewestRows<P>> {
  const rowsOf = new Map<P, Rows>();
  const present = new Set<OutputValue | undefined>();
  for (const reach of ['the newest day', 'every day'] as const) {
    for (const part of parts) {
      const absent = tickers.filter((ticker) => !present.has(ticker));
      const newest = await engine.newestPartition(part.table);
      if (absent.length === 0 || newest === undefined) continue;
      const days = reach === 'every day' ? { last: 1 } : { from: newest, last: 1 };
      const form = { ...part.form, limit: undefined, filterNewestOnly: true };
      const rows = await readRows(engine, { ...part, form }, absent, days);
      rowsOf.set(part, [...(rowsOf.get(part) ?? []), ...rows]);
      for (const row of rows) present.add(row[TICKER_POSITION]);
      if (form.where === undefined) continue;
      const unheard = absent.filter((ticker) => !present.has(ticker));
      for (const ticker of await findPresentTickers(engine, part.table, unheard, days)) {
        present.add(ticker);
      }
    }
  }
  return { rowsOf, present };
}

/** Those of the tickers that have a row in the table on those days, `among` those for which that holds. */
export async function findPresentTickers(
  engine: QueryEngine,
  table: Table,
  tickers: readonly Ticker[],
  days: DayRange,
  among?: Condition,
): Promise<readonly Ticker[]> {
  if (tickers.length === 0) return [];
  const columns = [PARTITION_COLUMN, table.tickerColumn];
  const part = { table, columns, form: { where: among } };
  const rows = await readRows(engine, part, tickers, { ...days, last: 1 });
  const there = new Set(rows.map((row) => row[TICKER_POSITION]));
  return tickers.filter((ticker) => there.has(ticker));
}

/** The rows of one table, of those days, all in memory. */
export async function readRows(
  engine: QueryEngine,
  { table, columns, form }: TableQuery,
  tickers: readonly Ticker[],
  days: DayRange,
): Promise<Rows> {
  const within = await limitToKnownDays(engine, table, days);
  const from = engine.nameOf(table);
  const { sql, parameters } = buildSelect(table, columns, tickers, within, { ...form, from });
  const rows: (readonly OutputValue[])[] = [];
  const answer = await engine.query(sql, parameters, { days: within });
  for await (const row of answer.rows) rows.push(row);
  return rows;
}

/** Where a row of `columnsOf` has its ticker. */
export const TICKER_POSITION = 1;

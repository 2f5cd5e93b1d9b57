/** Questions that name the days they are about, so that an engine that bills by what it reads reads no others. */
import { PARTITION_COLUMN, type Partition } from '../catalog/partition.ts';
import type { Table } from '../catalog/tables.ts';
import type { Ticker } from '../catalog/ticker.ts';
import type { OutputValue, QueryEngine, QueryResult } from './engine.ts';
import type { Days, Question } from './quotes.ts';

/** So many days beside those asked for let a ticker miss a few and still have enough. */
const SPARE_DAYS = 5;

/** The same days with both ends named, where the engine can tell which days there are. */
export async function withinKnownDays(
  engine: QueryEngine,
  table: Table,
  days: Days,
): Promise<Days> {
  const known = await engine.knownDays?.(table);
  return known === undefined ? days : bounded(days, known);
}

/**
 * The answer to a question about some tickers, at most `limit` rows of it. Where it is about the
 * newest days of each, the newest partitions are asked first, and all of them only where some ticker has
 * too few days there: that shows only in an answer that no limit has cut.
 */
export async function answerWithinKnownDays(
  engine: QueryEngine,
  table: Table,
  tickers: readonly Ticker[],
  { limit, ...days }: Days & { readonly limit?: number | undefined },
  questionAbout: (days: Days, limit: number | undefined) => Question,
): Promise<QueryResult> {
  const ask = (about: Days, most: number | undefined): Promise<QueryResult> => {
    const { sql, parameters } = questionAbout(about, most);
    return engine.query(sql, parameters, { days: about });
  };
  const known = await engine.knownDays?.(table);
  if (known === undefined) return ask(days, limit);
  const whole = bounded(days, known);
  const { last } = days;
  const newest = last === undefined ? undefined : startOfNewest(last, whole, known);
  if (last === undefined || newest === undefined || tickers.length === 0) return ask(whole, limit);
  const { columns, types, rows } = await ask({ ...whole, from: newest }, undefined);
  const found: (readonly OutputValue[])[] = [];
  for await (const row of rows) found.push(row);
  const daysOf = daysByTicker(found, columns, table);
  const enough = tickers.every((ticker) => (daysOf.get(ticker)?.size ?? 0) >= last);
  return enough ? { columns, types, rows: eachOf(found.slice(0, limit)) } : ask(whole, limit);
}

/** Days and not rows: until a day is merged a ticker may stand in it twice. */
function daysByTicker(
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

function bounded(days: Days, known: readonly Partition[]): Days {
  return { ...days, from: days.from ?? known.at(0), to: days.to ?? known.at(-1) };
}

/** Where the newest days begin, or undefined where they are all that there are. */
function startOfNewest(
  last: number,
  { from, to }: Days,
  known: readonly Partition[],
): Partition | undefined {
  const start = known.filter((day) => to === undefined || day <= to).at(-(last + SPARE_DAYS));
  return start !== undefined && (from === undefined || start > from) ? start : undefined;
}

async function* eachOf<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

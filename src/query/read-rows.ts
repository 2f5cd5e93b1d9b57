/**
 * Requests run with as few partitions as possible: every query names its days, so that an engine that bills by what
 * it reads reads no others, and the newest rows of a ticker are looked for in the newest partitions first.
 */

import type { Table } from '../catalog/dataset.ts';
import type { Partition } from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { findLastTradingDay } from '../catalog/trading-days.ts';
import { BrokenFileError } from '../errors.ts';
import { getColumns, partitionColumn } from './columns.ts';
import type { OutputRow, OutputValue, QueryEngine, QueryResult, Statement } from './engine.ts';
import {
  buildOlderTickersSelect,
  buildSelect,
  type DayRange,
  findTickerPosition,
  type SelectRequest,
} from './select.ts';
import type { Condition } from './where/condition.ts';

/** The rows of a request, streamed. */
export async function queryRows(engine: QueryEngine, request: SelectRequest): Promise<QueryResult> {
  const { table } = request;
  const known = await engine.knownDays?.(table);
  const days = known === undefined ? request.days : boundDays(request.days, known);
  return engine.query(buildSelect({ ...request, days }, engine.nameOf(table)));
}

/**
 * What a question does about a file of a day that it was not asked about, and cannot read: the rows of the days after
 * it are the answer. Without it such a file is an error.
 */
export type UnreadableDayHandler = (error: BrokenFileError) => void;

/**
 * The answer of `ask`; where it fails because of a file that cannot be read, that of `askAfter` for the days after it.
 * @param askAfter returns undefined if those days do not have all that is asked for; they are listed, too
 * @throws the error of the file, in that case
 */
async function skipUnreadableDays<T>(
  engine: QueryEngine,
  { table, days }: Pick<SelectRequest, 'table' | 'days'>,
  ask: () => Promise<T>,
  askAfter: (
    days: DayRange,
    listed: readonly Partition[],
    error: BrokenFileError,
  ) => Promise<T | undefined>,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    let failure = error;
    for (let skipped = 0; ; ) {
      if (!(failure instanceof BrokenFileError)) throw failure;
      const { partition = 0 } = failure;
      const { to = Number.POSITIVE_INFINITY } = days;
      const stored = (await engine.storedDays?.(table)) ?? [];
      const listed = stored.filter((day) => day > partition && day <= to);
      if (partition <= skipped || listed[0] === undefined) throw failure;
      skipped = partition;
      try {
        const answer = await askAfter({ ...days, from: listed[0] }, listed, failure);
        if (answer !== undefined) return answer;
      } catch (next) {
        failure = next;
        continue;
      }
      throw failure;
    }
  }
}

/** The rows of a request, all in memory. */
export async function readRows(
  engine: QueryEngine,
  request: SelectRequest,
): Promise<readonly OutputRow[]> {
  return collect((await queryRows(engine, request)).rows);
}

/** The rows of a statement, all in memory. */
export async function readAll(
  engine: QueryEngine,
  statement: Statement,
): Promise<readonly OutputRow[]> {
  return collect((await engine.query(statement)).rows);
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export async function* toAsyncIterable<T>(items: Iterable<T>): AsyncIterable<T> {
  yield* items;
}

/** How many more partitions than days are read at first: a ticker may be absent on a few days. */
const SPARE_DAYS = 5;

/** How many partitions a session has at most, in a lake that is collected on weekends and holidays too. */
const DAYS_PER_SESSION = 1.5;

function getDaysPerSession({ session }: SelectRequest): number {
  return session === undefined ? 1 : DAYS_PER_SESSION;
}

/**
 * The rows of a request, streamed. A request for the newest days of some tickers reads the newest partitions
 * first, and all of them only if a ticker has too few days there. The first read has no limit, which would
 * hide that.
 */
export async function queryNewestPartitionsFirst(
  engine: QueryEngine,
  request: SelectRequest,
  onUnreadableDay?: UnreadableDayHandler,
): Promise<QueryResult> {
  const { table, tickers, days } = request;
  if (tickers.length === 0) return queryAllAssets(engine, request, onUnreadableDay);
  if (days.last === undefined) return queryRows(engine, request);
  const known = await engine.knownDays?.(table);
  const perDay = getDaysPerSession(request);
  const start = known && findStartOfNewest(boundDays(days, known), known, perDay);
  if (start !== undefined) {
    const newest = await readCompleteDays(engine, request, { ...days, from: start });
    if (newest !== undefined) return newest;
  }
  return skipUnreadableDays(
    engine,
    request,
    () => queryRows(engine, request),
    (after) => readCompleteDays(engine, request, after),
  );
}

/** The rows of these days; undefined unless each ticker has as many days there as are asked for. */
async function readCompleteDays(
  engine: QueryEngine,
  request: SelectRequest,
  days: DayRange,
): Promise<QueryResult | undefined> {
  const { tickers, limit } = request;
  const { rows, ...heading } = await queryRows(engine, { ...request, days, limit: undefined });
  const found = await collect(rows);
  const daysByTicker = groupDaysByTicker(found, request);
  const isComplete = tickers.every(
    (ticker) => (daysByTicker.get(ticker)?.size ?? 0) >= (days.last ?? 0),
  );
  return isComplete ? { ...heading, rows: toAsyncIterable(found.slice(0, limit)) } : undefined;
}

/** The rows of all assets, streamed; where `days.last` asks for the newest alone, old days are read only if need be. */
export async function queryAllAssets(
  engine: QueryEngine,
  request: SelectRequest,
  onUnreadableDay?: UnreadableDayHandler,
): Promise<QueryResult> {
  const { last } = request.days;
  if (last === undefined) return queryRows(engine, request);
  return skipUnreadableDays(
    engine,
    request,
    async () => queryRows(engine, await skipOldDays(engine, request)),
    async (after, listed, error) => {
      const isSession = request.session !== undefined;
      const sessions = new Set(isSession ? listed.map(findLastTradingDay) : listed);
      if (sessions.size < last || onUnreadableDay === undefined) return undefined;
      onUnreadableDay(error);
      return queryRows(engine, { ...request, days: after });
    },
  );
}

/** With more tickers whose days begin earlier, reading all days is as fast. */
const MAX_OLDER_TICKERS = 200;

/**
 * A request for the newest days of all tickers, which reads the newest partitions alone, and earlier ones only of the
 * tickers that have too few days there. Only for an engine to which it costs little to find those.
 */
async function skipOldDays(engine: QueryEngine, request: SelectRequest): Promise<SelectRequest> {
  const { table, tickers, days, where } = request;
  if (engine.storedDays === undefined || tickers.length > 0) return request;
  if (days.last === undefined || days.from !== undefined) return request;
  // Of several readings of a day only the newest may be filtered.
  if (where !== undefined && (table.versionColumn !== undefined || request.findName))
    return request;
  const stored = await engine.storedDays(table);
  const start = findStartOfNewest(days, stored, getDaysPerSession(request));
  if (start === undefined) return request;
  const older = buildOlderTickersSelect(request, start, engine.nameOf(table));
  const found = await readAll(engine, older);
  if (found.length > MAX_OLDER_TICKERS) return request;
  const olderTickers = found.map(([ticker]) => String(ticker));
  return { ...request, days: { ...days, from: start }, olderTickers };
}

/** The days and not the rows are counted: until a day is deduplicated a ticker may have several rows in it. */
function groupDaysByTicker(
  rows: readonly OutputRow[],
  request: SelectRequest,
): ReadonlyMap<OutputValue, ReadonlySet<OutputValue>> {
  const tickerAt = findTickerPosition(request);
  const dayAt = request.columns.findIndex(({ name }) => name === partitionColumn.name);
  const daysByTicker = new Map<OutputValue, Set<OutputValue>>();
  for (const row of rows) {
    const ticker = row[tickerAt] ?? null;
    const days = daysByTicker.get(ticker) ?? new Set<OutputValue>();
    daysByTicker.set(ticker, days.add(row[dayAt] ?? null));
  }
  return daysByTicker;
}

/** The same days with both ends, as far as the known days go. */
function boundDays(days: DayRange, known: readonly Partition[]): DayRange {
  const { from = known.at(0), to = known.at(-1), last } = days;
  return { from, to, last };
}

/** The first of the newest partitions to read; undefined if they are all that are in range. */
function findStartOfNewest(
  { from, to, last }: DayRange,
  known: readonly Partition[],
  perDay: number,
): Partition | undefined {
  if (last === undefined) return undefined;
  const count = Math.ceil(last * perDay) + SPARE_DAYS;
  const start = known.filter((day) => to === undefined || day <= to).at(-count);
  return start !== undefined && (from === undefined || start > from) ? start : undefined;
}

interface FoundRows {
  readonly rowsByTable: ReadonlyMap<Table, readonly OutputRow[]>;
  /** The tickers of those rows, and those with rows that the filter leaves out, as far as they were looked for. */
  readonly present: ReadonlySet<OutputValue>;
}

/**
 * The newest row of each ticker, if it passes the filter of the request; limits are not applied. Most tickers
 * have a row on the newest day of one of the tables: the days before are read only for those that do not.
 */
export async function readNewestRows(
  engine: QueryEngine,
  requests: readonly SelectRequest[],
  tickers: readonly Ticker[],
  onUnreadableDay?: UnreadableDayHandler,
): Promise<FoundRows> {
  const rowsByTable = new Map<Table, readonly OutputRow[]>();
  const present = new Set<OutputValue>();
  const unreadable: BrokenFileError[] = [];
  for (const isNewestDayOnly of [true, false]) {
    for (const request of requests) {
      const absent = tickers.filter((ticker) => !present.has(ticker));
      const newest = await engine.newestPartition(request.table);
      if (absent.length === 0 || newest === undefined) continue;
      const days = { last: 1, ...(isNewestDayOnly && { from: newest }) };
      const found = await skipUnreadableDays(
        engine,
        { ...request, days },
        () => readNewestOf(engine, request, absent, days),
        (after, _, error) => {
          unreadable.push(error);
          return readNewestOf(engine, request, absent, after);
        },
      );
      rowsByTable.set(request.table, [...(rowsByTable.get(request.table) ?? []), ...found.rows]);
      for (const ticker of found.present) present.add(ticker);
    }
  }
  reportUnreadableDays(unreadable, tickers, present, onUnreadableDay);
  return { rowsByTable, present };
}

/**
 * The rows of `days` in each table that a request is about. Where those are the newest of each ticker, a day that
 * cannot be read is left out if the days after it have as many of the ticker.
 */
export async function readDays(
  engine: QueryEngine,
  requests: readonly SelectRequest[],
  onUnreadableDay?: UnreadableDayHandler,
): Promise<FoundRows> {
  const rowsByTable = new Map<Table, readonly OutputRow[]>();
  const present = new Set<OutputValue>();
  const unreadable: BrokenFileError[] = [];
  for (const [at, request] of requests.entries()) {
    const { tickers, days, table } = request;
    let rows: readonly OutputRow[];
    if (tickers.length === 0) {
      rows = await collect((await queryAllAssets(engine, request, onUnreadableDay)).rows);
    } else {
      rows = await skipUnreadableDays(
        engine,
        request,
        async () =>
          tickers.every((ticker) => present.has(ticker)) && (await hasNoRows(engine, request))
            ? []
            : readRows(engine, { ...request, next: requests[at + 1] }),
        async (after, _, error) => {
          const { last } = days;
          if (last === undefined) return undefined;
          const later = await readRows(engine, { ...request, days: after, limit: undefined });
          // A ticker without any day may be one of another table.
          const counts = [...groupDaysByTicker(later, request).values()];
          if (counts.some(({ size }) => size < last)) return undefined;
          unreadable.push(error);
          return later.slice(0, request.limit);
        },
      );
    }
    rowsByTable.set(table, rows);
    const tickerAt = findTickerPosition(request);
    for (const row of rows) present.add(row[tickerAt] ?? null);
  }
  const [first] = requests;
  reportUnreadableDays(unreadable, first?.tickers ?? [], present, onUnreadableDay);
  return { rowsByTable, present };
}

/**
 * Whether a table has none of the tickers of a request: a ticker is hardly ever one of two tables, and to ask for
 * tickers alone takes less time than for all columns. An engine to which that is no gain is not asked.
 */
async function hasNoRows(engine: QueryEngine, request: SelectRequest): Promise<boolean> {
  if (engine.storedDays === undefined) return false;
  const { table, tickers } = request;
  const { from, to } = request.days;
  const columns = getColumns([table.tickerColumn], table.columns);
  const rows = await readRows(engine, { table, columns, tickers, days: { from, to }, limit: 1 });
  return rows.length === 0;
}

/** A day that was left out matters if a ticker is missing: it may have had it. @throws BrokenFileError */
function reportUnreadableDays(
  errors: readonly BrokenFileError[],
  tickers: readonly Ticker[],
  present: ReadonlySet<OutputValue>,
  onUnreadableDay: UnreadableDayHandler | undefined,
): void {
  if (tickers.every((ticker) => present.has(ticker))) return;
  for (const error of errors) {
    if (onUnreadableDay === undefined) throw error;
    onUnreadableDay(error);
  }
}

async function readNewestOf(
  engine: QueryEngine,
  request: SelectRequest,
  tickers: readonly Ticker[],
  days: DayRange,
): Promise<{ readonly rows: readonly OutputRow[]; readonly present: ReadonlySet<OutputValue> }> {
  const rows = await readRows(engine, {
    ...request,
    ...{ tickers, days, limit: undefined, filterNewestOnly: true },
  });
  const tickerAt = findTickerPosition(request);
  const present = new Set(rows.map((row) => row[tickerAt] ?? null));
  if (request.where !== undefined) {
    const withoutRow = tickers.filter((ticker) => !present.has(ticker));
    for (const ticker of await findPresentTickers(engine, request.table, withoutRow, days)) {
      present.add(ticker);
    }
  }
  return { rows, present };
}

/** Those of the tickers that have a row in the table on those days, and one that meets the condition. */
export async function findPresentTickers(
  engine: QueryEngine,
  table: Table,
  tickers: readonly Ticker[],
  days: DayRange,
  where?: Condition,
): Promise<readonly Ticker[]> {
  if (tickers.length === 0) return [];
  const columns = [partitionColumn, ...getColumns([table.tickerColumn], table.columns)];
  const request = { table, columns, tickers, days: { ...days, last: 1 }, where };
  const rows = await readRows(engine, request);
  const tickerAt = findTickerPosition(request);
  const present = new Set(rows.map((row) => row[tickerAt]));
  return tickers.filter((ticker) => present.has(ticker));
}

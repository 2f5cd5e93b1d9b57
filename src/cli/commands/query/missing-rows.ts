/**
 * Explains why a query has no rows: an empty lake, unknown tickers, other days, a filter.
 */

import { type AssetKind, assetKinds } from '../../../catalog/asset.ts';
import { isoDate, type Partition } from '../../../catalog/partition.ts';
import { tables as everyTable, sorTables, specTable, type Table } from '../../../catalog/tables.ts';
import type { Ticker } from '../../../catalog/ticker.ts';
import { QueryError } from '../../../errors.ts';
import { getColumns } from '../../../query/columns.ts';
import type { QueryEngine } from '../../../query/engine.ts';
import { findPresentTickers, readRows } from '../../../query/read-rows.ts';
import { type DayRange, isUnbounded } from '../../../query/select.ts';
import type { Condition } from '../../../query/where/condition.ts';
import { findClosest } from '../../../suggest.ts';
import { formatQuantity } from '../../../text.ts';
import type { LakeHandle } from '../../open-lake.ts';
import type { Terminal } from '../../terminal/terminal.ts';

/** What was asked, and of what. */
export interface QueryContext {
  readonly terminal: Terminal;
  readonly lake: LakeHandle;
  readonly engine: QueryEngine;
  /** Such as `quotes`. */
  readonly subject: string;
  readonly kinds?: readonly AssetKind[];
  readonly tables: readonly Table[];
  readonly tickers: readonly Ticker[];
  readonly days: DayRange;
  readonly where: Condition | undefined;
  /** What tells rows of those kinds apart, in tables that hold both. */
  readonly kindCondition?: Condition | undefined;
}

/** What to do where the lake is not as one thought. */
const FILL_HINT = '`pynvest run` collects today; --lake DIR or --target names another lake.';

/**
 * Where none of the tables has a day, why there is nothing to ask.
 * @throws QueryError
 */
export async function assertAnyDay(asked: QueryContext): Promise<void> {
  const { engine, lake, subject: what, tables, kinds = assetKinds } = asked;
  const newest = await Promise.all(tables.map((table) => engine.newestPartition(table)));
  if (newest.some((day) => day !== undefined)) return;
  const raw = await findLastDay(
    lake,
    kinds.map((kind) => sorTables[kind]),
  );
  if (raw !== undefined) {
    throw new QueryError(
      `the lake at ${lake.place} has raw rows of ${isoDate(raw)}, but no ${what} yet: a run was stopped half-way`,
      { hint: '`pynvest run` brings it to its end.' },
    );
  }
  const empty = (await findLastDay(lake, everyTable)) === undefined;
  throw new QueryError(`the lake at ${lake.place} ${empty ? 'is empty' : `has no ${what}`}`, {
    hint: FILL_HINT,
  });
}

/**
 * Names each ticker that the lake lacks, with the one of the newest day that it may be a slip for, and
 * each that lacks a row on the days asked for. `cutOff` says that a condition or a limit may have left
 * out rows of the tickers on those days: of one that has any nothing is said. Answers how many were named.
 */
export async function warnMissingTickers(
  { terminal, engine, lake, tables, days, kinds, kindCondition: among }: QueryContext,
  missing: readonly Ticker[],
  cutOff: boolean,
): Promise<number> {
  const { from, to } = days;
  const there = async (tickers: readonly Ticker[], when: DayRange): Promise<Set<Ticker>> => {
    const found = new Set<Ticker>();
    for (const table of tables) {
      const absent = tickers.filter((ticker) => !found.has(ticker));
      for (const ticker of await findPresentTickers(engine, table, absent, when, among))
        found.add(ticker);
    }
    return found;
  };
  const present = cutOff ? await there(missing, { from, to }) : new Set();
  const without = missing.filter((ticker) => !present.has(ticker));
  const hasDays = from !== undefined || to !== undefined;
  const elsewhere = hasDays ? await there(without, {}) : new Set();
  const known = without.every((ticker) => elsewhere.has(ticker))
    ? []
    : await readNewestTickers(engine);
  const place =
    kinds?.length === 1
      ? `among the ${kinds[0]} of the lake at ${lake.place}`
      : `in the lake at ${lake.place}`;
  for (const ticker of without) {
    const near = known.includes(ticker) ? undefined : findClosest(ticker, known);
    terminal.warn(
      elsewhere.has(ticker)
        ? `${ticker}: no row on the days asked for`
        : `${ticker}: no row ${place}${near ? `. Did you mean ${near}?` : ''}`,
    );
  }
  return without.length;
}

/**
 * Where an answer has no rows although the lake has some of the days and tickers, says so: an answer
 * without rows is one, too.
 * @param named how many of the tickers `sayMissing` has named
 * @throws QueryError where the lake has none of them
 */
export async function explainNoRows(asked: QueryContext, named: number): Promise<void> {
  const {
    terminal,
    lake,
    subject: what,
    tables,
    tickers,
    days,
    where,
    kinds = [],
    kindCondition: among,
  } = asked;
  const { from = 0, to = Number.POSITIVE_INFINITY } = days;
  const stored = await findDays(lake, tables);
  const [first, last] = [stored.at(0), stored.at(-1)];
  const known = stored.filter((day) => day >= from && day <= to);
  if (known.length === 0 && first !== undefined && last !== undefined) {
    throw new QueryError(`the lake at ${lake.place} has no ${what} of those days`, {
      hint: `It has ${formatQuantity(stored.length, 'day')}, from ${isoDate(first)} to ${isoDate(last)}.`,
    });
  }
  if (tickers.length > 0 && named === tickers.length) {
    throw new QueryError(`the lake has no such ${what}`, {
      hint: 'Ask for other tickers or days (--ticker, --from, --to).',
    });
  }
  if (where !== undefined) return terminal.notice('No row is as --where says.');
  const isOfNewest = tickers.length === 0 && isUnbounded(days);
  terminal.notice(
    among !== undefined && isOfNewest && last !== undefined
      ? `The newest day, ${isoDate(last)}, has no ${what} of ${kinds.join()}: --last 1 asks for each one's newest.`
      : 'The answer has no rows.',
  );
}

async function findDays({ lake }: LakeHandle, tables: readonly Table[]): Promise<Partition[]> {
  const days = await Promise.all(tables.map((table) => lake.partitions(table)));
  return [...new Set(days.flat())].sort((a, b) => a - b);
}

async function findLastDay(
  lake: LakeHandle,
  tables: readonly Table[],
): Promise<Partition | undefined> {
  return (await findDays(lake, tables)).at(-1);
}

async function readNewestTickers(engine: QueryEngine): Promise<readonly string[]> {
  const newest = await engine.newestPartition(specTable);
  if (newest === undefined) return [];
  const columns = getColumns([specTable.tickerColumn], specTable.columns);
  const rows = await readRows(engine, {
    ...{ table: specTable, columns, tickers: [], days: { from: newest } },
  });
  return rows.map(([ticker]) => String(ticker));
}

/** The same rows, or undefined where there are none. */
export async function peekRows<T>(rows: AsyncIterable<T>): Promise<AsyncIterable<T> | undefined> {
  const iterator = rows[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return undefined;
  return (async function* () {
    yield first.value;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      yield next.value;
    }
  })();
}

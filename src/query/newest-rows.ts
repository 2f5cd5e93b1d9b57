/** The newest row of each of some tickers, wherever among some tables it is, reading as little as will do. */
import { PARTITION_COLUMN } from '../catalog/partition.ts';
import type { Table } from '../catalog/tables.ts';
import type { Ticker } from '../catalog/ticker.ts';
import type { Condition } from './condition.ts';
import type { OutputValue, QueryEngine } from './engine.ts';
import { TICKER_POSITION } from './indicator-columns.ts';
import { withinKnownDays } from './known-days.ts';
import { type Days, type QuestionForm, questionOf } from './quotes.ts';

export type Rows = readonly (readonly OutputValue[])[];

/** What is read of one table. */
export interface Part {
  readonly table: Table;
  /** The partition and the ticker first. */
  readonly columns: readonly string[];
  readonly form: QuestionForm;
}

export interface NewestRows<P> {
  readonly rowsOf: ReadonlyMap<P, Rows>;
  /** The tickers that some table has, whether the condition holds of their newest row or not. */
  readonly present: ReadonlySet<OutputValue | undefined>;
}

/**
 * Of each ticker its newest row, where the condition of the form holds of that; nothing is cut off by the
 * form's limit. Most tickers have a row on the newest day of one of the tables: the days before are read
 * only for those that none has there.
 */
export async function newestOfTickers<P extends Part>(
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
      const form = { ...part.form, limit: undefined, judgingNewest: true };
      const rows = await rowsOfPart(engine, { ...part, form }, absent, days);
      rowsOf.set(part, [...(rowsOf.get(part) ?? []), ...rows]);
      for (const row of rows) present.add(row[TICKER_POSITION]);
      if (form.where === undefined) continue;
      const unheard = absent.filter((ticker) => !present.has(ticker));
      for (const ticker of await tickersThere(engine, part.table, unheard, days)) {
        present.add(ticker);
      }
    }
  }
  return { rowsOf, present };
}

/** Those of the tickers that have a row in the table on those days, `among` those for which that holds. */
export async function tickersThere(
  engine: QueryEngine,
  table: Table,
  tickers: readonly Ticker[],
  days: Days,
  among?: Condition,
): Promise<readonly Ticker[]> {
  if (tickers.length === 0) return [];
  const columns = [PARTITION_COLUMN, table.tickerColumn];
  const part = { table, columns, form: { where: among } };
  const rows = await rowsOfPart(engine, part, tickers, { ...days, last: 1 });
  const there = new Set(rows.map((row) => row[TICKER_POSITION]));
  return tickers.filter((ticker) => there.has(ticker));
}

/** The rows of one table, of those days, all in memory. */
export async function rowsOfPart(
  engine: QueryEngine,
  { table, columns, form }: Part,
  tickers: readonly Ticker[],
  days: Days,
): Promise<Rows> {
  const within = await withinKnownDays(engine, table, days);
  const from = engine.nameOf(table);
  const { sql, parameters } = questionOf(table, columns, tickers, within, { ...form, from });
  const rows: (readonly OutputValue[])[] = [];
  const answer = await engine.query(sql, parameters, { days: within });
  for await (const row of answer.rows) rows.push(row);
  return rows;
}

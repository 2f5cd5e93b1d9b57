/** The question for typed indicators of stocks and funds. */
import { type AssetKind, assetKinds } from '../catalog/asset.ts';
import { sotTables } from '../catalog/tables.ts';
import type { Ticker } from '../catalog/ticker.ts';
import type { OutputValue, QueryEngine } from './engine.ts';
import {
  columnsOf,
  expressionIn,
  headingOf,
  nameIn,
  positionsIn,
  sortKeysIn,
  TICKER_POSITION,
} from './indicator-columns.ts';
import { columnNamed, indicatorAnswerColumns } from './known-columns.ts';
import { withinKnownDays } from './known-days.ts';
import {
  anyDay,
  type Days,
  HOLDS,
  type Question,
  type QuestionForm,
  questionOf,
  type Refinements,
} from './quotes.ts';
import { compareBy } from './sort.ts';

export interface Indicators {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly OutputValue[])[];
  /** The tickers asked for that have no row among those read. */
  readonly missing: readonly Ticker[];
}

export interface IndicatorsForm extends Refinements {
  readonly kinds?: readonly AssetKind[];
}

type Rows = readonly (readonly OutputValue[])[];

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
export async function indicatorsOf(
  engine: QueryEngine,
  tickers: readonly Ticker[],
  columns: readonly string[] | undefined,
  days: Days,
  { kinds = assetKinds, where, sort = [], limit }: IndicatorsForm = {},
): Promise<Indicators> {
  const asked = columns?.map((name) => columnNamed(name, indicatorAnswerColumns).name);
  const found: { columns: readonly string[]; rows: Rows; keys: Rows }[] = [];
  const present = new Set<OutputValue | undefined>();
  for (const kind of kinds) {
    const shown = columnsOf(kind, asked);
    const sortable = sortKeysIn(kind, sort);
    const read = [...new Set([...shown, ...sortable.map(({ column }) => column.name)])];
    const form = {
      where,
      sort: sortable,
      limit,
      expressionOf: expressionIn(kind),
      from: engine.nameOf(sotTables[kind]),
    };
    const { rows, tickersSeen } = await rowsOf(engine, kind, read, tickers, days, form);
    for (const ticker of tickersSeen) present.add(ticker);
    if (rows.length === 0) continue;
    const keyPositions = sort.map(({ column }) => read.indexOf(nameIn(kind, column.name) ?? ''));
    found.push({
      columns: shown,
      rows,
      keys: rows.map((row) => keyPositions.map((position) => row[position] ?? null)),
    });
  }
  const heading = headingOf(
    found.map((part) => part.columns),
    asked,
  );
  const compare = compareBy(sort);
  const rows = found
    .flatMap((part) => {
      const positions = positionsIn(part.columns, heading);
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

/**
 * With no days asked for, most tickers have a row on the newest day, and no other need be read. There
 * the condition is asked of each asset's newest row; of days that were asked for, it chooses the rows.
 */
async function rowsOf(
  engine: QueryEngine,
  kind: AssetKind,
  columns: readonly string[],
  tickers: readonly Ticker[],
  days: Days,
  form: QuestionForm,
): Promise<{ readonly rows: Rows; readonly tickersSeen: readonly (OutputValue | undefined)[] }> {
  const table = sotTables[kind];
  const read = async (some: readonly Ticker[], when: Days, how: QuestionForm): Promise<Rows> => {
    const within = await withinKnownDays(engine, table, when);
    return readRows(engine, questionOf(table, columns, some, within, how));
  };
  const tickersIn = (rows: Rows) => rows.map((row) => row[TICKER_POSITION]);
  const newest = anyDay(days) ? await engine.newestPartition(table) : undefined;
  if (anyDay(days) && newest === undefined) return { rows: [], tickersSeen: [] };
  if (newest === undefined || tickers.length === 0) {
    const rows = await read(tickers, newest === undefined ? days : { from: newest, last: 1 }, form);
    return { rows, tickersSeen: tickersIn(rows) };
  }
  // Nothing is cut off before every asset is found.
  const telling = { ...form, limit: undefined, telling: true };
  const first = await read(tickers, { from: newest, last: 1 }, telling);
  const seen = new Set(tickersIn(first));
  const absent = tickers.filter((ticker) => !seen.has(ticker));
  const rest = absent.length === 0 ? [] : await read(absent, { last: 1 }, telling);
  const all = [...first, ...rest];
  const rows = form.where === undefined ? all : all.filter((row) => row[columns.length] === HOLDS);
  return { rows, tickersSeen: tickersIn(all) };
}

async function readRows(engine: QueryEngine, { sql, parameters }: Question): Promise<Rows> {
  const rows: (readonly OutputValue[])[] = [];
  for await (const row of (await engine.query(sql, parameters, { ordered: true })).rows) {
    rows.push(row);
  }
  return rows;
}

/** The question for typed indicators of stocks and funds. */
import { type AssetKind, assetKinds } from '../catalog/asset.ts';
import { PARTITION_COLUMN } from '../catalog/partition.ts';
import { sotTables, specTable } from '../catalog/tables.ts';
import type { Ticker } from '../catalog/ticker.ts';
import type { OutputValue, QueryEngine } from './engine.ts';
import { columnNamed, indicatorAnswerColumns } from './known-columns.ts';
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
import { identifier } from './views.ts';
import { type ExpressionOf, sqlTypes } from './where-sql.ts';

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
 * Without tickers those of every asset, of the newest day of its kind. The answer is held in memory.
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
    const sortable = sort.flatMap(({ column, descending }) => {
      const name = nameIn(kind, column.name);
      return name === undefined ? [] : [{ column: { ...column, name }, descending }];
    });
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
  const heading = headingOf(found, asked);
  const compare = compareBy(sort);
  const rows = found
    .flatMap((part) => {
      const positions = heading.map((column) =>
        column === specTable.tickerColumn ? TICKER_POSITION : part.columns.indexOf(column),
      );
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

/** Where a row of `columnsOf` has its ticker. */
const TICKER_POSITION = 1;

/**
 * Alone, a kind shows its table as it is. Together, or with columns of one's own choice, both kinds
 * answer under the same heading, whichever of them have rows.
 */
function headingOf(
  found: readonly { readonly columns: readonly string[] }[],
  asked: readonly string[] | undefined,
): readonly string[] {
  const [first, second] = found;
  if (asked === undefined && first !== undefined && second === undefined) return first.columns;
  const behind = asked ?? found.flatMap(({ columns }) => columns);
  return [...new Set([PARTITION_COLUMN, specTable.tickerColumn, ...behind])];
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
  const read = (some: readonly Ticker[], when: Days, how: QuestionForm): Promise<Rows> =>
    readRows(engine, questionOf(table, columns, some, when, how));
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

/** The partition and the ticker first, then the columns asked for that this kind has. */
function columnsOf(kind: AssetKind, asked: readonly string[] | undefined): string[] {
  const { columns, tickerColumn } = sotTables[kind];
  const names = columns.map(({ name }) => name);
  const chosen = asked?.filter((name) => names.includes(name)) ?? names;
  return [...new Set([PARTITION_COLUMN, tickerColumn, ...chosen])];
}

/** What a kind's table calls a column of the answer; undefined where it lacks it. */
function nameIn(kind: AssetKind, name: string): string | undefined {
  const { columns, tickerColumn } = sotTables[kind];
  if (name === specTable.tickerColumn) return tickerColumn;
  if (name === PARTITION_COLUMN) return name;
  return columns.some((column) => column.name === name) ? name : undefined;
}

function expressionIn(kind: AssetKind): ExpressionOf {
  return ({ name, type }) => {
    const own = nameIn(kind, name);
    return own === undefined ? `CAST(NULL AS ${sqlTypes[type]})` : identifier(own);
  };
}

/** The question for quotes: which assets, which days, which rows of them, in which order. Pure. */
import { type AssetKind, assetKinds, assets } from '../catalog/asset.ts';
import { PARTITION_COLUMN, type Partition } from '../catalog/partition.ts';
import { READ_AT_COLUMN, specTable, type Table } from '../catalog/tables.ts';
import type { Ticker } from '../catalog/ticker.ts';
import type { Condition } from './condition.ts';
import { columnNamed } from './known-columns.ts';
import type { SortKey } from './sort.ts';
import { identifier } from './sql-names.ts';
import { asNamed, conditionSql, type ExpressionOf, type SqlPart } from './where-sql.ts';

export interface Question {
  readonly sql: string;
  readonly parameters: readonly string[];
}

export interface Days {
  readonly from?: Partition | undefined;
  readonly to?: Partition | undefined;
  /** Only so many of the newest days of each asset. */
  readonly last?: number | undefined;
}

/** What a person may ask for besides assets and days. */
export interface Refinements {
  /** Only rows for which this holds; of these the newest, where only the last days are wanted. */
  readonly where?: Condition | undefined;
  /** Before the usual order, which settles what these leave open. */
  readonly sort?: readonly SortKey[] | undefined;
  /** Only so many of the rows in that order. */
  readonly limit?: number | undefined;
}

export function anyDay({ from, to, last }: Days): boolean {
  return from === undefined && to === undefined && last === undefined;
}

/** What a person looks for first, for a screen that cannot show every column. */
export const FIRST_ON_SCREEN: readonly string[] = [
  'vlr_cot',
  'pct_var_dia',
  'pct_var_mes',
  'pct_var_12m',
  'dt_ult_cot',
];

export interface QuotesForm extends Refinements {
  /** The columns behind the day and the ticker; without them all, in the table's order. */
  readonly columns?: readonly string[] | undefined;
  readonly from?: string;
}

/** What quotes of these kinds alone fulfil; undefined where that is all of them. */
export function ofKinds(kinds: readonly AssetKind[]): Condition | undefined {
  if (assetKinds.every((kind) => kinds.includes(kind))) return undefined;
  const column = columnNamed('tipo_ativo', specTable.columns);
  const values = kinds.map((kind) => ({ type: 'string', text: assets[kind].tipoAtivo }) as const);
  return { kind: 'in', column, values };
}

/** The quotes of `tickers` (of every asset where there are none), the days in order. */
export function quotesQuestion(
  tickers: readonly Ticker[],
  days: Days,
  { columns, from, ...refinements }: QuotesForm = {},
): Question {
  const names = specTable.columns.map((column) => column.name);
  const chosen = new Set([PARTITION_COLUMN, specTable.tickerColumn, ...(columns ?? names)]);
  return questionOf(specTable, [...chosen], tickers, days, { from, ...refinements });
}

export interface QuestionForm extends Refinements {
  /** What the engine calls the table. */
  readonly from?: string | undefined;
  /** How the table gives the columns of the condition. */
  readonly expressionOf?: ExpressionOf;
  /** With `last`, ask the condition of those rows alone, not look for the newest for which it holds. */
  readonly judgingNewest?: boolean;
}

/** Rows of some columns of a table, by ticker and day; of every ticker where none is named. */
export function questionOf(
  table: Table,
  columns: readonly string[],
  tickers: readonly Ticker[],
  days: Days,
  {
    from = `${table.database}.${table.name}`,
    where,
    sort = [],
    limit,
    expressionOf = asNamed,
    judgingNewest = false,
  }: QuestionForm = {},
): Question {
  const { tickerColumn } = table;
  const list = columns.map(identifier).join(', ');
  // Athena takes a parameter nowhere but in a WHERE.
  const asked = where === undefined ? [] : [conditionSql(where, expressionOf)];
  const ofRows = ofAssetsAndDays(tickerColumn, tickers, days);
  const lines =
    days.last === undefined
      ? [`SELECT ${list} FROM ${from}`, ...whereAll([...ofRows, ...asked])]
      : [
          `SELECT ${list} FROM (`,
          ...withAges(table, from, ofRows, judgingNewest ? [] : asked),
          ')',
          ...whereAll([condition(`${AGE} <= ${days.last}`), ...(judgingNewest ? asked : [])]),
        ];
  const end = [orderBy(sort, tickerColumn), ...(limit === undefined ? [] : [`LIMIT ${limit}`])];
  return {
    sql: [...lines, ...end].join('\n'),
    parameters: [...ofRows, ...asked].flatMap(({ parameters }) => parameters),
  };
}

function condition(sql: string): SqlPart {
  return { sql, parameters: [] };
}

function whereAll(conditions: readonly SqlPart[]): string[] {
  return conditions.length === 0 ? [] : [`WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}`];
}

// Names that no column has.
const AGE = 'days_from_the_newest';
const READING = 'readings_from_the_newest';

/**
 * The rows with the number of their day in `AGE`, the newest day of each ticker as the first. Until a day is
 * merged a ticker may stand in it twice: of the rows that tell when their page was read only the last counts.
 * Athena knows no QUALIFY.
 */
function withAges(
  { tickerColumn, columns }: Table,
  from: string,
  ofRows: readonly SqlPart[],
  asked: readonly SqlPart[],
): string[] {
  const age = `dense_rank() OVER (PARTITION BY ${tickerColumn} ORDER BY ${PARTITION_COLUMN} DESC) AS ${AGE}`;
  if (!columns.some(({ name }) => name === READ_AT_COLUMN)) {
    return [`SELECT *, ${age} FROM ${from}`, ...whereAll([...ofRows, ...asked])];
  }
  const ofDay = `PARTITION BY ${tickerColumn}, ${PARTITION_COLUMN}`;
  const lastFirst = `ORDER BY ${READ_AT_COLUMN} DESC NULLS LAST`;
  return [
    `SELECT *, ${age} FROM (`,
    `SELECT *, row_number() OVER (${ofDay} ${lastFirst}) AS ${READING} FROM ${from}`,
    ...whereAll(ofRows),
    ')',
    ...whereAll([condition(`${READING} = 1`), ...asked]),
  ];
}

/** The usual order settles what the keys leave open, so an answer is the same each time. */
function orderBy(sort: readonly SortKey[], tickerColumn: string): string {
  const sorted = sort.map(({ column }) => column.name);
  const keys = [
    ...sort.map(
      ({ column, descending }) =>
        `${identifier(column.name)} ${descending ? 'DESC' : 'ASC'} NULLS LAST`,
    ),
    ...[tickerColumn, PARTITION_COLUMN].filter((name) => !sorted.includes(name)),
  ];
  return `ORDER BY ${keys.join(', ')}`;
}

/** Days are whole numbers of our own making and stand in the text, so that files can be passed over. */
function ofAssetsAndDays(
  tickerColumn: string,
  tickers: readonly Ticker[],
  { from, to }: Days,
): SqlPart[] {
  const places = tickers.map(() => '?').join(', ');
  return [
    ...(tickers.length > 0 ? [{ sql: `${tickerColumn} IN (${places})`, parameters: tickers }] : []),
    ...(from === undefined ? [] : [condition(`${PARTITION_COLUMN} >= ${from}`)]),
    ...(to === undefined ? [] : [condition(`${PARTITION_COLUMN} <= ${to}`)]),
  ];
}

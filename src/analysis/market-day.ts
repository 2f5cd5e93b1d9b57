/**
 * The assets of one collected day: their rows of indicators, those that are traded, and one of each company. What is
 * asked as of a past day reads the rows of the newest day up to it, and nothing that came later.
 */
import { type AssetKind, assets } from '../catalog/asset.ts';
import { getTable, type Table } from '../catalog/dataset.ts';
import { formatIsoDate, getYear, type Partition, toPartition } from '../catalog/partition.ts';
import { getColumn, indicatorResultColumns } from '../query/columns.ts';
import type { OutputValue, QueryEngine } from '../query/engine.ts';
import { buildSessionsSelect, historyTable } from '../query/history.ts';
import { readIndicators } from '../query/indicators.ts';
import { readAll } from '../query/read-rows.ts';
import type { Condition } from '../query/where/condition.ts';

/** A row of indicators by the names of its columns. */
export interface AssetRow {
  readonly kind: AssetKind;
  readonly ticker: string;
  readonly values: Readonly<Record<string, OutputValue>>;
}

/** What the tables of a kind call the name of an asset, and the group of assets that it is compared with. */
export const DESCRIPTION_COLUMNS: Readonly<
  Record<AssetKind, { readonly name: string; readonly sector: string }>
> = {
  acoes: { name: 'nome_empresa', sector: 'nome_setor' },
  fiis: { name: 'nome_fii', sector: 'segmento' },
};

export function getIndicatorTable(kind: AssetKind): Table {
  return getTable(assets[kind].dataset, 'sot');
}

/** What to do where the lake has no indicators of some kinds, or none up to a day. */
export async function createNoDayHint(
  engine: QueryEngine,
  kinds: readonly AssetKind[],
  asOf: Partition | undefined,
): Promise<string> {
  const newest = await Promise.all(
    kinds.map((kind) => engine.newestPartition(getIndicatorTable(kind))),
  );
  if (asOf === undefined || newest.every((day) => day === undefined)) {
    return '`pynvest run` collects those of today.';
  }
  return 'The site shows only those of today, and no command brings those of a past day: ask for a later day, or for none.';
}

/** The newest day of a table, not after `asOf`; found without a query. */
export async function findNewestDay(
  engine: QueryEngine,
  table: Table,
  asOf?: Partition,
): Promise<Partition | undefined> {
  const newest = await engine.newestPartition(table);
  if (newest === undefined || asOf === undefined || newest <= asOf) return newest;
  return (await listDays(engine, table)).findLast((day) => day <= asOf);
}

/** The days of a table, in order; found without a query. */
export async function listDays(engine: QueryEngine, table: Table): Promise<readonly Partition[]> {
  return (await engine.knownDays?.(table)) ?? (await engine.storedDays?.(table)) ?? [];
}

/** The sessions that B3's history has from one day to another, in order; its years are looked at before it is asked. */
export async function readSessions(
  engine: QueryEngine,
  from: Partition,
  to: Partition,
): Promise<Partition[]> {
  const newest = await engine.newestPartition(historyTable);
  if (newest === undefined || newest < getYear(from)) return [];
  const statement = buildSessionsSelect((table) => engine.nameOf(table), from, to);
  const rows = await readAll(engine, statement);
  return rows.flatMap(([day]) => toPartition(String(day)) ?? []);
}

/** The rows of all assets of a kind on one day, by ticker; of several readings of an asset the newest alone. */
export async function readMarketDay(
  engine: QueryEngine,
  kind: AssetKind,
  day: Partition,
  { columns, where }: { readonly columns?: readonly string[]; readonly where?: Condition } = {},
): Promise<AssetRow[]> {
  const options = { datasets: [assets[kind].dataset], where };
  const days = { from: day, to: day, last: 1 };
  const { columns: names, rows } = await readIndicators(engine, [], columns, days, options);
  const { tickerColumn } = assets[kind];
  return rows.map((row) => {
    const values = Object.fromEntries(names.map((name, at) => [name, row[at] ?? null]));
    const ticker = String(values[tickerColumn] ?? values['codigo_ticker_ativo']);
    return { kind, ticker, values };
  });
}

/** The condition that a text column has exactly this value. */
export function isEqualTo(column: string, text: string): Condition {
  return {
    kind: 'compare',
    column: getColumn(column, indicatorResultColumns),
    operator: '=',
    value: { type: 'string', text },
  };
}

/** The number of a column; undefined where there is none. */
export function getNumber({ values }: AssetRow, column: string): number | undefined {
  const value = values[column];
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

export function getText({ values }: AssetRow, column: string): string | undefined {
  const value = values[column];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * The site lists assets for years after their last trade, with the ratios of their last price. One that has not traded
 * for so many days is no peer, and has no place in a ranking.
 */
export const MOST_DAYS_WITHOUT_TRADE = 30;

const DAY_MS = 86_400_000;

/** Whether an asset was traded in the days before its row; one of which no day of a trade is known has never been. */
export function isTraded(row: AssetRow, day: Partition): boolean {
  const last = getText(row, 'dt_ult_cot');
  if (last === undefined) return false;
  const age = Date.parse(formatIsoDate(day)) - Date.parse(last);
  return age <= MOST_DAYS_WITHOUT_TRADE * DAY_MS;
}

/** The company of a stock: all papers of an issuer begin with its four letters. A fund has one paper. */
function getCompany({ kind, ticker }: Pick<AssetRow, 'kind' | 'ticker'>): string {
  return kind === 'acoes' ? ticker.slice(0, 4) : ticker;
}

/** One asset of each company: the one with the most volume; of equals, the first by ticker. */
export function keepOneOfCompany(rows: readonly AssetRow[]): AssetRow[] {
  const chosen = new Map<string, AssetRow>();
  for (const row of rows) {
    const company = getCompany(row);
    const other = chosen.get(company);
    if (other === undefined || isMoreTraded(row, other)) chosen.set(company, row);
  }
  return rows.filter((row) => chosen.get(getCompany(row)) === row);
}

function isMoreTraded(row: AssetRow, other: AssetRow): boolean {
  const [own, its] = [row, other].map((each) => getNumber(each, 'vol_med_neg_2m') ?? 0);
  if (own !== its) return (own ?? 0) > (its ?? 0);
  return row.ticker < other.ticker;
}

/** The middle value, or the mean of the two in the middle; undefined of no values. */
export function findMedian(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? undefined : findMiddle(low, high);
}

/** The mean of two numbers as decimals: of doubles it is inexact in its last digits. */
function findMiddle(low: number, high: number): number {
  // Halves first: the sum of two large numbers is infinite.
  return low === high ? low : Number((low / 2 + high / 2).toPrecision(15));
}

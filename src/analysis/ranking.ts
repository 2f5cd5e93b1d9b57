/**
 * Rankings: the assets of a day, each with the figures that its position rests on, and the reasons of those without
 * one.
 *
 * Positions count from 1, and equals share one (1, 2, 2, 4). By several figures together assets are in the order of the
 * sum of their positions in each. Equals are listed by ticker, so that an answer is the same each time.
 */
import { type AssetKind, assets } from '../catalog/asset.ts';
import type { ColumnType } from '../catalog/column.ts';
import { formatIsoDate, PARTITION_COLUMN, type Partition } from '../catalog/partition.ts';
import { type Ticker, toTicker } from '../catalog/ticker.ts';
import { findLastTradingDay } from '../catalog/trading-days.ts';
import { QueryError } from '../errors.ts';
import type { OutputRow, OutputValue, QueryEngine } from '../query/engine.ts';
import type { Condition } from '../query/where/condition.ts';
import { findClosest } from '../suggest.ts';
import { removeAccents } from '../text.ts';
import type { Criterion, ScreenFacts } from './criterion.ts';
import {
  type AssetRow,
  createNoDayHint,
  DESCRIPTION_COLUMNS,
  findNewestDay,
  getIndicatorTable,
  getNumber,
  getText,
  isTraded,
  keepOneOfCompany,
  MOST_DAYS_WITHOUT_TRADE,
  readMarketDay,
} from './market-day.ts';
import { findPositions, formatPositionName, formatSumName, type PlacedAsset } from './positions.ts';
import { createNotTraded, type Reason } from './reasons.ts';
import { readAssetUnits, readEarlierBalances, readIncome } from './screen-facts.ts';
import { findStaleDay, type StaleDay } from './stale-day.ts';

export interface RankingOptions {
  /** Only assets whose sector, subsector or segment contains this text. */
  readonly sector?: string | undefined;
  readonly where?: Condition | undefined;
  /** In reais a day. */
  readonly minLiquidity?: number | undefined;
  /** So many of the first; all without it. */
  readonly top?: number | undefined;
  /** Only what the lake knew on this day. */
  readonly asOf?: Partition | undefined;
  /** Every paper of a company, not its most traded alone. */
  readonly isEveryPaper?: boolean | undefined;
}

/** Why assets have no position. */
interface UnrankedAssets {
  readonly reason: Reason;
  readonly tickers: readonly string[];
}

export interface Ranking {
  readonly columns: readonly string[];
  readonly types: readonly (ColumnType | 'integer')[];
  readonly rows: readonly OutputRow[];
  /** The days of the rows, by the kind of asset. */
  readonly days: ReadonlyMap<AssetKind, Partition>;
  /** How many assets have a position, those beyond `top` too. */
  readonly ranked: number;
  /** Of the assets that were asked for; the most frequent reason first. */
  readonly unranked: readonly UnrankedAssets[];
  /** The tickers of companies that another of their papers stands for. */
  readonly otherPapers: readonly string[];
  /** The newest event that the figures rest on, where they rest on events. */
  readonly newestEvent?: string | undefined;
  readonly isOfPastDay: boolean;
  /** The kinds of asset whose newest indicators are much older than the day that was asked for. */
  readonly stale: readonly StaleDay[];
}

/** The ranked tickers, in order. */
export function listRankedTickers({ columns, rows }: Ranking): readonly Ticker[] {
  const at = columns.indexOf('codigo_ticker_ativo');
  return rows.flatMap((row) => toTicker(String(row[at])) ?? []);
}

const POSITION = 'posicao';

/** @throws QueryError if the lake has no indicators of that kind up to that day, or no such sector */
export async function readRanking(
  engine: QueryEngine,
  criterion: Criterion,
  options: RankingOptions = {},
): Promise<Ranking> {
  const { asOf, sector, minLiquidity = 0, isEveryPaper = false, top } = options;
  const days = new Map<AssetKind, Partition>();
  const rows: AssetRow[] = [];
  for (const kind of criterion.kinds) {
    const day = await findNewestDay(engine, getIndicatorTable(kind), asOf);
    if (day === undefined) continue;
    days.set(kind, day);
    rows.push(...(await readCandidates(engine, kind, day, criterion, options.where)));
  }
  const stale: StaleDay[] = [];
  for (const [kind, day] of days) {
    const found = await findStaleDay(engine, kind, day, asOf);
    if (found !== undefined) stale.push(found);
  }
  if (days.size === 0) throw await createNoDayError(engine, criterion.kinds, asOf);
  const asked = (sector === undefined ? rows : filterBySector(rows, sector)).filter(
    (row) => minLiquidity === 0 || (getNumber(row, 'vol_med_neg_2m') ?? 0) >= minLiquidity,
  );
  const unranked = new Map<string, { readonly reason: Reason; readonly tickers: string[] }>();
  const leaveOut = (row: AssetRow, reason: Reason): void => {
    const group = unranked.get(reason.en) ?? { reason, tickers: [] };
    group.tickers.push(row.ticker);
    unranked.set(reason.en, group);
  };
  const dayOf = ({ kind }: AssetRow): Partition => days.get(kind) ?? (0 as Partition);
  const traded = asked.filter((row) => {
    if (isTraded(row, dayOf(row))) return true;
    leaveOut(row, createNotTraded(MOST_DAYS_WITHOUT_TRADE));
    return false;
  });
  const chosen = isEveryPaper ? traded : keepOneOfCompany(traded);
  const [newest = 0 as Partition] = [...days.values()].sort((a, b) => b - a);
  const facts = await readFacts(engine, criterion, chosen, newest, asOf !== undefined);
  const computed = chosen.flatMap((row) => {
    const { figures, reason } = criterion.compute(row, facts);
    if (figures !== undefined) return [{ row, figures }];
    leaveOut(row, reason);
    return [];
  });
  const placed = findPositions(computed, criterion.order);
  const columns = listColumns(criterion);
  return {
    columns: columns.map(([name]) => name),
    types: columns.map(([, type]) => type),
    rows: placed.slice(0, top).map((each) => {
      const values = describeAsset(each, dayOf(each.row));
      return columns.map(([name]) => values[name] ?? null);
    }),
    days,
    ranked: placed.length,
    unranked: [...unranked.values()]
      .map(({ reason, tickers }) => ({ reason, tickers: tickers.sort() }))
      .sort((a, b) => b.tickers.length - a.tickers.length || (a.reason.en < b.reason.en ? -1 : 1)),
    otherPapers: traded.filter((row) => !chosen.includes(row)).map(({ ticker }) => ticker),
    newestEvent: facts.income?.newest,
    isOfPastDay: asOf !== undefined,
    stale,
  };
}

/** What every row of an answer begins and ends with. */
function listColumns({ figures, order }: Criterion): (readonly [string, ColumnType | 'integer'])[] {
  const sums = order.filter(({ terms }) => terms.length > 1);
  const positions = [...new Set(sums.flatMap(({ terms }) => terms.map(formatPositionName)))];
  const all: (readonly [string, ColumnType | 'integer'])[] = [
    [POSITION, 'bigint'],
    ['codigo_ticker_ativo', 'string'],
    ['nome_ativo', 'string'],
    ['nome_setor_segmento', 'string'],
    ...sums.map((_, at) => [formatSumName(at), 'bigint'] as const),
    ...positions.map((name) => [name, 'bigint'] as const),
    ...Object.entries(figures),
    ['vlr_cot', 'double'],
    ['vol_med_neg_2m', 'bigint'],
    [PARTITION_COLUMN, 'integer'],
  ];
  return [...new Map(all.map((column) => [column[0], column])).values()];
}

async function readCandidates(
  engine: QueryEngine,
  kind: AssetKind,
  day: Partition,
  { inputs }: Criterion,
  where: Condition | undefined,
): Promise<AssetRow[]> {
  const known = getIndicatorTable(kind).columns.map(({ name }) => name);
  const { name, sector } = DESCRIPTION_COLUMNS[kind];
  const columns = [
    ...[assets[kind].tickerColumn, name, sector, 'nome_subsetor', 'vlr_cot', 'dt_ult_cot'],
    ...['vol_med_neg_2m', ...inputs],
  ].filter((column) => known.includes(column));
  return readMarketDay(engine, kind, day, { columns, ...(where && { where }) });
}

async function readFacts(
  engine: QueryEngine,
  { needs, inputs }: Criterion,
  rows: readonly AssetRow[],
  day: Partition,
  isPast: boolean,
): Promise<ScreenFacts> {
  if (needs === undefined) return {};
  const session = findLastTradingDay(day);
  const units = await readAssetUnits(engine, session, { isPast });
  return needs === 'income'
    ? { units, income: await readIncome(engine, session, units, { isPast }) }
    : { units, earlier: await readEarlierBalances(engine, day, rows, inputs) };
}

/** The sector and its parts, as the tables of a kind name them. */
function listSectors({ kind, values }: AssetRow): string[] {
  const columns = [DESCRIPTION_COLUMNS[kind].sector, 'nome_subsetor'];
  return columns.flatMap((column) => {
    const text = values[column];
    return typeof text === 'string' ? [text] : [];
  });
}

/** @throws QueryError if no asset of the day has such a sector */
function filterBySector(rows: readonly AssetRow[], sector: string): AssetRow[] {
  if (rows.length === 0) return [];
  const wanted = removeAccents(sector.trim());
  const found = rows.filter((row) =>
    listSectors(row).some((each) => removeAccents(each).includes(wanted)),
  );
  if (found.length > 0) return found;
  const all = [...new Set(rows.flatMap(listSectors))].sort();
  const similar = findClosest(sector, all);
  throw new QueryError(`no asset is in the sector ${JSON.stringify(sector)}`, {
    hint:
      similar === undefined
        ? `The sectors are ${[...new Set(rows.flatMap((row) => listSectors(row).slice(0, 1)))].sort().join(', ')}.`
        : `Did you mean ${similar}?`,
  });
}

function describeAsset(
  { row, figures, position, positions }: PlacedAsset,
  day: Partition,
): Readonly<Record<string, OutputValue>> {
  const { name, sector } = DESCRIPTION_COLUMNS[row.kind];
  return {
    vlr_cot: row.values['vlr_cot'] ?? null,
    vol_med_neg_2m: row.values['vol_med_neg_2m'] ?? null,
    ...figures,
    ...positions,
    [POSITION]: position,
    codigo_ticker_ativo: row.ticker,
    nome_ativo: getText(row, name) ?? null,
    nome_setor_segmento: getText(row, sector) ?? null,
    [PARTITION_COLUMN]: day,
  };
}

async function createNoDayError(
  engine: QueryEngine,
  kinds: readonly AssetKind[],
  asOf: Partition | undefined,
): Promise<QueryError> {
  const until = asOf === undefined ? '' : ` up to ${formatIsoDate(asOf)}`;
  return new QueryError(`the lake has no indicators of ${kinds.join(' or ')}${until}`, {
    hint: await createNoDayHint(engine, kinds, asOf),
  });
}

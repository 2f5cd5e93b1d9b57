/**
 * The factors that adjust B3's prices, derived from the sessions of the lake and its ledger of events. They are derived
 * anew, whole, after each import: an import of one year may prove, or disprove, those of another.
 */

import type { Row } from '../catalog/column.ts';
import { getTable, type Table } from '../catalog/dataset.ts';
import { adjustments, events } from '../catalog/datasets/b3.ts';
import { companyEvents, dividends } from '../catalog/datasets/corporate-events.ts';
import { formatIsoDate, type Partition, toPartition } from '../catalog/partition.ts';
import { groupBy } from '../collections.ts';
import type { ColumnarLake, Lake } from '../lake/lake.ts';
import { DEDUP_NAME } from '../lake/names.ts';
import {
  type AdjustedAsset,
  type Adjustment,
  type AuditFinding,
  computeAdjustments,
} from '../transform/adjust.ts';
import { isSameRow } from '../transform/deduplicate.ts';
import { buildLedger, type LedgerNotice } from '../transform/ledger.ts';
import {
  type Asset,
  type DoubtfulSuccession,
  joinTickers,
  type Lineage,
  type Successions,
  type TickerSessions,
} from '../transform/lineage.ts';
import { createMarketDays, type MarketDays } from '../transform/market-days.ts';
import type { RightEvent } from '../transform/right-events.ts';
import { type MarketHistory, readMarketHistory } from './market-history.ts';

const eventsTable = getTable(events, 'sot');
const adjustmentsTable = getTable(adjustments, 'spec');
const dividendsTable = getTable(dividends, 'sor');
const companyEventsTable = getTable(companyEvents, 'sor');

/** The events of the lake's ledger, by ticker. */
async function readRightEvents(lake: Lake): Promise<ReadonlyMap<string, RightEvent[]>> {
  const found: RightEvent[] = [];
  for (const row of await readTable(lake, eventsTable)) {
    const event = toRightEvent(row);
    if (event !== undefined) found.push(event);
  }
  return groupBy(found, ({ ticker }) => ticker);
}

/** Undefined for a row without a last day with the right: it cannot be placed. */
function toRightEvent(row: Row): RightEvent | undefined {
  const comDay = toPartition(String(row['dt_com'] ?? ''));
  if (comDay === undefined) return undefined;
  return {
    ticker: String(row['codigo_ticker_ativo']),
    type: String(row['tipo_evento']),
    comDay,
    // An amount that is printed as zero is smaller than what its source prints: it is not known.
    cash: toNumber(row['vlr_provento']) || undefined,
    multiplier: toNumber(row['vlr_multiplicador']),
    sourceCount: String(row['fontes'] ?? '').split(',').length,
    isShown: row['situacao'] !== 'ausente',
    contradiction: row['valor_divergente'] === true ? String(row['divergencia']) : undefined,
  };
}

function toNumber(cell: Row[string] | undefined): number | undefined {
  return typeof cell === 'number' ? cell : undefined;
}

export interface AssetAdjustments extends AdjustedAsset {
  readonly asset: Asset;
}

/** The adjustments of all assets of the lake. */
export async function computeLakeAdjustments(
  lake: Lake,
  { tickers }: MarketHistory,
  successions?: Successions,
): Promise<AssetAdjustments[]> {
  return adjustAssets(lake, joinMarket(tickers, successions));
}

interface JoinedMarket extends Lineage {
  readonly days: MarketDays;
}

function joinMarket(
  tickers: readonly TickerSessions[],
  successions: Successions | undefined,
): JoinedMarket {
  const days = createMarketDays(tickers);
  return { ...joinTickers(tickers, successions, days), days };
}

async function adjustAssets(
  lake: Lake,
  { assets, doubtful, days }: JoinedMarket,
): Promise<AssetAdjustments[]> {
  const eventsByTicker = await readRightEvents(lake);
  const doubtsByTicker = groupBy(doubtful, ({ to }) => to);
  return assets.map((asset) => {
    const own = asset.parts.flatMap(({ ticker }) => eventsByTicker.get(ticker) ?? []);
    const doubts = asset.parts.flatMap(({ ticker }) => doubtsByTicker.get(ticker) ?? []);
    const joints = new Map(
      doubts.filter(({ isJoined }) => isJoined).map((doubt) => [doubt.to, toFinding(doubt)]),
    );
    const { adjustments: factors, findings } = computeAdjustments(asset, own, days, joints);
    const apart = doubts.filter(({ isJoined }) => !isJoined);
    return { asset, adjustments: factors, findings: [...apart.map(toFinding), ...findings] };
  });
}

function toFinding({ from, to, day, reason, isJoined }: DoubtfulSuccession): AuditFinding {
  const detail = isJoined
    ? `${reason}; joined by number and price alone: a line "${from},${to}" in successions.csv confirms it, "${from}," keeps them apart`
    : `${reason}; left apart: a line "${from},${to}" in successions.csv joins them, "${from}," keeps them apart`;
  return { ticker: to, day, code: 'succession-doubtful', detail };
}

/**
 * Derives the ledger and the factors from what the lake has of prices and events, and stores both. Every import ends
 * with it: which tickers an event is about follows from the prices, and which prices it adjusts from the events. The
 * history of the market is not part of the result: it would stay in memory during all that a command does after it.
 */
export async function deriveAdjustments(
  lake: ColumnarLake,
  successions: Successions,
): Promise<DerivedAdjustments> {
  const { derived } = await deriveFromHistory(lake, await readMarketHistory(lake), successions);
  return derived;
}

interface Derivation {
  readonly derived: DerivedAdjustments;
  readonly adjusted: readonly AssetAdjustments[];
}

/** What `deriveAdjustments` does, of a history of the lake that was read for more than that. */
export async function deriveFromHistory(
  lake: Lake,
  market: MarketHistory,
  successions: Successions,
): Promise<Derivation> {
  const joined = joinMarket(market.tickers, successions);
  const { rows, notices } = buildLedger({
    dividends: await readTable(lake, dividendsTable),
    companyEvents: await readTable(lake, companyEventsTable),
    tickersByIsin: market.tickersByIsin,
    assets: joined.assets,
  });
  await storeYears(lake, eventsTable, rows);
  const adjusted = await adjustAssets(lake, joined);
  const stored = await storeAdjustments(lake, adjusted);
  return { derived: { ...stored, events: rows.length, notices }, adjusted };
}

async function readTable(lake: Lake, table: Table): Promise<Row[]> {
  const rows: Row[] = [];
  for (const partition of await lake.partitions(table)) {
    for (const file of await lake.files(table, partition)) rows.push(...(await lake.read(file)));
  }
  return rows;
}

export interface DerivedAdjustments extends StoredAdjustments {
  readonly events: number;
  /** What of the events could not be read. */
  readonly notices: readonly LedgerNotice[];
}

interface StoredAdjustments {
  readonly assets: number;
  readonly rows: number;
  readonly unproved: number;
}

/** Writes the factors of all assets; a year whose rows are the same is left alone. */
export async function storeAdjustments(
  lake: Lake,
  assets: readonly AssetAdjustments[],
): Promise<StoredAdjustments> {
  const rows = assets.flatMap(({ asset, adjustments: own }) =>
    own.map((adjustment) => toAdjustmentRow(asset, adjustment)),
  );
  await storeYears(lake, adjustmentsTable, rows);
  const unproved = rows.filter(({ provado }) => provado === false).length;
  return { assets: assets.length, rows: rows.length, unproved };
}

function toAdjustmentRow({ code }: Asset, adjustment: Adjustment): Row {
  return {
    codigo_ticker_ativo: adjustment.ticker,
    dt_pregao: formatIsoDate(adjustment.day as Partition),
    codigo_ativo: code,
    dt_inicio: formatIsoDate(adjustment.startDay as Partition),
    fator_desdobramento: adjustment.splitFactor,
    fator_proventos: adjustment.cashFactor,
    fator_desdobramento_acumulado: adjustment.accumulatedSplitFactor,
    fator_total_acumulado: adjustment.accumulatedFactor,
    qtd_direitos: adjustment.rights ?? null,
    motivo: adjustment.reason,
    provado: adjustment.isProved,
    provado_acumulado: adjustment.isProvedSince,
  };
}

/**
 * Makes these the rows of a table that is derived whole, one file a year. The new files are written before the years
 * that have none any more are removed; a process that dies in between is completed by the next import, which derives
 * all of it again.
 */
async function storeYears(lake: Lake, table: Table, rows: readonly Row[]): Promise<void> {
  const { dateColumn = '' } = table.partition;
  const byYear = groupBy(rows, (row) => Number(String(row[dateColumn]).slice(0, 4)) as Partition);
  for (const [partition, own] of [...byYear].sort(([a], [b]) => a - b)) {
    const sorted = own.toSorted((a, b) => compareKeys(a, b, table.keyColumns));
    const files = await lake.files(table, partition);
    const [expected, ...others] = files.filter(({ name }) => name === DEDUP_NAME);
    const stored = expected === undefined ? [] : await lake.read(expected);
    const isStored =
      stored.length === sorted.length &&
      sorted.every((row, at) => isSameRow(row, stored[at] ?? {}, table.columns));
    if (isStored && others.length === 0) continue;
    await lake.write({ table, partition, name: DEDUP_NAME }, sorted, { expected });
  }
  for (const partition of await lake.partitions(table)) {
    if (!byYear.has(partition)) await lake.remove(await lake.files(table, partition));
  }
}

function compareKeys(a: Row, b: Row, keyColumns: readonly string[]): number {
  for (const name of keyColumns) {
    const [left, right] = [String(a[name]), String(b[name])];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

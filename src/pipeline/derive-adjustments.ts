/**
 * The factors that adjust B3's prices, derived from the sessions of the lake and its ledger of events. They are derived
 * anew, whole, after each import: an import of one year may prove, or disprove, those of another.
 */

import { adjustments, events, history } from '../catalog/b3.ts';
import type { ColumnBatch, Row } from '../catalog/column.ts';
import { companyEvents, dividends } from '../catalog/corporate-events.ts';
import { getTable, type Table } from '../catalog/dataset.ts';
import { type Partition, toPartition } from '../catalog/partition.ts';
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
import type { Paper, PriceColumns } from '../transform/historical-quotes.ts';
import { buildLedger, type LedgerNotice } from '../transform/ledger.ts';
import {
  type Asset,
  type DoubtfulSuccession,
  joinTickers,
  type Lineage,
  type PaperIdentity,
  type Session,
  type Successions,
  type TickerSessions,
} from '../transform/lineage.ts';
import { createMarketDays, type MarketDays } from '../transform/market-days.ts';
import type { RightEvent } from '../transform/right-events.ts';

const historyTable = getTable(history, 'sot');
const eventsTable = getTable(events, 'sot');
const adjustmentsTable = getTable(adjustments, 'spec');
const dividendsTable = getTable(dividends, 'sor');
const companyEventsTable = getTable(companyEvents, 'sor');

/** The market of the quotes: options and terms are no assets of their own. */
const CASH_MARKET = '010';

const SESSION_COLUMNS = [
  ...['codigo_ticker_ativo', 'dt_pregao', 'codigo_mercado', 'especificacao_papel', 'moeda'],
  ...['vlr_fechamento', 'fator_cotacao', 'codigo_isin', 'nome_resumido', 'num_distribuicao'],
] as const;

/** What quotes take of the sessions, beside those. */
const QUOTE_COLUMNS = ['codigo_bdi', 'vlr_max', 'vlr_min'] as const;

/** The papers of the lake's history, and the ISINs under which they were traded. */
interface MarketHistory {
  readonly tickers: readonly TickerSessions[];
  /** The tickers of each ISIN, in the order in which they were traded. */
  readonly tickersByIsin: ReadonlyMap<string, readonly string[]>;
  /** By ticker; empty unless they were asked for. */
  readonly prices: ReadonlyMap<string, PriceColumns>;
}

/**
 * The cash market's sessions of all years, in columns: there may be millions.
 * @param withPrices also what quotes need of each, which takes twice the memory
 */
export async function readMarketHistory(
  lake: ColumnarLake,
  { withPrices = false } = {},
): Promise<MarketHistory> {
  const columns = [...SESSION_COLUMNS, ...(withPrices ? QUOTE_COLUMNS : [])];
  const papers = new Map<string, PaperSessions>();
  const tickersByIsin = new Map<string, string[]>();
  for (const year of await lake.partitions(historyTable)) {
    for (const file of await lake.files(historyTable, year)) {
      addSessions(await lake.readColumns(file, columns), papers, tickersByIsin, withPrices);
    }
  }
  const tickers = [...papers.values()].flatMap((paper) => paper.toTickerSessions() ?? []);
  const prices = [...papers].flatMap(([ticker, paper]) => {
    const own = paper.toPriceColumns();
    return own === undefined ? [] : [[ticker, own] as const];
  });
  tickers.sort((a, b) => (a.ticker < b.ticker ? -1 : 1));
  return { tickers, tickersByIsin, prices: new Map(prices) };
}

function addSessions(
  { rowCount, texts, numbers }: ColumnBatch,
  papers: Map<string, PaperSessions>,
  tickersByIsin: Map<string, string[]>,
  withPrices: boolean,
): void {
  const toDay = createDayConverter();
  const text = (column: string, at: number): string => texts[column]?.[at] ?? '';
  const number = (column: string, at: number): number => numbers[column]?.[at] ?? Number.NaN;
  for (let at = 0; at < rowCount; at += 1) {
    if (text('codigo_mercado', at) !== CASH_MARKET) continue;
    const units = number('fator_cotacao', at);
    const close = toUnitPrice(number('vlr_fechamento', at), units);
    const ticker = text('codigo_ticker_ativo', at);
    if (!(close > 0)) continue;
    const paper = papers.get(ticker) ?? new PaperSessions(ticker);
    papers.set(ticker, paper);
    const isin = text('codigo_isin', at);
    paper.add(
      toDay(number('dt_pregao', at)),
      close,
      number('num_distribuicao', at),
      text('moeda', at),
      text('especificacao_papel', at),
      { isin, name: text('nome_resumido', at) },
    );
    if (withPrices) {
      paper.addPrices(
        toUnitPrice(number('vlr_min', at), units),
        toUnitPrice(number('vlr_max', at), units),
        text('codigo_bdi', at),
      );
    }
    const known = tickersByIsin.get(isin);
    if (known === undefined) tickersByIsin.set(isin, [ticker]);
    else if (!known.includes(ticker)) known.push(ticker);
  }
}

/** Hundredths as whole numbers: the quotient of two whole numbers is the double nearest to the price of one unit. */
function toUnitPrice(price: number, factor: number): number {
  return Math.round(price * 100) / (factor * 100);
}

const DAY_MS = 86_400_000;

/** Converts numbers of days since 1970 into YYYYMMDD; of millions of sessions only thousands of days differ. */
function createDayConverter(): (days: number) => number {
  const known = new Map<number, number>();
  return (days) => {
    let day = known.get(days);
    if (day === undefined) {
      const date = new Date(days * DAY_MS);
      day = date.getUTCFullYear() * 10_000 + (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
      known.set(days, day);
    }
    return day;
  };
}

/** The growing sessions of one paper, 14 bytes each; 30 with the prices that quotes need. */
class PaperSessions {
  readonly #ticker: string;
  /** YYYYMMDD */
  #days = new Int32Array(64);
  #closes = new Float64Array(64);
  /** -1 where it is blank. */
  #numbers = new Int16Array(64);
  /** Empty unless prices are added. */
  #lows = new Float64Array();
  #highs = new Float64Array();
  readonly #papers: [from: number, paper: Paper][] = [];
  /** The currency from a session on, by its position. */
  readonly #currencies: [at: number, currency: string][] = [];
  #count = 0;
  #firstClass = '';
  #lastClass = '';
  #firstPaper: PaperIdentity = { isin: '', name: '' };
  #lastPaper = this.#firstPaper;

  constructor(ticker: string) {
    this.#ticker = ticker;
  }

  /** Sessions come in the order of their days. */
  add(
    day: number,
    close: number,
    number: number,
    currency: string,
    specification: string,
    paper: PaperIdentity,
  ): void {
    const at = this.#count;
    if (at === this.#days.length) this.#grow();
    this.#days[at] = day;
    this.#closes[at] = close;
    this.#numbers[at] = Number.isNaN(number) ? -1 : number;
    if (this.#currencies.at(-1)?.[1] !== currency) this.#currencies.push([at, currency]);
    this.#lastClass = specification.split(' ', 1)[0] ?? '';
    this.#lastPaper = paper;
    if (at === 0) {
      this.#firstClass = this.#lastClass;
      this.#firstPaper = paper;
    }
    this.#count += 1;
  }

  /** Of the session that was added last. */
  addPrices(low: number, high: number, bdiCode: string): void {
    const at = this.#count - 1;
    const { name } = this.#lastPaper;
    if (this.#lows.length < this.#days.length) {
      this.#lows = enlarge(this.#lows, this.#days.length);
      this.#highs = enlarge(this.#highs, this.#days.length);
    }
    this.#lows[at] = low;
    this.#highs[at] = high;
    const currency = this.#currencies.at(-1)?.[1] ?? '';
    const last = this.#papers.at(-1)?.[1];
    const isSame =
      last?.bdiCode === bdiCode &&
      last.name === name &&
      last.shareClass === this.#lastClass &&
      last.currency === currency;
    if (!isSame) this.#papers.push([at, { bdiCode, shareClass: this.#lastClass, name, currency }]);
  }

  /** Undefined unless prices were added. */
  toPriceColumns(): PriceColumns | undefined {
    if (this.#papers.length === 0) return undefined;
    return {
      days: this.#days.subarray(0, this.#count),
      closes: this.#closes.subarray(0, this.#count),
      lows: this.#lows.subarray(0, this.#count),
      highs: this.#highs.subarray(0, this.#count),
      papers: this.#papers,
    };
  }

  #grow(): void {
    const size = Math.ceil(1.25 * this.#days.length);
    const [days, numbers] = [this.#days, this.#numbers];
    this.#days = new Int32Array(size);
    this.#numbers = new Int16Array(size);
    this.#days.set(days);
    this.#numbers.set(numbers);
    this.#closes = enlarge(this.#closes, size);
  }

  /** Undefined for a paper without a session. */
  toTickerSessions(): TickerSessions | undefined {
    const days = this.#days.subarray(0, this.#count);
    const currencies = this.#currencies;
    const [ticker, closes, numbers] = [this.#ticker, this.#closes, this.#numbers];
    const sessions: Iterable<Session> = {
      *[Symbol.iterator]() {
        let currencyAt = 0;
        for (const [at, day] of days.entries()) {
          if (currencies[currencyAt + 1]?.[0] === at) currencyAt += 1;
          yield {
            ticker,
            day,
            close: closes[at] ?? 0,
            distributionNumber: toDistributionNumber(numbers[at]),
            currency: currencies[currencyAt]?.[1] ?? '',
          };
        }
      },
    };
    const first = this.#createSession(0);
    const last = this.#createSession(this.#count - 1);
    if (first === undefined || last === undefined) return undefined;
    const classes = { firstClass: this.#firstClass, lastClass: this.#lastClass };
    const identities = { firstPaper: this.#firstPaper, lastPaper: this.#lastPaper };
    return { ticker, first, last, ...classes, ...identities, sessions, days };
  }

  #createSession(at: number): Session | undefined {
    const [day, close, number] = [this.#days[at], this.#closes[at], this.#numbers[at]];
    if (this.#count === 0 || day === undefined || close === undefined || number === undefined) {
      return undefined;
    }
    const [, currency = ''] = this.#currencies.findLast(([from]) => from <= at) ?? [];
    return {
      ticker: this.#ticker,
      day,
      close,
      distributionNumber: toDistributionNumber(number),
      currency,
    };
  }
}

function toDistributionNumber(stored: number | undefined): number | undefined {
  return stored === undefined || stored < 0 ? undefined : stored;
}

function enlarge(values: Float64Array<ArrayBuffer>, size: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(size);
  larger.set(values);
  return larger;
}

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
 * Derives the ledger and the factors from what the lake has of prices and events, and stores both. Every import ends with
 * it: which tickers an event is about follows from the prices, and which prices it adjusts from the events.
 */
export async function deriveAdjustments(
  lake: ColumnarLake,
  successions: Successions,
): Promise<DerivedAdjustments> {
  const market = await readMarketHistory(lake);
  const joined = joinMarket(market.tickers, successions);
  const { rows, notices } = buildLedger({
    dividends: await readTable(lake, dividendsTable),
    companyEvents: await readTable(lake, companyEventsTable),
    tickersByIsin: market.tickersByIsin,
    assets: joined.assets,
  });
  await storeYears(lake, eventsTable, rows);
  const stored = await storeAdjustments(lake, await adjustAssets(lake, joined));
  return { ...stored, events: rows.length, notices };
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
    dt_pregao: formatDay(adjustment.day),
    codigo_ativo: code,
    dt_inicio: formatDay(adjustment.startDay),
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

/** A day, YYYYMMDD as a number, as `YYYY-MM-DD`. */
export function formatDay(day: number): string {
  return String(day).replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');
}

/**
 * Makes these the rows of a table that is derived whole, one file a year. The new files are written before the years that
 * have none any more are removed; a process that dies in between is completed by the next import, which derives all of it again.
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

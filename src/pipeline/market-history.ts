/** The cash market's sessions of all years, by security, packed so that they fit into memory. */

import type { ColumnBatch } from '../catalog/column.ts';
import { getTable } from '../catalog/dataset.ts';
import { CASH_MARKET, history } from '../catalog/datasets/b3.ts';
import type { ColumnarLake } from '../lake/lake.ts';
import type { PriceColumns, Security } from '../transform/historical-quotes.ts';
import type { SecurityIdentity, Session, TickerSessions } from '../transform/lineage.ts';

const historyTable = getTable(history, 'sot');

const SESSION_COLUMNS = [
  ...['codigo_ticker_ativo', 'dt_pregao', 'codigo_mercado', 'especificacao_papel', 'moeda'],
  ...['vlr_fechamento', 'fator_cotacao', 'codigo_isin', 'nome_resumido', 'num_distribuicao'],
] as const;

/** What quotes take of the sessions, beside those. */
const QUOTE_COLUMNS = ['codigo_bdi', 'vlr_max', 'vlr_min'] as const;

/** The securities of the lake's history, and the ISINs under which they were traded. */
export interface MarketHistory {
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
  const securities = new Map<string, SecuritySessions>();
  const tickersByIsin = new Map<string, string[]>();
  for (const year of await lake.partitions(historyTable)) {
    for (const file of await lake.files(historyTable, year)) {
      addSessions(await lake.readColumns(file, columns), securities, tickersByIsin, withPrices);
    }
  }
  const tickers = [...securities.values()].flatMap((security) => security.toTickerSessions() ?? []);
  const prices = [...securities].flatMap(([ticker, security]) => {
    const own = security.toPriceColumns();
    return own === undefined ? [] : [[ticker, own] as const];
  });
  tickers.sort((a, b) => (a.ticker < b.ticker ? -1 : 1));
  return { tickers, tickersByIsin, prices: new Map(prices) };
}

function addSessions(
  { rowCount, texts, numbers }: ColumnBatch,
  securities: Map<string, SecuritySessions>,
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
    const security = securities.get(ticker) ?? new SecuritySessions(ticker);
    securities.set(ticker, security);
    const isin = text('codigo_isin', at);
    security.add(
      toDay(number('dt_pregao', at)),
      close,
      number('num_distribuicao', at),
      text('moeda', at),
      text('especificacao_papel', at),
      { isin, name: text('nome_resumido', at) },
    );
    if (withPrices) {
      security.addPrices(
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

/** The growing sessions of one security, 14 bytes each; 30 with the prices that quotes need. */
class SecuritySessions {
  readonly #ticker: string;
  /** YYYYMMDD */
  #days = new Int32Array(64);
  #closes = new Float64Array(64);
  /** -1 where it is blank. */
  #numbers = new Int16Array(64);
  /** Empty unless prices are added. */
  #lows = new Float64Array();
  #highs = new Float64Array();
  readonly #securities: [from: number, security: Security][] = [];
  /** The currency from a session on, by its position. */
  readonly #currencies: [at: number, currency: string][] = [];
  #count = 0;
  #firstClass = '';
  #lastClass = '';
  #firstSecurity: SecurityIdentity = { isin: '', name: '' };
  #lastSecurity = this.#firstSecurity;

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
    security: SecurityIdentity,
  ): void {
    const at = this.#count;
    if (at === this.#days.length) this.#grow();
    this.#days[at] = day;
    this.#closes[at] = close;
    this.#numbers[at] = Number.isNaN(number) ? -1 : number;
    if (this.#currencies.at(-1)?.[1] !== currency) this.#currencies.push([at, currency]);
    this.#lastClass = specification.split(' ', 1)[0] ?? '';
    this.#lastSecurity = security;
    if (at === 0) {
      this.#firstClass = this.#lastClass;
      this.#firstSecurity = security;
    }
    this.#count += 1;
  }

  /** Of the session that was added last. */
  addPrices(low: number, high: number, bdiCode: string): void {
    const at = this.#count - 1;
    const { name } = this.#lastSecurity;
    if (this.#lows.length < this.#days.length) {
      this.#lows = enlarge(this.#lows, this.#days.length);
      this.#highs = enlarge(this.#highs, this.#days.length);
    }
    this.#lows[at] = low;
    this.#highs[at] = high;
    const currency = this.#currencies.at(-1)?.[1] ?? '';
    const last = this.#securities.at(-1)?.[1];
    const isSame =
      last?.bdiCode === bdiCode &&
      last.name === name &&
      last.shareClass === this.#lastClass &&
      last.currency === currency;
    if (!isSame)
      this.#securities.push([at, { bdiCode, shareClass: this.#lastClass, name, currency }]);
  }

  /** Undefined unless prices were added. */
  toPriceColumns(): PriceColumns | undefined {
    if (this.#securities.length === 0) return undefined;
    return {
      days: this.#days.subarray(0, this.#count),
      closes: this.#closes.subarray(0, this.#count),
      lows: this.#lows.subarray(0, this.#count),
      highs: this.#highs.subarray(0, this.#count),
      securities: this.#securities,
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

  /** Undefined for a security without a session. */
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
    const identities = { firstSecurity: this.#firstSecurity, lastSecurity: this.#lastSecurity };
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

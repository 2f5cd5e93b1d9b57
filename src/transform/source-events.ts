/**
 * What one source prints of a corporate event, read from its raw row: its kind, days and exact amount, and the ticker
 * that it is about. What cannot be read is absent and named. Pure.
 */
import type { Cell, Row } from '../catalog/column.ts';
import { getTable } from '../catalog/dataset.ts';
import { companyEvents, dividends } from '../catalog/datasets/corporate-events.ts';
import { removeAccents } from '../text.ts';
import { type Decimal, divide, isSameRounded, parseDecimal } from './decimal.ts';
import { getRowKey } from './deduplicate.ts';
import { parseValue } from './values.ts';

export const dividendsTable = getTable(dividends, 'sor');
export const companyTable = getTable(companyEvents, 'sor');

type Source = 'b3' | 'fundamentus';

/** What one source prints of an event. */
export interface SourceEvent {
  readonly source: Source;
  /** The one under which the asset was traded on the day. */
  readonly ticker: string;
  /** What the source prints it of: a ticker of the site, an ISIN of B3. */
  readonly page: string;
  /** The place of the page's ticker among those of the asset, the oldest first. */
  readonly pageOrder: number;
  readonly isin: string | null;
  /** The issuer that B3 was asked about; empty of the site's rows. */
  readonly issuer: string;
  readonly type: string;
  readonly comDay: string;
  readonly paymentDay: string | null;
  readonly isCash: boolean;
  readonly amount: Decimal | undefined;
  readonly factor: Decimal | undefined;
  readonly multiplier: Decimal | undefined;
  readonly isShown: boolean;
  /** What other pages of the source print instead, and whether that is another value. */
  readonly others: readonly SourceEvent[];
  readonly isContradicted: boolean;
  /** What is printed, without the order among equal rows. */
  readonly text: string;
  /** Different for all rows of a source. */
  readonly key: string;
}

type Notice = (subject: string, reason: string, text: string) => void;

export function getGroup({
  ticker,
  comDay,
  type,
}: Pick<SourceEvent, 'ticker' | 'comDay' | 'type'>): string {
  return `${ticker} ${comDay} ${type}`;
}

export function getDay({ ticker, comDay }: Pick<SourceEvent, 'ticker' | 'comDay'>): string {
  return `${ticker} ${comDay}`;
}

export function readSiteRow(row: Row, notice: Notice): SourceEvent | undefined {
  const subject = toText(row['codigo_ticker_ativo']);
  const own = readCommon(row, subject, notice);
  if (own === undefined) return undefined;
  const amount = readDecimal(row['vlr_provento'], subject, 'amount', notice);
  const units = toText(row['qtd_unidades']);
  const count = parseUnitCount(units);
  if (count === undefined) notice(subject, 'the number of units cannot be read', units);
  return {
    ...own,
    ...{ source: 'fundamentus', ticker: subject, page: subject, isin: null, issuer: '' },
    ...{ isCash: true, ...ALONE },
    amount: amount && count !== undefined ? divide(amount, count) : undefined,
    ...{ factor: undefined, multiplier: undefined },
    ...describeText(row, dividendsTable.keyColumns),
  };
}

/** The pages of funds have no number of units: their amounts are for one. */
function parseUnitCount(text: string): bigint | undefined {
  if (text === '') return 1n;
  const count = parseDecimal(text);
  return count !== undefined && count.divisor === 1n && count.digits > 0n
    ? count.digits
    : undefined;
}

export function readCompanyRow(
  row: Row,
  known: KnownTickers,
  notice: Notice,
): SourceEvent | undefined {
  const [issuer, isin] = [toText(row['codigo_emissor']), toText(row['codigo_isin'])];
  const subject = `${issuer} ${isin}`;
  const own = readCommon(row, subject, notice);
  if (own === undefined) return undefined;
  const isCash = row['categoria'] === 'cashDividends';
  const amount = isCash ? readDecimal(row['vlr_provento'], subject, 'amount', notice) : undefined;
  const factor = isCash ? undefined : readDecimal(row['vlr_fator'], subject, 'factor', notice);
  const ticker = findTicker({ ...own, amount }, issuer, isin, known);
  if (ticker === undefined) {
    notice(subject, 'no session of this ISIN is in the lake, and its class names no ticker', isin);
    return undefined;
  }
  const issued = toText(row['codigo_isin_emitido']);
  const multiplier =
    row['categoria'] === 'stockDividends' && factor !== undefined
      ? computeMultiplier(own.type, factor, issued === '' || issued === isin)
      : undefined;
  if (multiplier === undefined && COMPUTABLE_TYPES.has(own.type)) {
    notice(subject, `the change of units of ${own.type} is not certain`, toText(row['vlr_fator']));
  }
  return {
    ...own,
    ...{ source: 'b3', ticker, page: isin, isin, issuer, isCash, amount, factor, multiplier },
    ...ALONE,
    ...describeText(row, companyTable.keyColumns),
  };
}

const ALONE = { pageOrder: 0, others: [], isContradicted: false } as const;

type CommonFields = Pick<SourceEvent, 'type' | 'comDay' | 'paymentDay' | 'isShown'>;

function readCommon(row: Row, subject: string, notice: Notice): CommonFields | undefined {
  const comDay = readDay(row['dt_com'], subject, 'last day with the right', notice);
  if (comDay === null) {
    notice(subject, 'the row has no last day with the right', toText(row['dt_com']));
    return undefined;
  }
  return {
    type: toType(toText(row['tipo_evento'])),
    comDay,
    paymentDay: readDay(row['dt_pagamento'], subject, 'day of the payment', notice),
    isShown: row['situacao'] !== ABSENT,
  };
}

export const SHOWN = 'vigente';
export const ABSENT = 'ausente';

function describeText(row: Row, keyColumns: readonly string[]): Pick<SourceEvent, 'text' | 'key'> {
  const printed = keyColumns.filter((name) => name !== 'num_ocorrencia');
  return {
    text: getRowKey(row, { keyColumns: printed }),
    key: getRowKey(row, { keyColumns }),
  };
}

function toText(cell: Cell | undefined): string {
  return cell === null || cell === undefined ? '' : String(cell).trim();
}

/** The kinds by other names that the two sources have for them. */
const TYPE_SYNONYMS: ReadonlyMap<string, string> = new Map([
  ['DIVIDENDOS', 'DIVIDENDO'],
  ['JCP', 'JRS CAP PROPRIO'],
  ['JSCP', 'JRS CAP PROPRIO'],
  ['JUROS', 'JRS CAP PROPRIO'],
  ['JUROS SOBRE CAPITAL PROPRIO', 'JRS CAP PROPRIO'],
  ['RENDIMENTOS', 'RENDIMENTO'],
  ['AMORTIZACAO RF', 'AMORTIZACAO'],
  ['AMORTIZACOES', 'AMORTIZACAO'],
]);

/** As B3 writes it: in capitals, without accents. */
function toType(text: string): string {
  const type = removeAccents(text).toUpperCase().replace(/\s+/g, ' ');
  return TYPE_SYNONYMS.get(type) ?? (type === '' ? 'NAO INFORMADO' : type);
}

/** The year 9999 is how B3 writes that there is no such day. */
function readDay(
  cell: Cell | undefined,
  subject: string,
  what: string,
  notice: Notice,
): string | null {
  const text = toText(cell);
  const parsed = parseValue(text, 'date');
  if (!parsed.ok) notice(subject, `the ${what} is not a date`, text);
  const day = parsed.ok && typeof parsed.value === 'string' ? parsed.value : null;
  return day?.startsWith('9999-') ? null : day;
}

function readDecimal(
  cell: Cell | undefined,
  subject: string,
  what: string,
  notice: Notice,
): Decimal | undefined {
  const text = toText(cell);
  if (text === '' || text === '-') return undefined;
  const value = parseDecimal(text);
  if (value === undefined) notice(subject, `the ${what} is not a number`, text);
  return value;
}

const COMPUTABLE_TYPES: ReadonlySet<string> = new Set([
  'DESDOBRAMENTO',
  'BONIFICACAO',
  'GRUPAMENTO',
]);

/**
 * The units after the event for one unit before it; undefined for kinds that do not say it. Of a split and a bonus the
 * factor is the percentage that is added, of a grouping it is the multiplier, which is less than one.
 *
 * @param isSamePaper whether the paper that is given is the one that has the right: a bonus in another paper adds no
 *   unit
 */
function computeMultiplier(
  type: string,
  { digits, divisor }: Decimal,
  isSamePaper: boolean,
): Decimal | undefined {
  if (digits <= 0n) return undefined;
  if (type === 'GRUPAMENTO') return digits < divisor ? { digits, divisor } : undefined;
  if (type !== 'DESDOBRAMENTO' && !(type === 'BONIFICACAO' && isSamePaper)) return undefined;
  return { digits: 100n * divisor + digits, divisor: 100n * divisor };
}

/** What shows the ticker of an event of B3. */
interface KnownTickers {
  /** The tickers under which each ISIN was traded, in that order. */
  readonly tickersByIsin: ReadonlyMap<string, readonly string[]>;
  /** The events of the site, by ticker, day and kind. */
  readonly siteGroups: ReadonlyMap<string, readonly SourceEvent[]>;
  /** The tickers and days of which the site has any event. */
  readonly siteDays: ReadonlySet<string>;
}

/**
 * The ticker of an event of B3. Of several tickers with the ISIN it is the one whose page on the site has the same
 * event, or else another one of that day, or else the newest. An ISIN that was never traded gets the ticker that the
 * class of its paper always has.
 */
function findTicker(
  event: CommonFields & Pick<SourceEvent, 'amount'>,
  issuer: string,
  isin: string,
  { tickersByIsin, siteGroups, siteDays }: KnownTickers,
): string | undefined {
  const newestFirst = (tickersByIsin.get(isin) ?? []).toReversed();
  const { amount } = event;
  const onSite = newestFirst.find((ticker) =>
    siteGroups
      .get(getGroup({ ...event, ticker }))
      ?.some(
        (sourceEvent) => amount && sourceEvent.amount && isSameRounded(amount, sourceEvent.amount),
      ),
  );
  const onSameDay =
    amount && newestFirst.find((ticker) => siteDays.has(getDay({ ...event, ticker })));
  return onSite ?? onSameDay ?? newestFirst[0] ?? findTickerOfClass(issuer, isin);
}

/** The part of an ISIN behind the issuer, and the number that its ticker has. */
const CLASS_NUMBERS: readonly (readonly [RegExp, string])[] = [
  [/^ACNOR/, '3'],
  [/^ACNPR/, '4'],
  [/^ACNPA/, '5'],
  [/^ACNPB/, '6'],
  [/^CDAM/, '11'],
  [/^CTF/, '11'],
];

/** Undefined if the ISIN is of another issuer, such as one of an earlier name, or of another class. */
function findTickerOfClass(issuer: string, isin: string): string | undefined {
  if (!/^[A-Z][A-Z0-9]{3}$/.test(issuer) || !isin.startsWith(`BR${issuer}`)) return undefined;
  const number = CLASS_NUMBERS.find(([pattern]) => pattern.test(isin.slice(6)))?.[1];
  return number && `${issuer}${number}`;
}

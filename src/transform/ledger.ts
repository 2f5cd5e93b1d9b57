/**
 * The ledger of corporate events: the raw rows of the site and of B3 become one row an event. Pure; a function of the set
 * of rows alone, so that the order of imports does not matter.
 *
 * An event that both sources print is one: the same asset, last day with the right and kind, and an amount that is equal as
 * far as it is printed. Two equal rows of one answer are two payments; B3's answers about two issuers may have the same event,
 * after a change of name. What cannot be read is null and named, never guessed. Where the sources print the cash of a day in
 * other kinds, pieces or amounts, one of them counts, and the row says what the other one prints (`reconcilePrints`). The pages
 * of an asset's old and new tickers, and its old and new ISINs, are compared in the same way: they are about one paper.
 */
import type { Cell, Row } from '../catalog/column.ts';
import { companyEvents, dividends } from '../catalog/corporate-events.ts';
import { getTable } from '../catalog/dataset.ts';
import { groupBy } from '../collections.ts';
import { removeAccents } from '../text.ts';
import {
  add,
  compareDecimals,
  type Decimal,
  divide,
  isSameCutOff,
  isSameRounded,
  multiply,
  parseDecimal,
  subtract,
  toNumber,
  ZERO,
} from './decimal.ts';
import { deduplicate, getRowKey } from './deduplicate.ts';
import type { Asset } from './lineage.ts';
import { parseValue } from './values.ts';

export interface LedgerInput {
  /** The rows of `tbsor_fundamentus_proventos`. */
  readonly dividends: readonly Row[];
  /** The rows of `tbsor_b3_eventos`. */
  readonly companyEvents: readonly Row[];
  /** The tickers under which each ISIN was traded, in that order. */
  readonly tickersByIsin: ReadonlyMap<string, readonly string[]>;
  /** The assets with the tickers of each; a ticker that is in none is an asset of its own. */
  readonly assets: readonly Asset[];
}

/** Text that could not be read, so that a value is null or a row is left out. */
export interface LedgerNotice {
  /** A ticker, or the code of an issuer and an ISIN. */
  readonly subject: string;
  readonly reason: string;
  readonly text: string;
}

export interface Ledger {
  /** The rows of `tbsot_eventos_corporativos`, in the order of their keys. */
  readonly rows: readonly Row[];
  readonly notices: readonly LedgerNotice[];
}

type Source = 'b3' | 'fundamentus';

/** What one source prints of an event. */
interface Print {
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
  readonly others: readonly Print[];
  readonly isContradicted: boolean;
  /** What is printed, without the order among equal rows. */
  readonly text: string;
  /** Different for all rows of a source. */
  readonly key: string;
}

/** An event with the prints of one source or of both. */
type Prints = readonly [Print, ...Print[]];

const dividendsTable = getTable(dividends, 'sor');
const companyTable = getTable(companyEvents, 'sor');

export function buildLedger(input: LedgerInput): Ledger {
  const notices: LedgerNotice[] = [];
  const notice = (subject: string, reason: string, text: string): void => {
    notices.push({ subject, reason, text });
  };
  const sitePrints = deduplicate(input.dividends, dividendsTable).flatMap(
    (row) => readSiteRow(row, notice) ?? [],
  );
  const siteGroups = groupBy(sitePrints, getGroup);
  const siteDays = new Set(sitePrints.map(getDay));
  const companyPrints = deduplicate(input.companyEvents, companyTable).flatMap(
    (row) => readCompanyRow(row, { ...input, siteGroups, siteDays }, notice) ?? [],
  );
  const place = createPlacing(input.assets);
  const days = groupBy([...sitePrints, ...companyPrints].map(place), getDay);
  const events = [...days.values()].flatMap(joinPrints);
  const rows = [...groupBy(events, ({ best }) => getGroup(best)).values()].flatMap(toRows);
  return { rows: rows.sort(compareRows), notices };
}

/** Moves a print to the ticker under which its asset was traded on the day. */
function createPlacing(assets: readonly Asset[]): (print: Print) => Print {
  const byTicker = new Map(
    assets.flatMap(({ parts }) => parts.map(({ ticker }) => [ticker, parts] as const)),
  );
  return (print) => {
    const parts = byTicker.get(print.ticker) ?? [];
    const day = Number(print.comDay.replaceAll('-', ''));
    const traded = parts.findLast(({ first }) => first.day <= day) ?? parts[0];
    const pageOrder = parts.findIndex(({ ticker }) => ticker === print.ticker);
    return { ...print, ticker: traded?.ticker ?? print.ticker, pageOrder };
  };
}

type Notice = (subject: string, reason: string, text: string) => void;

function getGroup({ ticker, comDay, type }: Pick<Print, 'ticker' | 'comDay' | 'type'>): string {
  return `${ticker} ${comDay} ${type}`;
}

function getDay({ ticker, comDay }: Pick<Print, 'ticker' | 'comDay'>): string {
  return `${ticker} ${comDay}`;
}

function readSiteRow(row: Row, notice: Notice): Print | undefined {
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

function readCompanyRow(row: Row, known: KnownTickers, notice: Notice): Print | undefined {
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

type CommonFields = Pick<Print, 'type' | 'comDay' | 'paymentDay' | 'isShown'>;

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

function describeText(row: Row, keyColumns: readonly string[]): Pick<Print, 'text' | 'key'> {
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
 * The units after the event for one unit before it; undefined for kinds that do not say it. Of a split and a bonus the factor
 * is the percentage that is added, of a grouping it is the multiplier, which is less than one.
 *
 * @param isSamePaper whether the paper that is given is the one that has the right: a bonus in another paper adds no unit
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
interface KnownTickers extends Pick<LedgerInput, 'tickersByIsin'> {
  /** The events of the site, by ticker, day and kind. */
  readonly siteGroups: ReadonlyMap<string, readonly Print[]>;
  /** The tickers and days of which the site has any event. */
  readonly siteDays: ReadonlySet<string>;
}

/**
 * The ticker of an event of B3. Of several tickers with the ISIN it is the one whose page on the site has the same event, or
 * else another one of that day, or else the newest. An ISIN that was never traded gets the ticker that the class of its paper
 * always has.
 */
function findTicker(
  event: CommonFields & Pick<Print, 'amount'>,
  issuer: string,
  isin: string,
  { tickersByIsin, siteGroups, siteDays }: KnownTickers,
): string | undefined {
  const newestFirst = (tickersByIsin.get(isin) ?? []).toReversed();
  const { amount } = event;
  const onSite = newestFirst.find((ticker) =>
    siteGroups
      .get(getGroup({ ...event, ticker }))
      ?.some((print) => amount && print.amount && isSameRounded(amount, print.amount)),
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

/** The events behind the prints of one asset and day. */
function joinPrints(prints: readonly Print[]): LedgerEvent[] {
  const cash = prints.filter(({ isCash }) => isCash);
  const [site, company] = [
    joinPages(cash.filter(({ source }) => source === 'fundamentus')),
    joinPages(cash.filter(({ source }) => source === 'b3')),
  ];
  const others = joinPages(prints.filter(({ isCash }) => !isCash));
  return [...reconcilePrints(company, site), ...others.map((print) => createEvent([print]))];
}

/**
 * What one source prints of an asset and day: an event may be on the pages of its old and of its new ticker. Where the pages
 * differ, the newer one is preferred.
 */
function joinPages(prints: readonly Print[]): Print[] {
  const pages = [...groupBy(prints, ({ page }) => page)].map(([page, printed]) => ({
    page,
    order: printed.reduce((newest, { pageOrder }) => Math.max(newest, pageOrder), -1),
    own: [...groupBy(printed, ({ type }) => type).values()].flatMap((ofKind) =>
      ofKind[0]?.source === 'b3' ? joinIssuers(ofKind) : removeEarlierPrints(ofKind),
    ),
  }));
  const [newest, ...older] = pages
    .sort((a, b) => b.order - a.order || compareTexts(a.page, b.page))
    .map(({ own }) => own);
  return older.reduce(
    (joined, own) =>
      reconcilePrints(joined, own).map(({ prints: same, best, others, isContradicted }) => ({
        ...best,
        ...{ others, isContradicted, isShown: same.some(({ isShown }) => isShown) },
      })),
    newest ?? [],
  );
}

/**
 * One print an event, where the answers about several issuers have it: a company that changes its name gets another code, and
 * its events may be stored under both. What was stored under the old code is never marked once B3 does not know it any more.
 */
function joinIssuers(prints: readonly Print[]): Print[] {
  // A bonus in the paper itself and one in another paper may have the same factor.
  const alike = groupBy(prints, ({ multiplier }) => multiplier !== undefined);
  return [...alike.values()].flatMap((group) =>
    [...groupBy(group, ({ issuer }) => issuer)]
      .sort(([a], [b]) => compareTexts(a, b))
      .map(([, own]) => removeEarlierPrints(own))
      .reduce((joined, own) => {
        const pairing = new Pairing(joined, own);
        pairing.pairWithoutConflict();
        return pairing.finish().map((pair) => ({
          ...chooseValues(pair),
          isShown: pair.some(({ isShown }) => isShown),
        }));
      }),
  );
}

/**
 * Without those that the source shows no more because it prints the same event in another way now, such as with the day of
 * the payment: for each of them there is another print, with the same values as far as both have them.
 */
function removeEarlierPrints(prints: readonly Print[]): Print[] {
  const shown = prints.filter(({ isShown }) => isShown);
  const absent = prints.filter(({ isShown }) => !isShown);
  const kept = [...groupBy(absent, ({ text }) => text).values()].flatMap((equal) => {
    const later = shown.filter(({ text }) => text !== equal[0]?.text);
    const pairing = new Pairing(equal, later);
    pairing.pairWithoutConflict();
    return pairing.unpairedLeft;
  });
  return [...shown, ...kept];
}

/** The pairs of two lists of prints, each print in at most one. */
class Pairing {
  readonly #pairs: Prints[] = [];
  readonly #left: readonly Print[];
  readonly #right: readonly Print[];
  readonly #paired = new Set<Print>();

  constructor(left: readonly Print[], right: readonly Print[]) {
    this.#left = left.toSorted(comparePrints);
    this.#right = right.toSorted(comparePrints);
  }

  get unpairedLeft(): Print[] {
    return this.#left.filter((print) => !this.#paired.has(print));
  }

  /** The pairs, and all other prints alone. */
  finish(): Prints[] {
    const alone = [...this.#left, ...this.#right].filter((print) => !this.#paired.has(print));
    return [...this.#pairs, ...alone.map((print): Prints => [print])];
  }

  /** Pairs only where the days of payment are equal, or one print lacks it. */
  pairWithoutConflict(): void {
    for (const isSame of [isSameRounded, isSameCutOff]) this.#pairByDays(always, always, isSame);
  }

  /** Pairs equal days of payment first, then those that one print lacks, and then days that differ. */
  pairWhere(isLeft: Filter, isRight: Filter): void {
    this.#pairByDays(isLeft, isRight, isSameRounded);
    this.#pair(this.#left.filter(isLeft), this.#right.filter(isRight), isSameRounded);
    this.#pairByDays(isLeft, isRight, isSameCutOff);
  }

  #pairByDays(isLeft: Filter, isRight: Filter, isSame: Comparison): void {
    const [left, right] = [this.#left.filter(isLeft), this.#right.filter(isRight)];
    const rightByDay = groupBy(right, ({ paymentDay }) => paymentDay);
    for (const [day, own] of groupBy(left, ({ paymentDay }) => paymentDay)) {
      this.#pair(own, rightByDay.get(day) ?? [], isSame);
    }
    this.#pair(left.filter(hasNoPaymentDay), right, isSame);
    this.#pair(left, right.filter(hasNoPaymentDay), isSame);
  }

  /** Both lists are sorted by the amount: one walk along them finds the pairs. */
  #pair(left: readonly Print[], right: readonly Print[], isSame: Comparison): void {
    let [at, to] = [0, 0];
    for (;;) {
      const [a, b] = [left[at], right[to]];
      if (a === undefined || b === undefined) return;
      if (this.#paired.has(a)) at += 1;
      else if (this.#paired.has(b)) to += 1;
      else if (arePrintsSame(a, b, isSame)) {
        this.#pairs.push([a, b]);
        this.#paired.add(a).add(b);
      } else if (compareOptional(a.amount ?? a.factor, b.amount ?? b.factor) < 0) at += 1;
      else to += 1;
    }
  }
}

type Filter = (print: Print) => boolean;
type Comparison = (a: Decimal, b: Decimal) => boolean;

function always(): boolean {
  return true;
}

function hasNoPaymentDay({ paymentDay }: Print): boolean {
  return paymentDay === null;
}

function arePrintsSame(a: Print, b: Print, isSame: Comparison): boolean {
  const [left, right] = [a.amount ?? a.factor, b.amount ?? b.factor];
  return left !== undefined && right !== undefined && isSame(left, right);
}

/** By amount, day of payment, and all that is printed: the order does not depend on that of the rows. */
function comparePrints(a: Print, b: Print): number {
  return (
    compareOptional(a.amount ?? a.factor, b.amount ?? b.factor) ||
    compareTexts(a.paymentDay ?? '9999', b.paymentDay ?? '9999') ||
    compareTexts(a.key, b.key)
  );
}

function compareOptional(a: Decimal | undefined, b: Decimal | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return compareDecimals(a, b);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** An event of the ledger. */
interface LedgerEvent {
  readonly prints: Prints;
  /** The values that count. */
  readonly best: Print;
  /** What another source prints instead: another kind, other pieces or another amount. */
  readonly others: readonly Print[];
  /** Whether that is another amount. */
  readonly isContradicted: boolean;
}

function createEvent(prints: Prints): LedgerEvent {
  return {
    ...{ prints, best: chooseValues(prints) },
    others: prints.flatMap(({ others }) => others),
    isContradicted: prints.some(({ isContradicted }) => isContradicted),
  };
}

function addOthers(event: LedgerEvent, others: readonly Print[]): LedgerEvent {
  return { ...event, others: [...event.others, ...others] };
}

function contradict(event: LedgerEvent, others: readonly Print[]): LedgerEvent {
  return { ...addOthers(event, others), isContradicted: true };
}

/**
 * The events of one asset and day, each once, of two lists that both should have all of them: of two sources, or of two pages
 * of one. What both print alike is one. Where they print it in different ways,
 *
 *  - the same amount as another kind is one event, of B3's kind, or of the preferred page's;
 *  - the same total in other pieces is one set of pieces, that with the more exact amounts, or else the preferred one;
 *  - of one kind with other amounts the more exact set counts, and is marked as contradicted;
 *  - of other kinds with other amounts each may be what the other list lacks: all count, marked as contradicted;
 *  - of a change of units with another factor the preferred one counts, and is marked as contradicted.
 *
 * What is not shown any more contradicts nothing that the other list shows.
 */
function reconcilePrints(preferred: readonly Print[], other: readonly Print[]): LedgerEvent[] {
  const isPreferred = new Set(preferred);
  const kinds = groupBy([...preferred, ...other], getKind);
  const events = [...kinds.values()].flatMap((ofKind) => {
    const [left, right] = split(ofKind, isPreferred);
    const pairing = new Pairing(left, right);
    // What is still shown is paired first.
    for (const [leftShown, rightShown] of SHOWN_FIRST) {
      pairing.pairWhere(
        ({ isShown }) => isShown === leftShown,
        ({ isShown }) => isShown === rightShown,
      );
    }
    return pairing.finish().map(createEvent);
  });
  const isOpen = ({ prints, best }: LedgerEvent): boolean =>
    prints.length === 1 && (best.amount ?? best.factor) !== undefined;
  const open = events.filter(isOpen).map(({ prints: [print] }) => print);
  const states = groupBy(open, ({ isShown, isCash }) => `${isShown} ${isCash}`);
  return [
    ...events.filter((event) => !isOpen(event)),
    ...[...states.values()].flatMap((alike) => {
      const [left, right] = split(alike, isPreferred);
      if (left.length === 0 || right.length === 0)
        return alike.map((print) => createEvent([print]));
      return alike[0]?.isCash === true
        ? reconcileCash(left, right)
        : reconcileUnits(alike, isPreferred);
    }),
  ];
}

const SHOWN_FIRST = [
  [true, true],
  [true, false],
  [false, true],
  [false, false],
] as const;

/** A bonus in the paper itself and one in another paper are of two kinds. */
function getKind({ type, multiplier }: Print): string {
  return `${type} ${multiplier !== undefined}`;
}

type Split = readonly [preferred: readonly Print[], other: readonly Print[]];

function split(prints: readonly Print[], isPreferred: ReadonlySet<Print>): Split {
  return [
    prints.filter((print) => isPreferred.has(print)),
    prints.filter((print) => !isPreferred.has(print)),
  ];
}

function reconcileUnits(prints: readonly Print[], isPreferred: ReadonlySet<Print>): LedgerEvent[] {
  return [...groupBy(prints, getKind).values()].flatMap((ofKind) => {
    const [chosen, others] = split(ofKind, isPreferred);
    if (chosen.length === 0 || others.length === 0) {
      return ofKind.map((print) => createEvent([print]));
    }
    return chosen.map((print) => contradict(createEvent([print]), others));
  });
}

function reconcileCash(preferred: readonly Print[], other: readonly Print[]): LedgerEvent[] {
  const isPreferred = new Set(preferred);
  const pairing = new Pairing(preferred, other);
  pairing.pairWithoutConflict();
  const joined = pairing.finish().map(createEvent);
  const pairs = joined
    .filter(({ prints }) => prints.length > 1)
    .map((event) =>
      addOthers(
        event,
        event.prints.filter(({ type }) => type !== event.best.type),
      ),
    );
  const alone = joined.flatMap(({ prints }) => (prints.length === 1 ? [prints[0]] : []));
  // First the pieces of each kind, and then those of all kinds.
  const settled: LedgerEvent[] = [];
  const open: Print[] = [];
  for (const ofKind of groupBy(alone, ({ type }) => type).values()) {
    const chosen = chooseEqualTotal(...split(ofKind, isPreferred));
    if (chosen === undefined) open.push(...ofKind);
    else settled.push(...chosen);
  }
  const rest = chooseEqualTotal(...split(open, isPreferred));
  return [...pairs, ...settled, ...(rest ?? chooseContradicted(open, isPreferred))];
}

/** The prints of the more exact list, if both have some and their totals are equal as far as they are printed. */
function chooseEqualTotal(...[preferred, other]: Split): LedgerEvent[] | undefined {
  if (preferred.length === 0 || other.length === 0) return undefined;
  const [a, b] = [preferred, other].map(sumAmounts) as [Sum, Sum];
  const distance =
    compareDecimals(a.total, b.total) < 0 ? subtract(b.total, a.total) : subtract(a.total, b.total);
  const isSame =
    compareDecimals(multiply(distance, 2n), add(a.step, b.step)) <= 0 ||
    compareDecimals(distance, a.step) < 0 ||
    compareDecimals(distance, b.step) < 0;
  if (!isSame) return undefined;
  const { chosen, others } = chooseExact(preferred, other);
  return chosen.map((print) => addOthers(createEvent([print]), others));
}

/** Of each kind that both lists have the more exact ones, and all of the kinds that one list has alone. */
function chooseContradicted(
  prints: readonly Print[],
  isPreferred: ReadonlySet<Print>,
): LedgerEvent[] {
  const kinds = [...groupBy(prints, ({ type }) => type).values()].map((ofKind) =>
    split(ofKind, isPreferred),
  );
  const both = kinds.flatMap(([preferred, other]) => {
    const [one, two] = [preferred[0], other[0]];
    if (one === undefined || two === undefined) return [];
    if (preferred.length === 1 && other.length === 1) {
      const event = createEvent([one, two]);
      const others = event.prints.filter(({ amount }) => amount !== event.best.amount);
      return [contradict(event, others)];
    }
    const { chosen, others } = chooseExact(preferred, other);
    return chosen.map((print) => contradict(createEvent([print]), others));
  });
  const alone = kinds.filter(([preferred, other]) => preferred.length === 0 || other.length === 0);
  const [preferred, other] = [alone.flatMap(([own]) => own), alone.flatMap(([, own]) => own)];
  const isContradicted = preferred.length > 0 && other.length > 0;
  const addAlone = (print: Print, others: readonly Print[]): LedgerEvent =>
    isContradicted ? contradict(createEvent([print]), others) : createEvent([print]);
  return [
    ...both,
    ...preferred.map((print) => addAlone(print, other)),
    ...other.map((print) => addAlone(print, preferred)),
  ];
}

/** The list whose least exact amount has more digits, or else the preferred one. */
function chooseExact(...[preferred, other]: Split): {
  readonly chosen: readonly Print[];
  readonly others: readonly Print[];
} {
  const [a = 0n, b = 0n] = [preferred, other].map((prints) =>
    prints.reduce<bigint | undefined>((least, { amount }) => {
      const divisor = amount?.divisor ?? 0n;
      return least === undefined || divisor < least ? divisor : least;
    }, undefined),
  );
  return b > a ? { chosen: other, others: preferred } : { chosen: preferred, others: other };
}

/** A sum of printed amounts, and of the last digits of them. */
interface Sum {
  readonly total: Decimal;
  readonly step: Decimal;
}

function sumAmounts(prints: readonly Print[]): Sum {
  return prints.reduce<Sum>(
    ({ total, step }, { amount }) =>
      amount === undefined
        ? { total, step }
        : { total: add(total, amount), step: add(step, { digits: 1n, divisor: amount.divisor }) },
    { total: ZERO, step: ZERO },
  );
}

/** The rows of the events of one ticker, day and kind, numbered. */
function toRows(events: readonly LedgerEvent[]): Row[] {
  return events
    .toSorted((a, b) => comparePrints(a.best, b.best))
    .map((event, at) => toRow(event, at + 1));
}

/** Of two prints the more exact amount and the known day of payment; where both are as good, B3's. */
function chooseValues(prints: Prints): Print {
  const [first, second] = prints.toSorted((a, b) => compareTexts(a.source, b.source));
  if (first === undefined) return prints[0];
  if (second === undefined) return first;
  const isMoreExact = (second.amount?.divisor ?? 0n) > (first.amount?.divisor ?? 0n);
  return {
    ...first,
    paymentDay: first.paymentDay ?? second.paymentDay,
    amount: isMoreExact ? second.amount : first.amount,
  };
}

function toRow({ prints, best, others, isContradicted }: LedgerEvent, order: number): Row {
  const shown = prints.filter(({ isShown }) => isShown);
  // The other pieces of an equal total confirm these.
  const confirming = isContradicted ? [] : others;
  const sources = (shown.length > 0 ? shown : prints)
    .concat(confirming)
    .map(({ source }) => source);
  return {
    codigo_ticker_ativo: best.ticker,
    codigo_evento: `${best.comDay.replaceAll('-', '')} ${best.type} ${order}`,
    codigo_isin: best.isin,
    tipo_evento: best.type,
    dt_com: best.comDay,
    dt_pagamento: best.paymentDay,
    vlr_provento: best.amount === undefined ? null : toNumber(best.amount),
    vlr_fator: best.factor === undefined ? null : toNumber(best.factor),
    vlr_multiplicador: best.multiplier === undefined ? null : toNumber(best.multiplier),
    fontes: [...new Set(sources)].sort().join(','),
    situacao: shown.length > 0 ? SHOWN : ABSENT,
    divergencia: others.length === 0 ? null : describePrints(others),
    valor_divergente: isContradicted,
  };
}

/** Such as `fundamentus: DIVIDENDO 0.5 + JRS CAP PROPRIO 0.4`. */
function describePrints(prints: readonly Print[]): string {
  return [...groupBy(prints.toSorted(comparePrints), ({ source }) => source)]
    .map(([source, own]) => {
      const values = own.map(({ type, amount, factor }) => {
        const value = amount ?? factor;
        return `${type} ${value ? toNumber(value) : '?'}`;
      });
      return `${source}: ${values.join(' + ')}`;
    })
    .join('; ');
}

function compareRows(a: Row, b: Row): number {
  return (
    compareTexts(String(a['codigo_ticker_ativo']), String(b['codigo_ticker_ativo'])) ||
    compareTexts(String(a['codigo_evento']), String(b['codigo_evento']))
  );
}

/**
 * From the prints of one asset and day to its events, each once. An event that both sources print is one: the same
 * asset, last day with the right and kind, and an amount that is equal as far as it is printed. Two equal rows of one
 * answer are two payments; B3's answers about two issuers may have the same event, after a change of name. Where the
 * sources print the cash of a day in other kinds, pieces or amounts, one of them counts, and the event says what the
 * other one prints (`reconcilePrints`). The pages of an asset's old and new tickers, and its old and new ISINs, are
 * compared in the same way. Pure.
 */
import { groupBy } from '../collections.ts';
import {
  add,
  compareDecimals,
  type Decimal,
  isSameCutOff,
  isSameRounded,
  multiply,
  subtract,
  ZERO,
} from './decimal.ts';
import type { Print } from './event-prints.ts';

/** An event with the prints of one source or of both. */
type Prints = readonly [Print, ...Print[]];

/** The events behind the prints of one asset and day. */
export function joinPrints(prints: readonly Print[]): LedgerEvent[] {
  const cash = prints.filter(({ isCash }) => isCash);
  const [site, company] = [
    joinPages(cash.filter(({ source }) => source === 'fundamentus')),
    joinPages(cash.filter(({ source }) => source === 'b3')),
  ];
  const others = joinPages(prints.filter(({ isCash }) => !isCash));
  return [...reconcilePrints(company, site), ...others.map((print) => createEvent([print]))];
}

/**
 * What one source prints of an asset and day: an event may be on the pages of its old and of its new ticker. Where the
 * pages differ, the newer one is preferred.
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
 * One print an event, where the answers about several issuers have it: a company that changes its name gets another
 * code, and its events may be stored under both. What was stored under the old code is never marked once B3 does not
 * know it any more.
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
 * Without those that the source shows no more because it prints the same event in another way now, such as with the day
 * of the payment: for each of them there is another print, with the same values as far as both have them.
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
export function comparePrints(a: Print, b: Print): number {
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

export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** An event of the ledger. */
export interface LedgerEvent {
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
 * The events of one asset and day, each once, of two lists that both should have all of them: of two sources, or of two
 * pages of one. What both print alike is one. Where they print it in different ways,
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

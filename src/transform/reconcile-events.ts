/**
 * From the source events of one asset and day to its events, each once. An event that both sources print is one: the
 * same asset, last day with the right and kind, and an amount that is equal as far as it is printed. Two equal rows of
 * one answer are two payments; B3's answers about two issuers may have the same event, after a change of name. Where
 * the sources print the cash of a day in other kinds, pieces or amounts, one of them counts, and the event says what
 * the other one prints (`reconcileSourceEvents`). The pages of an asset's old and new tickers, and its old and new
 * ISINs, are compared in the same way. Pure.
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
import type { SourceEvent } from './source-events.ts';

/** An event with the source events of one source or of both. */
type SourceEvents = readonly [SourceEvent, ...SourceEvent[]];

/** The events behind the source events of one asset and day. */
export function joinSourceEvents(sourceEvents: readonly SourceEvent[]): LedgerEvent[] {
  const cash = sourceEvents.filter(({ isCash }) => isCash);
  const [site, company] = [
    joinPages(cash.filter(({ source }) => source === 'fundamentus')),
    joinPages(cash.filter(({ source }) => source === 'b3')),
  ];
  const others = joinPages(sourceEvents.filter(({ isCash }) => !isCash));
  return [
    ...reconcileSourceEvents(company, site),
    ...others.map((sourceEvent) => createEvent([sourceEvent])),
  ];
}

/**
 * What one source prints of an asset and day: an event may be on the pages of its old and of its new ticker. Where the
 * pages differ, the newer one is preferred.
 */
function joinPages(sourceEvents: readonly SourceEvent[]): SourceEvent[] {
  const pages = [...groupBy(sourceEvents, ({ page }) => page)].map(([page, printed]) => ({
    page,
    order: printed.reduce((newest, { pageOrder }) => Math.max(newest, pageOrder), -1),
    own: [...groupBy(printed, ({ type }) => type).values()].flatMap((ofKind) =>
      ofKind[0]?.source === 'b3' ? joinIssuers(ofKind) : removeEarlierSourceEvents(ofKind),
    ),
  }));
  const [newest, ...older] = pages
    .sort((a, b) => b.order - a.order || compareTexts(a.page, b.page))
    .map(({ own }) => own);
  return older.reduce(
    (joined, own) =>
      reconcileSourceEvents(joined, own).map(
        ({ sourceEvents: same, best, others, isContradicted }) => ({
          ...best,
          ...{ others, isContradicted, isShown: same.some(({ isShown }) => isShown) },
        }),
      ),
    newest ?? [],
  );
}

/**
 * One source event an event, where the answers about several issuers have it: a company that changes its name gets
 * another code, and its events may be stored under both. What was stored under the old code is never marked once B3
 * does not know it any more.
 */
function joinIssuers(sourceEvents: readonly SourceEvent[]): SourceEvent[] {
  // A bonus in the paper itself and one in another paper may have the same factor.
  const alike = groupBy(sourceEvents, ({ multiplier }) => multiplier !== undefined);
  return [...alike.values()].flatMap((group) =>
    [...groupBy(group, ({ issuer }) => issuer)]
      .sort(([a], [b]) => compareTexts(a, b))
      .map(([, own]) => removeEarlierSourceEvents(own))
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
 * of the payment: for each of them there is another one, with the same values as far as both have them.
 */
function removeEarlierSourceEvents(sourceEvents: readonly SourceEvent[]): SourceEvent[] {
  const shown = sourceEvents.filter(({ isShown }) => isShown);
  const absent = sourceEvents.filter(({ isShown }) => !isShown);
  const kept = [...groupBy(absent, ({ text }) => text).values()].flatMap((equal) => {
    const later = shown.filter(({ text }) => text !== equal[0]?.text);
    const pairing = new Pairing(equal, later);
    pairing.pairWithoutConflict();
    return pairing.unpairedLeft;
  });
  return [...shown, ...kept];
}

/** The pairs of two lists of source events, each in at most one. */
class Pairing {
  readonly #pairs: SourceEvents[] = [];
  readonly #left: readonly SourceEvent[];
  readonly #right: readonly SourceEvent[];
  readonly #paired = new Set<SourceEvent>();

  constructor(left: readonly SourceEvent[], right: readonly SourceEvent[]) {
    this.#left = left.toSorted(compareSourceEvents);
    this.#right = right.toSorted(compareSourceEvents);
  }

  get unpairedLeft(): SourceEvent[] {
    return this.#left.filter((sourceEvent) => !this.#paired.has(sourceEvent));
  }

  /** The pairs, and all others alone. */
  finish(): SourceEvents[] {
    const alone = [...this.#left, ...this.#right].filter(
      (sourceEvent) => !this.#paired.has(sourceEvent),
    );
    return [...this.#pairs, ...alone.map((sourceEvent): SourceEvents => [sourceEvent])];
  }

  /** Pairs only where the days of payment are equal, or one lacks it. */
  pairWithoutConflict(): void {
    for (const isSame of [isSameRounded, isSameCutOff]) this.#pairByDays(always, always, isSame);
  }

  /** Pairs equal days of payment first, then those that one lacks, and then days that differ. */
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
  #pair(left: readonly SourceEvent[], right: readonly SourceEvent[], isSame: Comparison): void {
    let [at, to] = [0, 0];
    for (;;) {
      const [a, b] = [left[at], right[to]];
      if (a === undefined || b === undefined) return;
      if (this.#paired.has(a)) at += 1;
      else if (this.#paired.has(b)) to += 1;
      else if (areSourceEventsSame(a, b, isSame)) {
        this.#pairs.push([a, b]);
        this.#paired.add(a).add(b);
      } else if (compareOptional(a.amount ?? a.factor, b.amount ?? b.factor) < 0) at += 1;
      else to += 1;
    }
  }
}

type Filter = (sourceEvent: SourceEvent) => boolean;
type Comparison = (a: Decimal, b: Decimal) => boolean;

function always(): boolean {
  return true;
}

function hasNoPaymentDay({ paymentDay }: SourceEvent): boolean {
  return paymentDay === null;
}

function areSourceEventsSame(a: SourceEvent, b: SourceEvent, isSame: Comparison): boolean {
  const [left, right] = [a.amount ?? a.factor, b.amount ?? b.factor];
  return left !== undefined && right !== undefined && isSame(left, right);
}

/** By amount, day of payment, and all that is printed: the order does not depend on that of the rows. */
export function compareSourceEvents(a: SourceEvent, b: SourceEvent): number {
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
  readonly sourceEvents: SourceEvents;
  /** The values that count. */
  readonly best: SourceEvent;
  /** What another source prints instead: another kind, other pieces or another amount. */
  readonly others: readonly SourceEvent[];
  /** Whether that is another amount. */
  readonly isContradicted: boolean;
}

function createEvent(sourceEvents: SourceEvents): LedgerEvent {
  return {
    ...{ sourceEvents, best: chooseValues(sourceEvents) },
    others: sourceEvents.flatMap(({ others }) => others),
    isContradicted: sourceEvents.some(({ isContradicted }) => isContradicted),
  };
}

function addOthers(event: LedgerEvent, others: readonly SourceEvent[]): LedgerEvent {
  return { ...event, others: [...event.others, ...others] };
}

function markContradicted(event: LedgerEvent, others: readonly SourceEvent[]): LedgerEvent {
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
function reconcileSourceEvents(
  preferred: readonly SourceEvent[],
  other: readonly SourceEvent[],
): LedgerEvent[] {
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
  const isOpen = ({ sourceEvents, best }: LedgerEvent): boolean =>
    sourceEvents.length === 1 && (best.amount ?? best.factor) !== undefined;
  const open = events.filter(isOpen).map(({ sourceEvents: [sourceEvent] }) => sourceEvent);
  const states = groupBy(open, ({ isShown, isCash }) => `${isShown} ${isCash}`);
  return [
    ...events.filter((event) => !isOpen(event)),
    ...[...states.values()].flatMap((alike) => {
      const [left, right] = split(alike, isPreferred);
      if (left.length === 0 || right.length === 0)
        return alike.map((sourceEvent) => createEvent([sourceEvent]));
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
function getKind({ type, multiplier }: SourceEvent): string {
  return `${type} ${multiplier !== undefined}`;
}

type Split = readonly [preferred: readonly SourceEvent[], other: readonly SourceEvent[]];

function split(sourceEvents: readonly SourceEvent[], isPreferred: ReadonlySet<SourceEvent>): Split {
  return [
    sourceEvents.filter((sourceEvent) => isPreferred.has(sourceEvent)),
    sourceEvents.filter((sourceEvent) => !isPreferred.has(sourceEvent)),
  ];
}

function reconcileUnits(
  sourceEvents: readonly SourceEvent[],
  isPreferred: ReadonlySet<SourceEvent>,
): LedgerEvent[] {
  return [...groupBy(sourceEvents, getKind).values()].flatMap((ofKind) => {
    const [chosen, others] = split(ofKind, isPreferred);
    if (chosen.length === 0 || others.length === 0) {
      return ofKind.map((sourceEvent) => createEvent([sourceEvent]));
    }
    return chosen.map((sourceEvent) => markContradicted(createEvent([sourceEvent]), others));
  });
}

function reconcileCash(
  preferred: readonly SourceEvent[],
  other: readonly SourceEvent[],
): LedgerEvent[] {
  const isPreferred = new Set(preferred);
  const pairing = new Pairing(preferred, other);
  pairing.pairWithoutConflict();
  const joined = pairing.finish().map(createEvent);
  const pairs = joined
    .filter(({ sourceEvents }) => sourceEvents.length > 1)
    .map((event) =>
      addOthers(
        event,
        event.sourceEvents.filter(({ type }) => type !== event.best.type),
      ),
    );
  const alone = joined.flatMap(({ sourceEvents }) =>
    sourceEvents.length === 1 ? [sourceEvents[0]] : [],
  );
  // First the pieces of each kind, and then those of all kinds.
  const matched: LedgerEvent[] = [];
  const open: SourceEvent[] = [];
  for (const ofKind of groupBy(alone, ({ type }) => type).values()) {
    const chosen = chooseEqualTotal(...split(ofKind, isPreferred));
    if (chosen === undefined) open.push(...ofKind);
    else matched.push(...chosen);
  }
  const rest = chooseEqualTotal(...split(open, isPreferred));
  return [...pairs, ...matched, ...(rest ?? chooseContradicted(open, isPreferred))];
}

/** The source events of the more exact list, if both have some and their totals are equal as far as printed. */
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
  return chosen.map((sourceEvent) => addOthers(createEvent([sourceEvent]), others));
}

/** Of each kind that both lists have the more exact ones, and all of the kinds that one list has alone. */
function chooseContradicted(
  sourceEvents: readonly SourceEvent[],
  isPreferred: ReadonlySet<SourceEvent>,
): LedgerEvent[] {
  const kinds = [...groupBy(sourceEvents, ({ type }) => type).values()].map((ofKind) =>
    split(ofKind, isPreferred),
  );
  const both = kinds.flatMap(([preferred, other]) => {
    const [one, two] = [preferred[0], other[0]];
    if (one === undefined || two === undefined) return [];
    if (preferred.length === 1 && other.length === 1) {
      const event = createEvent([one, two]);
      const others = event.sourceEvents.filter(({ amount }) => amount !== event.best.amount);
      return [markContradicted(event, others)];
    }
    const { chosen, others } = chooseExact(preferred, other);
    return chosen.map((sourceEvent) => markContradicted(createEvent([sourceEvent]), others));
  });
  const alone = kinds.filter(([preferred, other]) => preferred.length === 0 || other.length === 0);
  const [preferred, other] = [alone.flatMap(([own]) => own), alone.flatMap(([, own]) => own)];
  const isContradicted = preferred.length > 0 && other.length > 0;
  const addAlone = (sourceEvent: SourceEvent, others: readonly SourceEvent[]): LedgerEvent =>
    isContradicted
      ? markContradicted(createEvent([sourceEvent]), others)
      : createEvent([sourceEvent]);
  return [
    ...both,
    ...preferred.map((sourceEvent) => addAlone(sourceEvent, other)),
    ...other.map((sourceEvent) => addAlone(sourceEvent, preferred)),
  ];
}

/** The list whose least exact amount has more digits, or else the preferred one. */
function chooseExact(...[preferred, other]: Split): {
  readonly chosen: readonly SourceEvent[];
  readonly others: readonly SourceEvent[];
} {
  const [a = 0n, b = 0n] = [preferred, other].map((sourceEvents) =>
    sourceEvents.reduce<bigint | undefined>((least, { amount }) => {
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

function sumAmounts(sourceEvents: readonly SourceEvent[]): Sum {
  return sourceEvents.reduce<Sum>(
    ({ total, step }, { amount }) =>
      amount === undefined
        ? { total, step }
        : { total: add(total, amount), step: add(step, { digits: 1n, divisor: amount.divisor }) },
    { total: ZERO, step: ZERO },
  );
}

/** Of two source events the more exact amount and the known day of payment; where both are as good, B3's. */
function chooseValues(sourceEvents: SourceEvents): SourceEvent {
  const [first, second] = sourceEvents.toSorted((a, b) => compareTexts(a.source, b.source));
  if (first === undefined) return sourceEvents[0];
  if (second === undefined) return first;
  const isMoreExact = (second.amount?.divisor ?? 0n) > (first.amount?.divisor ?? 0n);
  return {
    ...first,
    paymentDay: first.paymentDay ?? second.paymentDay,
    amount: isMoreExact ? second.amount : first.amount,
  };
}

/**
 * The factors that adjust the prices of an asset for dividends and splits, and the proof of each: B3's distribution number
 * rises by one for each day on which a right was detached, so a rise and the events of those days must agree. Pure.
 *
 * The price before a session without a right becomes the theoretical price after it: (last price - cash) / (units after one
 * unit before), by each last day with a right in turn. Cash counts gross. Where the number and the events disagree, what is
 * known is applied, and marked as not proved; an event of which the number shows nothing is not applied.
 */
import { groupBy } from '../collections.ts';
import { type Asset, removeRepeatedEvents, type Session } from './lineage.ts';

/** A corporate event of an asset. */
export interface RightEvent {
  readonly ticker: string;
  readonly type: string;
  /** The last day with the right, YYYYMMDD as a number. */
  readonly comDay: number;
  /** In the currency of the day, for one unit, gross; undefined if it pays nothing, or what it pays is unknown. */
  readonly cash: number | undefined;
  /** The units after the event for one unit before it; undefined if it does not change them. */
  readonly multiplier: number | undefined;
  /** How many sources show it. */
  readonly sourceCount: number;
  /** Whether a source still shows it. */
  readonly isShown: boolean;
}

/** What an audit can find; the codes are stable. */
export type AuditCode =
  | 'right-without-event'
  | 'event-without-right'
  | 'price-jump'
  | 'cash-above-price'
  | 'currency-break'
  | 'event-not-computable'
  | 'number-falls';

export interface AuditFinding {
  /** As it was traded on the day. */
  readonly ticker: string;
  /** The session without the right; of an event without one, the session after its last day with the right. */
  readonly day: number;
  readonly code: AuditCode;
  readonly detail: string;
}

/** The factors of one session, for the prices of one ticker before it. */
export interface Adjustment {
  /** The ticker before the session. */
  readonly ticker: string;
  /** The first day whose prices the accumulated factors adjust. */
  readonly startDay: number;
  /** The first session without the right: its own prices are not adjusted by this. */
  readonly day: number;
  /** What earlier prices are multiplied by, for the changes of units of this day alone. */
  readonly splitFactor: number;
  /** The same for the cash. */
  readonly cashFactor: number;
  /** Of this day and all later ones. */
  readonly accumulatedSplitFactor: number;
  /** Splits and cash of this day and all later ones. */
  readonly accumulatedFactor: number;
  /** How far the distribution number rose. */
  readonly rights: number;
  readonly reason: string;
  readonly isProved: boolean;
  /** Whether this and all later ones are proved. */
  readonly isProvedSince: boolean;
}

export interface AdjustedAsset {
  /** The oldest first. */
  readonly adjustments: readonly Adjustment[];
  readonly findings: readonly AuditFinding[];
}

/** The adjustments of an asset, and what cannot be proved of them. */
export function computeAdjustments(asset: Asset, events: readonly RightEvent[]): AdjustedAsset {
  const pending = removeRepeatedEvents(
    events.toSorted(compareEvents),
    ({ comDay, type, ticker }) => ({ day: comDay, type, ticker }),
  );
  const steps: SessionStep[] = [];
  const findings: AuditFinding[] = [];
  let next = 0;
  let before: Session | undefined;
  let startDay = 0;
  for (const { sessions } of asset.parts) {
    for (const session of sessions) {
      const due: RightEvent[] = [];
      for (let event = pending[next]; event && event.comDay < session.day; event = pending[next]) {
        // What was detached before the first session changes no price that is known.
        if (before !== undefined && event.comDay >= before.day) due.push(event);
        next += 1;
      }
      if (before === undefined) {
        startDay = session.day;
      } else {
        const step = compareSessions(before, session, due);
        findings.push(...step.findings);
        if (isNotable(step, before, session)) {
          steps.push({ ...step, ticker: before.ticker, startDay, day: session.day });
          startDay = session.day;
        }
      }
      before = session;
    }
  }
  return { adjustments: accumulate(steps), findings };
}

/** What happens from one session to the next. */
interface Transition {
  readonly splitFactor: number;
  readonly totalFactor: number;
  readonly rights: number;
  readonly reason: string;
  readonly findings: readonly AuditFinding[];
}

interface SessionStep extends Transition {
  readonly ticker: string;
  readonly startDay: number;
  readonly day: number;
}

function isNotable(
  { splitFactor, totalFactor, rights, findings }: Transition,
  before: Session,
  session: Session,
): boolean {
  const isUnchanged = splitFactor === 1 && totalFactor === 1 && rights === 0;
  return !isUnchanged || findings.length > 0 || before.ticker !== session.ticker;
}

function accumulate(steps: readonly SessionStep[]): Adjustment[] {
  const adjustments: Adjustment[] = [];
  let split = 1;
  let total = 1;
  let isProvedSince = true;
  for (const step of steps.toReversed()) {
    const { ticker, startDay, day, splitFactor, totalFactor, rights, reason, findings } = step;
    const isProved = findings.length === 0;
    split *= splitFactor;
    total *= totalFactor;
    isProvedSince &&= isProved;
    adjustments.push({
      ...{ ticker, startDay, day, splitFactor, cashFactor: totalFactor / splitFactor },
      ...{ accumulatedSplitFactor: split, accumulatedFactor: total },
      ...{ rights, reason, isProved, isProvedSince },
    });
  }
  return adjustments.reverse();
}

/** @param due the events whose last day with the right is from the session before on, and before this one, in order */
function compareSessions(
  before: Session,
  session: Session,
  due: readonly RightEvent[],
): Transition {
  const rights = session.distributionNumber - before.distributionNumber;
  const findings: AuditFinding[] = [];
  const add = (code: AuditCode, detail: string): void => {
    findings.push({ ticker: session.ticker, day: session.day, code, detail });
  };
  const numbers = `distribution number ${before.distributionNumber} to ${session.distributionNumber}`;
  const unchanged = { splitFactor: 1, totalFactor: 1, rights, findings };
  if (before.currency !== session.currency) {
    add(
      'currency-break',
      `prices in ${before.currency} until ${before.day}, then in ${session.currency}`,
    );
    return { ...unchanged, reason: numbers };
  }
  const { applied, rejected } = selectEvents(due, rights);
  for (const [comDay, rejectedEvents] of groupBy(rejected, (event) => event.comDay)) {
    add('event-without-right', `${formatEvents(rejectedEvents)} of ${comDay}: ${numbers}`);
  }
  const comDays = new Set(applied.map(({ comDay }) => comDay));
  if (rights < 0) {
    add('number-falls', numbers);
  } else if (comDays.size < rights && rejected.length === 0) {
    const known = comDays.size === 0 ? 'no event' : `only ${formatEvents(applied)}`;
    add('right-without-event', `${numbers}, ${known}`);
  }
  for (const event of applied) {
    if (event.cash !== undefined || event.multiplier !== undefined) continue;
    add('event-not-computable', `${event.type} of ${event.comDay} has no value`);
  }
  const theoretical = computeTheoreticalPrice(before.close, applied);
  if (theoretical === undefined) {
    add('cash-above-price', `${formatEvents(applied)} is not less than the price ${before.close}`);
    return { ...unchanged, reason: numbers };
  }
  const isExplained = rights <= comDays.size && rejected.length === 0;
  if (isExplained && isJump(theoretical.price, session.close)) {
    add('price-jump', `from ${formatPrice(theoretical.price)} to ${session.close}, ${numbers}`);
  }
  return {
    splitFactor: 1 / theoretical.multiplier,
    totalFactor: applied.length === 0 ? 1 : theoretical.price / before.close,
    rights,
    reason: applied.length === 0 ? numbers : `${formatEvents(applied)}; ${numbers}`,
    findings,
  };
}

/**
 * Which events the rise of the distribution number bears out: it rises by one for each last day with a right. Events that no
 * source shows any more count where the number asks for them. If there are too many, those that two sources show count,
 * as long as they are as many as the rights; otherwise nothing says which of them took place.
 */
function selectEvents(
  due: readonly RightEvent[],
  rights: number,
): { readonly applied: readonly RightEvent[]; readonly rejected: readonly RightEvent[] } {
  const shown = due.filter(({ isShown }) => isShown);
  const choices = [shown, due, shown.filter(({ sourceCount }) => sourceCount > 1)];
  const fitting = choices.find((choice) => countComDays(choice) === rights);
  if (fitting !== undefined) {
    const days = new Set(fitting.map(({ comDay }) => comDay));
    const others = shown.filter(({ comDay }) => !days.has(comDay));
    return { applied: [...fitting, ...sameDayEvents(shown, fitting, days)], rejected: others };
  }
  return countComDays(shown) < rights
    ? { applied: countComDays(due) < rights ? due : shown, rejected: [] }
    : { applied: [], rejected: shown };
}

/** The other shown events of days whose right is borne out. */
function sameDayEvents(
  shown: readonly RightEvent[],
  chosen: readonly RightEvent[],
  days: ReadonlySet<number>,
): RightEvent[] {
  const already = new Set(chosen);
  return shown.filter((event) => days.has(event.comDay) && !already.has(event));
}

function countComDays(events: readonly RightEvent[]): number {
  return new Set(events.map(({ comDay }) => comDay)).size;
}

/** Undefined if the cash is not less than the price. */
function computeTheoreticalPrice(
  close: number,
  events: readonly RightEvent[],
): { readonly price: number; readonly multiplier: number } | undefined {
  let price = close;
  let units = 1;
  for (const comDay of [...new Set(events.map((event) => event.comDay))].sort((a, b) => a - b)) {
    const ofDay = events.filter((event) => event.comDay === comDay);
    const cash = ofDay.reduce((sum, event) => sum + (event.cash ?? 0), 0);
    const multiplier = ofDay.reduce((product, event) => product * (event.multiplier ?? 1), 1);
    price = (price - cash) / multiplier;
    units *= multiplier;
    if (!(price > 0)) return undefined;
  }
  return { price, multiplier: units };
}

/** More than a fall by half or a rise to double, and by more than a few of the smallest steps of a price. */
function isJump(from: number, to: number): boolean {
  const ratio = to / from;
  return (ratio < 0.55 || ratio > 1.8) && Math.abs(to - from) > 0.1;
}

/** The order is the same however the events were given: sums and texts depend on it. */
function compareEvents(a: RightEvent, b: RightEvent): number {
  const texts = [a, b].map(({ type, ticker }) => `${type} ${ticker}`) as [string, string];
  return (
    a.comDay - b.comDay ||
    (texts[0] < texts[1] ? -1 : texts[0] > texts[1] ? 1 : 0) ||
    (a.cash ?? 0) - (b.cash ?? 0) ||
    (a.multiplier ?? 0) - (b.multiplier ?? 0) ||
    a.sourceCount - b.sourceCount
  );
}

function formatEvents(events: readonly RightEvent[]): string {
  return events.map(formatEvent).join(' + ');
}

function formatEvent({ type, cash, multiplier }: RightEvent): string {
  if (multiplier !== undefined) return `${type} × ${multiplier}`;
  return cash === undefined ? type : `${type} ${cash}`;
}

function formatPrice(price: number): string {
  return String(Number(price.toPrecision(6)));
}

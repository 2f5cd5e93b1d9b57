/**
 * The factors that adjust the prices of an asset for dividends and splits, and the proof of each: B3's distribution
 * number rises by one for each day on which a right was detached, so a rise and the events of those days must agree.
 * Pure.
 *
 * The price before a session without a right becomes the theoretical price after it. Cash counts gross. Where the
 * number and the events disagree, or sessions are not imported, what is known is applied, and marked as not proved; an
 * event that the number shows nothing of is not applied, and neither is cash of a day whose price is not known.
 */
import { groupBy } from '../collections.ts';
import { type Asset, removeRepeatedEvents, type Session } from './lineage.ts';
import { createMarketDays, type MarketDays } from './market-days.ts';
import {
  compareEvents,
  computeTheoreticalPrice,
  countComDays,
  countUnitChanges,
  type EventSelection,
  formatEvents,
  isEventComputable,
  type RightEvent,
  selectEvents,
} from './right-events.ts';

/** What an audit can find; the codes are stable. */
type AuditCode =
  | 'right-without-event'
  | 'event-without-right'
  | 'price-jump'
  | 'cash-above-price'
  | 'currency-break'
  | 'event-not-computable'
  | 'sources-disagree'
  | 'event-repeated'
  | 'history-gap'
  | 'number-missing'
  | 'succession-doubtful'
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
  /** How far the distribution number rose; undefined where it is missing. */
  readonly rights: number | undefined;
  readonly reason: string;
  readonly isProved: boolean;
  /** Whether this and all later ones are proved. */
  readonly isProvedSince: boolean;
  /** Whether sessions from the start day on lack their distribution number: between them nothing is proved, too. */
  readonly lacksNumbers: boolean;
}

export interface AdjustedAsset {
  /** The oldest first. */
  readonly adjustments: readonly Adjustment[];
  readonly findings: readonly AuditFinding[];
}

/**
 * The adjustments of an asset, and what cannot be proved of them.
 *
 * @param market the days on which any paper was traded, to see which sessions are not imported
 * @param joints what is doubtful of the change to a ticker, by that ticker: prices over it are not proved, unless an
 * event explains how the number rose with the change
 */
export function computeAdjustments(
  asset: Asset,
  events: readonly RightEvent[],
  market: MarketDays = createMarketDays([]),
  joints: ReadonlyMap<string, AuditFinding> = new Map(),
): AdjustedAsset {
  const pending = removeRepeatedEvents(
    events.toSorted(compareEvents),
    ({ comDay, type, ticker }) => ({ day: comDay, type, ticker }),
  );
  const lastDay = asset.parts.at(-1)?.last.day;
  const steps: SessionStep[] = [];
  const findings: AuditFinding[] = [];
  let next = 0;
  let before: Session | undefined;
  let startDay = 0;
  /** The newest number so far, raised by the rights of events that were applied since, where sessions lack it. */
  let number: number | undefined;
  for (const { sessions } of asset.parts) {
    for (const session of sessions) {
      const isDue = (pending[next]?.comDay ?? Number.POSITIVE_INFINITY) < session.day;
      // Of millions of sessions, thousands are more than this.
      if (!isDue && before !== undefined && isQuiet(before, session, number, market)) {
        before = session;
        continue;
      }
      const due: RightEvent[] = [];
      for (let event = pending[next]; event && event.comDay < session.day; event = pending[next]) {
        // What was detached before the first session changes no price that is known.
        if (before !== undefined && event.comDay >= before.day) due.push(event);
        next += 1;
      }
      if (before === undefined) {
        startDay = session.day;
      } else {
        const isLast = session.day === lastDay;
        const joint = session.ticker === before.ticker ? undefined : joints.get(session.ticker);
        const step = compareSessions({ before, session, due, number, isLast, market, joint });
        if (number !== undefined) number += step.appliedDays;
        findings.push(...step.findings);
        if (isNotable(step, before, session)) {
          steps.push({ ...step, ticker: before.ticker, startDay, day: session.day });
          startDay = session.day;
        }
      }
      number = session.distributionNumber ?? number;
      before = session;
    }
  }
  findings.push(...findLateEvents(asset, pending, market));
  return { adjustments: accumulate(steps), findings };
}

/** Whether nothing happened from one session to the next, as `compareSessions` would find, too. */
function isQuiet(
  before: Session,
  session: Session,
  number: number | undefined,
  market: MarketDays,
): boolean {
  return (
    number !== undefined &&
    session.distributionNumber === number &&
    before.distributionNumber === number &&
    before.ticker === session.ticker &&
    before.currency === session.currency &&
    !isJump(before.close, session.close) &&
    market.findHistoryGap(before.day, session.day) === undefined
  );
}

/** Of an asset without a session for as many of the market's, no later one is expected: it is no longer traded. */
const MAX_PAUSE = 60;

/**
 * What the sources show of an asset that is no longer traded, with a last day with the right from its last session on:
 * there is no later session whose number could show it. No price is adjusted for it. Of an asset that may trade again
 * it is not due, and neither is it over sessions that are not imported: there it may have been traded.
 */
function findLateEvents(
  { parts }: Asset,
  events: readonly RightEvent[],
  { days, findHistoryGap }: MarketDays,
): AuditFinding[] {
  const last = parts.at(-1)?.last;
  const newest = days.at(-1);
  if (last === undefined || newest === undefined) return [];
  const late = events.filter(({ comDay, isShown }) => isShown && comDay >= last.day);
  if (late.length === 0) return [];
  const end = findHistoryGap(last.day, newest)?.before ?? newest;
  const later = days.filter((day) => day > last.day && day <= end);
  if (later.length < MAX_PAUSE) return [];
  return [...groupBy(late, ({ comDay }) => comDay)].flatMap(([comDay, own]): AuditFinding[] => {
    const day = later.find((each) => each > comDay);
    if (day === undefined) return [];
    const detail = `${formatEvents(own)} of ${comDay}: ${last.ticker} is not traded after ${last.day}`;
    return [{ ticker: last.ticker, day, code: 'event-without-right', detail }];
  });
}

/** What happens from one session to the next. */
interface Transition {
  readonly splitFactor: number;
  readonly totalFactor: number;
  /** Undefined where the number is missing. */
  readonly rights: number | undefined;
  /** The last days with a right of the events that count. */
  readonly appliedDays: number;
  readonly lacksNumbers: boolean;
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
  const isUnchanged = splitFactor === 1 && totalFactor === 1 && (rights ?? 0) === 0;
  return !isUnchanged || findings.length > 0 || before.ticker !== session.ticker;
}

function accumulate(steps: readonly SessionStep[]): Adjustment[] {
  const adjustments: Adjustment[] = [];
  let split = 1;
  let total = 1;
  let isProvedSince = true;
  for (const step of steps.toReversed()) {
    const { ticker, startDay, day, splitFactor, totalFactor, rights, reason, findings } = step;
    const { lacksNumbers } = step;
    const isProved = findings.length === 0;
    split *= splitFactor;
    total *= totalFactor;
    isProvedSince &&= isProved;
    adjustments.push({
      ...{ ticker, startDay, day, splitFactor, cashFactor: totalFactor / splitFactor },
      ...{ accumulatedSplitFactor: split, accumulatedFactor: total },
      ...{ rights, reason, isProved, isProvedSince, lacksNumbers },
    });
  }
  return adjustments.reverse();
}

interface Comparison {
  readonly before: Session;
  readonly session: Session;
  /** The events whose last day with the right is from the session before on, and before this one, in order. */
  readonly due: readonly RightEvent[];
  /** The distribution number before this session, as far as it is known. */
  readonly number: number | undefined;
  /** Whether the asset has no later session. */
  readonly isLast: boolean;
  readonly market: MarketDays;
  /** What is doubtful of the change of ticker between the two. */
  readonly joint: AuditFinding | undefined;
}

function compareSessions(comparison: Comparison): Transition {
  const { before, session, due, number, market } = comparison;
  const after = session.distributionNumber;
  const rights = number === undefined || after === undefined ? undefined : after - number;
  const findings: AuditFinding[] = [];
  const add: AddFinding = (code, detail) => {
    findings.push({ ticker: session.ticker, day: session.day, code, detail });
  };
  const numbers = `distribution number ${number ?? 'missing'} to ${after ?? 'missing'}`;
  const lacksNumbers =
    before.distributionNumber === undefined || (comparison.isLast && after === undefined);
  const common = { rights, lacksNumbers, findings };
  const unchanged = { ...common, splitFactor: 1, totalFactor: 1, appliedDays: 0 };
  if (before.currency !== session.currency) {
    add(
      'currency-break',
      `prices in ${before.currency} until ${before.day}, then in ${session.currency}`,
    );
    return { ...unchanged, reason: numbers };
  }
  const gap = market.findHistoryGap(before.day, session.day);
  if (gap !== undefined) {
    add('history-gap', `no session from ${gap.before} to ${gap.after} is imported: ${numbers}`);
  }
  if (isNumberMissing(comparison, rights)) add('number-missing', numbers);
  // Over weeks or years that are not imported, a price tells nothing of single events.
  const prices = gap === undefined ? { before: before.close, after: session.close } : undefined;
  // What no number speaks against counts as its source shows it.
  const selection =
    rights === undefined
      ? { applied: due.filter(({ isShown }) => isShown), ...NOTHING_ELSE }
      : selectEvents(due, rights, prices);
  const { rejected } = selection;
  const { counted: applied, doubtful } = countUnitChanges(selection.applied, prices);
  const appliedDays = countComDays(applied);
  // An event of just that day is one of the asset that the old ticker was.
  const isJointShown = appliedDays > 0 && appliedDays === rights && rejected.length === 0;
  if (comparison.joint !== undefined && !isJointShown) findings.push(comparison.joint);
  auditRights(add, { ...selection, applied, appliedDays }, rights, numbers);
  auditEvents(add, applied, doubtful);
  const priced = applied.map((event) => removeUnpricedCash(event, comparison, gap !== undefined));
  const unpriced = applied.filter(({ cash }, at) => cash !== priced[at]?.cash);
  if (unpriced.length > 0 && gap === undefined) {
    const day = market.findMissingDay(before.day, unpriced[0]?.comDay ?? 0);
    add('history-gap', `${formatEvents(unpriced)}: the session of ${day} is not imported`);
  }
  const theoretical = computeTheoreticalPrice(before.close, priced);
  if (theoretical === undefined) {
    add('cash-above-price', `${formatEvents(applied)} is not less than the price ${before.close}`);
    return { ...unchanged, appliedDays, reason: numbers };
  }
  const isExplained = (rights ?? 0) <= appliedDays && rejected.length === 0 && gap === undefined;
  if (isExplained && isJump(theoretical.price, session.close)) {
    add('price-jump', `from ${formatPrice(theoretical.price)} to ${session.close}, ${numbers}`);
  }
  return {
    splitFactor: 1 / theoretical.multiplier,
    totalFactor: applied.length === 0 ? 1 : theoretical.price / before.close,
    ...{ ...common, appliedDays },
    reason: formatReason(applied, unpriced, numbers),
  };
}

type AddFinding = (code: AuditCode, detail: string) => void;

interface CountedSelection extends EventSelection {
  /** How many last days with a right those that count have. */
  readonly appliedDays: number;
}

/** Where the rights that the number shows are other than those of the events. */
function auditRights(
  add: AddFinding,
  { applied, appliedDays, rejected, isByPrice, unclear }: CountedSelection,
  rights: number | undefined,
  numbers: string,
): void {
  for (const [comDay, rejectedEvents] of groupBy(rejected, (event) => event.comDay)) {
    const choice = isByPrice ? `; the price shows ${formatEvents(applied)}` : '';
    add('event-without-right', `${formatEvents(rejectedEvents)} of ${comDay}: ${numbers}${choice}`);
  }
  if (rights !== undefined && rights < 0) {
    add('number-falls', numbers);
  } else if (rights !== undefined && appliedDays < rights && rejected.length === 0) {
    const known = appliedDays === 0 ? 'no event' : `only ${formatEvents(applied)}`;
    const versions = unclear.length === 0 ? '' : `; no source shows ${formatEvents(unclear)} now`;
    add('right-without-event', `${numbers}, ${known}${versions}`);
  }
}

/** What keeps single events from being proved. */
function auditEvents(
  add: AddFinding,
  applied: readonly RightEvent[],
  doubtful: readonly RightEvent[],
): void {
  for (const event of doubtful) {
    const what = `${formatEvents([event])} of ${event.comDay}`;
    add(
      'event-repeated',
      `${what} is printed more than once, and counts once: the price does not tell`,
    );
  }
  for (const event of applied) {
    if (!isEventComputable(event)) {
      add('event-not-computable', `${event.type} of ${event.comDay} has no value`);
    }
    if (event.contradiction !== undefined) {
      add('sources-disagree', `${formatEvents([event])} of ${event.comDay}`);
    }
  }
}

const NOTHING_ELSE = { rejected: [], isByPrice: false, unclear: [] } as const;

/**
 * Whether the proof needs a number that the records lack: for an event, and once for all sessions of a series without a
 * number, where it ends. So decades without numbers are one row.
 */
function isNumberMissing(
  { before, session, due, isLast }: Comparison,
  rights: number | undefined,
): boolean {
  const isEnd = before.distributionNumber === undefined && session.distributionNumber !== undefined;
  const isLastWithout = isLast && session.distributionNumber === undefined;
  const isEventWithout = rights === undefined && due.some(({ isShown }) => isShown);
  return isEnd || isLastWithout || isEventWithout;
}

/**
 * The event without its cash where the price on its last day with the right is not known: its session is not imported.
 */
function removeUnpricedCash(
  event: RightEvent,
  { before, market }: Comparison,
  isInHole: boolean,
): RightEvent {
  if (event.cash === undefined) return event;
  const isPriced = event.comDay === before.day;
  const isMissing =
    !isPriced && (isInHole || market.findMissingDay(before.day, event.comDay) !== undefined);
  return isMissing ? { ...event, cash: undefined } : event;
}

function formatReason(
  applied: readonly RightEvent[],
  unpriced: readonly RightEvent[],
  numbers: string,
): string {
  if (applied.length === 0) return numbers;
  const without = unpriced.length === 0 ? '' : `, without the cash of ${formatEvents(unpriced)}`;
  return `${formatEvents(applied)}${without}; ${numbers}`;
}

/** Near to a fall by half or a rise to double. */
const MAX_FALL = 0.55;
const MAX_RISE = 1.8;
/** Of a price of one or two cents, a step of a cent is half, and is no jump. */
const MIN_JUMP = 0.03;

function isJump(from: number, to: number): boolean {
  const ratio = to / from;
  return (ratio < MAX_FALL || ratio > MAX_RISE) && Math.abs(to - from) > MIN_JUMP;
}

function formatPrice(price: number): string {
  return String(Number(price.toPrecision(6)));
}

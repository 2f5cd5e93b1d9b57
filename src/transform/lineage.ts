/**
 * The assets behind the tickers: a company that changes its name changes its ticker and its ISIN, and stays the same asset.
 * B3's files do not say so; what continues over the change (class, distribution number, price) shows it. Pure.
 */

import { groupBy } from '../collections.ts';

/** What a session of a paper says about its price and its rights. */
export interface Session {
  /** The ticker under which it was traded. */
  readonly ticker: string;
  /** YYYYMMDD as a number. */
  readonly day: number;
  /** The price of one unit at the close, in the currency of the day. */
  readonly close: number;
  /** B3's distribution number: it rises by one for each day on which a right was detached. */
  readonly distributionNumber: number;
  readonly currency: string;
}

/** The sessions of one ticker. */
export interface TickerSessions {
  readonly ticker: string;
  readonly first: Session;
  readonly last: Session;
  /** The class of the paper in its first and in its last session, such as ON, PNA, UNT or CI. */
  readonly firstClass: string;
  readonly lastClass: string;
  /** The oldest first, one a day. */
  readonly sessions: Iterable<Session>;
  /** Their days: of millions of sessions, to read these alone takes a tenth of the time. */
  readonly days: Iterable<number>;
}

/** An asset with the tickers under which it was traded, the oldest first. */
export interface Asset {
  /** Its newest ticker. */
  readonly code: string;
  readonly parts: readonly TickerSessions[];
}

/** What a person says of tickers: the successor of each, or undefined where it has none. */
export type Successions = ReadonlyMap<string, string | undefined>;

/** How far the price of one unit may move over a change of ticker, as a share of the price before. */
const MAX_PRICE_MOVE = 0.3;
/** The same where a right was detached in between. */
const MAX_PRICE_MOVE_WITH_RIGHT = 0.5;
/** The longest pause over a change of ticker, in sessions of the market. */
const MAX_PAUSE = 60;
/** Days without a session of any paper: the market was never closed for so long, so its sessions are not all imported. */
const MAX_CLOSED_DAYS = 10;
/** Subscription rights and receipts live for some weeks, and continue no other paper. */
export const SHORT_LIVED_CLASS = /^(DIR|REC|BNS|BON|CPA|LEI)/;

/**
 * Joins each ticker to the one that continues it: the same class and the same number in the ticker, a distribution number
 * and a price that continue, and no other candidate on either side. The new ticker begins in the session after the old
 * one's last; of papers that are rarely traded, after no longer a pause than they make otherwise. What a person says of a
 * ticker goes first.
 */
export function joinTickers(
  tickers: readonly TickerSessions[],
  successions: Successions = new Map(),
): Asset[] {
  const successors = findStatedSuccessors(tickers, successions);
  const taken = new Set(successors.values());
  for (const { from, to } of findContinuations(tickers)) {
    if (!successions.has(from.ticker) && !taken.has(to)) successors.set(from, to);
  }
  const continued = new Set(successors.values());
  return tickers
    .filter((each) => !continued.has(each))
    .map((first): Asset => {
      const parts = [first];
      let last = first;
      for (let next = successors.get(last); next !== undefined; next = successors.get(last)) {
        parts.push(next);
        last = next;
      }
      return { code: last.ticker, parts };
    });
}

/** A successor that was traded before its predecessor's last session cannot be: the two are left apart. */
function findStatedSuccessors(
  tickers: readonly TickerSessions[],
  successions: Successions,
): Map<TickerSessions, TickerSessions> {
  const byTicker = new Map(tickers.map((each) => [each.ticker, each]));
  const successors = new Map<TickerSessions, TickerSessions>();
  for (const [ticker, successor] of successions) {
    const from = byTicker.get(ticker);
    const to = successor === undefined ? undefined : byTicker.get(successor);
    if (from !== undefined && to !== undefined && from.last.day < to.first.day) {
      successors.set(from, to);
    }
  }
  return successors;
}

interface Continuation {
  readonly from: TickerSessions;
  readonly to: TickerSessions;
}

/** The pairs of tickers that have each other as their only candidate. */
function findContinuations(tickers: readonly TickerSessions[]): Continuation[] {
  const positions = createCalendar(tickers);
  const days = [...positions.keys()];
  const position = (day: number): number => positions.get(day) ?? -1;
  const byLastDay = groupBy(tickers, ({ last }) => position(last.day));
  const pairs: Continuation[] = [];
  for (const to of tickers) {
    const start = position(to.first.day);
    for (let pause = 1; pause <= MAX_PAUSE && pause <= start; pause += 1) {
      if (isGap(days[start - pause], days[start - pause + 1])) break;
      for (const from of byLastDay.get(start - pause) ?? []) {
        if (!mayContinue(from, to, pause)) continue;
        if (pause > 1 && pause > findLongestPause([from, to], position)) continue;
        pairs.push({ from, to });
      }
    }
  }
  const predecessors = groupBy(pairs, ({ to }) => to);
  const successors = groupBy(pairs, ({ from }) => from);
  return pairs.filter(
    ({ from, to }) => successors.get(from)?.length === 1 && predecessors.get(to)?.length === 1,
  );
}

/** Whether the history lacks sessions between two of its days, YYYYMMDD as numbers, that follow one another. */
function isGap(before = 0, after = 0): boolean {
  const [start, end] = [before, after].map((day) =>
    Date.UTC(Math.floor(day / 10_000), (Math.floor(day / 100) % 100) - 1, day % 100),
  ) as [number, number];
  return end - start > MAX_CLOSED_DAYS * 86_400_000;
}

/** The position of each day on which any of the papers was traded. */
function createCalendar(tickers: readonly TickerSessions[]): ReadonlyMap<number, number> {
  const days = new Set<number>();
  for (const ticker of tickers) for (const day of ticker.days) days.add(day);
  return new Map([...days].sort((a, b) => a - b).map((day, at) => [day, at]));
}

/** @param pause the sessions of the market from the last of one to the first of the other */
function mayContinue(from: TickerSessions, to: TickerSessions, pause: number): boolean {
  const isSameClass =
    from.lastClass === to.firstClass &&
    !SHORT_LIVED_CLASS.test(from.lastClass) &&
    getTickerNumber(from.ticker) === getTickerNumber(to.ticker);
  if (!isSameClass || from.last.currency !== to.first.currency) return false;
  const rights = to.first.distributionNumber - from.last.distributionNumber;
  if (rights < 0 || rights > pause) return false;
  const move = Math.abs(to.first.close / from.last.close - 1);
  return move <= (rights === 0 ? MAX_PRICE_MOVE : MAX_PRICE_MOVE_WITH_RIGHT);
}

/** 3 of common shares, 4 of preferred ones, 11 of units and funds. */
function getTickerNumber(ticker: string): string {
  return /\d+/.exec(ticker.slice(4))?.[0] ?? '';
}

/** The longest time from a session of a paper to its next, in sessions of the market. */
function findLongestPause(
  papers: readonly TickerSessions[],
  position: (day: number) => number,
): number {
  let longest = 1;
  for (const paper of papers) {
    let before: number | undefined;
    for (const day of paper.days) {
      const at = position(day);
      if (before !== undefined) longest = Math.max(longest, at - before);
      before = at;
    }
  }
  return longest;
}

/**
 * Parses a person's file of successions: a line such as `VVAR3,VIIA3`, or `VVAR3,` for a ticker that no other continues;
 * `#` begins a comment.
 *
 * @returns the successions, or the number of the first line that is none
 */
export function parseSuccessions(
  text: string,
  isTicker: (text: string) => boolean,
): { readonly successions: Successions } | { readonly wrongLine: number } {
  const successions = new Map<string, string | undefined>();
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    const statement = line.replace(/#.*/, '').trim();
    if (statement === '') continue;
    const [from = '', to = '', ...others] = statement
      .split(',')
      .map((part) => part.trim().toUpperCase());
    const isValid =
      others.length === 0 && statement.includes(',') && from !== to && !successions.has(from);
    // Two tickers cannot have the same successor: its sessions would count twice.
    const isTaken = to !== '' && [...successions.values()].includes(to);
    if (!isValid || isTaken || !isTicker(from) || !(to === '' || isTicker(to)))
      return { wrongLine: at + 1 };
    successions.set(from, to === '' ? undefined : to);
  }
  return { successions };
}

/** What tells one event of an asset from another, and the ticker on whose page it is. */
interface ListedEvent {
  readonly day: string | number;
  readonly type: string;
  readonly ticker: string;
}

/**
 * The events of an asset, each once: one may be on the pages of its old and of its new ticker. Of each kind and day those of
 * the ticker with the most count, for equal ones of one page are payments of their own. Their order is kept.
 */
export function removeRepeatedEvents<Event>(
  events: readonly Event[],
  describe: (event: Event) => ListedEvent,
): Event[] {
  const getKey = (event: Event): string => {
    const { day, type } = describe(event);
    return `${day} ${type}`;
  };
  const kept = [...groupBy(events, getKey).values()].flatMap((alike) => {
    const pages = [...groupBy(alike, (event) => describe(event).ticker).values()];
    return pages.reduce((fullest, page) => (page.length > fullest.length ? page : fullest), []);
  });
  const isKept = new Set(kept);
  return events.filter((event) => isKept.has(event));
}

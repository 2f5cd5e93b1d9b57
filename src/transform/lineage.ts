/**
 * The assets behind the tickers: a company that changes its name changes its ticker and its ISIN, and stays the same
 * asset. B3's files do not say so; what continues over the change (class, distribution number, price) shows it. Pure.
 */
import { groupBy } from '../collections.ts';
import { removeAccents } from '../text.ts';
import { createMarketDays, type MarketDays } from './market-days.ts';

/** What a session of a paper says about its price and its rights. */
export interface Session {
  /** The ticker under which it was traded. */
  readonly ticker: string;
  /** YYYYMMDD as a number. */
  readonly day: number;
  /** The price of one unit at the close, in the currency of the day. */
  readonly close: number;
  /**
   * B3's distribution number: it rises by one for each day on which a right was detached. Undefined where it is blank.
   */
  readonly distributionNumber: number | undefined;
  readonly currency: string;
}

/** What B3's records call a paper; empty where they are blank. */
export interface SecurityIdentity {
  readonly isin: string;
  /** Of the company or fund, in twelve characters. */
  readonly name: string;
}

/** The sessions of one ticker. */
export interface TickerSessions {
  readonly ticker: string;
  readonly first: Session;
  readonly last: Session;
  /** The class of the paper in its first and in its last session, such as ON, PNA, UNT or CI. */
  readonly firstClass: string;
  readonly lastClass: string;
  /** The paper in those sessions. */
  readonly firstSecurity: SecurityIdentity;
  readonly lastSecurity: SecurityIdentity;
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
/** The same where neither issuer nor name is alike: a price of another paper is as near by chance once in ten times. */
const MAX_PRICE_MOVE_OF_STRANGERS = 0.15;
/** With which new papers begin: it continues no number. Of the cash market's papers, one in six has it. */
const FIRST_NUMBER = 100;
/** How near a stranger's price must be to be named where its number does not continue. */
const MAX_PRICE_MOVE_WITHOUT_NUMBER = 0.05;
/** The longest pause over a change of ticker, in sessions of the market. */
const MAX_PAUSE = 60;
/** Subscription rights and receipts live for some weeks, and continue no other paper. */
export const SHORT_LIVED_CLASS = /^(DIR|REC|BNS|BON|CPA|LEI)/;

/** Two tickers that may be one asset: what continues may do so by chance. */
export interface DoubtfulSuccession {
  readonly from: string;
  readonly to: string;
  /** The first session of the second one. */
  readonly day: number;
  readonly reason: string;
  /** Whether they are joined, as far as nothing else is known, or left apart. */
  readonly isJoined: boolean;
}

export interface Lineage {
  readonly assets: readonly Asset[];
  readonly doubtful: readonly DoubtfulSuccession[];
}

/**
 * Joins each ticker to the one that continues it: the same class and the same number in the ticker, a distribution
 * number and a price that continue, and no other candidate on either side. The new ticker begins in the session after
 * the old one's last; of papers that are rarely traded, after no longer a pause than they make otherwise.
 *
 * An issuer or a name that stays shows that they are one. A company that changes both has nothing but number and price:
 * they must then be nearer than two papers are by chance, and the number another than that of all new papers. The same
 * number is a sign of one paper: one in ten of a class has the commonest. A number that rises on just that day is a
 * weak one: such a pair is joined, and is doubtful (unless an event of that day explains it, which is not known here);
 * it is left apart where the old ticker never left the number of new papers. All other pairs are left apart, and are
 * doubtful. What a person says of a ticker goes first.
 */
export function joinTickers(
  tickers: readonly TickerSessions[],
  successions: Successions = new Map(),
  market: MarketDays = createMarketDays(tickers),
): Lineage {
  const successors = findStatedSuccessors(tickers, successions);
  const taken = new Set(successors.values());
  const candidates = findCandidates(tickers, market).filter(
    ({ from, to }) => !successions.has(from.ticker) && !taken.has(to),
  );
  const { joined, doubtful } = chooseContinuations(candidates);
  for (const { from, to } of joined) successors.set(from, to);
  const continued = new Set(successors.values());
  const assets = tickers
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
  return { assets, doubtful };
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

/**
 * How sure it is that one ticker continues the other: by its issuer or name, by the same number, by one that rises, by
 * less; of a remote pair, number or price speak against it.
 */
type Evidence = 'same-name' | 'alike' | 'near' | 'weak' | 'remote';

interface Continuation {
  readonly from: TickerSessions;
  readonly to: TickerSessions;
  readonly evidence: Evidence;
}

function chooseContinuations(candidates: readonly Continuation[]): {
  readonly joined: readonly Continuation[];
  readonly doubtful: readonly DoubtfulSuccession[];
} {
  // Of several candidates the one with the same issuer or name.
  const related = findOnlyPairs(candidates.filter(({ evidence }) => evidence === 'same-name'));
  const others = removeTaken(candidates, related);
  // A pair that number or price speak against takes nothing from one that continues.
  const near = others.filter(({ evidence }) => evidence !== 'remote');
  const only = findOnlyPairs(near);
  const sure = only.filter(({ evidence }) => evidence !== 'weak');
  const doubtful = near.filter(
    (pair) => !sure.includes(pair) && (only.includes(pair) || pair.evidence !== 'weak'),
  );
  const remote = removeTaken(others, [...sure, ...doubtful]).filter(
    ({ evidence }) => evidence === 'remote',
  );
  const onlyRemote = findOnlyPairs(remote);
  only.push(...onlyRemote);
  return {
    joined: [...related, ...sure],
    doubtful: [...sure.filter(({ evidence }) => evidence === 'near'), ...doubtful, ...remote].map(
      (pair) => ({
        from: pair.from.ticker,
        to: pair.to.ticker,
        day: pair.to.first.day,
        reason: describeDoubt(pair, only.includes(pair)),
        isJoined: sure.includes(pair),
      }),
    ),
  };
}

/** Without the pairs of a ticker that is in one of the others. */
function removeTaken(
  pairs: readonly Continuation[],
  others: readonly Continuation[],
): Continuation[] {
  const taken = new Set(others.flatMap(({ from, to }) => [from, to]));
  return pairs.filter(({ from, to }) => !taken.has(from) && !taken.has(to));
}

/** The pairs that have each other as their only candidate. */
function findOnlyPairs(pairs: readonly Continuation[]): Continuation[] {
  const predecessors = groupBy(pairs, ({ to }) => to);
  const successors = groupBy(pairs, ({ from }) => from);
  return pairs.filter(
    ({ from, to }) => successors.get(from)?.length === 1 && predecessors.get(to)?.length === 1,
  );
}

function describeDoubt({ from, to }: Continuation, isOnly: boolean): string {
  const numbers = [from.last, to.first].map((session) => session.distributionNumber ?? 'missing');
  const seen =
    `${to.ticker} begins at ${to.first.close} where ${from.ticker} ended at ${from.last.close}, ` +
    `distribution number ${numbers.join(' to ')}, ${describeSecurity(from.lastSecurity)} and ${describeSecurity(to.firstSecurity)}`;
  return isOnly ? seen : `${seen}; another ticker may be meant`;
}

function describeSecurity({ isin, name }: SecurityIdentity): string {
  return [name, isin].filter((text) => text !== '').join(' ') || 'no name';
}

/** All pairs whose class, distribution number and price may be those of one asset. */
function findCandidates(
  tickers: readonly TickerSessions[],
  { days, findHistoryGap }: MarketDays,
): Continuation[] {
  const positions = new Map(days.map((day, at) => [day, at]));
  const position = (day: number): number => positions.get(day) ?? -1;
  const byLastDay = groupBy(tickers, ({ last }) => position(last.day));
  const pairs: Continuation[] = [];
  for (const to of tickers) {
    const start = position(to.first.day);
    for (let pause = 1; pause <= MAX_PAUSE && pause <= start; pause += 1) {
      const [before = 0, after = 0] = [days[start - pause], days[start - pause + 1]];
      // Over sessions that are not imported nothing is known.
      if (findHistoryGap(before, after) !== undefined) break;
      for (const from of byLastDay.get(start - pause) ?? []) {
        const evidence = findEvidence(from, to, pause);
        if (evidence === undefined) continue;
        if (pause > 1 && pause > findLongestPause([from, to], position)) continue;
        pairs.push({ from, to, evidence });
      }
    }
  }
  return pairs;
}

/**
 * Undefined if the two cannot be one asset.
 * @param pause the sessions of the market from the last of one to the first of the other
 */
function findEvidence(
  from: TickerSessions,
  to: TickerSessions,
  pause: number,
): Evidence | undefined {
  const isSameClass =
    from.lastClass === to.firstClass &&
    !SHORT_LIVED_CLASS.test(from.lastClass) &&
    getTickerNumber(from.ticker) === getTickerNumber(to.ticker);
  if (!isSameClass || from.last.currency !== to.first.currency) return undefined;
  const [before, after] = [from.last.distributionNumber, to.first.distributionNumber];
  const rights = before === undefined || after === undefined ? undefined : after - before;
  const move = Math.abs(to.first.close / from.last.close - 1);
  const isNear = move <= (rights === 0 ? MAX_PRICE_MOVE : MAX_PRICE_MOVE_WITH_RIGHT);
  const continues = rights === undefined || (rights >= 0 && rights <= pause);
  const isRelated =
    isSameIssuer(from.lastSecurity, to.firstSecurity) ||
    isSameName(from.lastSecurity, to.firstSecurity);
  if (!isNear || !continues) {
    const isReset = after === FIRST_NUMBER && move <= MAX_PRICE_MOVE_WITHOUT_NUMBER;
    return isRelated || isReset ? 'remote' : undefined;
  }
  if (rights === undefined) return 'weak';
  if (isRelated) return 'same-name';
  if (after === FIRST_NUMBER || move > MAX_PRICE_MOVE_OF_STRANGERS) return 'weak';
  if (rights === 0) return 'alike';
  return before === FIRST_NUMBER ? 'weak' : 'near';
}

/** The issuer in an ISIN of Brazil: the four characters behind the country. */
const ISSUER = /^BR([A-Z0-9]{4})/;

function isSameIssuer(a: SecurityIdentity, b: SecurityIdentity): boolean {
  const [one, other] = [a, b].map(({ isin }) => ISSUER.exec(isin)?.[1]);
  return one !== undefined && one === other;
}

/** Words that names of strangers have in common. */
const COMMON_WORDS: ReadonlySet<string> = new Set([
  ...['FII', 'FDO', 'FIP', 'FIAGRO', 'ETF', 'INV', 'IMOB', 'FUNDO', 'RENDA', 'CIA', 'GRUPO'],
  ...['BANCO', 'BCO', 'BRASIL', 'HOLD', 'HOLDING', 'PART', 'PARTICIP', 'INVEST', 'ENERGIA'],
]);
const MIN_WORD_LENGTH = 4;

/** The same name, or one that shares a word of some length with it. */
function isSameName(a: SecurityIdentity, b: SecurityIdentity): boolean {
  const [one, other] = [a, b].map(({ name }) => removeAccents(name).toUpperCase().trim());
  if (one === undefined || other === undefined || one === '' || other === '') return false;
  if (one === other) return true;
  const words = new Set(listWords(other));
  return listWords(one).some((word) => words.has(word));
}

function listWords(name: string): string[] {
  return name
    .split(/[^A-Z0-9]+/)
    .filter((word) => word.length >= MIN_WORD_LENGTH && !COMMON_WORDS.has(word));
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

/** What tells one event of an asset from another, and the ticker on whose page it is. */
interface ListedEvent {
  readonly day: string | number;
  readonly type: string;
  readonly ticker: string;
}

/**
 * The events of an asset, each once: one may be on the pages of its old and of its new ticker. Of each kind and day
 * those of the ticker with the most count, for equal ones of one page are payments of their own. Their order is kept.
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

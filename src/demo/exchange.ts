/**
 * The sessions of the demo's assets, and what they paid: made from a seed, so that one day always has the same history.
 * It ends with the price that the market prints, and each calendar year has the variation that is printed for it. Pure.
 */
import { getYear, type Partition } from '../catalog/partition.ts';
import { findLastTradingDay, getTradingDays } from '../catalog/trading-days.ts';
import type { DemoAsset } from './market.ts';
import { parsePrinted } from './site-numbers.ts';

export interface DemoSession {
  readonly day: Partition;
  /** Reais of one unit of that day. */
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly quantity: number;
  readonly trades: number;
  /** B3's distribution number: one more from the first session without a right on. */
  readonly distribution: number;
  /** Whether it is that session. */
  readonly isEx: boolean;
}

/** Cash of one unit of its day, or a change of units. */
export interface DemoEvent {
  /** The last day with the right. */
  readonly comDay: Partition;
  readonly paymentDay: Partition;
  readonly type: string;
  readonly amount?: number;
  /** As B3 prints it: the percentage that a split or a bonus adds, and how many units a group of them becomes. */
  readonly factor?: number;
  /** Units after the event for one before it. */
  readonly multiplier?: number;
}

/** An asset with all of its sessions, the oldest first. */
export interface DemoListing {
  readonly asset: DemoAsset;
  readonly sessions: readonly DemoSession[];
  readonly events: readonly DemoEvent[];
  /** By session: what its price is multiplied by, to be comparable with the newest one. */
  readonly adjustments: readonly number[];
  /** By session: units of today for one of that day. */
  readonly units: readonly number[];
}

/** The calendar years before the current one that have sessions: as many as a page prints variations of. */
const YEARS_BEFORE = 5;

/**
 * Changes of units, by ticker: how many years ago, the month and the day of the last session before, and what happened.
 */
const UNIT_CHANGES: Readonly<
  Record<
    string,
    { readonly yearsAgo: number; readonly monthDay: number } & Pick<
      DemoEvent,
      'type' | 'factor' | 'multiplier'
    >
  >
> = {
  TUCA3: { yearsAgo: 2, monthDay: 605, type: 'DESDOBRAMENTO', factor: 100, multiplier: 2 },
  PEQI3: { yearsAgo: 1, monthDay: 918, type: 'BONIFICACAO', factor: 10, multiplier: 1.1 },
  MANG3: { yearsAgo: 1, monthDay: 312, type: 'GRUPAMENTO', factor: 0.1, multiplier: 0.1 },
};

/** The dividends of a stock in a year: the last day with the right, and the share of the year's sum. */
const STOCK_PAYMENTS = [
  { monthDay: 420, share: 0.5, type: 'DIVIDENDO', daysToPayment: 20 },
  { monthDay: 815, share: 0.25, type: 'JRS CAP PROPRIO', daysToPayment: 30 },
  { monthDay: 1211, share: 0.25, type: 'JRS CAP PROPRIO', daysToPayment: 45 },
] as const;
const FUND_PAYMENT = { type: 'RENDIMENTO', daysToPayment: 10 };

/** The history of an asset up to the last session of a calendar. */
export function createDemoListing(asset: DemoAsset, calendar: readonly Partition[]): DemoListing {
  const random = createRandom(asset.ticker);
  const days = findOwnDays(asset, calendar);
  const isFund = asset.kind === 'fiis';
  const volatility = isFund ? 0.006 : 0.013 + random() * 0.009;
  const returns = createReturns(asset, days, volatility, random);
  const plan = planCash(asset, days);
  const change = findUnitChange(asset, days);
  // Units of today: the price before a right fell by it.
  const prices = new Array<number>(days.length).fill(parsePrinted(asset.values['Cotação']) ?? 1);
  const cash = new Array<number>(days.length).fill(0);
  const units = days.map((_, at) =>
    change !== undefined && at <= change.at ? change.multiplier : 1,
  );
  for (let at = days.length - 2; at >= 0; at -= 1) {
    const after = prices[at + 1] ?? 1;
    const unit = units[at] ?? 1;
    const amount = roundTo((plan[at]?.share ?? 0) * after * unit, isFund ? 2 : 4);
    cash[at] = amount;
    prices[at] = after / Math.exp(returns[at + 1] ?? 0) + amount / unit;
  }
  const rights = days.map((_, at) => (cash[at] ?? 0) > 0 || change?.at === at);
  const volume = parsePrinted(asset.values['Vol $ méd (2m)']) ?? 1_000_000;
  let distribution = 100;
  const sessions = days.map((each, at): DemoSession => {
    const isEx = at > 0 && rights[at - 1] === true;
    if (isEx) distribution += 1;
    const close = Math.max(0.01, roundTo((prices[at] ?? 1) * (units[at] ?? 1), 2));
    const open = Math.max(0.01, roundTo(close * (1 + drawNormal(random) * volatility * 0.4), 2));
    const spread = () => Math.abs(drawNormal(random)) * volatility * 0.5;
    const quantity = Math.round((volume * (0.5 + random())) / close / 100) * 100;
    // One literal, not one spread into another: of all sessions that takes a third of the time.
    return {
      day: each,
      open,
      close,
      distribution,
      isEx,
      high: roundTo(Math.max(open, close) * (1 + spread()), 2),
      low: Math.max(0.01, roundTo(Math.min(open, close) * (1 - spread()), 2)),
      quantity: Math.max(100, quantity),
      trades: Math.max(1, Math.min(99_999, Math.round(quantity / (200 + random() * 400)))),
    };
  });
  const events = days.flatMap((comDay, at): DemoEvent[] => {
    const [planned, amount = 0] = [plan[at], cash[at]];
    const own: DemoEvent[] = [];
    if (planned !== undefined && amount > 0) {
      const paymentDay = addDays(comDay, planned.daysToPayment);
      own.push({ comDay, paymentDay, type: planned.type, amount });
    }
    if (change?.at === at) own.push({ ...change.event, comDay, paymentDay: addDays(comDay, 3) });
    return own;
  });
  return { asset, sessions, events, units, adjustments: adjust(sessions, cash, units) };
}

/** The trading days of the years that the market prints variations of. */
export function createDemoCalendar(day: Partition): Partition[] {
  const first = ((getYear(day) - YEARS_BEFORE) * 10_000 + 101) as Partition;
  return getTradingDays(first, findLastTradingDay(day));
}

/** Those from the first year on that the asset prints a variation of. */
function findOwnDays({ years }: DemoAsset, calendar: readonly Partition[]): readonly Partition[] {
  const back = years.findLastIndex((text) => parsePrinted(text) !== undefined);
  const first = getYear(calendar.at(-1) ?? (0 as Partition)) - Math.max(0, back);
  return calendar.filter((day) => getYear(day) >= first);
}

/** Logarithmic returns by session: noise, and in each year the sum that the market prints. */
function createReturns(
  asset: DemoAsset,
  days: readonly Partition[],
  volatility: number,
  random: () => number,
): number[] {
  const newest = getYear(days.at(-1) ?? (0 as Partition));
  const noise = days.map(() => drawNormal(random) * volatility);
  const returns = [...noise];
  for (let first = 0; first < days.length; ) {
    const year = getYear(days[first] ?? (0 as Partition));
    const next = days.findIndex((day) => getYear(day) > year);
    const end = next < 0 ? days.length : next;
    const target = Math.log(1 + (parsePrinted(asset.years[newest - year]) ?? 0));
    const sum = noise.slice(first, end).reduce((total, each) => total + each, 0);
    const shift = (target - sum) / (end - first);
    for (let at = first; at < end; at += 1) returns[at] = (noise[at] ?? 0) + shift;
    first = end;
  }
  return returns;
}

interface PlannedCash {
  /** The part of the price that is paid. */
  readonly share: number;
  readonly type: string;
  readonly daysToPayment: number;
}

/** By session: what is paid for it as the last day with the right; undefined where nothing is. */
function planCash(asset: DemoAsset, days: readonly Partition[]): (PlannedCash | undefined)[] {
  const yearly = parsePrinted(asset.values['Div. Yield']) ?? 0;
  return days.map((day, at) => {
    const next = days[at + 1];
    // The last session has no next one yet, on which the price could fall.
    if (next === undefined || yearly === 0) return undefined;
    if (asset.kind === 'fiis') {
      return isOtherMonth(day, next) ? { ...FUND_PAYMENT, share: yearly / 12 } : undefined;
    }
    const payment = STOCK_PAYMENTS.find(({ monthDay }) => isLastUpTo(day, next, monthDay));
    return payment && { ...payment, share: yearly * payment.share };
  });
}

function findUnitChange({ ticker }: DemoAsset, days: readonly Partition[]) {
  const change = UNIT_CHANGES[ticker];
  if (change === undefined) return undefined;
  const { yearsAgo, monthDay, multiplier = 1, ...event } = change;
  const year = getYear(days.at(-1) ?? (0 as Partition)) - yearsAgo;
  const at = days.findIndex((day, index) => {
    const next = days[index + 1];
    return getYear(day) === year && next !== undefined && isLastUpTo(day, next, monthDay);
  });
  return at < 0 ? undefined : { at, multiplier, event: { ...event, multiplier } };
}

/** Whether a session is the last of its year up to such a month and day. */
function isLastUpTo(day: Partition, next: Partition, monthDay: number): boolean {
  const limit = getYear(day) * 10_000 + monthDay;
  return day <= limit && limit < next;
}

function isOtherMonth(day: Partition, next: Partition): boolean {
  return Math.floor(day / 100) !== Math.floor(next / 100);
}

/** By session: the product of what all rights since have taken from a price. */
function adjust(
  sessions: readonly DemoSession[],
  cash: readonly number[],
  units: readonly number[],
): number[] {
  const factors = new Array<number>(sessions.length).fill(1);
  for (let at = sessions.length - 2; at >= 0; at -= 1) {
    const close = sessions[at]?.close ?? 1;
    const multiplier = (units[at] ?? 1) / (units[at + 1] ?? 1);
    factors[at] = ((factors[at + 1] ?? 1) * (close - (cash[at] ?? 0))) / close / multiplier;
  }
  return factors;
}

function addDays(day: Partition, count: number): Partition {
  const [year, month, date] = [Math.floor(day / 10_000), Math.floor(day / 100) % 100, day % 100];
  const moved = new Date(Date.UTC(year, month - 1, date + count)).toISOString().slice(0, 10);
  return Number(moved.replaceAll('-', '')) as Partition;
}

/** `toFixed` takes ten times as long. */
export function roundTo(value: number, decimals: number): number {
  const power = 10 ** decimals;
  return Math.round(value * power) / power;
}

/** Numbers from 0 to 1 that follow from a text alone (mulberry32, seeded by FNV-1a). */
export function createRandom(seed: string): () => number {
  let state = 0x811c9dc5;
  for (const character of seed) {
    state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** From a normal distribution of mean 0 and deviation 1, nearly: the sum of twelve uniform numbers. */
function drawNormal(random: () => number): number {
  let sum = -6;
  for (let count = 0; count < 12; count += 1) sum += random();
  return sum;
}

/**
 * Corporate events of an asset, and which of them took place: B3's distribution number rises by one for each day that
 * was the last one with some right. Pure.
 */
import { groupBy } from '../collections.ts';

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
  /** What another source shows of it that contradicts its value; undefined where none does. */
  readonly contradiction?: string | undefined;
}

/** Events between two sessions of an asset. */
export interface EventSelection {
  /** Those that count. */
  readonly applied: readonly RightEvent[];
  /** Those that a source shows, and that are more than the number rose. */
  readonly rejected: readonly RightEvent[];
  /** Whether the price chose among them. */
  readonly isByPrice: boolean;
  /** Those of days that the number asks for, of which no source says any more which took place. */
  readonly unclear: readonly RightEvent[];
}

/**
 * Which events count where the number rose by some rights. Events that no source shows any more count where the number
 * asks for days of which no other is shown: beside one that is shown, they are what it was before a correction. Of more
 * days than the number rose, the price chooses: those days count whose theoretical price the asset then traded near to,
 * if all other choices are far from it. Otherwise nothing says which of them took place, and none counts.
 *
 * @param due the events whose last day with the right is from one session on, and before the next
 * @param prices the closes of the two sessions; undefined where they say nothing
 */
export function selectEvents(
  due: readonly RightEvent[],
  rights: number,
  prices: Closes | undefined,
): EventSelection {
  const shown = due.filter(({ isShown }) => isShown);
  const [days, shownDays] = [countComDays(due), countComDays(shown)];
  if (shownDays > rights) {
    const chosen = prices && chooseByPrice(shown, rights, prices);
    return {
      applied: chosen ?? [],
      rejected: shown.filter((event) => chosen?.includes(event) !== true),
      isByPrice: chosen !== undefined,
      unclear: [],
    };
  }
  // More that no source shows any more than the number asks for: it does not say which of them.
  const isAskedFor = shownDays < rights && days <= rights;
  const absent = isAskedFor ? groupBy(listReplacing(due), ({ comDay }) => comDay).values() : [];
  const [clear, unclear]: [RightEvent[], RightEvent[]] = [[], []];
  for (const ofDay of absent) (hasVersions(ofDay) ? unclear : clear).push(...ofDay);
  const applied = due.filter((event) => event.isShown || clear.includes(event));
  return { applied, rejected: [], isByPrice: false, unclear };
}

/** The events that no source shows any more, of days of which none is shown. */
function listReplacing(due: readonly RightEvent[]): RightEvent[] {
  const shownDays = new Set(due.filter(({ isShown }) => isShown).map(({ comDay }) => comDay));
  return due.filter(({ isShown, comDay }) => !isShown && !shownDays.has(comDay));
}

/** Whether some events of one day may be one, before and after a correction of its amount or its kind. */
function hasVersions(events: readonly RightEvent[]): boolean {
  return events.some((event, at) =>
    events
      .slice(at + 1)
      .some(({ type, cash }) => type === event.type || (cash !== undefined && cash === event.cash)),
  );
}

/** Events of which equal changes of units of one day are counted as often as they took place. */
interface CountedEvents {
  readonly counted: readonly RightEvent[];
  /** The equal ones, one of each, of which nothing says how often they took place. */
  readonly doubtful: readonly RightEvent[];
}

/**
 * Counts equal changes of units of one day. Two equal rows of one source are two payments where they pay cash, for the
 * site and B3 print each payment; but B3 also prints one bonus twice, and the distribution number rises by one a day,
 * however many there were. So the price alone tells: they count as often as makes the price what it then was, if every
 * other number of times makes it far from that. Otherwise they count once, and that is not proved: a price does not
 * tell a bonus of 10% from two.
 *
 * @param prices the closes of the two sessions; undefined where they say nothing
 */
export function countUnitChanges(
  events: readonly RightEvent[],
  prices: Closes | undefined,
): CountedEvents {
  const alike = groupBy(
    events.filter(({ multiplier }) => multiplier !== undefined),
    ({ comDay, type, multiplier }) => `${comDay} ${type} ${multiplier}`,
  );
  const repeated = [...alike.values()].filter(({ length }) => length > 1);
  if (repeated.length === 0) return { counted: events, doubtful: [] };
  const count = repeated.reduce((product, { length }) => product * length, 1);
  const choices = (count > MAX_COUNTS ? [] : listCounts(repeated)).map((removed) => {
    const left = new Set(removed);
    const counted = events.filter((event) => !left.has(event));
    const theoretical = prices && computeTheoreticalPrice(prices.before, counted);
    const deviation =
      prices && theoretical
        ? Math.abs(Math.log(prices.after / theoretical.price))
        : Number.POSITIVE_INFINITY;
    return { counted, deviation };
  });
  const [best, ...rest] = choices.toSorted((a, b) => a.deviation - b.deviation);
  const isClear =
    best !== undefined &&
    best.deviation <= MAX_DEVIATION &&
    rest.every(({ deviation }) => deviation - best.deviation >= MIN_DISTANCE);
  if (isClear) return { counted: best.counted, doubtful: [] };
  const others = new Set(repeated.flatMap((equal) => equal.slice(1)));
  return {
    counted: events.filter((event) => !others.has(event)),
    doubtful: repeated.flatMap(([first]) => first ?? []),
  };
}

/** What each choice of how often equal events count leaves out: all but the first, or two, … of each. */
function listCounts(repeated: readonly (readonly RightEvent[])[]): (readonly RightEvent[])[] {
  return repeated.reduce<(readonly RightEvent[])[]>(
    (choices, equal) =>
      choices.flatMap((left) => equal.map((_, at) => [...left, ...equal.slice(at + 1)])),
    [[]],
  );
}

interface Closes {
  readonly before: number;
  readonly after: number;
}

/**
 * How far the asset may trade from the theoretical price of the events that the price chooses: a quarter up or down.
 */
const MAX_DEVIATION = Math.log(1.25);
/** How much farther it must be from that of each other choice. */
const MIN_DISTANCE = Math.log(1.4);
/** More days with events than these between two sessions are not tried: there would be thousands of choices. */
const MAX_DAYS = 10;
/** More choices of how often equal events count are not tried. */
const MAX_COUNTS = 64;

function chooseByPrice(
  shown: readonly RightEvent[],
  rights: number,
  { before, after }: Closes,
): readonly RightEvent[] | undefined {
  const comDays = listComDays(shown);
  const isComputable = shown.every(isEventComputable);
  if (rights <= 0 || comDays.length > MAX_DAYS || !isComputable) return undefined;
  const [best, ...others] = listChoices(comDays, rights)
    .map((days) => {
      const events = shown.filter(({ comDay }) => days.includes(comDay));
      const { counted } = countUnitChanges(events, { before, after });
      const theoretical = computeTheoreticalPrice(before, counted);
      const deviation =
        theoretical === undefined
          ? Number.POSITIVE_INFINITY
          : Math.abs(Math.log(after / theoretical.price));
      return { events, deviation };
    })
    .sort((a, b) => a.deviation - b.deviation);
  if (best === undefined || best.deviation > MAX_DEVIATION) return undefined;
  const isClear = others.every(({ deviation }) => deviation - best.deviation >= MIN_DISTANCE);
  return isClear ? best.events : undefined;
}

/** All choices of so many of the days. */
function listChoices(days: readonly number[], count: number): number[][] {
  const [first, ...rest] = days;
  if (count === 0) return [[]];
  if (first === undefined) return [];
  const withFirst = listChoices(rest, count - 1).map((choice) => [first, ...choice]);
  return [...withFirst, ...listChoices(rest, count)];
}

/** Whether it is known what the event does to the price: a spin-off, a subscription do not say it. */
export function isEventComputable({ cash, multiplier }: RightEvent): boolean {
  return cash !== undefined || multiplier !== undefined;
}

/** The days that were the last ones with some right, in order. */
function listComDays(events: readonly RightEvent[]): number[] {
  return [...new Set(events.map(({ comDay }) => comDay))].sort((a, b) => a - b);
}

export function countComDays(events: readonly RightEvent[]): number {
  return listComDays(events).length;
}

/**
 * What a price becomes by some events: (price - cash) / (units after one unit before), by each last day with a right in
 * turn. Undefined if the cash is not less than the price.
 */
export function computeTheoreticalPrice(
  close: number,
  events: readonly RightEvent[],
): { readonly price: number; readonly multiplier: number } | undefined {
  let price = close;
  let units = 1;
  for (const comDay of listComDays(events)) {
    const ofDay = events.filter((event) => event.comDay === comDay);
    const cash = ofDay.reduce((sum, event) => sum + (event.cash ?? 0), 0);
    const multiplier = ofDay.reduce((product, event) => product * (event.multiplier ?? 1), 1);
    price = (price - cash) / multiplier;
    units *= multiplier;
    if (!(price > 0)) return undefined;
  }
  return { price, multiplier: units };
}

/** The order is the same however the events were given: sums and texts depend on it. */
export function compareEvents(a: RightEvent, b: RightEvent): number {
  const texts = [a, b].map(({ type, ticker }) => `${type} ${ticker}`) as [string, string];
  return (
    a.comDay - b.comDay ||
    (texts[0] < texts[1] ? -1 : texts[0] > texts[1] ? 1 : 0) ||
    (a.cash ?? 0) - (b.cash ?? 0) ||
    (a.multiplier ?? 0) - (b.multiplier ?? 0) ||
    a.sourceCount - b.sourceCount
  );
}

export function formatEvents(events: readonly RightEvent[]): string {
  return events.map(formatEvent).join(' + ');
}

function formatEvent({ type, cash, multiplier, contradiction }: RightEvent): string {
  const other = contradiction === undefined ? '' : ` (${contradiction})`;
  if (multiplier !== undefined) return `${type} × ${multiplier}${other}`;
  return cash === undefined ? `${type}${other}` : `${type} ${cash}${other}`;
}

/**
 * Series of a report as short texts: days and values as differences of whole numbers, in bytes of seven bits, in
 * base64. A value is stored as it is shown, so that what a chart says is what the query answers, rounded once. Pure;
 * the page in the browser unpacks with this file, too.
 */
import { formatNumber } from '../presentation/notation.ts';

export interface SeriesPoint {
  /** YYYY-MM-DD */
  readonly day: string;
  readonly value: number;
}

export interface PackedSeries {
  /** Days since 1970; absent where they are those of another series. */
  readonly d?: string;
  /** Values in units of the last decimal. */
  readonly v: string;
  /** Decimals. */
  readonly s: number;
}

const DAY_MS = 86_400_000;

export function packSeries(points: readonly SeriesPoint[], decimals: number): PackedSeries {
  return { d: packDays(points.map(({ day }) => day)), ...packValues(points, decimals) };
}

/** The values alone: their days are those of another series. */
export function packValues(points: readonly SeriesPoint[], decimals: number): PackedSeries {
  return { v: packNumbers(points.map(({ value }) => toUnits(value, decimals))), s: decimals };
}

/** Days as they are counted since 1970. */
export function packDays(days: readonly string[]): string {
  return packNumbers(days.map((day) => Date.parse(day) / DAY_MS));
}

/** The number that is shown, in units of its last decimal. */
function toUnits(value: number, decimals: number): number {
  const shown = Number(formatNumber(value, 'en', decimals).replaceAll(',', ''));
  return Math.round(shown * 10 ** decimals);
}

/** @param days of the series that this one shares its days with */
export function unpackSeries(
  { d, v, s }: PackedSeries,
  days: readonly number[] = [],
): {
  readonly days: readonly number[];
  readonly values: readonly number[];
} {
  const scale = 10 ** s;
  return {
    days: d === undefined ? days : unpackNumbers(d),
    values: unpackNumbers(v).map((units) => units / scale),
  };
}

/** Whole numbers by their differences: the low seven bits first, a set high bit says that more follow. */
export function packNumbers(numbers: readonly number[]): string {
  let bytes = '';
  let before = 0;
  for (const number of numbers) {
    const difference = number - before;
    before = number;
    // The sign is the lowest bit. Products, not shifts: numbers may exceed 32 bits.
    let rest = difference < 0 ? -difference * 2 - 1 : difference * 2;
    while (rest >= 0x80) {
      bytes += String.fromCharCode((rest % 0x80) + 0x80);
      rest = Math.floor(rest / 0x80);
    }
    bytes += String.fromCharCode(rest);
  }
  return btoa(bytes);
}

export function unpackNumbers(text: string): number[] {
  const numbers: number[] = [];
  let before = 0;
  let rest = 0;
  let scale = 1;
  for (const character of atob(text)) {
    const byte = character.charCodeAt(0);
    rest += (byte % 0x80) * scale;
    scale *= 0x80;
    if (byte >= 0x80) continue;
    before += rest % 2 === 0 ? rest / 2 : -(rest + 1) / 2;
    numbers.push(before);
    rest = 0;
    scale = 1;
  }
  return numbers;
}

/** Every session of the last years is kept; of the weeks before them the last session. */
const DAILY_YEARS = 2;

/** The day from which a chart that ends with `last` has every session, YYYY-MM-DD. */
export function findDailyStart(last: string): string {
  return `${Number(last.slice(0, 4)) - DAILY_YEARS}${last.slice(4)}`;
}

/**
 * The points that a chart shows: all of the last `DAILY_YEARS`; before, the last of each week, and the first, the
 * highest and the lowest of all.
 */
export function thinSeries<Point extends SeriesPoint>(points: readonly Point[]): Point[] {
  const [first, last] = [points.at(0), points.at(-1)];
  if (first === undefined || last === undefined) return [];
  const daily = findDailyStart(last.day);
  let [high, low]: [Point, Point] = [first, first];
  for (const point of points) {
    if (point.value > high.value) high = point;
    if (point.value < low.value) low = point;
  }
  return points.filter((point, at) => {
    if (point.day >= daily || point === first || point === high || point === low) return true;
    const next = points[at + 1];
    return next === undefined || getWeek(next.day) !== getWeek(point.day);
  });
}

/** Weeks from Monday on, counted from one. */
function getWeek(day: string): number {
  // 5 January 1970 was a Monday.
  return Math.floor((Date.parse(day) / DAY_MS - 4) / 7);
}

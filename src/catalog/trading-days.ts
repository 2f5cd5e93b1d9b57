/**
 * The days on which B3 trades: its holidays by rule, so that no year runs out. Pure.
 *
 * Source: B3's yearly trading calendars (calendário de negociação). A day that it takes off out of turn is known here
 * only where it is certain; before 2000 there may be others.
 */
import { getYear, type Partition } from './partition.ts';

interface FixedHoliday {
  /** `MMDD` */
  readonly day: number;
  readonly since?: number;
  readonly until?: number;
  readonly except?: number;
}

const FIXED_HOLIDAYS: readonly FixedHoliday[] = [
  { day: 101 }, // Confraternização Universal
  { day: 421 }, // Tiradentes
  { day: 501 }, // Dia do Trabalho
  { day: 907 }, // Independência
  { day: 1012 }, // Nossa Senhora Aparecida
  { day: 1102 }, // Finados
  { day: 1115 }, // Proclamação da República
  { day: 1224 },
  { day: 1225 }, // Natal
  { day: 1120, since: 2024 }, // Consciência Negra, in all Brazil by Law 14.759 of 2023
  // B3 kept the holidays of the city and the state of São Paulo until 2021; in 2020 two of them were
  // brought forward for the pandemic, and it traded.
  { day: 125, until: 2021 }, // Aniversário de São Paulo
  { day: 709, since: 1997, until: 2021, except: 2020 }, // Revolução Constitucionalista, by Law 9.497 of São Paulo
  { day: 1120, since: 2004, until: 2021, except: 2020 }, // Consciência Negra
  { day: 612, since: 2014, until: 2014 }, // The World Cup opened in São Paulo
];

/** Days from Easter Sunday. */
const MOVABLE_HOLIDAYS: readonly number[] = [
  -48, // Carnival's Monday
  -47, // and Tuesday; on Ash Wednesday it trades in the afternoon
  -2, // Good Friday
  60, // Corpus Christi
];

export function isTradingDay(day: Partition): boolean {
  return isWeekday(day) && !isHoliday(day);
}

/** The trading days from `first` to `last`, both included, in order. */
export function getTradingDays(first: Partition, last: Partition): Partition[] {
  const days: Partition[] = [];
  for (const date = toDate(first); ; date.setUTCDate(date.getUTCDate() + 1)) {
    const day = toDayPartition(date);
    if (day > last) return days;
    if (isWorkday(date) && !isHoliday(day)) days.push(day);
  }
}

/** The newest trading day that is not after `day`. */
export function findLastTradingDay(day: Partition): Partition {
  let date = toDate(day);
  while (!isTradingDay(toDayPartition(date))) date = addDays(date, -1);
  return toDayPartition(date);
}

/**
 * The trading days from the first of these partitions to `last` that they lack, in order. A collection on a
 * day without trading holds the quotes of the trading day before it, and counts as that day.
 */
export function findMissingTradingDays(
  partitions: readonly Partition[],
  last: Partition,
): Partition[] {
  const [first] = partitions;
  if (first === undefined) return [];
  const held = new Set(partitions.map(findLastTradingDay));
  return getTradingDays(first, last).filter((day) => !held.has(day));
}

const holidaysByYear = new Map<number, ReadonlySet<Partition>>();

function isHoliday(day: Partition): boolean {
  const year = getYear(day);
  let holidays = holidaysByYear.get(year);
  if (holidays === undefined) {
    holidays = computeHolidays(year);
    holidaysByYear.set(year, holidays);
  }
  return holidays.has(day);
}

function computeHolidays(year: number): ReadonlySet<Partition> {
  const fixed = FIXED_HOLIDAYS.filter(
    ({ since = 0, until = 9999, except }) => year >= since && year <= until && year !== except,
  );
  const easter = computeEaster(year);
  return new Set([
    ...fixed.map(({ day }) => (year * 10_000 + day) as Partition),
    ...MOVABLE_HOLIDAYS.map((offset) => toDayPartition(addDays(easter, offset))),
    findLastWeekday(year),
  ]);
}

/** Banks are closed to the public on the last weekday of the year, and so is B3. */
function findLastWeekday(year: number): Partition {
  let date = new Date(Date.UTC(year, 11, 31));
  while (!isWeekday(toDayPartition(date))) date = addDays(date, -1);
  return toDayPartition(date);
}

/** Easter Sunday of the Gregorian calendar, by the algorithm of Meeus, Jones and Butcher. */
function computeEaster(year: number): Date {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor(b / 4);
  const e = b % 4;
  const g = Math.floor((8 * b + 13) / 25);
  const h = (19 * a + b - d - g + 15) % 30;
  const i = Math.floor(c / 4);
  const k = c % 4;
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 19 * l) / 433);
  const month = Math.floor((h + l - 7 * m + 90) / 25);
  const day = (h + l - 7 * m + 33 * month + 19) % 32;
  return new Date(Date.UTC(year, month - 1, day));
}

/** From Monday to Friday. */
export function isWeekday(day: Partition): boolean {
  return isWorkday(toDate(day));
}

function isWorkday(date: Date): boolean {
  const weekday = date.getUTCDay();
  return weekday !== 0 && weekday !== 6;
}

/** Without text, since a lake has thousands of days. */
function toDate(day: Partition): Date {
  return new Date(Date.UTC(getYear(day), (Math.floor(day / 100) % 100) - 1, day % 100));
}

function addDays(date: Date, days: number): Date {
  return new Date(date.getTime() + days * 86_400_000);
}

function toDayPartition(date: Date): Partition {
  const month = date.getUTCMonth() + 1;
  return (date.getUTCFullYear() * 10_000 + month * 100 + date.getUTCDate()) as Partition;
}

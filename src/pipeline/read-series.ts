/** The central bank's series of the lake, completed by the years and days that it lacks. */

import type { Row } from '../catalog/column.ts';
import { getTable } from '../catalog/dataset.ts';
import { rateSeries, series } from '../catalog/datasets/bcb.ts';
import type { Partition } from '../catalog/partition.ts';
import { groupBy } from '../collections.ts';
import { LakeError, SiteError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import { DEDUP_NAME } from '../lake/names.ts';
import { MAX_YEARS, type SeriesSource } from '../sources/bcb/series.ts';
import { deduplicate } from '../transform/deduplicate.ts';
import { addDay, countMonths, findMissingRateDay, type RatePoint } from '../transform/returns.ts';

const table = getTable(series, 'sot');

interface SeriesRequest {
  readonly lake: Lake;
  readonly source: SeriesSource;
  readonly code: number;
  /** The days that are needed, YYYY-MM-DD. */
  readonly first: string;
  readonly last: string;
  /** Runs what writes while no other process does. */
  readonly withExclusiveAccess: <T>(work: () => Promise<T>) => Promise<T>;
}

export interface SeriesAnswer {
  /** The oldest first. */
  readonly rates: readonly RatePoint[];
  /** Why years are missing that were asked for; undefined if none are. */
  readonly error: SiteError | undefined;
  /** Why what was fetched is not in the lake; undefined where it is, or nothing was. */
  readonly storeError?: LakeError;
}

/**
 * The values of a series for the years of a range. A year is asked for until the lake has a value of each of its
 * business days, or months, that are needed: one that was fetched before its end is asked for again. What is fetched is
 * stored, but a question is answered also where the lake cannot be written; an answer without the network has what the
 * lake has.
 */
export async function readSeries(request: SeriesRequest): Promise<SeriesAnswer> {
  const { lake, source, code, first, last } = request;
  const stored = await readStoredRates(lake, code, toYear(first), toYear(last));
  const ranges = splitYears(findMissingYears(code, stored, first, last));
  if (ranges.length === 0) return { rates: stored, error: undefined };
  const fetched: RatePoint[] = [];
  let error: SiteError | undefined;
  for (const [from, to] of ranges) {
    try {
      const values = await source.read(code, from, to);
      fetched.push(...values.map(({ day, value }) => ({ day, percent: value })));
    } catch (caught) {
      if (!(caught instanceof SiteError)) throw caught;
      error = caught;
    }
  }
  const storeError = fetched.length === 0 ? undefined : await tryStore(request, fetched);
  const byDay = new Map([...stored, ...fetched].map((rate) => [rate.day, rate]));
  const rates = [...byDay.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
  return { rates, error, ...(storeError === undefined ? {} : { storeError }) };
}

async function tryStore(
  { lake, code, withExclusiveAccess }: SeriesRequest,
  rates: readonly RatePoint[],
): Promise<LakeError | undefined> {
  try {
    await withExclusiveAccess(() => storeRates(lake, code, rates));
    return undefined;
  } catch (error) {
    if (error instanceof LakeError) return error;
    throw error;
  }
}

function toYear(day: string): number {
  return Number(day.slice(0, 4));
}

/** The years of which any value is missing from the first needed day to the last. */
function findMissingYears(
  code: number,
  stored: readonly RatePoint[],
  first: string,
  last: string,
): number[] {
  const isMonthly = Object.values(rateSeries).some(
    (each) => each.code === code && each.period === 'month',
  );
  const byYear = groupBy(stored, ({ day }) => toYear(day));
  const missing: number[] = [];
  for (let year = toYear(first); year <= toYear(last); year += 1) {
    const from = year === toYear(first) ? first : `${year}-01-01`;
    const to = year === toYear(last) ? last : `${year}-12-31`;
    const own = (byYear.get(year) ?? []).filter(({ day }) =>
      isMonthly ? day.slice(0, 7) >= from.slice(0, 7) && day <= to : day >= from && day <= to,
    );
    const isComplete = isMonthly
      ? own.length > countMonths(from.slice(0, 7), to.slice(0, 7))
      : findMissingRateDay(own, from, addDay(to)) === undefined;
    if (!isComplete) missing.push(year);
  }
  return missing;
}

/** Ranges of years that follow one another, each short enough for one request. */
function splitYears(years: readonly number[]): [from: number, to: number][] {
  const ranges: [number, number][] = [];
  for (const year of years) {
    const range = ranges.at(-1);
    if (range !== undefined && year === range[1] + 1 && year - range[0] < MAX_YEARS)
      range[1] = year;
    else ranges.push([year, year]);
  }
  return ranges;
}

async function readStoredRates(
  lake: Lake,
  code: number,
  firstYear: number,
  lastYear: number,
): Promise<RatePoint[]> {
  const rates: RatePoint[] = [];
  for (const year of await lake.partitions(table)) {
    if (year < firstYear || year > lastYear) continue;
    for (const row of await readYear(lake, year)) {
      if (row['codigo_serie'] !== String(code)) continue;
      rates.push({ day: String(row['dt_valor']), percent: Number(row['vlr_percentual']) });
    }
  }
  return rates.sort((a, b) => (a.day < b.day ? -1 : 1));
}

async function readYear(lake: Lake, year: Partition): Promise<Row[]> {
  const files = await lake.files(table, year);
  return (await Promise.all(files.map((file) => lake.read(file)))).flat();
}

/** The new values replace those of their days: the central bank revises some. */
async function storeRates(lake: Lake, code: number, rates: readonly RatePoint[]): Promise<void> {
  for (const [year, own] of groupBy(rates, ({ day }) => toYear(day) as Partition)) {
    const rows = own.map(({ day, percent }) => ({
      ...{ codigo_serie: String(code), dt_valor: day, vlr_percentual: percent },
    }));
    const files = await lake.files(table, year);
    const merged = deduplicate([...(await readYear(lake, year)), ...rows], table);
    const expected = files.find(({ name }) => name === DEDUP_NAME);
    await lake.write({ table, partition: year, name: DEDUP_NAME }, merged, { expected });
  }
}

/** Rates such as CDI and IPCA for the days of a return: those of the lake, completed by the central bank. */

import { type RateName, rateSeries } from '../catalog/datasets/bcb.ts';
import type { SeriesAnswer } from '../pipeline/read-series.ts';
import { abortOnInterrupt } from './exit.ts';
import type { LakeHandle } from './open-lake.ts';
import { readSourceSettings } from './site-settings.ts';
import type { Terminal } from './terminal/terminal.ts';

/**
 * The rates of the days or months that count for a return from one day to another. What the lake lacks is asked of the
 * central bank, and stored.
 */
export async function readRates(
  terminal: Terminal,
  handle: LakeHandle,
  name: RateName,
  { first, last }: { readonly first: string; readonly last: string },
): Promise<SeriesAnswer> {
  const { createSeriesSource, defaultSeriesSettings } = await import('../sources/bcb/series.ts');
  const { readSeries } = await import('../pipeline/read-series.ts');
  const signal = abortOnInterrupt(terminal);
  const { code, period } = rateSeries[name];
  return readSeries({
    lake: handle.lake,
    source: createSeriesSource(readSourceSettings(defaultSeriesSettings, {}, {}), signal),
    code,
    first,
    last: period === 'day' ? findWeekdayBefore(last) : findMonthBefore(last),
    withExclusiveAccess: (work) => handle.withExclusiveAccess('pynvest query retorno', work),
  });
}

/** The last weekday before a day: the newest one whose rate counts. */
function findWeekdayBefore(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  do date.setUTCDate(date.getUTCDate() - 1);
  while (date.getUTCDay() % 6 === 0);
  return date.toISOString().slice(0, 10);
}

/** The first day of the month before that of a day. */
function findMonthBefore(day: string): string {
  const date = new Date(`${day.slice(0, 7)}-01T00:00:00Z`);
  date.setUTCMonth(date.getUTCMonth() - 1);
  return date.toISOString().slice(0, 10);
}

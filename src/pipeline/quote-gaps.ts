/**
 * The sessions of which a lake has no quotes, and what fills them: `pynvest backfill`, and where the lake lacks B3's
 * history of them, an import of that first.
 */
import { CASH_MARKET } from '../catalog/datasets/b3.ts';
import { formatIsoDate, getYear, isWithin, type Partition } from '../catalog/partition.ts';
import { findLastTradingDay, getTradingDays } from '../catalog/trading-days.ts';
import { FIRST_DAY_IN_REAIS } from '../transform/historical-quotes.ts';
import { findMissingSessions } from '../transform/market-days.ts';
import { type ImportNotes, readWholeMarkets } from './imported-years.ts';

/** Sessions without quotes that follow each other. */
export interface QuoteGap {
  readonly first: Partition;
  readonly last: Partition;
  readonly sessions: number;
  /** The years of which sessions are missing in B3's history, too, in order. */
  readonly years: readonly number[];
}

interface QuoteGapRequest {
  /** The days of which the lake has quotes, in order. */
  readonly stored: readonly Partition[];
  readonly from: Partition;
  readonly to: Partition;
  readonly notes: Pick<ImportNotes, 'read'>;
  /** The sessions that the imported history has from one day to another; asked only where quotes are missing. */
  readonly readSessions: (from: Partition, to: Partition) => Promise<readonly Partition[]>;
}

/**
 * The sessions from one day to another that a lake has no quotes of, in order. A collection on a day without trading
 * stands for the session before it. Prices in the currencies before July 1994 give no quotes, so no session of then is
 * missing.
 */
export async function findQuoteGaps({
  stored,
  from,
  to,
  notes,
  readSessions,
}: QuoteGapRequest): Promise<QuoteGap[]> {
  const begin = Math.max(from, FIRST_DAY_IN_REAIS) as Partition;
  if (begin > to) return [];
  const quoted = new Set(stored.filter((day) => day >= begin).map(findLastTradingDay));
  const tradingDays = getTradingDays(begin, to);
  const withoutQuotes = tradingDays.filter((day) => !quoted.has(day));
  const [first, last] = [withoutQuotes.at(0), withoutQuotes.at(-1)];
  if (first === undefined || last === undefined) return [];
  const imported = new Set(await readSessions(first, last));
  const wholeYears = await findWholeYears(notes, withoutQuotes);
  const notImported = new Set(
    findMissingSessions([...imported], first, last).filter((day) => !wholeYears.has(getYear(day))),
  );
  // Of a whole year, a trading day without prices was no session.
  const missing = new Set(withoutQuotes.filter((day) => imported.has(day) || notImported.has(day)));
  return groupIntoGaps(tradingDays, missing, quoted).map((gap) => {
    const days = [...notImported].filter((day) => isWithin({ from: gap.first, to: gap.last }, day));
    return { ...gap, years: [...new Set(days.map(getYear))] };
  });
}

/** Those of the years of which an import has brought all. */
async function findWholeYears(
  notes: Pick<ImportNotes, 'read'>,
  days: readonly Partition[],
): Promise<ReadonlySet<number>> {
  const whole = new Set<number>();
  for (const year of new Set(days.map(getYear))) {
    const markets = await readWholeMarkets(notes, year);
    if (markets === 'all' || markets.has(CASH_MARKET)) whole.add(year);
  }
  return whole;
}

/** Trading days that are neither missing nor quoted do not split a gap. */
function groupIntoGaps(
  tradingDays: readonly Partition[],
  missing: ReadonlySet<Partition>,
  quoted: ReadonlySet<Partition>,
): Omit<QuoteGap, 'years'>[] {
  const gaps: Omit<QuoteGap, 'years'>[] = [];
  let isOpen = false;
  for (const day of tradingDays) {
    if (quoted.has(day)) isOpen = false;
    if (!missing.has(day)) continue;
    const open = isOpen ? gaps.pop() : undefined;
    gaps.push({
      first: open?.first ?? day,
      last: day,
      sessions: (open?.sessions ?? 0) + 1,
    });
    isOpen = true;
  }
  return gaps;
}

/**
 * The commands that fill days from B3's history, in order, as a person types them.
 * @param years those that are to be imported first; none where the lake has them
 */
export function listFillingCommands(
  { first, last }: { readonly first: Partition; readonly last: Partition },
  years: readonly number[],
): readonly string[] {
  const backfill = `\`pynvest backfill --from ${formatIsoDate(first)} --to ${formatIsoDate(last)}\``;
  return years.length === 0
    ? [backfill]
    : [`\`pynvest import cotahist --year ${formatYears(years)}\``, backfill];
}

/** Years in order as the option `--year` takes them: `2016-2019,2021`. */
export function formatYears(years: readonly number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const year of years) {
    const range = ranges.at(-1);
    if (range !== undefined && range[1] === year - 1) range[1] = year;
    else ranges.push([year, year]);
  }
  return ranges.map(([first, last]) => [...new Set([first, last])].join('-')).join(',');
}

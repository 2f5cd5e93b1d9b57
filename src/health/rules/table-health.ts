/**
 * The health of one table: which trading days and which tickers it lacks, and when its pages were read. Pure.
 */

import { findOrigins, type Table } from '../../catalog/dataset.ts';
import { quotes } from '../../catalog/datasets/cotacoes.ts';
import { dailyDatasets, indicators } from '../../catalog/datasets.ts';
import { formatIsoDate, type Partition } from '../../catalog/partition.ts';
import type { Ticker } from '../../catalog/ticker.ts';
import { findMissingTradingDays } from '../../catalog/trading-days.ts';
import { type Facts, getSection, type TableFacts } from '../facts/model.ts';
import { findNewestPast } from './days.ts';

export interface TableHealth {
  readonly facts: TableFacts;
  /** The trading days without a partition, from the first partition to the day that is due. */
  readonly missing: readonly Partition[];
  readonly coverage: Coverage | undefined;
  /** When the last page of the newest day was read; undefined where it is not known. */
  readonly readAt: Date | undefined;
  /** The newest partition that is not to come. */
  readonly newestPast: Partition | undefined;
  /** Trading days from that partition to the day that is due; undefined without it. */
  readonly behind: number | undefined;
}

const computed = new WeakMap<Facts, readonly TableHealth[]>();

/** The health of every table, computed once for all rules and for the report. */
export function getTableHealth(facts: Facts): readonly TableHealth[] {
  const known = computed.get(facts);
  if (known !== undefined) return known;
  const health = (getSection(facts, 'tables') ?? []).map((table) => assessTable(facts, table));
  computed.set(facts, health);
  return health;
}

function assessTable(facts: Facts, table: TableFacts): TableHealth {
  const newest = findNewestPast(table.partitions, facts.now);
  const missing = findMissingTradingDays(table.partitions, facts.due.day);
  return {
    facts: table,
    missing,
    coverage: findCoverage(facts, table),
    readAt: findReadTime(facts, table),
    newestPast: newest,
    behind: newest === undefined ? undefined : missing.filter((day) => day > newest).length,
  };
}

/** The quotes have no time of their own: they are as old as the other tables' pages of their day. */
function findReadTime(facts: Facts, { newest }: TableFacts): Date | undefined {
  if (!newest?.readable) return undefined;
  if (newest.readAt !== undefined) return newest.readAt;
  const times = findNewestDays(facts, newest.partition).flatMap(({ readAt }) => readAt ?? []);
  return times.length === 0 ? undefined : new Date(Math.max(...times.map(Number)));
}

/** The newest days of the tables that have this partition as their newest one, and of one layer where it is given. */
function findNewestDays(facts: Facts, partition: Partition, layer?: Table['layer']) {
  return (getSection(facts, 'tables') ?? []).flatMap(({ table, newest }) => {
    if (!newest?.readable || newest.partition !== partition) return [];
    return layer === undefined || table.layer === layer ? [newest] : [];
  });
}

export interface Coverage {
  /** `site`, the day that it was compared with, or `run`: what the runs of the day asked for. */
  readonly comparedWith: string;
  /** What the expected tickers are, as the rest of "tickers …". */
  readonly basis: string;
  readonly expected: number;
  /** In order. */
  readonly missing: readonly string[];
}

/**
 * Compares the newest day with what the site lists or, where the site was not asked or did not answer, with the day
 * before and with the failed requests of that day's runs; undefined where there is nothing to compare it with. A ticker
 * counts as present in any table of the layer, since the site lists a few funds among the stocks. One that the last run
 * found to have no page is not expected, where it found few of them.
 */
export function findCoverage(facts: Facts, tableFacts: TableFacts): Coverage | undefined {
  const { table, newest } = tableFacts;
  if (!newest?.readable) return undefined;
  const present = new Set(
    [newest, ...findNewestDays(facts, newest.partition, table.layer)].flatMap(({ tickers }) => [
      ...tickers,
    ]),
  );
  const baseline = findBaseline(facts, tableFacts, present);
  if (baseline === undefined) return undefined;
  const { comparedWith, basis, tickers } = baseline;
  const withoutPage = findTickersWithoutPage(facts, formatIsoDate(newest.partition));
  const expected = [...tickers].filter((ticker) => !withoutPage.has(ticker));
  return {
    comparedWith,
    basis,
    expected: expected.length,
    missing: expected.filter((ticker) => !present.has(ticker)).sort(),
  };
}

interface Baseline extends Pick<Coverage, 'comparedWith' | 'basis'> {
  readonly tickers: ReadonlySet<string>;
}

function findBaseline(
  facts: Facts,
  { table, newest, previous }: TableFacts,
  present: ReadonlySet<string>,
): Baseline | undefined {
  const listed = getListedTickers(facts, table);
  if (listed !== undefined) {
    return { comparedWith: 'site', basis: 'listed by the site', tickers: new Set(listed) };
  }
  const failed = newest === undefined ? [] : findFailedTickers(facts, table, newest.partition);
  const lost = failed.filter((ticker) => !present.has(ticker));
  if (!previous?.readable) {
    if (lost.length === 0) return undefined;
    const tickers = new Set([...present, ...lost]);
    return { comparedWith: 'run', basis: 'that a run asked for', tickers };
  }
  const comparedWith = formatIsoDate(previous.partition);
  const hasMore = lost.some((ticker) => !previous.tickers.has(ticker));
  return {
    comparedWith,
    basis: `present on ${comparedWith}${hasMore ? ', or asked for by a run,' : ''}`,
    tickers: new Set([...previous.tickers, ...lost]),
  };
}

/** Undefined unless the site gave the listings of all kinds. */
function getListedTickers(facts: Facts, table: Table): Ticker[] | undefined {
  const listings = getSection(facts, 'site')?.listings;
  if (listings === undefined) return undefined;
  if (Object.values(listings).some((listing) => 'error' in listing)) return undefined;
  const origins = findOrigins(dailyDatasets, table);
  const listed = indicators.filter((each) => origins.includes(each));
  return listed.flatMap(({ id }) => {
    const listing = listings[id];
    return 'value' in listing ? listing.value : [];
  });
}

/** The tickers whose requests failed in the runs of a day. A report does not say their kind; the quotes hold both. */
function findFailedTickers(facts: Facts, table: Table, partition: Partition): string[] {
  if (table !== quotes.tables.spec) return [];
  const { collections } = getSection(facts, 'last-run') ?? { collections: [] };
  return collections
    .filter(({ date }) => date === formatIsoDate(partition))
    .flatMap(({ failed }) => failed.filter(({ kind }) => kind !== 'not-found'))
    .map(({ ticker }) => ticker);
}

function findTickersWithoutPage(facts: Facts, date: string): ReadonlySet<string> {
  const run = getSection(facts, 'last-run')?.run;
  if (run?.date !== date) return new Set();
  const notFound = run.failed
    .filter(({ kind }) => kind === 'not-found')
    .map(({ ticker }) => ticker);
  const isPlausible = notFound.length <= Math.max(1, run.asked * MAX_SHARE_WITHOUT_PAGE);
  return new Set([...run.without_page, ...(isPlausible ? notFound : [])]);
}

/**
 * The site may have lost its pages for a while, where one run finds more of the tickers that it lists without a page.
 */
const MAX_SHARE_WITHOUT_PAGE = 0.1;

/** In a whole market a few tickers fail on many days. */
const TOLERATED_PERCENT = 1;

export function isTolerable({ missing, expected }: Coverage): boolean {
  return missing.length * 100 <= expected * TOLERATED_PERCENT;
}

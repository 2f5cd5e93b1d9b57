/**
 * The health of one table: which trading days and which tickers it lacks, and when its pages were read. Pure.
 */

import { type AssetKind, assetKinds } from '../../catalog/asset.ts';
import { isoDate, type Partition } from '../../catalog/partition.ts';
import { sorTables, sotTables, specTable, type Table } from '../../catalog/tables.ts';
import { findMissingTradingDays } from '../../catalog/trading-days.ts';
import type { StatusFacts, TableFacts } from '../facts/facts.ts';

export interface TableHealth {
  readonly facts: TableFacts;
  readonly missing: readonly Partition[];
  readonly coverage: Coverage | undefined;
  readonly readAt: Date | undefined;
  readonly behind: number | undefined;
}

export function assessTable(facts: StatusFacts, table: TableFacts): TableHealth {
  const { due } = facts;
  const newest = table.newest?.partition;
  const missing = findMissingTradingDays(table.partitions, due.day);
  return {
    facts: table,
    missing,
    coverage: findCoverage(facts, table),
    readAt: findReadTime(facts, table),
    behind: newest === undefined ? undefined : missing.filter((day) => day > newest).length,
  };
}

/** The quotes carry no time: they are as old as the pages of their day. */
function findReadTime({ tables }: StatusFacts, { newest }: TableFacts): Date | undefined {
  if (!newest?.readable || newest.readAt !== undefined)
    return newest?.readable ? newest.readAt : undefined;
  const times = tables.flatMap(({ newest: other }) =>
    other?.readable && other.partition === newest.partition && other.readAt
      ? [other.readAt.getTime()]
      : [],
  );
  return times.length === 0 ? undefined : new Date(Math.max(...times));
}

export interface Coverage {
  /** `site`, the day that it was compared with, or `run`: what the runs of the day asked for. */
  readonly comparedWith: string;
  /** Where the tickers that should be there are known from, as people say it. */
  readonly basis: string;
  readonly expected: number;
  /** In order. */
  readonly missing: readonly string[];
}

/** The kinds of asset that a table holds. */
export function kindsOf(table: Table): readonly AssetKind[] {
  const kind = assetKinds.find((each) => table === sorTables[each] || table === sotTables[each]);
  return kind === undefined ? assetKinds : [kind];
}

/**
 * Compares the newest day with what the site lists, or, where the site did not say, with the day before and
 * with what the runs of that day asked for in vain; undefined where there is nothing to compare. A ticker is there wherever its layer has it: the site
 * lists a few among the stocks whose page is a fund's. One that the last run found to have no page is not
 * expected.
 */
export function findCoverage(facts: StatusFacts, of: TableFacts): Coverage | undefined {
  const { table, newest } = of;
  if (!newest?.readable) return undefined;
  const there = new Set(newest.tickers);
  for (const other of facts.tables) {
    if (other.table.layer !== table.layer || !other.newest?.readable) continue;
    if (other.newest.partition !== newest.partition) continue;
    for (const ticker of other.newest.tickers) there.add(ticker);
  }
  const baseline = findBaseline(facts, of, there);
  if (baseline === undefined) return undefined;
  const { comparedWith, basis, tickers } = baseline;
  const withoutPage = findTickersWithoutPage(facts, isoDate(newest.partition));
  const expected = [...tickers].filter((ticker) => !withoutPage.has(ticker));
  return {
    comparedWith,
    basis,
    expected: expected.length,
    missing: expected.filter((ticker) => !there.has(ticker)).sort(),
  };
}

interface Baseline extends Pick<Coverage, 'comparedWith' | 'basis'> {
  readonly tickers: ReadonlySet<string>;
}

function findBaseline(
  facts: StatusFacts,
  { table, newest, previous: before }: TableFacts,
  there: ReadonlySet<string>,
): Baseline | undefined {
  const { siteListing: listed } = facts;
  if (listed.kind === 'listed') {
    const tickers = new Set<string>(kindsOf(table).flatMap((kind) => listed.tickers[kind]));
    return { comparedWith: 'site', basis: 'listed by the site', tickers };
  }
  const failed =
    newest === undefined ? [] : findFailedTickers(facts, table, isoDate(newest.partition));
  const inVain = failed.filter((ticker) => !there.has(ticker));
  if (!before?.readable) {
    if (inVain.length === 0) return undefined;
    const tickers = new Set([...there, ...inVain]);
    return { comparedWith: 'run', basis: 'that a run asked for', tickers };
  }
  const comparedWith = isoDate(before.partition);
  const isMore = inVain.some((ticker) => !before.tickers.has(ticker));
  return {
    comparedWith,
    basis: `there on ${comparedWith}${isMore ? ', or asked for by a run,' : ''}`,
    tickers: new Set([...before.tickers, ...inVain]),
  };
}

/** What the runs of a day asked for in vain. A report does not say of which kind: the quotes hold both. */
function findFailedTickers({ lastRun }: StatusFacts, table: Table, date: string): string[] {
  if (table !== specTable || !('value' in lastRun)) return [];
  return lastRun.value.collections
    .filter((run) => run.date === date)
    .flatMap(({ failed }) => failed.filter(({ kind }) => kind !== 'not-found'))
    .map(({ ticker }) => ticker);
}

function findTickersWithoutPage({ lastRun }: StatusFacts, date: string): ReadonlySet<string> {
  const run = 'value' in lastRun ? lastRun.value.run : undefined;
  if (run?.date !== date) return new Set();
  return new Set(run.failed.filter(({ kind }) => kind === 'not-found').map(({ ticker }) => ticker));
}

/** A few tickers of a whole market fail on many a day: so many of a hundred may. */
const TOLERATED_PERCENT = 1;

export function isTolerable({ missing, expected }: Coverage): boolean {
  return missing.length * 100 <= expected * TOLERATED_PERCENT;
}

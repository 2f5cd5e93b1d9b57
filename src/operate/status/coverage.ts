/** Which tickers the newest day of a table lacks. Pure. */
import { type AssetKind, assetKinds } from '../../catalog/asset.ts';
import { isoDate } from '../../catalog/partition.ts';
import { sorTables, sotTables, type Table } from '../../catalog/tables.ts';
import type { StatusFacts } from './facts.ts';
import type { TableFacts } from './read-tables.ts';

export interface Coverage {
  /** `site`, or the day that it was compared with. */
  readonly comparedWith: string;
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
 * Compares the newest day with what the site lists, or with the day before where the site did not say;
 * undefined where there is nothing to compare. A ticker is there wherever its layer has it: the site
 * lists a few among the stocks whose page is a fund's. One that the last run found to have no page is not
 * expected.
 */
export function coverageOf(
  facts: StatusFacts,
  { table, newest, before }: TableFacts,
): Coverage | undefined {
  if (!newest?.readable) return undefined;
  const baseline = baselineOf(facts, table, before);
  if (baseline === undefined) return undefined;
  const { comparedWith, tickers } = baseline;
  const there = new Set(newest.tickers);
  for (const other of facts.tables) {
    if (other.table.layer !== table.layer || !other.newest?.readable) continue;
    if (other.newest.partition !== newest.partition) continue;
    for (const ticker of other.newest.tickers) there.add(ticker);
  }
  const withoutPage = withoutPageOn(facts, isoDate(newest.partition));
  const expected = [...tickers].filter((ticker) => !withoutPage.has(ticker));
  return {
    comparedWith,
    expected: expected.length,
    missing: expected.filter((ticker) => !there.has(ticker)).sort(),
  };
}

function baselineOf(
  { listed }: StatusFacts,
  table: Table,
  before: TableFacts['before'],
): { comparedWith: string; tickers: ReadonlySet<string> } | undefined {
  if (listed.kind === 'listed') {
    const tickers = new Set<string>(kindsOf(table).flatMap((kind) => listed.tickers[kind]));
    return { comparedWith: 'site', tickers };
  }
  return before?.readable
    ? { comparedWith: isoDate(before.partition), tickers: before.tickers }
    : undefined;
}

function withoutPageOn({ lastRun }: StatusFacts, date: string): ReadonlySet<string> {
  const run = 'value' in lastRun ? lastRun.value.run : undefined;
  if (run?.date !== date) return new Set();
  return new Set(run.failed.filter(({ kind }) => kind === 'not-found').map(({ ticker }) => ticker));
}

/** A few tickers of a whole market fail on many a day: so many of a hundred may. */
const TOLERATED_PERCENT = 1;

export function isTolerable({ missing, expected }: Coverage): boolean {
  return missing.length * 100 <= expected * TOLERATED_PERCENT;
}

/** A table with what follows from its facts: the days and the tickers that it lacks. Pure. */
import type { Partition } from '../../catalog/partition.ts';
import { missingTradingDays } from '../../catalog/trading-days.ts';
import { type Coverage, coverageOf } from './coverage.ts';
import type { StatusFacts } from './facts.ts';
import type { TableFacts } from './read-tables.ts';

export interface Judged {
  readonly facts: TableFacts;
  readonly missing: readonly Partition[];
  readonly coverage: Coverage | undefined;
  readonly readAt: Date | undefined;
  readonly behind: number | undefined;
}

export function judge(facts: StatusFacts, table: TableFacts): Judged {
  const { due } = facts;
  const newest = table.newest?.partition;
  const missing = missingTradingDays(table.partitions, due.day);
  return {
    facts: table,
    missing,
    coverage: coverageOf(facts, table),
    readAt: readAtOf(facts, table),
    behind: newest === undefined ? undefined : missing.filter((day) => day > newest).length,
  };
}

/** The quotes carry no time: they are as old as the pages of their day. */
function readAtOf({ tables }: StatusFacts, { newest }: TableFacts): Date | undefined {
  if (!newest?.readable || newest.readAt !== undefined)
    return newest?.readable ? newest.readAt : undefined;
  const times = tables.flatMap(({ newest: other }) =>
    other?.readable && other.partition === newest.partition && other.readAt
      ? [other.readAt.getTime()]
      : [],
  );
  return times.length === 0 ? undefined : new Date(Math.max(...times));
}

/** How the tables stand, and what is wrong with them. Pure. */
import { isoDate, isoInSaoPaulo } from '../../catalog/partition.ts';
import type { Table } from '../../catalog/tables.ts';
import type { StatusFacts } from './facts.ts';
import { type Judged, judge } from './judged.ts';
import { type Concern, namesOf, type TableStatus } from './report.ts';
import { concernsOf, type TableConcern } from './table-concerns.ts';

export interface TablesAssessed {
  readonly tables: readonly TableStatus[];
  readonly missingDays: readonly { readonly date: string; readonly tables: readonly string[] }[];
  readonly missingTickers: readonly {
    readonly ticker: string;
    readonly tables: readonly string[];
  }[];
  readonly problems: readonly Concern[];
  readonly notes: readonly Concern[];
}

export function assessTables(facts: StatusFacts): TablesAssessed {
  const judged = facts.tables.map((table) => judge(facts, table));
  const concerns = judged.flatMap((table) => concernsOf(facts, table));
  return {
    tables: judged.map((table) => statusOf(facts.now, table)),
    missingDays: byItem(judged, ({ missing }) => missing.map(isoDate)).map(([date, tables]) => ({
      date,
      tables,
    })),
    missingTickers: byItem(judged, ({ coverage }) => coverage?.missing ?? []).map(
      ([ticker, tables]) => ({ ticker, tables }),
    ),
    problems: inSentences(concerns.filter(({ isProblem }) => isProblem)),
    notes: inSentences(concerns.filter(({ isProblem }) => !isProblem)),
  };
}

function statusOf(now: Date, { facts, missing, coverage, readAt, behind }: Judged): TableStatus {
  const { table, partitions, newest } = facts;
  const first = partitions.at(0);
  return {
    table: table.name,
    layer: table.layer,
    first_partition: first === undefined ? null : isoDate(first),
    last_partition: newest === undefined ? null : isoDate(newest.partition),
    trading_days_behind: behind ?? null,
    read_at: readAt === undefined ? null : isoInSaoPaulo(readAt),
    age_hours:
      readAt === undefined ? null : Math.round((now.getTime() - readAt.getTime()) / 360_000) / 10,
    rows: newest?.readable ? newest.rows : null,
    tickers: newest?.readable ? newest.tickers.size : null,
    expected_tickers: coverage?.expected ?? null,
    compared_with: coverage?.comparedWith ?? null,
    missing_tickers: coverage?.missing.length ?? null,
    missing_days: missing.length,
  };
}

/** Which tables an item is about, item by item, in order. */
function byItem(
  judged: readonly Judged[],
  itemsOf: (table: Judged) => readonly string[],
): [item: string, tables: string[]][] {
  const found = new Map<string, string[]>();
  for (const each of judged) {
    for (const item of itemsOf(each)) {
      found.set(item, [...(found.get(item) ?? []), each.facts.table.name]);
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

function inSentences(concerns: readonly TableConcern[]): Concern[] {
  const groups = new Map<string, { concern: TableConcern; tables: Table[] }>();
  for (const concern of concerns) {
    const key = JSON.stringify([concern.code, concern.what, concern.remedy]);
    const group = groups.get(key) ?? { concern, tables: [] };
    group.tables.push(concern.table);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ concern: { code, what, remedy }, tables }) => ({
    code,
    what: `${namesOf(tables)}: ${what}`,
    remedy,
  }));
}

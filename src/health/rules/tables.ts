/**
 * Rules about the tables: stale, incomplete, unreadable or duplicated data, and the remedy of each. Pure.
 */

import { countMessages } from '../../aws/queue-depth.ts';
import { formatInSaoPaulo, isoDate, type Partition, partitionOf } from '../../catalog/partition.ts';
import { sorTables, type Table } from '../../catalog/tables.ts';
import { findLastTradingDay, getTradingDays } from '../../catalog/trading-days.ts';
import { formatQuantity } from '../../text.ts';
import type { StatusFacts } from '../facts/facts.ts';
import type { StatusCode } from '../status-codes.ts';
import { type Concern, formatFirst, formatTableNames, type TableStatus } from '../status-report.ts';
import {
  assessTable,
  type Coverage,
  isTolerable,
  kindsOf,
  type TableHealth,
} from './table-health.ts';

interface TablesAssessment {
  readonly tables: readonly TableStatus[];
  readonly missingDays: readonly { readonly date: string; readonly tables: readonly string[] }[];
  readonly missingTickers: readonly {
    readonly ticker: string;
    readonly tables: readonly string[];
  }[];
  readonly problems: readonly Concern[];
  readonly notes: readonly Concern[];
}

export function assessTables(facts: StatusFacts): TablesAssessment {
  const judged = facts.tables.map((table) => assessTable(facts, table));
  const concerns = judged.flatMap((table) => findTableConcerns(facts, table));
  return {
    tables: judged.map((table) => createTableStatus(facts.now, table)),
    missingDays: groupByItem(judged, ({ missing }) => missing.map(isoDate)).map(
      ([date, tables]) => ({
        date,
        tables,
      }),
    ),
    missingTickers: groupByItem(judged, ({ coverage }) => coverage?.missing ?? []).map(
      ([ticker, tables]) => ({ ticker, tables }),
    ),
    problems: mergeConcerns(concerns.filter(({ isProblem }) => isProblem)),
    notes: mergeConcerns(concerns.filter(({ isProblem }) => !isProblem)),
  };
}

function createTableStatus(
  now: Date,
  { facts, missing, coverage, readAt, behind }: TableHealth,
): TableStatus {
  const { table, partitions, newest } = facts;
  const first = partitions.at(0);
  return {
    table: table.name,
    layer: table.layer,
    first_partition: first === undefined ? null : isoDate(first),
    last_partition: newest === undefined ? null : isoDate(newest.partition),
    trading_days_behind: behind ?? null,
    read_at: readAt === undefined ? null : formatInSaoPaulo(readAt),
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
function groupByItem(
  judged: readonly TableHealth[],
  itemsOf: (table: TableHealth) => readonly string[],
): [item: string, tables: string[]][] {
  const found = new Map<string, string[]>();
  for (const each of judged) {
    for (const item of itemsOf(each)) {
      found.set(item, [...(found.get(item) ?? []), each.facts.table.name]);
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

function mergeConcerns(concerns: readonly TableConcern[]): Concern[] {
  const groups = new Map<string, { concern: TableConcern; tables: Table[] }>();
  for (const concern of concerns) {
    const key = JSON.stringify([concern.code, concern.what, concern.remedy]);
    const group = groups.get(key) ?? { concern, tables: [] };
    group.tables.push(concern.table);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ concern: { code, what, remedy }, tables }) => ({
    code,
    what: `${formatTableNames(tables)}: ${what}`,
    remedy,
  }));
}

/** A gap of the past cannot be filled: it is a problem only as long as it is news. */
const RECENT_TRADING_DAYS = 5;

/** A concern of one table; the same of several becomes one sentence. */
interface TableConcern extends Concern {
  readonly table: Table;
  readonly isProblem: boolean;
}

function findTableConcerns(facts: StatusFacts, judged: TableHealth): TableConcern[] {
  const { table, newest } = judged.facts;
  const about = (
    isProblem: boolean,
    code: StatusCode,
    what: string,
    remedy: string,
  ): TableConcern => ({ table, isProblem, code, what, remedy });
  if (newest === undefined) {
    return [about(true, 'empty', 'nothing is stored yet', collectRemedy(facts))];
  }
  const concerns: TableConcern[] = [];
  const day = isoDate(newest.partition);
  if (!newest.readable) concerns.push(about(true, 'unreadable', newest.reason, newest.remedy));
  const { behind = 0, missing, coverage } = judged;
  if (behind > 0) {
    const due = isoDate(facts.due.day);
    const what = `the last day is ${day}, ${formatQuantity(behind, 'trading day')} behind ${due}`;
    const after = missing.filter((each) => each > newest.partition);
    const remedy = rebuildRemedy(facts, table, after) ?? collectRemedy(facts);
    concerns.push(about(true, 'stale', what, remedy));
  }
  const gaps = missing.filter((each) => each < newest.partition);
  for (const [recent, days] of byRecency(gaps, facts.due.day)) {
    const what = `${formatQuantity(days.length, 'trading day')} missing: ${formatFirst(days.map(isoDate))}`;
    const remedy =
      rebuildRemedy(facts, table, days) ??
      'The pages of a past day are gone: nothing brings it back.';
    concerns.push(about(recent, recent ? 'missing-days' : 'old-gaps', what, remedy));
  }
  // Of a day that is still at work nobody can say yet what it lacks.
  const isSettled = newest.partition !== facts.due.inProgress && !isRunActive(facts);
  if (coverage !== undefined && coverage.missing.length > 0) {
    const { missing: tickers, basis } = coverage;
    const are = tickers.length === 1 ? 'is' : 'are';
    const what = `${formatQuantity(tickers.length, 'ticker')} ${basis} ${are} missing on ${day}: ${formatFirst(tickers)}`;
    const isProblem = isSettled && !isTolerable(coverage);
    concerns.push(
      about(isProblem, 'missing-tickers', what, tickersRemedy(facts, judged, coverage)),
    );
  }
  if (newest.readable && newest.rows > newest.tickers.size && !isRawInAws(facts, table)) {
    const what = `${newest.rows} rows of ${newest.tickers.size} tickers on ${day}: some are there twice`;
    const remedy =
      table.layer === 'sor'
        ? `\`pynvest backfill --date ${day}\` leaves one row a ticker.`
        : `\`pynvest dedup now --date ${day}\` leaves one row a ticker.`;
    concerns.push(about(isSettled, 'duplicates', what, remedy));
  }
  return concerns;
}

/** In AWS nothing removes duplicates of raw text: the typed tables are made of the newest. */
function isRawInAws({ at }: StatusFacts, { layer }: Table): boolean {
  return at.target === 'aws' && layer === 'sor';
}

function isRunActive({ at }: StatusFacts): boolean {
  if (at.target === 'local')
    return at.folder.lockOwner !== undefined && !at.folder.lockOwner.isDead;
  const { stateMachine } = at.system;
  return 'value' in stateMachine && stateMachine.value?.status === 'RUNNING';
}

/** The gaps of the last few trading days up to the due day, and those before them. */
function byRecency(
  gaps: readonly Partition[],
  due: Partition,
): (readonly [recent: boolean, days: readonly Partition[]])[] {
  const [oldest = due] = gaps;
  const [firstRecent = due] = getTradingDays(oldest, due).slice(-RECENT_TRADING_DAYS);
  const recent = gaps.filter((day) => day >= firstRecent);
  const old = gaps.filter((day) => day < firstRecent);
  return (
    [
      [true, recent],
      [false, old],
    ] as const
  ).filter(([, days]) => days.length > 0);
}

/** How days come from the raw text that the lake has of them; undefined where it has none. */
function rebuildRemedy(
  { tables }: StatusFacts,
  table: Table,
  days: readonly Partition[],
): string | undefined {
  if (table.layer === 'sor') return undefined;
  const raw = kindsOf(table).map((kind) => tables.find((each) => each.table === sorTables[kind]));
  // A trading day may be there by the collection of a day after it, on which B3 did not trade.
  const partitions = raw.flatMap((each) => each?.partitions ?? []);
  const wanted = partitions
    .filter((each) => days.includes(findLastTradingDay(each)))
    .sort((a, b) => a - b);
  const [first, last] = [wanted.at(0), wanted.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const which =
    first === last ? `--date ${isoDate(first)}` : `--from ${isoDate(first)} --to ${isoDate(last)}`;
  return `\`pynvest backfill ${which}\` makes it from the raw text.`;
}

function collectRemedy({ at, due, now }: StatusFacts): string {
  if (at.target === 'aws') {
    return '`pynvest logs` says what went wrong; `pynvest run` collects now.';
  }
  return due.day === partitionOf(now)
    ? '`pynvest run` collects today.'
    : '`pynvest run` collects what the site shows now.';
}

function tickersRemedy(
  facts: StatusFacts,
  { facts: { table, newest } }: TableHealth,
  { missing, comparedWith }: Coverage,
): string {
  const raw = facts.tables.filter(
    (each) => each.table.layer === 'sor' && each.newest?.partition === newest?.partition,
  );
  const inRawText = missing.every((ticker) =>
    raw.some(({ newest: day }) => day?.readable && day.tickers.has(ticker)),
  );
  if (table.layer !== 'sor' && inRawText && newest !== undefined) {
    return `\`pynvest backfill --date ${isoDate(newest.partition)}\` makes them from the raw text.`;
  }
  const again = retryRemedy(facts, missing, newest?.partition === partitionOf(facts.now));
  return comparedWith === 'site'
    ? `${again} Left out on purpose? --no-site compares with the day before.`
    : again;
}

function retryRemedy(
  { at }: StatusFacts,
  [first = '']: readonly string[],
  isToday: boolean,
): string {
  if (at.target === 'local') {
    return isToday
      ? '`pynvest run` asks for them again.'
      : '`pynvest run` asks for them again, for today.';
  }
  const { queues } = at.system;
  const isWaiting =
    'value' in queues &&
    queues.value.some((each) => !each.isDeadLetters && countMessages(each) > 0);
  return isWaiting
    ? `Some wait in the queues, to be tried again. \`pynvest logs --ticker ${first}\` says why.`
    : `\`pynvest logs --ticker ${first}\` says why; \`pynvest redrive\` sends dead letters back.`;
}

/**
 * Rules about the newest data of the tables: empty, stale, unreadable, with gaps or without some tickers. Pure.
 */

import { countMessages } from '../../aws/queue-depth.ts';
import { findOrigins, getTables, type Table } from '../../catalog/dataset.ts';
import { dailyDatasets } from '../../catalog/datasets.ts';
import { formatIsoDate, getPartition, type Partition } from '../../catalog/partition.ts';
import { findLastTradingDay } from '../../catalog/trading-days.ts';
import { UnreadableCodecError } from '../../errors.ts';
import { formatFirst, formatQuantity } from '../../text.ts';
import { type Facts, getSection, isInProgress, type TableFacts } from '../facts/model.ts';
import { createFinding, createNote, type Finding } from '../finding.ts';
import {
  formatLostDaysRemedy,
  isCompletedByRun,
  reportDaysToCome,
  splitByRecency,
} from './days.ts';
import { type Coverage, getTableHealth, isTolerable } from './table-health.ts';

/** A table without any row. Where the raw text has rows, the table is stale; a folder of another purpose has no tables. */
export function findEmptyTables(tables: readonly TableFacts[], facts: Facts): Finding[] {
  if (getSection(facts, 'folder')?.isOtherFolder) return [];
  const hasImports = (getSection(facts, 'imports')?.tables ?? []).length > 0;
  const detail = hasImports ? 'no day is collected yet' : EMPTY_TABLE;
  return tables.flatMap(({ table, newest }) =>
    newest === undefined && findRawPartitions(facts, table).length === 0
      ? [createFinding('empty', { table, detail, remedy: getCollectRemedy(facts) })]
      : [],
  );
}

export const EMPTY_TABLE = 'nothing is stored yet';

export function findUnreadableDays(tables: readonly TableFacts[]): Finding[] {
  return tables.flatMap(({ table, newest }) => {
    if (newest === undefined || newest.readable) return [];
    const { error } = newest;
    const code = error instanceof UnreadableCodecError ? 'codec-unreadable' : 'file-unreadable';
    return [
      createFinding(code, {
        table,
        detail: error.message,
        remedy: error.hint ?? 'Run the command again.',
      }),
    ];
  });
}

export function findStaleTables(_: readonly TableFacts[], facts: Facts): Finding[] {
  if (facts.isDemo) return [];
  return getTableHealth(facts).flatMap(({ facts: { table, newest }, ...health }) => {
    if (newest === undefined) return findStaleEmptyTable(facts, table);
    const { missing, newestPast, behind = 0 } = health;
    if (newestPast === undefined || behind === 0) return [];
    const [last, due] = [newestPast, facts.due.day].map(formatIsoDate);
    const later = missing.filter((day) => day > newestPast);
    return [
      createFinding('stale', {
        table,
        detail: `the last day is ${last}, ${formatQuantity(behind, 'trading day')} behind ${due}`,
        remedy: getRebuildRemedy(facts, table, later) ?? getCollectRemedy(facts),
      }),
    ];
  });
}

function findStaleEmptyTable(facts: Facts, table: Table): Finding[] {
  const raw = findRawPartitions(facts, table);
  const last = raw.at(-1);
  if (last === undefined) return [];
  return [
    createFinding('stale', {
      table,
      detail: `${EMPTY_TABLE}, and the raw text has ${formatIsoDate(last)}`,
      remedy: getRebuildRemedy(facts, table, raw.map(findLastTradingDay)),
    }),
  ];
}

export function findTablesAhead(tables: readonly TableFacts[], { now }: Facts): Finding[] {
  return tables.flatMap(({ table, partitions }) => reportDaysToCome(partitions, now, table));
}

/** The trading days that a table lacks before its newest one. */
export function findGaps(_: readonly TableFacts[], facts: Facts): Finding[] {
  if (facts.isDemo) return [];
  return getTableHealth(facts).flatMap(({ facts: { table }, missing, newestPast }) => {
    const gaps = missing.filter((day) => newestPast !== undefined && day < newestPast);
    return splitByRecency(gaps, facts.due.day).map(({ isRecent, days }) => {
      const report = isRecent ? createFinding : createNote;
      return report('day-missing', {
        table,
        detail: `${formatQuantity(days.length, 'trading day')} missing: ${formatFirst(days.map(formatIsoDate))}`,
        remedy: getRebuildRemedy(facts, table, days) ?? formatLostDaysRemedy(days),
      });
    });
  });
}

export function findMissingTickers(_: readonly TableFacts[], facts: Facts): Finding[] {
  return getTableHealth(facts).flatMap(({ facts: tableFacts, coverage }) => {
    const { table, newest } = tableFacts;
    if (newest === undefined || coverage === undefined || coverage.missing.length === 0) return [];
    const { missing, basis } = coverage;
    const isProblem = !isInProgress(facts, newest.partition) && !isTolerable(coverage);
    const report = isProblem ? createFinding : createNote;
    const tickers = formatQuantity(missing.length, 'ticker');
    const are = missing.length === 1 ? 'is' : 'are';
    return [
      report('missing-tickers', {
        table,
        detail: `${tickers} ${basis} ${are} missing on ${formatIsoDate(newest.partition)}: ${formatFirst(missing)}`,
        remedy: getTickersRemedy(facts, tableFacts, coverage),
      }),
    ];
  });
}

/** The days with raw text from which a table's rows are made, in order; none for the raw text itself. */
function findRawPartitions(facts: Facts, table: Table): Partition[] {
  if (table.layer === 'sor') return [];
  const raw = getTables(findOrigins(dailyDatasets, table)).filter(({ layer }) => layer === 'sor');
  return (getSection(facts, 'tables') ?? [])
    .filter((each) => raw.includes(each.table))
    .flatMap(({ partitions }) => partitions)
    .sort((a, b) => a - b);
}

/** How the rows of trading days are rebuilt from raw text; undefined where the lake has none of them. */
function getRebuildRemedy(
  facts: Facts,
  table: Table,
  days: readonly Partition[],
): string | undefined {
  // The raw text of a trading day may be of a later day, on which B3 did not trade.
  const raw = findRawPartitions(facts, table).filter((day) =>
    days.includes(findLastTradingDay(day)),
  );
  const [first, last] = [raw.at(0), raw.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  if (isCompletedByRun(facts, formatIsoDate(last))) return '`pynvest run` completes it.';
  const dates =
    first === last
      ? `--date ${formatIsoDate(first)}`
      : `--from ${formatIsoDate(first)} --to ${formatIsoDate(last)}`;
  return `\`pynvest backfill ${dates}\` rebuilds it from the raw text.`;
}

export function getCollectRemedy({ target, due, now }: Facts): string {
  if (target === 'aws') return '`pynvest logs` shows what went wrong; `pynvest run` collects now.';
  return due.day === getPartition(now)
    ? '`pynvest run` collects today.'
    : '`pynvest run` collects what the site shows now.';
}

function getTickersRemedy(
  facts: Facts,
  { table, newest }: TableFacts,
  { missing, comparedWith }: Coverage,
): string {
  const raw = (getSection(facts, 'tables') ?? []).flatMap(({ table: { layer }, newest: day }) =>
    layer === 'sor' && day?.readable && day.partition === newest?.partition ? [day.tickers] : [],
  );
  const hasRawText = missing.every((ticker) => raw.some((tickers) => tickers.has(ticker)));
  if (table.layer !== 'sor' && hasRawText && newest !== undefined) {
    const day = formatIsoDate(newest.partition);
    return isCompletedByRun(facts, day)
      ? '`pynvest run` completes them.'
      : `\`pynvest backfill --date ${day}\` rebuilds them from the raw text.`;
  }
  const retry = getRetryRemedy(facts, missing, newest?.partition === getPartition(facts.now));
  return comparedWith === 'site'
    ? `${retry} Left out on purpose? --no-site compares with the day before.`
    : retry;
}

function getRetryRemedy(facts: Facts, [first = '']: readonly string[], isToday: boolean): string {
  if (facts.target === 'local') {
    return isToday
      ? '`pynvest run` asks for them again.'
      : '`pynvest run` asks for them again, for today.';
  }
  const isQueued = (getSection(facts, 'queues') ?? []).some(
    (queue) => queue.contents === 'tickers' && countMessages(queue) > 0,
  );
  return isQueued
    ? `Some are in the queues, to be tried again. \`pynvest logs --ticker ${first}\` shows why.`
    : `\`pynvest logs --ticker ${first}\` shows why; \`pynvest redrive\` sends dead letters back.`;
}

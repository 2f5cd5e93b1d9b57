/**
 * Rules about the days of a lake: missing, unfinished or without raw text. Pure.
 */

import { getTable, getTables, type Table } from '../../catalog/dataset.ts';
import {
  formatIsoDate,
  formatPartition,
  getPartition,
  getYear,
  isWithin,
  isYear,
  type Partition,
} from '../../catalog/partition.ts';
import { findMissingTradingDays, getTradingDays } from '../../catalog/trading-days.ts';
import type { StoredFile } from '../../lake/inspector.ts';
import { listFillingCommands } from '../../pipeline/quote-gaps.ts';
import { getSteps } from '../../pipeline/steps.ts';
import { isLeftover } from '../../pipeline/unfinished-days.ts';
import { formatFirst, formatQuantity } from '../../text.ts';
import type { FileFacts } from '../facts/file-facts.ts';
import type { Facts } from '../facts/model.ts';
import { createFinding, createNote, type Finding } from '../finding.ts';

/** An older gap cannot be filled any more, and is a problem no longer. */
const RECENT_TRADING_DAYS = 5;

/**
 * Gaps among the last trading days up to the one that is due, and those before them; a group without days is left out.
 */
export function splitByRecency(
  gaps: readonly Partition[],
  due: Partition,
): { readonly isRecent: boolean; readonly days: readonly Partition[] }[] {
  const [oldest = due] = gaps;
  const [firstRecent = due] = getTradingDays(oldest, due).slice(-RECENT_TRADING_DAYS);
  return [
    { isRecent: true, days: gaps.filter((day) => day >= firstRecent) },
    { isRecent: false, days: gaps.filter((day) => day < firstRecent) },
  ].filter(({ days }) => days.length > 0);
}

/**
 * The trading days that no table has, and those that all tables of one collected data set lack; a day that a single
 * layer lacks is unfinished. Days after the newest are notes: whether the lake is up to date is what `status` asks.
 */
export function findMissingDays(files: FileFacts, facts: Facts): Finding[] {
  if (facts.isDemo) return [];
  const daily = files.datasets.filter(({ partition }) => partition.grain === 'day');
  const missing = findMissingIn(getTables(daily), files, facts);
  const collected = daily.filter(({ source }) => source !== undefined);
  return [
    ...reportMissingDays(missing, '', facts),
    ...collected.flatMap((dataset) => {
      const ofDataset = findMissingIn(getTables([dataset]), files, facts);
      const days = ofDataset.days.filter((day) => !missing.days.includes(day));
      return reportMissingDays({ ...ofDataset, days }, dataset.id, facts);
    }),
  ];
}

/** The newest day that is not to come: one that a wrong clock stored hides no gap. */
export function findNewestPast(partitions: readonly Partition[], now: Date): Partition | undefined {
  const today = getPartition(now);
  return partitions.findLast((day) => day <= today);
}

/** Days after today. */
export function findDaysToCome({ byDay }: FileFacts, { now }: Facts): Finding[] {
  return reportDaysToCome(
    [...byDay.keys()].filter((partition) => !isYear(partition)),
    now,
  );
}

/** @param table where the days are those of one alone */
export function reportDaysToCome(
  partitions: readonly Partition[],
  now: Date,
  table?: Table,
): Finding[] {
  const today = getPartition(now);
  const days = partitions.filter((day) => day > today).map(formatIsoDate);
  if (days.length === 0) return [];
  const detail = `${formatQuantity(days.length, 'day')} after today, ${formatIsoDate(today)}: ${formatFirst(days)}`;
  return [createFinding('day-to-come', { table, detail })];
}

interface MissingDays {
  readonly days: readonly Partition[];
  readonly newest: Partition | undefined;
}

/** A day may be present by a collection after it, so files beyond the bounds count too. */
function findMissingIn(
  among: readonly Table[],
  { contents, bounds }: FileFacts,
  { due, now }: Facts,
): MissingDays {
  const present = new Set(
    among.flatMap((table) => contents.get(table)?.files ?? []).map(({ partition }) => partition),
  );
  const partitions = [...present].sort((a, b) => a - b);
  return {
    days: findMissingTradingDays(partitions, due.day).filter((day) => isWithin(bounds, day)),
    newest: findNewestPast(partitions, now),
  };
}

function reportMissingDays(
  { days, newest }: MissingDays,
  subject: string,
  { due }: Facts,
): Finding[] {
  const gaps = days.filter((day) => newest !== undefined && day < newest);
  const recent = splitByRecency(gaps, due.day).find(({ isRecent }) => isRecent)?.days ?? [];
  const others = days.filter((day) => !recent.includes(day));
  return [
    ...(recent.length > 0
      ? [createFinding('day-missing', describeMissingDays(recent, subject))]
      : []),
    ...(others.length > 0 ? [createNote('day-missing', describeMissingDays(others, subject))] : []),
  ];
}

function describeMissingDays(days: readonly Partition[], subject: string) {
  return {
    subject,
    detail: `${formatQuantity(days.length, 'trading day')} without rows: ${formatRanges(days)}`,
    remedy: formatLostDaysRemedy(days),
  };
}

/** @param days in order */
export function formatLostDaysRemedy(days: readonly Partition[]): string {
  const lost = 'The pages of a past day cannot be read again.';
  const [first, last] = [days.at(0), days.at(-1)];
  if (first === undefined || last === undefined) return lost;
  const commands = listFillingCommands({ first, last }, [...new Set(days.map(getYear))]);
  return `${lost} Its quotes follow from B3's history: ${commands.join(', then ')}.`;
}

/** Of many ranges, the newest are named. */
const MAX_RANGES = 5;

function formatRanges(days: readonly Partition[]): string {
  const [first, last] = [days.at(0), days.at(-1)];
  const trading = first === undefined || last === undefined ? [] : getTradingDays(first, last);
  const positions = new Map(trading.map((day, index) => [day, index]));
  const ranges: { from: Partition; to: Partition; next: number }[] = [];
  for (const day of days) {
    const position = positions.get(day) ?? 0;
    const range = ranges.at(-1);
    if (range?.next === position) Object.assign(range, { to: day, next: position + 1 });
    else ranges.push({ from: day, to: day, next: position + 1 });
  }
  const named = ranges
    .slice(-MAX_RANGES)
    .map(({ from, to }) =>
      from === to ? formatIsoDate(from) : `${formatIsoDate(from)} to ${formatIsoDate(to)}`,
    );
  const earlier = ranges.length > MAX_RANGES ? ['earlier ones'] : [];
  return [...earlier, ...named].join(', ');
}

export function findDaysUnfinished(files: FileFacts, facts: Facts): Finding[] {
  return [...files.byDay].flatMap(([partition, ofDay]) => {
    const detail = findUnfinishedReason(files, ofDay);
    if (detail === undefined) return [];
    if (partition === files.dayInProgress)
      return [createFinding('day-in-progress', { partition, detail })];
    const day = formatPartition(partition);
    const remedy = isCompletedByRun(facts, day)
      ? '`pynvest run` completes it.'
      : `\`pynvest backfill --date ${day}\` completes it.`;
    const fix = { kind: 'rebuild', partition } as const;
    return [createFinding('day-unfinished', { partition, detail, remedy, fix })];
  });
}

/**
 * Whether a run completes an unfinished day, as it does today's in a folder: of that the site still shows the pages
 * that may be missing.
 */
export function isCompletedByRun(
  { target, now }: Pick<Facts, 'target' | 'now'>,
  date: string,
): boolean {
  return target === 'local' && date === formatIsoDate(getPartition(now));
}

/** Why a day is unfinished: it has intermediate files, or a layer without the next one. */
export function findUnfinishedReason(
  facts: Pick<FileFacts, 'datasets' | 'mayHoldRawBatches'>,
  files: readonly StoredFile[],
): string | undefined {
  const has = (table: Table): boolean => files.some((file) => file.table === table);
  const steps = getSteps(facts.datasets);
  for (const { id, tables } of facts.datasets) {
    for (const table of [tables.sor, tables.sot]) {
      const next = steps.filter(({ source }) => source === table).map(({ target }) => target);
      if (table === undefined || !has(table) || next.every(has)) continue;
      return table.layer === 'sor'
        ? `${id}: raw text without typed rows`
        : `${id}: typed rows without the rows that follow from them`;
    }
  }
  const leftovers = files.filter((file) => isLeftover(facts, file)).length;
  return leftovers > 0 ? formatQuantity(leftovers, 'intermediate file') : undefined;
}

/** Typed rows without raw text cannot be rebuilt. Of today the site still shows the pages. */
export function findDaysWithoutRawText({ datasets, byDay }: FileFacts, { now }: Facts): Finding[] {
  const today = getPartition(now);
  return datasets
    .filter(({ typing }) => typing !== undefined)
    .flatMap((dataset) => {
      const [raw, table] = [getTable(dataset, 'sor'), getTable(dataset, 'sot')];
      const days = [...byDay].flatMap(([day, files]) => {
        const has = (wanted: Table): boolean => files.some((file) => file.table === wanted);
        return has(table) && !has(raw) ? [day] : [];
      });
      const pastDays = days.filter((day) => day !== today);
      const [first, last] = [pastDays.at(0), pastDays.at(-1)];
      const findings: Finding[] = [];
      if (first !== undefined && last !== undefined) {
        const range = [...new Set([first, last])].map(formatPartition).join(' to ');
        const noun = table.partition.grain === 'day' ? 'day' : 'year';
        const count = formatQuantity(pastDays.length, noun);
        const detail = `typed rows of ${count} without raw text (${range})`;
        findings.push(createNote('raw-missing', { table, detail }));
      }
      if (days.includes(today)) {
        findings.push(
          createFinding('raw-missing', {
            table,
            partition: today,
            detail: 'typed rows of today without raw text',
            remedy: "`pynvest run` reads today's pages again.",
          }),
        );
      }
      return findings;
    });
}

/**
 * Typed and derived tables rebuilt from the raw text in the lake: one partition, or the past days of a backfill.
 */

import type { Row } from '../catalog/column.ts';
import { type Dataset, getTables, type Table } from '../catalog/dataset.ts';
import { datasets as allDatasets, dailyDatasets } from '../catalog/datasets.ts';
import { formatIsoDate, getYear, isInScheme, type Partition } from '../catalog/partition.ts';
import { getTradingDays } from '../catalog/trading-days.ts';
import { formatErrorWithHint, LakeError } from '../errors.ts';
import type { Lake, LakeFile } from '../lake/lake.ts';
import { DEDUP_NAME } from '../lake/names.ts';
import { deduplicate } from '../transform/deduplicate.ts';
import type { UnparsedValue } from '../transform/layers.ts';
import {
  deduplicatePartition,
  deduplicateTypedLayers,
  hasSameRows,
} from './deduplicate-partition.ts';
import { applyStep } from './next-layer.ts';
import { createReport, type RunReport, type UnfinishedDay } from './report.ts';
import { convertRows, getSteps, getStepsInto, type Step } from './steps.ts';
import { findFollowing, findNewestDays, isUnfinished } from './unfinished-days.ts';

interface RebuildResult {
  /** Rows a table after it, by the table's name. */
  readonly rows: Readonly<Record<string, number>>;
  readonly unparsed: readonly UnparsedValue[];
  readonly bytes: number;
}

/**
 * Makes the typed and the derived tables of a partition follow from its raw text, with one row a key in each table. A
 * key that the raw text lacks keeps its rows. It may be interrupted anywhere: running it again completes it, and so
 * does the next run, by what is left of it.
 *
 * @param datasets of these, those whose partitions are like this one are rebuilt
 * @throws LakeError where the raw text of a data set cannot be read or followed; the others are complete then
 */
export async function rebuild(
  stored: Lake,
  partition: Partition,
  datasets: readonly Dataset[] = allDatasets,
): Promise<RebuildResult> {
  const lake = cacheRows(stored);
  const concerned = datasets.filter((each) => isInScheme(each.partition, partition));
  const steps = getSteps(concerned);
  const rows: Record<string, number> = {};
  const unparsed: UnparsedValue[] = [];
  const typed = new Map<Table, readonly Row[]>();
  let bytes = 0;
  const faults: LakeError[] = [];
  for (const dataset of concerned.filter(({ typing }) => typing !== undefined)) {
    try {
      const raw = await deduplicatePartition(lake, dataset, 'sor', partition);
      rows[raw.table] = raw.rowsAfter;
      bytes += raw.bytes;
      if (raw.file === undefined) continue;
      for (const step of getStepsInto(dataset, 'sot')) {
        const converted = convertRows(step, await lake.read(raw.file));
        unparsed.push(...converted.unparsed);
        typed.set(step.target, converted.rows);
        if (await leavesMark(lake, concerned, step, partition, converted.rows)) continue;
        bytes += await applySteps(lake, steps, raw.file);
      }
    } catch (error) {
      if (!(error instanceof LakeError)) throw error;
      faults.push(error);
    }
  }
  for (const merged of await deduplicateTypedLayers(lake, partition, concerned, typed)) {
    rows[merged.table] = merged.rowsAfter;
    bytes += merged.bytes;
  }
  const [fault] = faults;
  if (fault !== undefined) throw fault;
  return { rows, unparsed, bytes };
}

/**
 * Whether a rebuild that is interrupted while it writes these typed rows, and what follows from them, leaves the day
 * such that `isUnfinished` finds it: a layer is empty until it is written; or the typed rows are stored as they are, so
 * that one file at most is replaced. Else files between the layers must show it.
 */
async function leavesMark(
  lake: Lake,
  datasets: readonly Dataset[],
  { source, target }: Step,
  partition: Partition,
  typed: readonly Row[],
): Promise<boolean> {
  const following = await Promise.all(
    findFollowing(datasets, source).map((table) => lake.files(table, partition)),
  );
  if (following.every((files) => files.length === 0)) return true;
  const [file, ...others] = await lake.files(target, partition);
  if (file?.name !== DEDUP_NAME || others.length > 0) return false;
  try {
    const stored = await lake.read(file, { rejectUnknownColumns: true });
    return hasSameRows(stored, deduplicate([...stored, ...typed], target), target);
  } catch (error) {
    // The file has to be replaced by hand first: until then, the day is not finished.
    if (error instanceof LakeError) return false;
    throw error;
  }
}

/** Writes all that follows from a file, layer by layer; returns the number of bytes. */
async function applySteps(lake: Lake, steps: readonly Step[], source: LakeFile): Promise<number> {
  let bytes = 0;
  for (const step of steps.filter((each) => each.source === source.table)) {
    const next = await applyStep(lake, step, source);
    bytes += next.bytes + (await applySteps(lake, steps, next.file));
  }
  return bytes;
}

/**
 * The lake, with the rows of the files that were read or written in memory: each step of a rebuild reads what the one
 * before has written. A file of another version than that in memory is read.
 */
function cacheRows(lake: Lake): Lake {
  const cached = new Map<string, Row[]>();
  const keyOf = ({ table, partition, name, version = '' }: LakeFile): string =>
    `${table.name}/${partition}/${name}/${version}`;
  return {
    ...lake,
    async read(file, options) {
      const known = cached.get(keyOf(file));
      if (known !== undefined) return known;
      const rows = await lake.read(file, options);
      // Others may have columns that a later reader rejects.
      if (options?.rejectUnknownColumns) cached.set(keyOf(file), rows);
      return rows;
    },
    async write(file, rows, condition) {
      const key = keyOf({ ...file, version: '' });
      cached.delete(key);
      const bytes = await lake.write(file, rows, condition);
      const { columns } = file.table;
      const whole = (row: Row): Row =>
        Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null]));
      if (rows.length > 0) cached.set(key, rows.map(whole));
      return bytes;
    },
    async remove(files) {
      for (const file of files) cached.delete(keyOf(file));
      await lake.remove(files);
    },
  };
}

/** What was rebuilt; of a lake that cannot be read or written nothing, and why. */
export async function tryRebuild(
  lake: Lake,
  partition: Partition,
  datasets?: readonly Dataset[],
): Promise<RebuildResult & { readonly error?: string }> {
  try {
    return await rebuild(lake, partition, datasets);
  } catch (error) {
    if (!(error instanceof LakeError)) throw error;
    return { rows: {}, unparsed: [], bytes: 0, error: formatErrorWithHint(error) };
  }
}

interface UnfinishedDaysRequest {
  readonly lake: Lake;
  /** The data sets of days; those that pynvest knows unless others are given. */
  readonly datasets?: readonly Dataset[];
  /** The day of this run, which is not looked at. */
  readonly today: Partition;
  /** When it is aborted no further day is begun. */
  readonly signal: AbortSignal;
  readonly onCompleted: (day: Partition) => void;
}

/**
 * Completes the newest days that are unfinished, each alone: a fault of one, such as a broken file or one that a
 * newer edition wrote, is returned and keeps no other day from being completed.
 */
export async function completeUnfinishedDays(
  request: UnfinishedDaysRequest,
): Promise<UnfinishedDay[]> {
  const { lake, datasets = dailyDatasets, today, signal, onCompleted } = request;
  const failed: UnfinishedDay[] = [];
  const attempt = async <T>(
    date: string | null,
    work: () => Promise<T>,
  ): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof LakeError)) throw error;
      failed.push({ date, reason: formatErrorWithHint(error) });
      return undefined;
    }
  };
  for (const day of (await attempt(null, () => findNewestDays(lake, today, datasets))) ?? []) {
    if (signal.aborted) break;
    await attempt(formatIsoDate(day), async () => {
      if (!(await isUnfinished(lake, day, datasets))) return;
      await rebuild(lake, day, datasets);
      onCompleted(day);
    });
  }
  return failed;
}

/** The days from `from` to `to`, both included, for which the lake has raw text. */
export async function findDaysWithRawText(
  lake: Lake,
  from: Partition,
  to: Partition,
  datasets: readonly Dataset[] = dailyDatasets,
): Promise<Partition[]> {
  const days = await listRawDays(lake, datasets);
  return days.filter((day) => from <= day && day <= to);
}

async function listRawDays(lake: Lake, datasets: readonly Dataset[]): Promise<Partition[]> {
  const rawTables = getTables(datasets).filter(({ layer }) => layer === 'sor');
  const partitions = await Promise.all(rawTables.map((table) => lake.partitions(table)));
  return [...new Set(partitions.flat())].sort((a, b) => a - b);
}

/**
 * Says which days could be rebuilt instead, and what would fill these.
 * @param hasHistory whether the lake has B3's history of some of those years
 */
export async function createNothingToRebuildError(
  lake: Lake,
  from: Partition,
  to: Partition,
  hasHistory: boolean,
): Promise<LakeError> {
  const days = await listRawDays(lake, dailyDatasets);
  const asked =
    from === to ? formatIsoDate(from) : `${formatIsoDate(from)} to ${formatIsoDate(to)}`;
  const [first, last] = [days.at(0), days.at(-1)];
  const years = [...new Set([getYear(from), getYear(to)])].join('-');
  const raw =
    first === undefined || last === undefined
      ? 'It has no raw text of any day: `pynvest run` collects today.'
      : `It has raw text from ${formatIsoDate(first)} to ${formatIsoDate(last)}.`;
  const other =
    getTradingDays(from, to).length === 0
      ? 'B3 did not trade then.'
      : hasHistory
        ? "The lake's history of B3 lacks sessions then, or B3 did not trade."
        : `Quotes of other days follow from B3's prices: \`pynvest import cotahist --year ${years}\`, and then this backfill again.`;
  return new LakeError(`the lake has no raw text of ${asked}, and no session of B3`, {
    hint: `${raw}\n${other}`,
  });
}

/** Rebuilds a day; where the lake keeps that from being done, the report says why. */
export async function backfill(
  lake: Lake,
  partition: Partition,
  now: () => Date,
  datasets?: readonly Dataset[],
): Promise<RunReport> {
  const startedAt = now();
  const rebuilt = await tryRebuild(lake, partition, datasets);
  return createReport({ command: 'backfill', partition, startedAt, endedAt: now(), ...rebuilt });
}

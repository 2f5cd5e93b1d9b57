/** Days that a run began and did not finish. */

import { type Dataset, getTables, type Table } from '../catalog/dataset.ts';
import { dailyDatasets } from '../catalog/datasets.ts';
import type { Partition } from '../catalog/partition.ts';
import type { Lake, LakeFile } from '../lake/lake.ts';
import { isIntermediate } from '../lake/names.ts';
import { getSteps } from './steps.ts';

/** How many of the newest days are looked at: enough that an occasional run still finds the last one. */
const MAX_DAYS = 10;

/**
 * The newest days, without `today` where it is given, that still hold files of an interrupted run, or raw text
 * without the rows that follow from it. Rebuilding such a day completes it.
 */
export async function findUnfinishedDays(
  lake: Lake,
  today?: Partition,
  datasets: readonly Dataset[] = dailyDatasets,
): Promise<Partition[]> {
  const unfinished: Partition[] = [];
  for (const day of await findNewestDays(lake, today, datasets)) {
    if (await isUnfinished(lake, day, datasets)) unfinished.push(day);
  }
  return unfinished;
}

/** The newest days of the lake, in order, without `today` where it is given: those that may be unfinished. */
export async function findNewestDays(
  lake: Lake,
  today?: Partition,
  datasets: readonly Dataset[] = dailyDatasets,
): Promise<Partition[]> {
  // Layers between the first and the last of a chain follow in time, too.
  const tables = getTables(datasets).filter(({ layer }) => layer !== 'sot');
  const days = new Set<Partition>();
  for (const table of tables) {
    const partitions = (await lake.partitions(table)).filter((day) => day !== today);
    for (const day of partitions.slice(-MAX_DAYS)) days.add(day);
  }
  return [...days].sort((a, b) => a - b).slice(-MAX_DAYS);
}

type FileOfTable = Pick<LakeFile, 'table' | 'name'>;

/** Whether a file is a batch of raw text that a finished day of this lake may still hold. */
export function isAllowedBatch(
  { mayHoldRawBatches }: Pick<Lake, 'mayHoldRawBatches'>,
  { table, name }: FileOfTable,
): boolean {
  return mayHoldRawBatches && table.layer === 'sor' && isIntermediate(name);
}

/** Whether a file is one that a finished day of this lake no longer has. */
export function isLeftover(lake: Pick<Lake, 'mayHoldRawBatches'>, file: FileOfTable): boolean {
  return isIntermediate(file.name) && !isAllowedBatch(lake, file);
}

/** Whether a day holds files of an interrupted run, or raw text without a layer that follows from it. */
export async function isUnfinished(
  lake: Lake,
  day: Partition,
  datasets: readonly Dataset[] = dailyDatasets,
): Promise<boolean> {
  const files = new Map<Table, LakeFile[]>();
  for (const table of getTables(datasets)) files.set(table, await lake.files(table, day));
  if ([...files.values()].flat().some((file) => isLeftover(lake, file))) return true;
  const isEmpty = (table: Table): boolean => (files.get(table)?.length ?? 0) === 0;
  return getTables(datasets).some(
    (table) =>
      table.layer === 'sor' && !isEmpty(table) && findFollowing(datasets, table).some(isEmpty),
  );
}

/** The tables that follow from a table, over any number of steps. */
export function findFollowing(datasets: readonly Dataset[], table: Table): readonly Table[] {
  const targets = getSteps(datasets)
    .filter(({ source }) => source === table)
    .map(({ target }) => target);
  return targets.flatMap((target) => [target, ...findFollowing(datasets, target)]);
}

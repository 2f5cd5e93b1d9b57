/**
 * Days that a run began and did not finish.
 */

import { assetKinds } from '../catalog/asset.ts';
import type { Partition } from '../catalog/partition.ts';
import { sorTables, sotTables, specTable, type Table } from '../catalog/tables.ts';
import type { Lake, LakeFile } from './lake.ts';
import { isIntermediate } from './names.ts';

/** How many of the newest days are looked at: whoever runs pynvest at times still finds the last one. */
const MAX_DAYS = 10;

/**
 * The newest days, `today` left out where it is given, that still hold files from the midst of a run, or raw text
 * without the typed rows or the quotes that follow from it. Rebuilding such a day completes it.
 */
export async function findUnfinishedDays(lake: Lake, today?: Partition): Promise<Partition[]> {
  const unfinished: Partition[] = [];
  for (const day of await findNewestDays(lake, today)) {
    if (await isUnfinished(lake, day)) unfinished.push(day);
  }
  return unfinished;
}

/** The newest days of the lake, in order, `today` left out where it is given: those that may be unfinished. */
export async function findNewestDays(lake: Lake, today?: Partition): Promise<Partition[]> {
  const tables = [...assetKinds.map((kind) => sorTables[kind]), specTable];
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

/** Whether a file is one that a finished day of this lake has no more. */
export function isLeftover(lake: Pick<Lake, 'mayHoldRawBatches'>, file: FileOfTable): boolean {
  return isIntermediate(file.name) && !isAllowedBatch(lake, file);
}

/** Whether a day holds files from the midst of a run, or a layer without the next. */
export async function isUnfinished(lake: Lake, day: Partition): Promise<boolean> {
  const filesIn = (table: Table): Promise<LakeFile[]> => lake.files(table, day);
  const isLeft = (file: LakeFile): boolean => isLeftover(lake, file);
  const quotes = await filesIn(specTable);
  if (quotes.some(isLeft)) return true;
  for (const kind of assetKinds) {
    const raw = await filesIn(sorTables[kind]);
    const typed = await filesIn(sotTables[kind]);
    if ([...raw, ...typed].some(isLeft)) return true;
    if (raw.length > 0 && (typed.length === 0 || quotes.length === 0)) return true;
  }
  return false;
}

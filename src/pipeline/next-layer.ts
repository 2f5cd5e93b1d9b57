/**
 * One file of a layer to the file of the next. A rebuild always writes it; an event, which may be late or repeated,
 * writes only what the deduplicated table does not hold.
 */

import type { Row } from '../catalog/column.ts';
import type { Table } from '../catalog/dataset.ts';
import { FileChangedError, MissingFileError } from '../errors.ts';
import type { Lake, LakeFile } from '../lake/lake.ts';
import { DEDUP_NAME, isBatch } from '../lake/names.ts';
import { createMissingRowFilter, getRowKey, isSameRow } from '../transform/deduplicate.ts';
import type { UnparsedValue } from '../transform/layers.ts';
import { deriveRows, retryOnConflict } from './deduplicate-partition.ts';
import { convertRows, type Step } from './steps.ts';

interface WrittenFile {
  readonly file: LakeFile;
  readonly bytes: number;
  readonly unparsed: readonly UnparsedValue[];
}

/** Converts all rows of a file. */
export async function applyStep(lake: Lake, step: Step, source: LakeFile): Promise<WrittenFile> {
  const { rows, unparsed } = convertRows(step, await lake.read(source));
  const file = getTargetFile(step, source);
  return { file, bytes: await lake.write(file, rows), unparsed };
}

type FollowResult =
  | ({ readonly outcome: 'written' } & WrittenFile)
  | { readonly outcome: 'skipped'; readonly reason: string };

/**
 * Converts the rows of a file that an event names, by the step whose source it is a batch of, without what the
 * deduplicated file of the target holds: a late or repeated event must not bring back a second row. The day may be
 * deduplicated at any moment in between, so that the target is looked at again after the write: where its
 * deduplicated file has changed by then, everything starts over, and the written file is removed where nothing of it
 * is missing any more. (A deduplication after that look finds the written file itself.)
 */
export function followFile(
  lake: Lake,
  steps: readonly Step[],
  source: LakeFile,
): Promise<FollowResult> {
  const step = steps.find((each) => each.source === source.table);
  if (step === undefined || !isBatch(source.name, step.source.layer)) {
    const names = new Set(steps.map((each) => each.source.name));
    return Promise.resolve(createSkipped(`it is no batch of ${[...names].join(' or ')}`));
  }
  const file = getTargetFile(step, source);
  return retryOnConflict(async () => {
    const { own, dedup } = await findTargetFiles(lake, file);
    const available = await readIfPresent(lake, source);
    // The day was cleared, or deduplicated, since the event was sent.
    if (available === undefined) return createSkipped('it is no longer there');
    const isMissing = await createFilter(lake, step, source, dedup);
    const { rows, unparsed } = convertRows(step, available, isMissing);
    let bytes = 0;
    if (rows.length > 0) bytes = await lake.write(file, rows, { expected: own });
    else if (own !== undefined) await lake.remove([own]);
    const after = await findTargetFiles(lake, file);
    if (after.dedup?.version !== dedup?.version) {
      throw new FileChangedError(`${file.table.name} was deduplicated meanwhile`);
    }
    if (rows.length === 0) return createSkipped('its rows are in the table already');
    return { outcome: 'written', file, bytes, unparsed };
  });
}

/** Which rows the deduplicated file of the target lacks. */
async function createFilter(
  lake: Lake,
  step: Step,
  { partition }: LakeFile,
  dedup: LakeFile | undefined,
): Promise<(row: Row) => boolean> {
  if (dedup === undefined) return () => true;
  const merged = await lake.read(dedup);
  return step.target.versionColumn === undefined
    ? createDerivedRowFilter(step.target, merged, await deriveRows(lake, step, partition))
    : createMissingRowFilter(merged, step.target);
}

/**
 * Which rows without a version the deduplicated ones lack. They follow from the source: where the deduplicated row
 * is what the newest row of the source becomes, no other one is newer; and where it is not, only what that row
 * becomes is.
 */
function createDerivedRowFilter(
  target: Table,
  merged: readonly Row[],
  newest: readonly Row[],
): (row: Row) => boolean {
  const byKey = (rows: readonly Row[]) => new Map(rows.map((row) => [getRowKey(row, target), row]));
  const [stored, current] = [byKey(merged), byKey(newest)];
  return (row) => {
    const key = getRowKey(row, target);
    const [before, wanted] = [stored.get(key), current.get(key) ?? row];
    if (before === undefined) return true;
    const { columns } = target;
    return !isSameRow(before, wanted, columns) && isSameRow(row, wanted, columns);
  };
}

function getTargetFile({ target, targetName }: Step, { partition, name }: LakeFile): LakeFile {
  return { table: target, partition, name: targetName(name) };
}

/** The file that is to be written, as it is now, and the deduplicated one beside it. */
async function findTargetFiles(
  lake: Lake,
  { table, partition, name }: LakeFile,
): Promise<{ readonly own: LakeFile | undefined; readonly dedup: LakeFile | undefined }> {
  const files = await lake.files(table, partition);
  return {
    own: files.find((file) => file.name === name),
    dedup: files.find((file) => file.name === DEDUP_NAME),
  };
}

async function readIfPresent(lake: Lake, file: LakeFile): Promise<Row[] | undefined> {
  try {
    return await lake.read(file);
  } catch (error) {
    if (error instanceof MissingFileError) return undefined;
    throw error;
  }
}

function createSkipped(reason: string): FollowResult {
  return { outcome: 'skipped', reason };
}

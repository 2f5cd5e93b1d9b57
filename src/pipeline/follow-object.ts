/** The chain from file to file that events drive: what follows when an object appears in the lake. */
import { type AssetKind, assetKinds } from '../catalog/asset.ts';
import type { Row } from '../catalog/column.ts';
import type { Partition } from '../catalog/partition.ts';
import { READ_AT_COLUMN, sorTables, sotTables } from '../catalog/tables.ts';
import { MissingFileError } from '../errors.ts';
import type { Lake, LakeFile } from '../lake/lake.ts';
import { DEDUP_NAME, startsPreparation, startsSpecialization } from '../lake/names.ts';
import { fileOfKey } from '../lake/s3-places.ts';
import { instantOf } from '../transform/deduplicate.ts';
import type { UnparsedValue } from '../transform/prepare.ts';
import { prepareFile } from './prepare-file.ts';
import { specializeFile } from './specialize-file.ts';

export type Followed =
  | {
      readonly outcome: 'written';
      readonly file: LakeFile;
      readonly bytes: number;
      readonly unparsed: readonly UnparsedValue[];
    }
  | { readonly outcome: 'skipped'; readonly reason: string };

/** Types the raw text of the object at `key`, where it is a batch of this kind that is still there. */
export async function prepareObject(lake: Lake, kind: AssetKind, key: string): Promise<Followed> {
  const file = fileOfKey(key);
  if (file === undefined || file.table !== sorTables[kind] || !startsPreparation(file.name)) {
    return skipped(`${key} is no batch of ${sorTables[kind].name}`);
  }
  return unlessGone(key, async () => {
    const wanted = await notYetMerged(lake, kind, file.partition);
    const prepared = await prepareFile(lake, kind, file, wanted);
    if (prepared.bytes === 0) return skipped(`the rows of ${key} are in the table already`);
    return { outcome: 'written', ...prepared };
  });
}

/** Makes quotes of the typed rows at `key`, where they are a batch that is still there. */
export async function specializeObject(lake: Lake, key: string): Promise<Followed> {
  const file = fileOfKey(key);
  const kind = assetKinds.find((each) => sotTables[each] === file?.table);
  if (file === undefined || kind === undefined || !startsSpecialization(file.name)) {
    return skipped(`${key} is no batch of typed rows`);
  }
  return unlessGone(key, async () => ({
    outcome: 'written',
    unparsed: [],
    ...(await specializeFile(lake, kind, file)),
  }));
}

/**
 * Which raw rows the deduplicated typed rows of the day lack, or have older. An event may come again
 * after the day was deduplicated, and must not bring back a second row of what that holds.
 */
async function notYetMerged(
  lake: Lake,
  kind: AssetKind,
  partition: Partition,
): Promise<(raw: Row) => boolean> {
  const table = sotTables[kind];
  const merged = new Map<Row[string] | undefined, Row>();
  try {
    for (const row of await lake.read({ table, partition, name: DEDUP_NAME })) {
      merged.set(row[table.tickerColumn], row);
    }
  } catch (error) {
    if (!(error instanceof MissingFileError)) throw error;
  }
  return (raw) => {
    const held = merged.get(raw[table.tickerColumn]);
    if (held === undefined) return true;
    return instantOf(raw[READ_AT_COLUMN]) > instantOf(held[READ_AT_COLUMN]);
  };
}

/** The day was cleared, or deduplicated, since the event was sent: nothing follows any more. */
async function unlessGone(key: string, work: () => Promise<Followed>): Promise<Followed> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MissingFileError) return skipped(`${key} is no longer there`);
    throw error;
  }
}

function skipped(reason: string): Followed {
  return { outcome: 'skipped', reason };
}

/** From a partition's raw text to its typed tables and quotes. */
import { assetKinds } from '../catalog/asset.ts';
import type { Partition } from '../catalog/partition.ts';
import { sorTables } from '../catalog/tables.ts';
import { LakeError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import type { UnparsedValue } from '../transform/prepare.ts';
import { deduplicateIndicators, deduplicateTypedLayers } from './deduplicate-partition.ts';
import { prepareFile } from './prepare-file.ts';
import { inWords } from './report.ts';
import { specializeFile } from './specialize-file.ts';

export interface Rebuild {
  /** Rows a table after it, by the table's name. */
  readonly rows: Readonly<Record<string, number>>;
  readonly unparsed: readonly UnparsedValue[];
  readonly bytes: number;
}

/**
 * Makes SoT and Spec of a partition follow from its SoR, with one row a ticker in each table. A ticker
 * that SoR lacks keeps its typed row and its quote. It may die anywhere: running it again completes it.
 *
 * @throws LakeError where the raw text of a kind cannot be read or followed; the other kind is whole then
 */
export async function rebuild(lake: Lake, partition: Partition): Promise<Rebuild> {
  const rows: Record<string, number> = {};
  const unparsed: UnparsedValue[] = [];
  let bytes = 0;
  const faults: LakeError[] = [];
  for (const kind of assetKinds) {
    try {
      const raw = await deduplicateIndicators(lake, sorTables[kind], partition);
      rows[raw.table] = raw.rowsAfter;
      bytes += raw.bytes;
      if (raw.file === undefined) continue;
      const prepared = await prepareFile(lake, kind, raw.file);
      const quotes = await specializeFile(lake, kind, prepared.file);
      unparsed.push(...prepared.unparsed);
      bytes += prepared.bytes + quotes.bytes;
    } catch (error) {
      if (!(error instanceof LakeError)) throw error;
      faults.push(error);
    }
  }
  for (const { table, rowsAfter, bytes: written } of await deduplicateTypedLayers(
    lake,
    partition,
  )) {
    rows[table] = rowsAfter;
    bytes += written;
  }
  const [fault] = faults;
  if (fault !== undefined) throw fault;
  return { rows, unparsed, bytes };
}

/** What was rebuilt; of a lake that cannot be read or written nothing, and why. */
export async function rebuildOrError(
  lake: Lake,
  partition: Partition,
): Promise<Rebuild & { readonly error?: string }> {
  try {
    return await rebuild(lake, partition);
  } catch (error) {
    if (!(error instanceof LakeError)) throw error;
    return { rows: {}, unparsed: [], bytes: 0, error: inWords(error) };
  }
}

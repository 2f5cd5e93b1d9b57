/**
 * The names of the lake's files and folders. They are deterministic, so that a step that runs twice overwrites
 * its own file, and each kind of file has an ending of its own, so that an event can tell them apart:
 *
 *     <data set>-<hash of the keys>.raw   a batch of raw text (SoR)
 *     <stem>.prep                         the same, typed (SoT)
 *     <stem>.cotacao                      what is derived from it (Spec)
 *     dedup                               one row a key (any layer); never the start of a chain
 */

import { createHash } from 'node:crypto';
import type { Layer, Table } from '../catalog/dataset.ts';
import { type Partition, parsePartitionValue } from '../catalog/partition.ts';

/** The extension of every file; names are without it. */
export const EXTENSION = '.parquet';

export const DEDUP_NAME = 'dedup';

/** How the batches of a layer end. Notifications in AWS filter by it. */
const BATCH_ENDINGS: Readonly<Record<Layer, string>> = {
  sor: '.raw',
  sot: '.prep',
  spec: '.cotacao',
};

/**
 * Whether a file is one of those that a run leaves only when it is interrupted; of raw text, a finished day of some
 * lakes may hold it too (`isAllowedBatch`).
 */
export function isIntermediate(name: string): boolean {
  return Object.values(BATCH_ENDINGS).some((ending) => name.endsWith(ending));
}

/**
 * Whether a file is a batch that sets the next step going when it appears. What follows from a deduplicated file is
 * made by the step that deduplicates, never by an event.
 */
export function isBatch(name: string, layer: Layer): boolean {
  const ending = BATCH_ENDINGS[layer];
  return name.endsWith(ending) && name !== `${DEDUP_NAME}${ending}`;
}

/** The name of a batch of raw text: the same for the same keys in any order, another for any others. */
export function formatRawName(datasetId: string, keys: readonly string[]): string {
  const hash = createHash('sha256')
    .update([...keys].sort().join(','))
    .digest('hex');
  return `${datasetId}-${hash.slice(0, 16)}${BATCH_ENDINGS.sor}`;
}

/** The name of the typed file made from a file of raw text. */
export function formatTypedName(rawFileName: string): string {
  return `${removeEnding(rawFileName, 'sor')}${BATCH_ENDINGS.sot}`;
}

/** The name of what is derived from a typed file of a data set; files of several data sets share its folder. */
export function formatDerivedName(datasetId: string, typedFileName: string): string {
  const stem = removeEnding(typedFileName, 'sot');
  const prefix = stem.startsWith(`${datasetId}-`) ? '' : `${datasetId}-`;
  return `${prefix}${stem}${BATCH_ENDINGS.spec}`;
}

function removeEnding(name: string, layer: Layer): string {
  const ending = BATCH_ENDINGS[layer];
  return name.endsWith(ending) ? name.slice(0, -ending.length) : name;
}

/** The folder of a partition, such as `anomesdia_exec=20261119`. */
export function formatPartitionFolder({ partition }: Table, value: Partition): string {
  return `${partition.column}=${value}`;
}

/** The partition of a table's folder; undefined where readers would not know it for one. */
export function parsePartitionFolder({ partition }: Table, name: string): Partition | undefined {
  const prefix = `${partition.column}=`;
  return name.startsWith(prefix)
    ? parsePartitionValue(partition, name.slice(prefix.length))
    : undefined;
}

/**
 * The names of the lake's files. They are deterministic, so that a step that runs twice writes over
 * its own file, and each kind of file has an ending of its own, so that an event can tell them apart:
 *
 *     <kind>-<hash of the tickers>.raw   a batch of pages (SoR)
 *     <stem>.prep                        the same, typed (SoT)
 *     <stem>.cotacao                     the same, as quotes (Spec)
 *     dedup                              one row a ticker (any layer); never the start of a chain
 */

import { createHash } from 'node:crypto';
import type { AssetKind } from '../catalog/asset.ts';
import { PARTITION_COLUMN, type Partition, parsePartitionValue } from '../catalog/partition.ts';

/** The ending of every file; names stand without it. */
export const EXTENSION = '.parquet';

export const DEDUP_NAME = 'dedup';

/**
 * Whether a file is one of those that a run leaves only when it dies before its end; of raw text, a finished
 * day of some lakes may hold it too (`isFromMidst`).
 */
export function isIntermediate(name: string): boolean {
  return /\.(raw|prep|cotacao)$/.test(name);
}

/** The name of a batch: the same for the same tickers in any order, another for any others. */
export function rawName(kind: AssetKind, tickers: readonly string[]): string {
  const hash = createHash('sha256')
    .update([...tickers].sort().join(','))
    .digest('hex');
  return `${kind}-${hash.slice(0, 16)}.raw`;
}

/** The name of the typed file made from a file of raw text. */
export function preparedName(rawFileName: string): string {
  return `${rawFileName.replace(/\.raw$/, '')}.prep`;
}

/** The name of the quotes made from a typed file; both kinds' quotes share one folder. */
export function quotesName(kind: AssetKind, preparedFileName: string): string {
  const stem = preparedFileName.replace(/\.prep$/, '');
  return `${stem.startsWith(`${kind}-`) ? stem : `${kind}-${stem}`}.cotacao`;
}

/** Whether a file of SoR is to be typed by whoever sees it appear. */
export function triggersPreparation(name: string): boolean {
  return isBatch(name, '.raw');
}

/** Whether a file of SoT is to become quotes when it appears. */
export function triggersSpecialization(name: string): boolean {
  return isBatch(name, '.prep');
}

/** What follows from a deduplicated file is made by whoever deduplicates, never by an event. */
function isBatch(name: string, ending: string): boolean {
  return name.endsWith(ending) && name !== `${DEDUP_NAME}${ending}`;
}

/** The partition of a folder; undefined where readers would not know it for one. */
export function parsePartitionFolder(name: string): Partition | undefined {
  const prefix = `${PARTITION_COLUMN}=`;
  return name.startsWith(prefix) ? parsePartitionValue(name.slice(prefix.length)) : undefined;
}

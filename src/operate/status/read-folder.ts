/** What a lake in a folder tells beside its tables: who works on it, what was left unfinished, its size. */
import type { Partition } from '../../catalog/partition.ts';
import { BrokenFileError } from '../../errors.ts';
import { describeHolder } from '../../lake/holder.ts';
import type { Lake } from '../../lake/lake.ts';
import { type LakeSize, sizeOfLake } from '../../lake/local-size.ts';
import { unfinishedDays } from '../../lake/unfinished.ts';

export interface FolderFacts {
  readonly root: string;
  /** Who holds the lake; undefined where nobody does. */
  readonly holder: { readonly who: string; readonly dead: boolean } | undefined;
  readonly unfinished: readonly Partition[];
  readonly size: LakeSize;
}

/** A day that is still at work, `today` where it is given, is not called unfinished. */
export async function readFolder(
  root: string,
  lake: Lake,
  today: Partition | undefined,
): Promise<FolderFacts> {
  const holder = await describeHolder(root);
  const isAtWork = holder !== undefined && !holder.dead;
  const unfinished = isAtWork ? [] : await unfinishedDays(lake, today).catch(noneIfBroken);
  return { root, holder, unfinished, size: sizeOfLake(root) };
}

/** That a folder cannot be read is told of its table. */
function noneIfBroken(error: unknown): Partition[] {
  if (error instanceof BrokenFileError) return [];
  throw error;
}

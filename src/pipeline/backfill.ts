/** Past days made right: typed tables and quotes rebuilt from the raw text that the lake keeps. */

import { assetKinds } from '../catalog/asset.ts';
import { isoDate, type Partition } from '../catalog/partition.ts';
import { sorTables } from '../catalog/tables.ts';
import { LakeError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import { tryRebuild } from './rebuild.ts';
import { createReport, type RunReport } from './report.ts';

/** The days from `from` to `to`, both included, for which the lake has raw text. */
export async function findDaysWithRawText(
  lake: Lake,
  from: Partition,
  to: Partition,
): Promise<Partition[]> {
  const all = await Promise.all(assetKinds.map((kind) => lake.partitions(sorTables[kind])));
  const days = [...new Set(all.flat())].sort((a, b) => a - b);
  const wanted = days.filter((day) => from <= day && day <= to);
  if (wanted.length > 0) return wanted;
  const asked = from === to ? isoDate(from) : `${isoDate(from)} to ${isoDate(to)}`;
  const [first, last] = [days.at(0), days.at(-1)];
  throw new LakeError(`the lake has no raw text of ${asked} to rebuild from`, {
    hint:
      first === undefined || last === undefined
        ? 'The lake is empty: `pynvest run` collects today.'
        : `It has raw text from ${isoDate(first)} to ${isoDate(last)}.`,
  });
}

/** Rebuilds a day; where the lake keeps that from being done, the report says why. */
export async function backfill(
  lake: Lake,
  partition: Partition,
  now: () => Date,
): Promise<RunReport> {
  const startedAt = now();
  const rebuilt = await tryRebuild(lake, partition);
  return createReport({ command: 'backfill', partition, startedAt, endedAt: now(), ...rebuilt });
}

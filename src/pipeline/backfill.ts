/** Past days made right: typed and derived tables rebuilt from the raw text in the lake. */

import { type Dataset, tablesOf } from '../catalog/dataset.ts';
import { dailyDatasets } from '../catalog/datasets.ts';
import { isoDate, type Partition } from '../catalog/partition.ts';
import { LakeError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import { tryRebuild } from './rebuild.ts';
import { createReport, type RunReport } from './report.ts';

/**
 * The days from `from` to `to`, both included, for which the lake has raw text.
 * @throws LakeError where there is none
 */
export async function findDaysWithRawText(
  lake: Lake,
  from: Partition,
  to: Partition,
  datasets: readonly Dataset[] = dailyDatasets,
): Promise<Partition[]> {
  const rawTables = tablesOf(datasets).filter(({ layer }) => layer === 'sor');
  const partitions = await Promise.all(rawTables.map((table) => lake.partitions(table)));
  const days = [...new Set(partitions.flat())].sort((a, b) => a - b);
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
  datasets?: readonly Dataset[],
): Promise<RunReport> {
  const startedAt = now();
  const rebuilt = await tryRebuild(lake, partition, datasets);
  return createReport({ command: 'backfill', partition, startedAt, endedAt: now(), ...rebuilt });
}

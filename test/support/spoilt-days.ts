/** Three days of a lake with a fault of each kind that `doctor --fix` repairs by changing the lake. */

import { dailyDatasets } from '../../src/catalog/datasets.ts';
import { examineLake } from '../../src/health/doctor.ts';
import { type RepairTools, repairLake } from '../../src/health/repair.ts';
import { collectDay } from './days.ts';
import { type LakeBytes, pathOf } from './lake-bytes.ts';
import { day } from './made-up-lake.ts';
import { smallMarket } from './small-market.ts';
import { sorTables, sotTables, specTable } from './tables.ts';

export const days = [day('2026-11-18'), day('2026-11-19'), day('2026-11-20')] as const;
export const [wednesday, thursday, friday] = days;

/** Makes the faults. */
export async function spoil(lake: LakeBytes): Promise<void> {
  const cutShort = async (path: string): Promise<void> =>
    lake.put(path, (await lake.get(path)).subarray(0, -9));
  await cutShort(pathOf(sotTables.acoes, wednesday));
  await cutShort(pathOf(sorTables.fiis, wednesday));
  const again = pathOf(sorTables.acoes, thursday, 'again.parquet');
  await lake.put(again, await lake.get(pathOf(sorTables.acoes, thursday)));
  await lake.remove(pathOf(sotTables.fiis, thursday));
  await lake.put(
    pathOf(specTable, friday, 'acoes-01.cotacao.parquet'),
    await lake.get(pathOf(specTable, friday)),
  );
}

/** What `doctor --fix` does, in this process, of the data sets that the lake has. */
export function repairAll(lake: Omit<RepairTools, 'datasets'>) {
  const tools = { ...lake, datasets: dailyDatasets };
  const bounds = { from: undefined, to: undefined };
  const now = new Date('2026-11-23T12:00:00-03:00');
  return repairLake(
    () => examineLake({ ...tools, bounds, everyValue: false, now, mayBeInProgress: false }),
    tools,
  );
}

/** Collects the days into the lake at `root`, without a fault. */
export async function collectDays(root: string): Promise<void> {
  for (const partition of days) await collectDay(root, smallMarket, { partition });
}

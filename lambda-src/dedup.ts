/** The functions that leave one row a ticker in a day of a table. */
import type { Partition } from '../src/catalog/partition.ts';
import type { Lake } from '../src/lake/lake.ts';
import type { Deduplication } from '../src/pipeline/deduplicate-partition.ts';
import { lake } from './lake.ts';
import { logged } from './log.ts';
import { type DayEvent, requireDay } from './partition.ts';

/** What the state machine keeps of it. */
interface Deduplicated {
  readonly partition: Partition;
  readonly table: string;
  readonly rowsBefore: number;
  readonly rowsAfter: number;
}

export function dedupHandler(
  deduplicate: (lake: Lake, partition: Partition) => Promise<Deduplication>,
): ReturnType<typeof logged<DayEvent, Deduplicated>> {
  return logged(async (event: DayEvent, log) => {
    const partition = requireDay(event);
    const { table, rowsBefore, rowsAfter, bytes } = await deduplicate(lake(), partition);
    log.info('deduplicated', { partition, table, rowsBefore, rowsAfter, bytes });
    return { partition, table, rowsBefore, rowsAfter };
  });
}

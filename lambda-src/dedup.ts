/** The functions that leave one row a ticker in a day of a table, and in the day before. */
import type { Partition } from '../src/catalog/partition.ts';
import type { Table } from '../src/catalog/tables.ts';
import type { Lake } from '../src/lake/lake.ts';
import {
  type Completion,
  type Deduplication,
  dayBefore,
} from '../src/pipeline/deduplicate-partition.ts';
import { deadlineOf } from './deadline.ts';
import { lakeUntil } from './lake.ts';
import { fieldsOf, logged } from './log.ts';
import { type DayEvent, requireDay } from './partition.ts';
import { logUnparsed } from './unparsed.ts';

/** What the state machine keeps of it. */
interface Deduplicated {
  readonly partition: Partition;
  readonly table: string;
  readonly rowsBefore: number;
  readonly rowsAfter: number;
}

/**
 * A handler that deduplicates the day that its event names, and then the newest day before it that one of
 * `tables` has: what came after that evening's deduplication is caught by the next. That second one writes
 * nothing where there is nothing to do, and fails alone: today's quotes must not wait for it.
 */
export function dedupHandler(
  tables: readonly Table[],
  deduplicate: (lake: Lake, partition: Partition) => Promise<Deduplication | Completion>,
): ReturnType<typeof logged<DayEvent, Deduplicated>> {
  return logged(async (event: DayEvent, log, context) => {
    const lake = lakeUntil(deadlineOf(context));
    const deduplicateOne = async (partition: Partition, message: string): Promise<Deduplicated> => {
      const { file: _, ...done } = await deduplicate(lake, partition);
      const { unparsed, ...counts } = { unparsed: [], ...done };
      log.info(message, { partition, ...counts });
      logUnparsed(log, { partition }, unparsed);
      const { table, rowsBefore, rowsAfter } = done;
      return { partition, table, rowsBefore, rowsAfter };
    };
    const partition = requireDay(event);
    // The template counts the quotes of the day by this line.
    const done = await deduplicateOne(partition, 'deduplicated');
    try {
      const before = await dayBefore(lake, tables, partition);
      if (before !== undefined) await deduplicateOne(before, 'deduplicated the day before');
    } catch (error) {
      log.error('the day before was not deduplicated', { partition, ...fieldsOf(error) });
    }
    return done;
  });
}

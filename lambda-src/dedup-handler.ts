/** The functions that leave one row a ticker in a day of a table, and in the day before. */

import { type Dataset, getTable, type Layer } from '../src/catalog/dataset.ts';
import type { Partition } from '../src/catalog/partition.ts';
import { completePartition } from '../src/pipeline/deduplicate-partition.ts';
import { getStepsInto } from '../src/pipeline/steps.ts';
import { findPreviousDay } from '../src/pipeline/tickers.ts';
import { type DayEvent, getRequiredDay } from './day-event.ts';
import { createDeadline, createErrorFields, createHandler, logUnparsed } from './handler.ts';
import { createLakeUntil } from './lake.ts';

/** What the state machine shows of it. */
interface DedupAnswer {
  readonly partition: Partition;
  readonly table: string;
  readonly rowsBefore: number;
  readonly rowsAfter: number;
}

/**
 * A handler that completes and deduplicates a layer of a data set on the day that its event names, and then on the
 * newest day before it of which there are rows: what was written after that evening's deduplication is merged by the
 * next. That second one writes nothing where there is nothing to do, and fails alone: today's quotes must not wait
 * for it.
 */
export function createDedupHandler(
  dataset: Dataset,
  layer: Layer,
): ReturnType<typeof createHandler<DayEvent, DedupAnswer>> {
  const sources = getStepsInto(dataset, layer).map(({ source }) => source);
  const tables = [...sources, getTable(dataset, layer)];
  return createHandler(async (event: DayEvent, log, context) => {
    const lake = createLakeUntil(createDeadline(context));
    const deduplicateOne = async (partition: Partition, message: string): Promise<DedupAnswer> => {
      const { file: _, ...done } = await completePartition(lake, dataset, layer, partition);
      const { unparsed, ...counts } = { unparsed: [], ...done };
      log.info(message, { partition, ...counts });
      logUnparsed(log, { partition }, unparsed);
      const { table, rowsBefore, rowsAfter } = done;
      return { partition, table, rowsBefore, rowsAfter };
    };
    const partition = getRequiredDay(event);
    // The template counts the quotes of the day by this line.
    const done = await deduplicateOne(partition, 'deduplicated');
    try {
      const before = await findPreviousDay(lake, tables, partition);
      if (before !== undefined) await deduplicateOne(before, 'deduplicated the day before');
    } catch (error) {
      log.error('the day before was not deduplicated', { partition, ...createErrorFields(error) });
    }
    return done;
  });
}

/** Whether a page still shows the day that it was wanted for. Pure. */
import { type Partition, partitionOf, toPartition } from '../catalog/partition.ts';
import type { RawRow } from './record.ts';
import { parseValue } from './values.ts';

const LAST_TRADE_COLUMN = 'dt_ult_cot';

/**
 * The day of the last trade on a page that was read on a later day than `partition` and shows a trade
 * later than it: no row of that day can be made of it. Undefined for any other page; one that is read on
 * the partition's own day is never refused for its date.
 */
export function laterDayOn(row: RawRow, partition: Partition, readAt: Date): Partition | undefined {
  if (partitionOf(readAt) <= partition) return undefined;
  const parsed = parseValue(row[LAST_TRADE_COLUMN] ?? null, 'date');
  const day = parsed.ok ? toPartition(String(parsed.value)) : undefined;
  return day !== undefined && day > partition ? day : undefined;
}

/**
 * Whether the page of an asset may become the row of a day: it must say enough, and must not show a later day. Pure.
 */

import { type Partition, partitionOf, toPartition } from '../catalog/partition.ts';
import { formatQuantity } from '../text.ts';
import type { ExtractedRow, RawRow } from './extract.ts';
import { isAbsent, parseValue } from './values.ts';

/** Every page of the site has far more known labels, with a value or without. */
const MIN_LABELS = 20;

/**
 * Every page says far more than this, also that of a paper that nobody trades: beside its five texts of
 * what it is (ticker, name, kind, sector, …) it prints a price and its date, the band of 52 weeks, the volume,
 * how many there are and what they are worth, and 0,00% where nothing moved. Of the saved pages and the demo's
 * the poorest has 41 values. What only says what it is, its numbers blank, is no news of the day. The bound is
 * low on purpose: a page that is refused cannot be had again once the day is over.
 */
const MIN_VALUES = 8;

/**
 * Why a page must not take the place of a row, in words that follow its ticker: it has next to no known
 * labels, or its labels stand there without values ("" and "-" are none). Undefined where it may.
 */
export function incompleteReason({ row, columnsSeen }: ExtractedRow): string | undefined {
  const labels = columnsSeen.size;
  if (labels < MIN_LABELS) return `the page has only ${formatQuantity(labels, 'known label')}`;
  const values = [...columnsSeen].filter((column) => !isAbsent(row[column] ?? null)).length;
  if (values < MIN_VALUES)
    return `the page has ${labels} known labels and only ${formatQuantity(values, 'value')}`;
  return undefined;
}

const LAST_TRADE_COLUMN = 'dt_ult_cot';

/**
 * The day of the last trade on a page that was read on a later day than `partition` and shows a trade
 * later than it: no row of that day can be made of it. Undefined for any other page; one that is read on
 * the partition's own day is never refused for its date.
 */
export function findLaterDay(
  row: RawRow,
  partition: Partition,
  readAt: Date,
): Partition | undefined {
  if (partitionOf(readAt) <= partition) return undefined;
  const parsed = parseValue(row[LAST_TRADE_COLUMN] ?? null, 'date');
  const day = parsed.ok ? toPartition(String(parsed.value)) : undefined;
  return day !== undefined && day > partition ? day : undefined;
}

/** The year in which the event of a row falls. Pure. */

import type { Row } from '../catalog/column.ts';
import type { Dataset } from '../catalog/dataset.ts';
import type { Partition } from '../catalog/partition.ts';
import { parseValue } from './values.ts';

/**
 * The partition that a raw row of a data set of events belongs to. Undefined for any other data set, and where the
 * row's date does not parse.
 */
export function findEventYear(
  row: Row,
  { partition: { dateColumn }, typing }: Dataset,
): Partition | undefined {
  const text = dateColumn === undefined ? undefined : row[dateColumn];
  if (typeof text !== 'string') return undefined;
  const parsed = parseValue(text.trim(), 'date', typing?.notation ?? 'iso');
  if (!parsed.ok || parsed.value === null) return undefined;
  return Number(String(parsed.value).slice(0, 4)) as Partition;
}

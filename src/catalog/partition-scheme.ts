/**
 * How the rows of a table are divided into partitions: by which column, and what its values are. Pure.
 *
 * A value is one integer that tells its grain by its length: a day YYYYMMDD, or a year YYYY.
 */

import { isoDate, PARTITION_COLUMN, type Partition, toPartition } from './partition.ts';

/**
 *     day    the day of a collection, which brings the whole day
 *     year   a calendar year of data
 *     event  the year in which an event falls: one collection brings rows of many years, and a row that a later
 *            collection no longer brings stays
 */
export type Grain = 'day' | 'year' | 'event';

export interface PartitionScheme {
  readonly grain: Grain;
  readonly column: string;
  /** What the column is, in Portuguese: shown in the catalogs of Glue and Athena. */
  readonly description: string;
  /** Of the grain `event`: the column of the date whose year is the partition of a row. */
  readonly dateColumn?: string;
}

export const byDay: PartitionScheme = {
  grain: 'day',
  column: PARTITION_COLUMN,
  description: 'Dia da coleta em São Paulo, como inteiro AAAAMMDD (partição)',
};

export const byYear: PartitionScheme = {
  grain: 'year',
  column: 'ano',
  description: 'Ano dos dados, como inteiro AAAA (partição)',
};

export function byYearOfEvent(dateColumn: string): PartitionScheme {
  return {
    grain: 'event',
    column: 'ano',
    description: 'Ano do evento, como inteiro AAAA (partição)',
    dateColumn,
  };
}

/** The partition of a value as it is written in a folder's name or in Glue; undefined where it is none. */
export function parsePartitionValue(
  { grain }: PartitionScheme,
  value: string,
): Partition | undefined {
  if (grain === 'day') return /^\d{8}$/.test(value) ? toPartition(value) : undefined;
  return /^[1-9]\d{3}$/.test(value) ? (Number(value) as Partition) : undefined;
}

/** A partition as people write it: `2026-11-20`, or the year alone. */
export function formatPartition(partition: Partition): string {
  return isYear(partition) ? String(partition) : isoDate(partition);
}

/** Whether a partition is one of such a scheme, by its length alone. */
export function hasPartitionsLike({ grain }: PartitionScheme, partition: Partition): boolean {
  return (grain === 'day') !== isYear(partition);
}

/** Whether a partition is a year, and not a day. */
export function isYear(partition: Partition): boolean {
  return partition < 10_000;
}

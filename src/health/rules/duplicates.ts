/**
 * The rule about tickers with several rows in a day: of the newest days, or of a day that was read in full. Pure.
 */

import type { Table } from '../../catalog/dataset.ts';
import type { Partition } from '../../catalog/partition.ts';
import { formatPartition } from '../../catalog/partition-scheme.ts';
import { isAllowedBatch } from '../../pipeline/unfinished-days.ts';
import { formatFirst } from '../../text.ts';
import { type Facts, getSection, isInProgress, type TableFacts } from '../facts/facts.ts';
import type { DayFacts } from '../facts/file-facts.ts';
import { countTickers, type TickerCount } from '../facts/ticker-count.ts';
import { type Finding, finding, findingAsNote } from '../finding.ts';
import { isComparable } from './layers.ts';

export function findDuplicatesOfNewestDays(tables: readonly TableFacts[], facts: Facts): Finding[] {
  return tables.flatMap(({ table, newest }) =>
    newest?.readable && !newest.isInBatches
      ? findDuplicates(facts, table, newest.partition, newest)
      : [],
  );
}

export function findDuplicatesOfDay(day: DayFacts, facts: Facts): Finding[] {
  if (!isComparable(day, facts)) return [];
  const { rows, files, partition } = day;
  const mayHoldRawBatches = getSection(facts, 'files')?.mayHoldRawBatches ?? false;
  return [...rows].flatMap(([table, ofTable]) => {
    const isInBatches = files.some(
      (file) => file.table === table && isAllowedBatch({ mayHoldRawBatches }, file),
    );
    return isInBatches ? [] : findDuplicates(facts, table, partition, countTickers(ofTable, table));
  });
}

function findDuplicates(
  facts: Facts,
  table: Table,
  partition: Partition,
  { rows, tickers, repeated }: TickerCount,
): Finding[] {
  if (repeated.length === 0) return [];
  const report = isInProgress(facts, partition) ? findingAsNote : finding;
  return [
    report('duplicates', {
      table,
      partition,
      detail: `${rows} rows of ${tickers.size} tickers: several of ${formatFirst(repeated, 3)}`,
      remedy: `\`${getCommand(table)} --date ${formatPartition(partition)}\` leaves one row per ticker.`,
      fix: { kind: 'rebuild', partition },
    }),
  ];
}

/** `dedup` leaves raw text alone. */
function getCommand({ layer }: Table): string {
  return layer === 'sor' ? 'pynvest backfill' : 'pynvest dedup now';
}

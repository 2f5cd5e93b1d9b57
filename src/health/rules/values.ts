/**
 * Rules about improbable values. The site prints them so, and they are notes. Pure.
 */

import type { Row } from '../../catalog/column.ts';
import type { Table } from '../../catalog/dataset.ts';
import { fractionColumns } from '../../catalog/datasets.ts';
import { formatIsoDate, formatPartition, type Partition } from '../../catalog/partition.ts';
import { isAllowedBatch } from '../../pipeline/unfinished-days.ts';
import { formatFirst } from '../../text.ts';
import { deduplicate } from '../../transform/deduplicate.ts';
import type { Code } from '../codes.ts';
import { countTickers, type DayFacts, type TickerCount } from '../facts/file-facts.ts';
import { type Facts, getSection, isInProgress, type TableFacts } from '../facts/model.ts';
import { createFinding, createNote, type Finding } from '../finding.ts';
import { isComparable } from './layers.ts';

const LARGEST_FRACTION = 10;
/** An asset that was not traded for so long has probably left the market. */
const LONGEST_DAYS = 60;
const PRICES = ['vlr_cot', 'vlr_min_52_sem', 'vlr_max_52_sem'];

interface OddValue {
  readonly code: Code;
  readonly column: string;
  readonly detail: string;
}

/**
 * Checks every typed row, and the quotes of assets without one. Old quotes are reported for the newest day alone, since
 * they stay old.
 */
export function findOddValues({ rows, partition, isNewest }: DayFacts): Finding[] {
  const checked = new Set<string>();
  const findings: Finding[] = [];
  const typedTables = [...rows.keys()].filter(
    ({ layer, partition: { grain } }) => layer !== 'sor' && grain === 'day',
  );
  for (const table of typedTables) {
    for (const row of deduplicate(rows.get(table) ?? [], table)) {
      const ticker = String(row[table.tickerColumn]);
      if (table.layer === 'spec' && checked.has(ticker)) continue;
      checked.add(ticker);
      for (const { code, column, detail } of findOddInRow(table, row, partition, isNewest)) {
        findings.push(
          createFinding(code, { table, partition, subject: `${ticker} ${column}`, detail }),
        );
      }
    }
  }
  return findings;
}

function findOddInRow(table: Table, row: Row, partition: Partition, isNewest: boolean): OddValue[] {
  const odd: OddValue[] = [];
  const add = (code: Code, column: string, detail: string): void => {
    odd.push({ code, column, detail });
  };
  const [quote, lowest, highest] = PRICES.map((name) => getNumber(row, name));
  if (quote !== undefined && lowest !== undefined && quote < lowest) {
    add('value-band', 'vlr_cot', `${quote}, below the lowest of 52 weeks, ${lowest}`);
  }
  if (quote !== undefined && highest !== undefined && quote > highest) {
    add('value-band', 'vlr_cot', `${quote}, above the highest of 52 weeks, ${highest}`);
  }
  for (const column of PRICES) {
    const price = getNumber(row, column);
    if (price !== undefined && price < 0) add('value-price', column, String(price));
  }
  for (const { name } of table.columns) {
    const value = fractionColumns.has(name) ? getNumber(row, name) : undefined;
    if (value !== undefined && Math.abs(value) > LARGEST_FRACTION) {
      add('value-fraction', name, String(value));
    }
  }
  const lastQuote = row['dt_ult_cot'];
  if (typeof lastQuote === 'string') {
    const day = formatIsoDate(partition);
    const age = (Date.parse(day) - Date.parse(lastQuote)) / 86_400_000;
    if (age < 0) add('value-date', 'dt_ult_cot', `${lastQuote}, after the day, ${day}`);
    else if (isNewest && age > LONGEST_DAYS) {
      add('value-date', 'dt_ult_cot', `${lastQuote}, ${age} days before ${day}`);
    }
  }
  return odd;
}

function getNumber(row: Row, column: string): number | undefined {
  const value = row[column];
  return typeof value === 'number' ? value : undefined;
}

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
  const report = isInProgress(facts, partition) ? createNote : createFinding;
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

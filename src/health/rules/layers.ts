/**
 * Rules about the rows of a day: each layer follows from the one before. They are not applied to a day that is
 * unfinished, or that a run changed while it was read. Pure.
 */

import { assetKinds, assets } from '../../catalog/asset.ts';
import type { Row } from '../../catalog/column.ts';
import type { Partition } from '../../catalog/partition.ts';
import {
  READ_AT_COLUMN,
  sorTables,
  sotTables,
  specTable,
  type Table,
} from '../../catalog/tables.ts';
import { formatFirst } from '../../text.ts';
import { deduplicate, parseReadAt } from '../../transform/deduplicate.ts';
import { prepare, specialize } from '../../transform/layers.ts';
import type { Code } from '../codes.ts';
import { type Facts, getSection } from '../facts/facts.ts';
import type { DayFacts } from '../facts/file-facts.ts';
import { type Finding, finding } from '../finding.ts';
import { findUnfinishedReason } from './days.ts';
import { findFaultyTables } from './files.ts';

export function findChangingDay({ isChanging, partition }: DayFacts): Finding[] {
  if (!isChanging) return [];
  const detail = 'its files changed while it was read: its layers were not compared';
  return [finding('day-changing', { partition, detail })];
}

/** Whether the layers of a day can be compared: an unfinished one differs in many ways, and completing it is one repair. */
export function isComparable(day: DayFacts, facts: Facts): boolean {
  const files = getSection(facts, 'files');
  return (
    files !== undefined && !day.isChanging && findUnfinishedReason(files, day.files) === undefined
  );
}

/** Where SoT is not what follows from SoR. A typed row that is newer than the raw text is left alone. */
export function findTypedDifferences(day: DayFacts, facts: Facts): Finding[] {
  if (!isComparable(day, facts)) return [];
  const faulty = findFaultyTables(day, facts);
  return assetKinds.flatMap((kind) => {
    const table = sotTables[kind];
    if (faulty.has(table) || faulty.has(sorTables[kind])) return [];
    const typed = getNewestByTicker(day.rows, table);
    const expected = [...getNewestByTicker(day.rows, sorTables[kind])].flatMap(([ticker, raw]) => {
      const actual = typed.get(ticker);
      const isNewer =
        actual !== undefined &&
        parseReadAt(actual[READ_AT_COLUMN]) > parseReadAt(raw[READ_AT_COLUMN]);
      return isNewer ? [] : [[ticker, prepare(raw, assets[kind].dataset).row] as const];
    });
    return findDifferences('typed-differs', table, day.partition, typed, expected);
  });
}

/** Where Spec is not what follows from SoT. A quote without a typed row is left alone. */
export function findQuoteDifferences(day: DayFacts, facts: Facts): Finding[] {
  if (!isComparable(day, facts)) return [];
  const faulty = findFaultyTables(day, facts);
  if ([specTable, ...Object.values(sotTables)].some((table) => faulty.has(table))) return [];
  const quotes = getNewestByTicker(day.rows, specTable);
  const expected = assetKinds.flatMap((kind) =>
    [...getNewestByTicker(day.rows, sotTables[kind])].map(
      ([ticker, typed]) => [ticker, specialize(typed, assets[kind].dataset)] as const,
    ),
  );
  return findDifferences('quotes-differ', specTable, day.partition, quotes, expected);
}

/**
 * Rows that follow from no row of the layer before. A rebuild keeps them, since it may be their source that was lost.
 * Where the layer before has nothing of their kind at all, another rule reports the day.
 */
export function findOrphanRows(day: DayFacts, facts: Facts): Finding[] {
  if (!isComparable(day, facts)) return [];
  const report = (table: Table, rows: RowsByTicker, sources: RowsByTicker): Finding[] => {
    const alone = [...rows].filter(([ticker, row]) => !followsFrom(row, sources.get(ticker)));
    if (alone.length === 0) return [];
    const tickers = alone.map(([ticker]) => ticker);
    return [
      finding('row-alone', {
        table,
        partition: day.partition,
        detail: formatFirst(tickers, MAX_EXAMPLES),
      }),
    ];
  };
  const typed = assetKinds.map((kind) => getNewestByTicker(day.rows, sotTables[kind]));
  const ofTyped = assetKinds.flatMap((kind, index) => {
    const raw = getNewestByTicker(day.rows, sorTables[kind]);
    return raw.size === 0 ? [] : report(sotTables[kind], typed[index] ?? new Map(), raw);
  });
  if (typed.some((rows) => rows.size === 0)) return ofTyped;
  const sources = new Map(typed.flatMap((rows) => [...rows]));
  return [...ofTyped, ...report(specTable, getNewestByTicker(day.rows, specTable), sources)];
}

type RowsByTicker = ReadonlyMap<string, Row>;

/** Whether a row may follow from another; the quotes have no time of their own. */
function followsFrom(row: Row, source: Row | undefined): boolean {
  if (source === undefined) return false;
  return parseReadAt(row[READ_AT_COLUMN]) <= parseReadAt(source[READ_AT_COLUMN]);
}

export function getNewestByTicker(rows: DayFacts['rows'], table: Table): Map<string, Row> {
  const { tickerColumn } = table;
  const newest = deduplicate(rows.get(table) ?? [], table);
  return new Map(newest.map((row) => [String(row[tickerColumn]), row]));
}

const MAX_EXAMPLES = 3;

function findDifferences(
  code: Code,
  table: Table,
  partition: Partition,
  actualRows: RowsByTicker,
  expectedRows: readonly (readonly [ticker: string, row: Row])[],
): Finding[] {
  const missing = expectedRows.map(([ticker]) => ticker).filter((each) => !actualRows.has(each));
  const differences = expectedRows.flatMap(([ticker, expected]) => {
    const actual = actualRows.get(ticker);
    if (actual === undefined) return [];
    const column = table.columns.find(
      ({ name }) => (actual[name] ?? null) !== (expected[name] ?? null),
    );
    if (column === undefined) return [];
    const [is, follows] = [actual[column.name], expected[column.name]].map(formatCell);
    return [`${ticker} ${column.name} is ${is}, ${follows} follows`];
  });
  const texts = [
    ...(missing.length > 0 ? [`${formatFirst(missing, MAX_EXAMPLES)} missing`] : []),
    ...(differences.length > 0 ? [formatFirst(differences, MAX_EXAMPLES)] : []),
  ];
  if (texts.length === 0) return [];
  const fix = { kind: 'rebuild', partition } as const;
  return [finding(code, { table, partition, detail: texts.join('; '), fix })];
}

function formatCell(cell: Row[string] | undefined): string {
  return cell === undefined || cell === null ? 'null' : JSON.stringify(cell);
}

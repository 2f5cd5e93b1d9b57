/**
 * Rules about the rows of a day: each ticker once, and each layer as it follows from the one before. Pure.
 */

import { type AssetKind, assetKinds, assets } from '../../catalog/asset.ts';
import type { Row } from '../../catalog/column.ts';
import type { Partition } from '../../catalog/partition.ts';
import {
  READ_AT_COLUMN,
  sorTables,
  sotTables,
  specTable,
  type Table,
} from '../../catalog/tables.ts';
import { deduplicate, parseReadAt } from '../../transform/deduplicate.ts';
import { prepare, specialize } from '../../transform/layers.ts';
import type { Code } from '../codes.ts';
import type { DayRows } from '../facts/read-files.ts';
import { type Finding, finding } from '../finding.ts';

/** @param isKeptApart whether a table's rows lie in files that nobody merges: one ticker may be in several */
export function findDuplicateTickers(
  { partition, byTable: of }: DayRows,
  isKeptApart: (table: Table) => boolean,
): Finding[] {
  return [...of].flatMap(([table, rows]) => {
    if (isKeptApart(table)) return [];
    const seen = new Set<unknown>();
    const twice = new Set<string>();
    for (const row of rows) {
      const ticker = row[table.tickerColumn];
      if (seen.has(ticker)) twice.add(String(ticker));
      seen.add(ticker);
    }
    if (twice.size === 0) return [];
    const detail = `${rows.length} rows of ${seen.size} tickers: several of ${formatNames([...twice])}`;
    const fix = { kind: 'rebuild', partition } as const;
    return [finding('ticker-twice', { status: 'problem', table, partition, detail, fix })];
  });
}

/** Where SoT is not what follows from SoR. A typed row that is newer than the raw text is left alone. */
export function findTypedDifferences({ partition, byTable: of }: DayRows): Finding[] {
  return assetKinds.flatMap((kind) => {
    const table = sotTables[kind];
    const typed = getNewestByTicker(of, table);
    const wanted = [...getNewestByTicker(of, sorTables[kind])].flatMap(([ticker, raw]) => {
      const held = typed.get(ticker);
      const isNewer =
        held !== undefined && parseReadAt(held[READ_AT_COLUMN]) > parseReadAt(raw[READ_AT_COLUMN]);
      return isNewer ? [] : [[ticker, prepare(raw, assets[kind].dataset).row] as const];
    });
    return findDifferences('typed-differs', table, partition, typed, wanted);
  });
}

/** Where Spec is not what follows from SoT. A quote of which there is no typed row is left alone. */
export function findQuoteDifferences({ partition, byTable: of }: DayRows): Finding[] {
  const quotes = getNewestByTicker(of, specTable);
  const wanted = assetKinds.flatMap((kind: AssetKind) =>
    [...getNewestByTicker(of, sotTables[kind])].map(
      ([ticker, typed]) => [ticker, specialize(typed, assets[kind].dataset)] as const,
    ),
  );
  return findDifferences('quotes-differ', specTable, partition, quotes, wanted);
}

/**
 * Rows that no row of the layer before accounts for. A rebuild keeps them, for it may be their source that is
 * lost. Where the layer before has nothing of their kind at all, that is said elsewhere.
 */
export function findOrphanRows({ partition, byTable: of }: DayRows): Finding[] {
  const found = (table: Table, rows: ReadonlyMap<string, Row>, sources: Sources): Finding[] => {
    const alone = [...rows].filter(([ticker, row]) => !followsFrom(row, sources.get(ticker)));
    if (alone.length === 0) return [];
    const detail = formatNames(alone.map(([ticker]) => ticker));
    return [finding('row-alone', { status: 'note', table, partition, detail })];
  };
  const typed = assetKinds.map((kind) => getNewestByTicker(of, sotTables[kind]));
  const isTyped = typed.every((rows) => rows.size > 0);
  return [
    ...assetKinds.flatMap((kind, index) => {
      const raw = getNewestByTicker(of, sorTables[kind]);
      return raw.size === 0 ? [] : found(sotTables[kind], typed[index] ?? new Map(), raw);
    }),
    ...(isTyped
      ? found(
          specTable,
          getNewestByTicker(of, specTable),
          new Map(typed.flatMap((rows) => [...rows])),
        )
      : []),
  ];
}

type Sources = ReadonlyMap<string, Row>;

/** Whether a row may have been made of another; the quotes carry no time of their own. */
function followsFrom(row: Row, source: Row | undefined): boolean {
  if (source === undefined) return false;
  return parseReadAt(row[READ_AT_COLUMN]) <= parseReadAt(source[READ_AT_COLUMN]);
}

export function getNewestByTicker(of: DayRows['byTable'], table: Table): Map<string, Row> {
  const { tickerColumn } = table;
  const newest = deduplicate(of.get(table) ?? [], table);
  return new Map(newest.map((row) => [String(row[tickerColumn]), row]));
}

function findDifferences(
  code: Code,
  table: Table,
  partition: Partition,
  actual: ReadonlyMap<string, Row>,
  wanted: readonly (readonly [ticker: string, row: Row])[],
): Finding[] {
  const missing = wanted.filter(([ticker]) => !actual.has(ticker)).map(([ticker]) => ticker);
  const changed: string[] = [];
  for (const [ticker, row] of wanted) {
    const held = actual.get(ticker);
    if (held === undefined) continue;
    const column = table.columns.find(({ name }) => (held[name] ?? null) !== (row[name] ?? null));
    if (column === undefined) continue;
    const [is, follows] = [formatCell(held[column.name]), formatCell(row[column.name])];
    changed.push(`${ticker} ${column.name} is ${is}, ${follows} follows`);
  }
  const said = [
    ...(missing.length > 0 ? [`${formatNames(missing)} not there`] : []),
    ...(changed.length > 0 ? [formatNames(changed)] : []),
  ];
  if (said.length === 0) return [];
  const fix = { kind: 'rebuild', partition } as const;
  return [finding(code, { status: 'problem', table, partition, detail: said.join('; '), fix })];
}

/** So many are named, and the others counted. */
const MAX_NAMES = 3;

function formatNames(texts: readonly string[]): string {
  const more = texts.length > MAX_NAMES ? ` and ${texts.length - MAX_NAMES} more` : '';
  return `${texts.slice(0, MAX_NAMES).join(', ')}${more}`;
}

function formatCell(cell: Row[string] | undefined): string {
  return cell === undefined || cell === null ? 'null' : JSON.stringify(cell);
}

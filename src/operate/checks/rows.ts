/** The rows of a day: each ticker once, and each layer what follows from the one before. Pure. */
import { type AssetKind, assetKinds } from '../../catalog/asset.ts';
import type { Row } from '../../catalog/column.ts';
import type { Partition } from '../../catalog/partition.ts';
import {
  READ_AT_COLUMN,
  sorTables,
  sotTables,
  specTable,
  type Table,
} from '../../catalog/tables.ts';
import { deduplicate, instantOf } from '../../transform/deduplicate.ts';
import { prepare } from '../../transform/prepare.ts';
import { specialize } from '../../transform/specialize.ts';
import type { Code } from './codes.ts';
import { type Finding, finding } from './finding.ts';

/** A day's rows, table by table, in the order in which the pipeline deduplicates them. */
export interface DayRows {
  readonly partition: Partition;
  readonly of: ReadonlyMap<Table, readonly Row[]>;
}

/** @param isKeptApart whether a table's rows lie in files that nobody merges: one ticker may be in several */
export function tickersTwice(
  { partition, of }: DayRows,
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
    const detail = `${rows.length} rows of ${seen.size} tickers: several of ${named([...twice])}`;
    const fix = { kind: 'rebuild', partition } as const;
    return [finding('ticker-twice', { status: 'problem', table, partition, detail, fix })];
  });
}

/** Where SoT is not what follows from SoR. A typed row that is newer than the raw text is left alone. */
export function typedDiffers({ partition, of }: DayRows): Finding[] {
  return assetKinds.flatMap((kind) => {
    const table = sotTables[kind];
    const typed = newestByTicker(of, table);
    const wanted = [...newestByTicker(of, sorTables[kind])].flatMap(([ticker, raw]) => {
      const held = typed.get(ticker);
      const isNewer =
        held !== undefined && instantOf(held[READ_AT_COLUMN]) > instantOf(raw[READ_AT_COLUMN]);
      return isNewer ? [] : [[ticker, prepare(raw, kind).row] as const];
    });
    return differences('typed-differs', table, partition, typed, wanted);
  });
}

/** Where Spec is not what follows from SoT. A quote of which there is no typed row is left alone. */
export function quotesDiffer({ partition, of }: DayRows): Finding[] {
  const quotes = newestByTicker(of, specTable);
  const wanted = assetKinds.flatMap((kind: AssetKind) =>
    [...newestByTicker(of, sotTables[kind])].map(
      ([ticker, typed]) => [ticker, specialize(typed, kind)] as const,
    ),
  );
  return differences('quotes-differ', specTable, partition, quotes, wanted);
}

/**
 * Rows that no row of the layer before accounts for. A rebuild keeps them, for it may be their source that is
 * lost. Where the layer before has nothing of their kind at all, that is said elsewhere.
 */
export function rowsAlone({ partition, of }: DayRows): Finding[] {
  const found = (table: Table, rows: ReadonlyMap<string, Row>, sources: Sources): Finding[] => {
    const alone = [...rows].filter(([ticker, row]) => !followsFrom(row, sources.get(ticker)));
    if (alone.length === 0) return [];
    const detail = named(alone.map(([ticker]) => ticker));
    return [finding('row-alone', { status: 'note', table, partition, detail })];
  };
  const typed = assetKinds.map((kind) => newestByTicker(of, sotTables[kind]));
  const isTyped = typed.every((rows) => rows.size > 0);
  return [
    ...assetKinds.flatMap((kind, index) => {
      const raw = newestByTicker(of, sorTables[kind]);
      return raw.size === 0 ? [] : found(sotTables[kind], typed[index] ?? new Map(), raw);
    }),
    ...(isTyped
      ? found(specTable, newestByTicker(of, specTable), new Map(typed.flatMap((rows) => [...rows])))
      : []),
  ];
}

type Sources = ReadonlyMap<string, Row>;

/** Whether a row may have been made of another; the quotes carry no time of their own. */
function followsFrom(row: Row, source: Row | undefined): boolean {
  if (source === undefined) return false;
  return instantOf(row[READ_AT_COLUMN]) <= instantOf(source[READ_AT_COLUMN]);
}

export function newestByTicker(of: DayRows['of'], table: Table): Map<string, Row> {
  const { tickerColumn } = table;
  const newest = deduplicate(of.get(table) ?? [], tickerColumn);
  return new Map(newest.map((row) => [String(row[tickerColumn]), row]));
}

function differences(
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
    const [is, follows] = [text(held[column.name]), text(row[column.name])];
    changed.push(`${ticker} ${column.name} is ${is}, ${follows} follows`);
  }
  const said = [
    ...(missing.length > 0 ? [`${named(missing)} not there`] : []),
    ...(changed.length > 0 ? [named(changed)] : []),
  ];
  if (said.length === 0) return [];
  const fix = { kind: 'rebuild', partition } as const;
  return [finding(code, { status: 'problem', table, partition, detail: said.join('; '), fix })];
}

/** So many are named, and the others counted. */
const NAMED = 3;

function named(texts: readonly string[]): string {
  const more = texts.length > NAMED ? ` and ${texts.length - NAMED} more` : '';
  return `${texts.slice(0, NAMED).join(', ')}${more}`;
}

function text(cell: Row[string] | undefined): string {
  return cell === undefined || cell === null ? 'null' : JSON.stringify(cell);
}

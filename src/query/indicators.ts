/** The question for typed indicators of stocks and funds. */
import { type AssetKind, assetKinds } from '../catalog/asset.ts';
import { sotTables } from '../catalog/tables.ts';
import type { Ticker } from '../catalog/ticker.ts';
import type { OutputValue, QueryEngine } from './engine.ts';
import {
  columnsOf,
  expressionIn,
  headingOf,
  nameIn,
  positionsIn,
  sortKeysIn,
  TICKER_POSITION,
} from './indicator-columns.ts';
import { columnsNamed, indicatorAnswerColumns } from './known-columns.ts';
import { newestOfTickers, type Part, type Rows, rowsOfPart } from './newest-rows.ts';
import { anyDay, type Days, type Refinements } from './quotes.ts';
import { compareBy } from './sort.ts';

export interface Indicators {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly OutputValue[])[];
  /** The tickers asked for that have no row among those read. */
  readonly missing: readonly Ticker[];
}

export interface IndicatorsForm extends Refinements {
  readonly kinds?: readonly AssetKind[];
}

/**
 * The typed rows of `tickers`, of either kind: of each one's newest day unless `days` says otherwise.
 * Without tickers those of every asset, of the newest day of its kind. The answer is held in memory; for
 * many days of all assets there is `allIndicators`.
 *
 * Stocks and funds have columns of their own; asked for together, a column that a kind lacks is null
 * and the ticker stands under the name that it has in the quotes.
 *
 * @throws UsageError where a column is none of either kind
 */
export async function indicatorsOf(
  engine: QueryEngine,
  tickers: readonly Ticker[],
  columns: readonly string[] | undefined,
  days: Days,
  { kinds = assetKinds, where, sort = [], limit }: IndicatorsForm = {},
): Promise<Indicators> {
  const asked = columns && columnsNamed(columns, indicatorAnswerColumns).map(({ name }) => name);
  const parts = kinds.map((kind): PartOfKind => {
    const shown = columnsOf(kind, asked);
    const keys = sortKeysIn(kind, sort);
    const read = [...new Set([...shown, ...keys.map(({ column }) => column.name)])];
    const form = { where, sort: keys, limit, expressionOf: expressionIn(kind) };
    return { kind, shown, table: sotTables[kind], columns: read, form };
  });
  const { rowsOf, present } =
    anyDay(days) && tickers.length > 0
      ? await newestOfTickers(engine, parts, tickers)
      : await ofDays(engine, parts, tickers, days);
  const found = parts.flatMap((part) => {
    const rows = rowsOf.get(part) ?? [];
    if (rows.length === 0) return [];
    const positions = sort.map(({ column }) =>
      part.columns.indexOf(nameIn(part.kind, column.name) ?? ''),
    );
    const keys = rows.map((row) => positions.map((position) => row[position] ?? null));
    return [{ shown: part.shown, rows, keys }];
  });
  const shown = (found.length > 0 ? found : parts).map(({ shown }) => shown);
  const heading = headingOf(shown, asked);
  const compare = compareBy(sort);
  const rows = found
    .flatMap((part) => {
      const positions = positionsIn(part.shown, heading);
      return part.rows.map((row, at) => ({
        row: positions.map((position) => row[position] ?? null),
        key: part.keys[at] ?? [],
      }));
    })
    .sort((a, b) => compare(a.key, b.key))
    .slice(0, limit)
    .map(({ row }) => row);
  return {
    columns: heading,
    rows,
    missing: tickers.filter((ticker) => !present.has(ticker)),
  };
}

interface PartOfKind extends Part {
  readonly kind: AssetKind;
  /** Of the columns read, those of the answer. */
  readonly shown: readonly string[];
}

/** The rows of those days; of none where no day was asked for, of the newest of each kind. */
async function ofDays<P extends Part>(
  engine: QueryEngine,
  parts: readonly P[],
  tickers: readonly Ticker[],
  days: Days,
): Promise<{ rowsOf: Map<P, Rows>; present: Set<OutputValue | undefined> }> {
  const rowsOf = new Map<P, Rows>();
  for (const part of parts) {
    const newest = anyDay(days) ? await engine.newestPartition(part.table) : undefined;
    if (anyDay(days) && newest === undefined) continue;
    const when = newest === undefined ? days : { from: newest, last: 1 };
    rowsOf.set(part, await rowsOfPart(engine, part, tickers, when));
  }
  const present = [...rowsOf.values()].flat().map((row) => row[TICKER_POSITION]);
  return { rowsOf, present: new Set(present) };
}

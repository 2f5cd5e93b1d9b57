/** The question for typed indicators of stocks and funds. */
import { type AssetKind, assetKinds } from '../catalog/asset.ts';
import { PARTITION_COLUMN } from '../catalog/partition.ts';
import { sotTables, specTable } from '../catalog/tables.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { UsageError } from '../errors.ts';
import { closestTo } from '../suggest.ts';
import type { OutputValue, QueryEngine } from './engine.ts';
import { withinKnownDays } from './known-days.ts';
import { type Days, type Question, questionOf } from './quotes.ts';

export interface Indicators {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly OutputValue[])[];
  readonly missing: readonly Ticker[];
}

/**
 * The typed rows of `tickers`, of either kind: of each one's newest day unless `days` says otherwise.
 * Stocks and funds have columns of their own; asked for together, a column that a kind lacks is null
 * and the ticker stands under the name that it has in the quotes.
 */
export async function indicatorsOf(
  engine: QueryEngine,
  tickers: readonly Ticker[],
  columns: readonly string[] | undefined,
  days: Days,
): Promise<Indicators> {
  checkColumns(columns);
  const found: { columns: readonly string[]; rows: (readonly OutputValue[])[] }[] = [];
  for (const kind of assetKinds) {
    const kindColumns = columnsOf(kind, columns);
    const rows = await newestFirstTry(engine, kind, kindColumns, tickers, days);
    if (rows.length > 0) found.push({ columns: kindColumns, rows });
  }
  // Alone, a kind shows its table as it is. Together, or with columns of one's own choice, both kinds
  // answer under the same heading, whichever of them have rows.
  const asTable = columns === undefined && found.length === 1;
  const allColumns = asTable
    ? (found[0]?.columns ?? [])
    : [
        ...new Set([
          PARTITION_COLUMN,
          specTable.tickerColumn,
          ...(columns ?? found.flatMap((part) => part.columns)),
        ]),
      ];
  const rows = found.flatMap((part) => {
    const positions = allColumns.map((column) =>
      column === specTable.tickerColumn ? TICKER_POSITION : part.columns.indexOf(column),
    );
    return part.rows.map((row) => positions.map((position) => row[position] ?? null));
  });
  const present = new Set(found.flatMap((part) => part.rows.map((row) => row[TICKER_POSITION])));
  return { columns: allColumns, rows, missing: tickers.filter((ticker) => !present.has(ticker)) };
}

/** Where a row of `columnsOf` has its ticker. */
const TICKER_POSITION = 1;

/** With no days asked for, most tickers have a row on the newest day, and no other need be read. */
async function newestFirstTry(
  engine: QueryEngine,
  kind: AssetKind,
  columns: readonly string[],
  tickers: readonly Ticker[],
  days: Days,
): Promise<(readonly OutputValue[])[]> {
  const table = sotTables[kind];
  const read = async (some: readonly Ticker[], when: Days) => {
    const days = await withinKnownDays(engine, table, when);
    return readRows(engine, questionOf(table, columns, some, days, engine.nameOf(table)));
  };
  const anyDay = days.from === undefined && days.to === undefined && days.last === undefined;
  if (!anyDay) return read(tickers, days);
  const newest = await engine.newestPartition(table);
  if (newest === undefined) return [];
  const rows = await read(tickers, { from: newest, last: 1 });
  const present = new Set(rows.map((row) => row[TICKER_POSITION]));
  const absent = tickers.filter((ticker) => !present.has(ticker));
  return absent.length === 0 ? rows : [...rows, ...(await read(absent, { last: 1 }))];
}

async function readRows(
  engine: QueryEngine,
  { sql, parameters }: Question,
): Promise<(readonly OutputValue[])[]> {
  const rows: (readonly OutputValue[])[] = [];
  for await (const row of (await engine.query(sql, parameters, { ordered: true })).rows) {
    rows.push(row);
  }
  return rows;
}

/** The partition and the ticker first, then the columns asked for that this kind has. */
function columnsOf(kind: AssetKind, asked: readonly string[] | undefined): string[] {
  const { columns, tickerColumn } = sotTables[kind];
  const names = columns.map(({ name }) => name);
  const chosen = asked?.filter((name) => names.includes(name)) ?? names;
  return [...new Set([PARTITION_COLUMN, tickerColumn, ...chosen])];
}

function checkColumns(asked: readonly string[] | undefined): void {
  const known = assetKinds.flatMap((kind) => sotTables[kind].columns.map(({ name }) => name));
  for (const name of asked ?? []) {
    if (known.includes(name) || name === PARTITION_COLUMN) continue;
    const near = closestTo(name, known);
    throw new UsageError(`there is no column ${JSON.stringify(name)}`, {
      hint: near ? `Did you mean ${near}?` : 'Leave --columns out to see them all.',
    });
  }
}

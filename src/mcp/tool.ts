/** A tool as a value, and the arguments that several of them take. */
import * as z from 'zod';
import { type AssetKind, assetKinds, assets } from '../catalog/asset.ts';
import { type Dataset, getTable } from '../catalog/dataset.ts';
import { getPartition, type Partition, parseDay } from '../catalog/partition.ts';
import { parseTickers, type Ticker } from '../catalog/ticker.ts';
import { UsageError } from '../errors.ts';
import { getColumns, parseColumns, quotesTable, type ResultColumn } from '../query/columns.ts';
import type { OutputRow, QueryEngine } from '../query/engine.ts';
import { readRows } from '../query/read-rows.ts';
import { parseSort, type Refinements } from '../query/refinements.ts';
import type { DayRange } from '../query/select.ts';
import { parseWhere } from '../query/where/parser.ts';
import { findClosest } from '../suggest.ts';
import type { Answer, ToolContext } from './answer.ts';

export interface Tool<Input extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly title: string;
  /** What the assistant chooses by. */
  readonly description: string;
  readonly input: Input;
  /**
   * @param engine closed after the call
   * @throws PynvestError for what the arguments or the lake do not allow
   */
  answer(args: z.infer<Input>, engine: QueryEngine, context: ToolContext): Promise<Answer>;
}

/** Returns the definition as it is: the types of the arguments follow from its schema. */
export function defineTool<Input extends z.ZodObject>(tool: Tool<Input>): Tool {
  return tool as unknown as Tool;
}

const DAY = 'YYYY-MM-DD, or hoje, ontem, 30d (days ago)';

export const tickerInput = z.string().describe('The code on B3, such as PETR4 or HGLG11');

export const tickersInput = z
  .array(z.string())
  .min(1)
  .max(100)
  .describe('Codes on B3, such as ["PETR4", "HGLG11"]');

export const daysInput = {
  from: z.string().optional().describe(`The first day, ${DAY}, or a month or year`),
  to: z.string().optional().describe(`The last day, ${DAY}, or a month or year`),
};

export const asOfInput = z
  .string()
  .optional()
  .describe(`Only what the lake knew on this day, ${DAY}`);

export const kindInput = z
  .enum(assetKinds)
  .optional()
  .describe('Only ações (acoes, stocks) or only fundos imobiliários (fiis, real-estate funds)');

export const refinementInput = {
  columns: z
    .array(z.string())
    .optional()
    .describe('Only these columns; describe_columns lists them. All of them are many'),
  where: z
    .string()
    .optional()
    .describe(
      'Only rows such as "vlr_cot > 10 and pct_var_12m >= 35%": = != < <= > >=, between, in, like, is null, and, or, not; days as 2026-11-19, hoje, 30d or 2026-11',
    ),
  sort: z.string().optional().describe('Such as "vlr_cot:desc,codigo_ticker_ativo"'),
};

/** @throws UsageError */
export function parseTickerList(tickers: readonly string[] | undefined): Ticker[] {
  return tickers === undefined ? [] : parseTickers(tickers.join(','));
}

/** The day that an argument names, as options of the command do. @throws UsageError */
export function parseDayArgument(
  text: string | undefined,
  what: string,
  edge?: 'first' | 'last',
): Partition | undefined {
  const today = getPartition(new Date());
  return text === undefined ? undefined : parseDay(text, { what, today, ...(edge && { edge }) });
}

/** @throws UsageError */
export function parseDays({
  from,
  to,
  last,
}: {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly last?: number | undefined;
}): DayRange {
  const days = {
    from: parseDayArgument(from, 'from', 'first'),
    to: parseDayArgument(to, 'to', 'last'),
    last,
  };
  if (days.from !== undefined && days.to !== undefined && days.from > days.to) {
    throw new UsageError(`from ${from} comes after to ${to}`);
  }
  return days;
}

interface RefinementArguments {
  readonly columns?: readonly string[] | undefined;
  readonly where?: string | undefined;
  readonly sort?: string | undefined;
}

/** @throws UsageError */
export function parseRefinements(
  { columns, where, sort }: RefinementArguments,
  known: readonly ResultColumn[],
): Refinements & { readonly columns: readonly string[] | undefined } {
  const today = getPartition(new Date());
  const list = columns?.join(',');
  return {
    columns: list === undefined ? undefined : parseColumns(list, known).map(({ name }) => name),
    where: where === undefined ? undefined : parseWhere(where, known, { today }),
    sort: sort === undefined ? undefined : parseSort(sort, known),
  };
}

export function getDatasets(kind: AssetKind | undefined): readonly Dataset[] {
  return (kind === undefined ? assetKinds : [kind]).map((each) => assets[each].dataset);
}

/** @throws PynvestError if no day is collected */
export async function assertCollected(engine: QueryEngine, context: ToolContext): Promise<void> {
  const wanted = [
    quotesTable,
    ...Object.values(assets).map(({ dataset }) => getTable(dataset, 'sot')),
  ];
  const days = await Promise.all(wanted.map((table) => engine.newestPartition(table)));
  if (days.every((day) => day === undefined)) throw await context.explainEmptyLake();
}

/** The quotes of the newest day, with these columns. */
export async function readNewestQuotes(
  engine: QueryEngine,
  columns: readonly string[],
): Promise<readonly OutputRow[]> {
  const newest = await engine.newestPartition(quotesTable);
  if (newest === undefined) return [];
  return readRows(engine, {
    table: quotesTable,
    columns: getColumns(columns, quotesTable.columns),
    tickers: [],
    days: { from: newest },
  });
}

/** A note for each ticker that an answer lacks, with a similar one that the lake has. */
export async function noteMissing(
  engine: QueryEngine,
  missing: readonly Ticker[],
): Promise<string[]> {
  if (missing.length === 0) return [];
  const rows = await readNewestQuotes(engine, [quotesTable.tickerColumn]);
  const known = rows.map(([ticker]) => String(ticker));
  return missing.map((ticker) => {
    const similar = known.includes(ticker) ? undefined : findClosest(ticker, known);
    const hint =
      similar === undefined
        ? 'find_assets finds assets by a name or a sector.'
        : `Did you mean ${similar}?`;
    return `${ticker}: no row in this answer. ${hint}`;
  });
}

/** Those of the tickers that no row has in this column. */
export function findMissing(
  tickers: readonly Ticker[],
  { columns, rows }: Pick<Answer, 'columns' | 'rows'>,
  tickerColumns: readonly string[],
): Ticker[] {
  const positions = columns.flatMap((name, at) => (tickerColumns.includes(name) ? [at] : []));
  const present = new Set(rows.flatMap((row) => positions.map((at) => row[at])));
  return tickers.filter((ticker) => !present.has(ticker));
}

/**
 * What a query says beside its rows: why it has none, or none of some tickers, and what is empty in them. It asks the
 * lake for more than the answer only where that explains something.
 */

import { type Dataset, getTable, getTables, type Table } from '../../../catalog/dataset.ts';
import { tables as allTables, indicators } from '../../../catalog/datasets.ts';
import { formatIsoDate, type Partition } from '../../../catalog/partition.ts';
import type { Ticker } from '../../../catalog/ticker.ts';
import { BrokenFileError, QueryError } from '../../../errors.ts';
import { explainOwnColumns, quotesTable } from '../../../query/columns.ts';
import type { QueryEngine } from '../../../query/engine.ts';
import { findPresentTickers, type UnreadableDayHandler } from '../../../query/read-rows.ts';
import { getReferencedColumns } from '../../../query/refinements.ts';
import { type DayRange, isUnbounded } from '../../../query/select.ts';
import type { Condition } from '../../../query/where/condition.ts';
import { formatQuantity, joinSentences } from '../../../text.ts';
import { readQuotedTickers, suggestTicker } from '../../known-tickers.ts';
import {
  findMissingQuotes,
  formatMissingQuotes,
  formatRemedy,
  type MissingQuotes,
} from '../../missing-quotes.ts';
import { describeEmptyLake, isBeingWritten, type LakeHandle } from '../../open-lake.ts';
import type { Terminal } from '../../terminal/terminal.ts';

/** A query, and the lake that it is asked of. */
export interface QueryContext {
  readonly terminal: Terminal;
  readonly lake: LakeHandle;
  readonly engine: QueryEngine;
  /** What the query returns, such as `quotes`. */
  readonly subject: string;
  /** What its rows are about: the data sets that were collected. */
  readonly datasets?: readonly Dataset[];
  readonly tables: readonly Table[];
  readonly tickers: readonly Ticker[];
  readonly days: DayRange;
  readonly where: Condition | undefined;
  /** The condition for rows of those data sets, in tables that hold several. */
  readonly kindCondition?: Condition | undefined;
}

/**
 * Requires that one of the tables has a day, and explains where none has.
 * @throws QueryError
 */
export async function assertAnyDay(context: QueryContext): Promise<void> {
  const { engine, lake, subject, tables, datasets = indicators } = context;
  const newest = await Promise.all(tables.map((table) => engine.newestPartition(table)));
  if (newest.some((day) => day !== undefined)) return;
  if ((await findLastDay(lake, allTables)) === undefined) throw await describeEmptyLake(lake);
  const rawTables = getTables(datasets).filter(({ layer }) => layer === 'sor');
  const raw = await findLastDay(lake, rawTables);
  if (raw !== undefined) {
    const has = `the lake at ${lake.place} has raw rows of ${formatIsoDate(raw)}, but no ${subject} yet`;
    throw (await isBeingWritten(lake))
      ? new QueryError(`${has}: a run is in progress`, {
          hint: 'Ask again when it has ended; `pynvest status` names it.',
        })
      : new QueryError(`${has}: a run was stopped half-way`, {
          hint: '`pynvest run` completes it.',
        });
  }
  const missing = await explainMissingQuotes(context);
  throw new QueryError(`the lake at ${lake.place} has no ${subject}`, {
    hint: joinLines(
      '`pynvest run` collects today; --lake DIR or --target selects another lake.',
      missing,
    ),
  });
}

function joinLines(...lines: readonly (string | undefined)[]): string {
  return lines.filter((line) => line !== undefined).join('\n');
}

/**
 * Which commands fill the days that were asked for and that the lake lacks; undefined where there are none, and of
 * other tables.
 */
async function explainMissingQuotes(context: QueryContext): Promise<string | undefined> {
  if (!context.tables.includes(quotesTable)) return undefined;
  const missing = await findMissingQuotes(context, context.days);
  return missing && formatRemedy(missing);
}

/** Says which of the days that were asked for the lake lacks. */
export function noticeMissingQuotes(
  { terminal, subject }: QueryContext,
  missing: MissingQuotes | undefined,
): void {
  if (missing === undefined) return;
  terminal.notice(joinSentences(formatMissingQuotes(missing, subject), formatRemedy(missing)));
}

/** Warns that the answer lacks days which were not asked for by their dates, and what to do about that. */
export function createUnreadableDayHandler({ terminal }: QueryContext): UnreadableDayHandler {
  const warned = new Set<string>();
  return ({ message, hint = '', partition }) => {
    if (warned.has(message)) return;
    warned.add(message);
    const day = partition === undefined ? '' : ` after ${formatIsoDate(partition as Partition)}`;
    terminal.warn(joinSentences(`the answer is of the days${day} alone: ${message}`, hint));
  };
}

/**
 * Warns of each ticker that the lake does not have, with a similar one of the newest day, and of each that has no
 * row on the days asked for.
 * @param mayBeCut whether a condition or a limit may have left out rows of the tickers on those days: then there is
 *   no warning of a ticker that has any
 * @returns the number of warnings
 */
export async function warnMissingTickers(
  { terminal, engine, lake, tables, days, datasets, kindCondition }: QueryContext,
  missing: readonly Ticker[],
  mayBeCut: boolean,
): Promise<number> {
  const { from, to } = days;
  const findPresent = async (
    tickers: readonly Ticker[],
    when: DayRange,
  ): Promise<ReadonlySet<Ticker>> => {
    const found = new Set<Ticker>();
    for (const table of tables) {
      const absent = tickers.filter((ticker) => !found.has(ticker));
      for (const ticker of await findPresentTickers(engine, table, absent, when, kindCondition))
        found.add(ticker);
    }
    return found;
  };
  const findOnOtherDays = async (tickers: readonly Ticker[]): Promise<ReadonlySet<Ticker>> =>
    // Nothing was asked about those days: a file that cannot be read hides only what this would add.
    findPresent(tickers, {}).catch((error: unknown) => {
      if (error instanceof BrokenFileError) return new Set(tickers);
      throw error;
    });
  const present = mayBeCut ? await findPresent(missing, { from, to }) : new Set();
  const absent = missing.filter((ticker) => !present.has(ticker));
  const hasDays = from !== undefined || to !== undefined;
  const onOtherDays = hasDays ? await findOnOtherDays(absent) : new Set();
  const known = absent.every((ticker) => onOtherDays.has(ticker))
    ? []
    : await readQuotedTickers(engine);
  const place =
    datasets?.length === 1
      ? `among the ${datasets[0]?.id} of the lake at ${lake.place}`
      : `in the lake at ${lake.place}`;
  for (const ticker of absent) {
    terminal.warn(
      onOtherDays.has(ticker)
        ? `${ticker}: no row on the days asked for`
        : joinSentences(`${ticker}: no row ${place}`, suggestTicker(ticker, known) ?? ''),
    );
  }
  return absent.length;
}

/**
 * Explains an answer without rows, by a notice where the lake has some of the days and tickers.
 * @param warned how many of the tickers `warnMissingTickers` has warned of
 * @throws QueryError where the lake has none of the days, or none of the tickers
 */
export async function explainNoRows(context: QueryContext, warned: number): Promise<void> {
  const { terminal, lake, subject, tables, tickers, days, where } = context;
  const { datasets = [], kindCondition } = context;
  const { from = 0, to = Number.POSITIVE_INFINITY } = days;
  const stored = await findDays(lake, tables);
  const [first, last] = [stored.at(0), stored.at(-1)];
  const isOutside = !stored.some((day) => day >= from && day <= to);
  if (isOutside && first !== undefined && last !== undefined) {
    throw new QueryError(`the lake at ${lake.place} has no ${subject} of those days`, {
      hint: joinLines(
        `It has ${formatQuantity(stored.length, 'day')}, from ${formatIsoDate(first)} to ${formatIsoDate(last)}.`,
        await explainMissingQuotes(context),
      ),
    });
  }
  if (tickers.length > 0 && warned === tickers.length) {
    throw new QueryError(`the lake has no such ${subject}`, {
      hint: 'Ask for other tickers or days (--ticker, --from, --to). `pynvest tickers` lists those of the site.',
    });
  }
  if (where !== undefined) {
    terminal.notice('No row matches --where.');
    const names = getReferencedColumns({ where });
    // Most conditions are on columns of both kinds, and the lake is not read for those.
    const mayExplain =
      !tables.includes(quotesTable) && explainOwnColumns(names, datasets).length > 0;
    if (mayExplain) noticeOwnColumns(context, names, await findKinds(context));
    return;
  }
  const isOfNewestDay = tickers.length === 0 && isUnbounded(days);
  terminal.notice(
    kindCondition !== undefined && isOfNewestDay && last !== undefined
      ? `The newest day, ${formatIsoDate(last)}, has no ${subject} of ${datasets.map(({ id }) => id).join()}: --last 1 asks for each one's newest.`
      : 'The answer has no rows.',
  );
}

/** The data sets of the tickers that are named; without any, those that were asked for. */
async function findKinds({
  engine,
  datasets = [],
  tickers,
}: QueryContext): Promise<readonly Dataset[]> {
  const ofIndicators = indicators.filter((dataset) => datasets.includes(dataset));
  if (tickers.length === 0) return ofIndicators;
  const found: Dataset[] = [];
  for (const dataset of ofIndicators) {
    const present = await findPresentTickers(engine, getTable(dataset, 'sot'), tickers, {});
    if (present.length > 0) found.push(dataset);
  }
  return found;
}

/** Says how many days the lake has, where --last asks for more of them. */
export async function noticeFewDays({ terminal, lake, tables, days }: QueryContext): Promise<void> {
  const { last, from = 0, to = Number.POSITIVE_INFINITY } = days;
  if (last === undefined) return;
  const stored = (await findDays(lake, tables)).filter((day) => day >= from && day <= to);
  const [first, newest] = [stored.at(0), stored.at(-1)];
  if (first === undefined || newest === undefined || stored.length >= last) return;
  const which =
    first === newest ? formatIsoDate(first) : `${formatIsoDate(first)} to ${formatIsoDate(newest)}`;
  terminal.notice(
    `--last ${last}: the lake has ${formatQuantity(stored.length, 'day')}, ${which}.`,
  );
}

/**
 * Names the columns of a query that only some of the data sets have: they are empty in the rows of the others.
 * @param found the data sets of the rows
 */
export function noticeOwnColumns(
  { terminal }: QueryContext,
  columns: readonly string[],
  found: readonly Dataset[],
): void {
  for (const note of explainOwnColumns(columns, found)) terminal.notice(note);
}

async function findDays({ lake }: LakeHandle, tables: readonly Table[]): Promise<Partition[]> {
  const days = await Promise.all(tables.map((table) => lake.partitions(table)));
  return [...new Set(days.flat())].sort((a, b) => a - b);
}

async function findLastDay(
  lake: LakeHandle,
  tables: readonly Table[],
): Promise<Partition | undefined> {
  return (await findDays(lake, tables)).at(-1);
}

/**
 * What `query cotacoes` and `query indicadores` share: their options, and the explanation of an answer that has no
 * rows, or none of some tickers.
 */

import { assets } from '../../../catalog/asset.ts';
import { type Dataset, getTables, type Table } from '../../../catalog/dataset.ts';
import { tables as allTables, indicators } from '../../../catalog/datasets.ts';
import {
  formatIsoDate,
  getDayBefore,
  getPartition,
  getYear,
  type Partition,
  toPartition,
} from '../../../catalog/partition.ts';
import { type Ticker, toNamedTicker } from '../../../catalog/ticker.ts';
import { getTradingDays } from '../../../catalog/trading-days.ts';
import { BrokenFileError, QueryError, UsageError } from '../../../errors.ts';
import {
  describeKind,
  findCounterpart,
  getResultColumns,
  hasColumn,
  indicatorResultColumns,
  parseColumns,
  quotesTable,
  type ResultColumn,
} from '../../../query/columns.ts';
import type { OutputRow, QueryEngine } from '../../../query/engine.ts';
import { buildOldestSessionSelect, historyTable } from '../../../query/history.ts';
import { findPresentTickers, type UnreadableDayHandler } from '../../../query/read-rows.ts';
import { getReferencedColumns, parseSort, type Refinements } from '../../../query/refinements.ts';
import { BatchedRows, toBatchedRows } from '../../../query/row-batches.ts';
import { type DayRange, isUnbounded } from '../../../query/select.ts';
import { type Condition, joinConditions } from '../../../query/where/condition.ts';
import { parseWhere } from '../../../query/where/parser.ts';
import { formatQuantity, joinSentences } from '../../../text.ts';
import { FIRST_DAY_IN_REAIS } from '../../../transform/historical-quotes.ts';
import { quoteShellWord } from '../../command-line.ts';
import { readQuotedTickers, suggestTicker } from '../../known-tickers.ts';
import { describeEmptyLake, isBeingWritten, type LakeHandle } from '../../open-lake.ts';
import { type OptionValues, option, parseWholeNumber } from '../../option.ts';
import { rowsOptions } from '../../output/file.ts';
import { PREFERRED_COLUMNS } from '../../output/rows.ts';
import {
  addWatchedTickers,
  daysOptions,
  kindOption,
  parseDays,
  parseKinds,
  parseNamedTickers,
  tickerOptions,
  watchlistOptions,
} from '../../selection.ts';
import { lakeOptions } from '../../target.ts';
import type { Terminal } from '../../terminal/terminal.ts';

/** @param examples for the help */
export function createQueryOptions(examples: { readonly columns: string }) {
  return {
    ...daysOptions,
    ...tickerOptions,
    ...kindOption,
    ...watchlistOptions,
    columns: option(
      '--columns <list>',
      `only these columns, by name or label, such as ${examples.columns}`,
      {
        isList: true,
      },
    ),
    where: option(
      '--where <condition>',
      'only rows such as "vlr_cot > 10 and pct_var_12m >= 35%": = != < <= > >=, between, in, like, is null, and, or, not; with --last, the newest of those rows; of several, all must hold',
      { repeatable: true },
    ),
    sort: option(
      '--sort <list>',
      'by these columns, such as vlr_cot:desc,codigo_ticker_ativo; empty values last',
      { isList: true },
    ),
    limit: option('--limit <n>', 'only the first so many rows'),
    ...rowsOptions,
    ...lakeOptions,
  };
}

type QueryOptions = OptionValues<ReturnType<typeof createQueryOptions>>;

interface AssetQuery {
  readonly tickers: readonly Ticker[];
  readonly days: DayRange;
  readonly datasets: readonly Dataset[];
  readonly refinements: Refinements;
  /** Undefined for all. */
  readonly columns: readonly string[] | undefined;
  /** The columns to show first on a screen that cannot show all: those that the query refers to. */
  readonly firstColumns: readonly string[];
}

/**
 * @param words the tickers that are given without an option
 * @param notice is called about what is probably not meant as it is written
 * @throws UsageError
 */
export async function parseAssetQuery(
  words: readonly string[],
  options: QueryOptions,
  known: readonly ResultColumn[],
  notice: (text: string) => void,
): Promise<AssetQuery> {
  assertNoUnquotedValue(words, options);
  const warnings: string[] = [];
  const datasets = parseKinds(options.tipo).map((kind) => assets[kind].dataset);
  const own = known === indicatorResultColumns ? listColumns(datasets) : known;
  const query: AssetQuery = {
    tickers: await addWatchedTickers(parseNamedTickers(words, options), options),
    days: parseDays(options),
    datasets,
    ...parseRefinements(options, own, (text) => warnings.push(text)),
  };
  // An error would make them meaningless, so they come when there is none.
  for (const warning of warnings) notice(warning);
  return query;
}

/** The columns of some kinds of asset alone, each once: a column of another kind is none of theirs. */
function listColumns(datasets: readonly Dataset[]): readonly ResultColumn[] {
  const all = datasets.flatMap(getResultColumns);
  return [...new Map(all.map((column) => [column.name, column] as const)).values()];
}

/** Where the shell has split the value of an option, its rest arrives as words. @throws UsageError */
function assertNoUnquotedValue(words: readonly string[], { where, sort, columns }: QueryOptions) {
  const stray = words.find((word) => word.split(/[,;]/).some((part) => !toNamedTicker(part)));
  const option = where ? 'where' : sort ? 'sort' : columns ? 'columns' : undefined;
  if (stray === undefined || option === undefined) return;
  const value = { where: where?.at(-1), sort, columns }[option];
  throw new UsageError(`${JSON.stringify(stray)} is not a B3 ticker`, {
    hint: `Quote a value that contains spaces: --${option} ${quoteShellWord([value, ...words].join(' '))}`,
  });
}

/** `--columns`, `--where`, `--sort` and `--limit`. @throws UsageError */
export function parseRefinements(
  { columns, where = [], sort, limit }: Pick<QueryOptions, 'columns' | 'where' | 'sort' | 'limit'>,
  known: readonly ResultColumn[],
  notice?: (text: string) => void,
): Pick<AssetQuery, 'refinements' | 'columns' | 'firstColumns'> {
  const refinements: Refinements = {
    where: joinConditions(where.map((condition) => parseWhere(condition, known, notice))),
    sort: sort === undefined ? undefined : parseSort(sort, known),
    limit:
      limit === undefined
        ? undefined
        : parseWholeNumber('--limit', limit, { least: 1, most: 1_000_000_000, otherwise: 20 }),
  };
  return {
    refinements,
    columns:
      columns === undefined ? undefined : parseColumns(columns, known).map(({ name }) => name),
    firstColumns: [...getReferencedColumns(refinements), ...PREFERRED_COLUMNS],
  };
}

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
  const earlier = await explainEarlierDays(context);
  throw new QueryError(`the lake at ${lake.place} has no ${subject}`, {
    hint: joinLines(
      '`pynvest run` collects today; --lake DIR or --target selects another lake.',
      earlier,
    ),
  });
}

function joinLines(...lines: readonly (string | undefined)[]): string {
  return lines.filter((line) => line !== undefined).join('\n');
}

/**
 * Which command fills the days before the lake's first quotes, where they were asked for. Undefined where no day of trading is
 * before those, and of other tables.
 */
async function explainEarlierDays({
  engine,
  lake: { lake },
  tables,
  days,
}: QueryContext): Promise<string | undefined> {
  if (days.from === undefined || !tables.includes(quotesTable)) return undefined;
  const today = getPartition(new Date());
  const from = Math.max(days.from, FIRST_DAY_IN_REAIS) as Partition;
  const first = (await lake.partitions(quotesTable)).at(0);
  // The lake has no day; or all days that were asked for are before its first.
  const to = Math.min(days.to ?? today, first === undefined ? today : getDayBefore(first));
  const lacking = from > to ? [] : getTradingDays(from, to as Partition);
  const [oldest, newest] = [lacking.at(0), lacking.at(-1)];
  if (oldest === undefined || newest === undefined) return undefined;
  const asked = `--from ${formatIsoDate(oldest)} --to ${formatIsoDate(newest)}`;
  const years = (await lake.partitions(historyTable)).filter(
    (year) => getYear(oldest) <= year && year <= getYear(newest),
  );
  const known = years.length === 0 ? undefined : await findOldestSession(engine, oldest, newest);
  if (known !== undefined && known <= newest) {
    return `\`pynvest backfill ${asked}\` fills earlier days from B3's history.`;
  }
  const wanted = [...new Set([getYear(oldest), getYear(newest)])].join('-');
  return `\`pynvest import cotahist --year ${wanted}\`, and then \`pynvest backfill ${asked}\`, fill earlier days from B3's history.`;
}

async function findOldestSession(
  engine: QueryEngine,
  from: Partition,
  to: Partition,
): Promise<Partition | undefined> {
  const nameOf = (table: Table): string => engine.nameOf(table);
  const { rows } = await engine.query(buildOldestSessionSelect(nameOf, from, getYear(to)));
  for await (const [day] of rows) return toPartition(String(day));
  return undefined;
}

/** Says that the lake begins after the first day that was asked for. */
export async function noticeYoungerLake(context: QueryContext): Promise<void> {
  const earlier = await explainEarlierDays(context);
  if (earlier === undefined) return;
  const first = (await context.lake.lake.partitions(quotesTable)).at(0);
  const since =
    first === undefined ? '' : `The lake's ${context.subject} begin on ${formatIsoDate(first)}. `;
  context.terminal.notice(`${since}${earlier}`);
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
        await explainEarlierDays(context),
      ),
    });
  }
  if (tickers.length > 0 && warned === tickers.length) {
    throw new QueryError(`the lake has no such ${subject}`, {
      hint: 'Ask for other tickers or days (--ticker, --from, --to).',
    });
  }
  if (where !== undefined) return terminal.notice('No row matches --where.');
  const isOfNewestDay = tickers.length === 0 && isUnbounded(days);
  terminal.notice(
    kindCondition !== undefined && isOfNewestDay && last !== undefined
      ? `The newest day, ${formatIsoDate(last)}, has no ${subject} of ${datasets.map(({ id }) => id).join()}: --last 1 asks for each one's newest.`
      : 'The answer has no rows.',
  );
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
 * Names the chosen columns that only some of the data sets have: they are empty in the rows of the others.
 * @param found the data sets of the rows
 */
export function noticeOwnColumns(
  { terminal }: QueryContext,
  columns: readonly string[] | undefined,
  found: readonly Dataset[],
): void {
  for (const name of columns ?? []) {
    const lacking = found.filter((dataset) => !hasColumn(dataset, name));
    const owners = indicators.filter((dataset) => hasColumn(dataset, name));
    const [other] = lacking;
    if (other === undefined) continue;
    terminal.notice(
      `${name} is of ${owners.map(describeKind).join(' and ')}: it is empty for ${lacking.map(describeKind).join(' and ')}, which have ${findCounterpart(name, other) ?? 'nothing like it'}.`,
    );
  }
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

/** The same rows, or undefined where there are none. Reads the first. */
export async function peekRows(
  rows: AsyncIterable<OutputRow>,
  columnCount: number,
): Promise<BatchedRows | undefined> {
  const iterator = toBatchedRows(rows, columnCount).batches[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return undefined;
  return new BatchedRows(
    (async function* () {
      yield first.value;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
        yield next.value;
      }
    })(),
  );
}

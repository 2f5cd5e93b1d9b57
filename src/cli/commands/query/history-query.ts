/**
 * What the commands over B3's history share: their options, how they open the lake, and what they say of tickers that
 * changed and of adjustments that are not proved.
 */

import { findTickersOfAssets } from '../../../analysis/asset-history.ts';
import type { Table } from '../../../catalog/dataset.ts';
import type { DayBounds, Partition } from '../../../catalog/partition.ts';
import type { Ticker } from '../../../catalog/ticker.ts';
import { type PynvestError, QueryError, UsageError } from '../../../errors.ts';
import { formatDay } from '../../../presentation/notation.ts';
import type { QueryEngine } from '../../../query/engine.ts';
import { buildPricedTickersSelect, historyTable } from '../../../query/history.ts';
import { readAll } from '../../../query/read-rows.ts';
import { formatQuantity, joinSentences } from '../../../text.ts';
import { ExitStatus } from '../../exit.ts';
import { readTradedTickers, suggestTicker } from '../../known-tickers.ts';
import { assertFolder, type LakeHandle, openLake } from '../../open-lake.ts';
import type { OptionValues } from '../../option.ts';
import { type Destination, parseDestination, rowsOptions } from '../../output/file.ts';
import {
  addWatchedTickers,
  dayBoundsOptions,
  parseDayBounds,
  parseNamedTickers,
  tickerArgument,
  tickerOptions,
  watchlistOptions,
} from '../../selection.ts';
import { lakeOptions } from '../../target.ts';
import type { Terminal } from '../../terminal/terminal.ts';

export const historyArguments = tickerArgument;

/** Which assets and days. */
export const historyOptions = { ...tickerOptions, ...watchlistOptions, ...dayBoundsOptions };

/** Where the answer goes, and which lake is asked. */
export const answerOptions = { ...rowsOptions, ...lakeOptions };

interface GivenHistoryQuery {
  readonly terminal: Terminal;
  readonly args: { readonly ticker: readonly string[] };
  readonly options: OptionValues<typeof historyOptions & typeof answerOptions>;
}

/** What a command line asks of the history. */
interface HistoryQuery extends DayBounds {
  /** None for all assets. */
  readonly tickers: readonly Ticker[];
  readonly destination: Destination;
}

/** @throws UsageError */
export async function parseHistoryQuery({
  terminal,
  args,
  options,
}: GivenHistoryQuery): Promise<HistoryQuery> {
  return {
    tickers: await addWatchedTickers(parseNamedTickers(args.ticker, options), options),
    ...parseDayBounds(options),
    destination: parseDestination(terminal, options),
  };
}

/** @param command what needs a ticker, such as `query retorno` @throws UsageError */
export function assertAnyTicker({ tickers }: HistoryQuery, command: string): void {
  if (tickers.length > 0) return;
  throw new UsageError(`${command} needs a ticker`, {
    hint: `Name one: \`pynvest ${command} PETR4\`.`,
  });
}

/** Opens the lake and its engine for a question, and closes the engine after it. */
export async function withHistoryEngine(
  { terminal, options }: GivenHistoryQuery,
  ask: (engine: QueryEngine, lake: LakeHandle) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  const lake = await openLake(terminal, options);
  await assertFolder(lake);
  const engine = await lake.openEngine();
  try {
    return await ask(engine, lake);
  } finally {
    engine.close();
  }
}

/** The newest year of the history. @throws QueryError if the lake has none */
export async function assertHistory(engine: QueryEngine, lake: LakeHandle): Promise<Partition> {
  const newest = await engine.newestPartition(historyTable);
  if (newest === undefined) throw await createHistoryMissingError(lake);
  return newest;
}

export function createHistoryMissingError(lake: LakeHandle): Promise<PynvestError> {
  return createMissingError(
    lake,
    'price history of B3',
    '`pynvest import cotahist --year 2016-2026` imports it, and `pynvest import eventos` its dividends and splits.',
  );
}

/** @param what the lake lacks; where its folder does not exist, or is another one, that is what is said */
export async function createMissingError(
  lake: LakeHandle,
  what: string,
  hint: string,
): Promise<PynvestError> {
  await assertFolder(lake);
  return new QueryError(`the lake at ${lake.place} has no ${what}`, { hint });
}

/**
 * Warns of each ticker that an answer lacks: one without a price on any day is probably misspelt.
 * @param reason why an asset with prices is not in the answer
 */
export async function warnMissingFromHistory(
  terminal: Terminal,
  engine: QueryEngine,
  missing: readonly Ticker[],
  reason: string,
): Promise<void> {
  if (missing.length === 0) return;
  const nameOf = (table: Table): string => engine.nameOf(table);
  const assets = await findTickersOfAssets(engine, missing);
  const all = [...new Set([...missing, ...[...assets.values()].flat()])];
  const rows = await readAll(engine, buildPricedTickersSelect(nameOf, all));
  const found = missing.map((ticker) => {
    const own = rows.filter(([name]) => (assets.get(ticker) ?? [ticker]).some((of) => of === name));
    const days = own.flatMap((row) => row.slice(1).map(String)).sort();
    return { ticker, first: days.at(0), last: days.at(-1) };
  });
  const known = found.every(({ first }) => first !== undefined)
    ? []
    : await readTradedTickers(engine);
  for (const { ticker, first, last } of found) {
    if (first === undefined || last === undefined) {
      const suggestion = suggestTicker(ticker, known) ?? '';
      terminal.warn(joinSentences(`${ticker}: no price in the history of the lake`, suggestion));
      continue;
    }
    const [from, to] = [first, last].map((day) => formatDay(day, terminal.locale));
    const days = first === last ? `is of ${from}` : `are of ${from} to ${to}`;
    terminal.warn(`${ticker}: ${reason}; those of the lake ${days}`);
  }
}

/**
 * The exit status of an answer about some of the tickers: of none of them it is a failure, as where the lake has no
 * row.
 */
export function getAnswerStatus(
  tickers: readonly Ticker[],
  missing: readonly Ticker[],
  isComplete = missing.length === 0,
): ExitStatus {
  if (missing.length > 0 && missing.length === tickers.length) return ExitStatus.failed;
  return missing.length === 0 && isComplete ? ExitStatus.done : ExitStatus.doneInPart;
}

export function noticeUnproved(
  terminal: Terminal,
  unproved: number,
  all: number,
  tickers: readonly Ticker[],
): void {
  const which = tickers.length === 0 ? '' : ` --ticker ${tickers.join()}`;
  terminal.notice(
    `Of ${formatQuantity(all, 'row')}, ${unproved} rest on an adjustment that is not proved: \`pynvest audit${which}\` says why.`,
  );
}

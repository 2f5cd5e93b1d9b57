/**
 * Which assets and which days a command is about: `--tickers`, `--tipo`, `--from`, `--to`, `--last`, and the watchlist,
 * one ticker per line in a text file in the configuration folder.
 */

import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import envPaths from 'env-paths';
import { writeAtomically } from '../atomic-file.ts';
import { type AssetKind, assetKinds, assets } from '../catalog/asset.ts';
import type { Dataset } from '../catalog/dataset.ts';
import { type DayBounds, getPartition, type Partition, parseDay } from '../catalog/partition.ts';
import { parseTickers, type Ticker, toTicker } from '../catalog/ticker.ts';
import {
  describeDiskError,
  getErrorCode,
  isDiskFull,
  SettingsError,
  UsageError,
} from '../errors.ts';
import type { DayRange } from '../query/select.ts';
import { removeAccents } from '../text.ts';
import { argument, type OptionValues, option, parseWholeNumber } from './option.ts';

export const watchlistOptions = {
  watchlist: option('--watchlist', 'the tickers of `pynvest watch list`, too'),
};

function getWatchlistPath(): string {
  return join(envPaths('pynvest', { suffix: '' }).config, 'watchlist.txt');
}

/**
 * The tickers in the order in which they were added, each once; none where there is no file.
 * @throws SettingsError where the file cannot be read as a list of tickers
 */
export async function readWatchlist(): Promise<Ticker[]> {
  const path = getWatchlistPath();
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (getErrorCode(error) === 'ENOENT') return [];
    throw createReadError(path, describeDiskError(error), error);
  }
  const tickers = text.split('\n').flatMap((line, at): Ticker[] => {
    if (line.trim() === '') return [];
    const ticker = toTicker(line);
    if (ticker !== undefined) return [ticker];
    const shown = JSON.stringify(line.trim().slice(0, 40));
    throw createReadError(path, `line ${at + 1}, ${shown}, is not a B3 ticker`);
  });
  return [...new Set(tickers)];
}

/** Changes the list under a lock, and returns the new one. */
export async function changeWatchlist(
  change: (tickers: readonly Ticker[]) => readonly Ticker[],
): Promise<readonly Ticker[]> {
  const path = getWatchlistPath();
  const release = await lockWatchlist(path);
  try {
    const before = await readWatchlist();
    const after = change(before);
    if (after.join() !== before.join()) {
      const text = after.map((ticker) => `${ticker}\n`).join('');
      await writeAtomically(path, text, dirname(path)).catch((error: unknown) => {
        throw createWriteError(path, error);
      });
    }
    return after;
  } finally {
    await release().catch(() => undefined);
  }
}

/** The tickers of the list, for `--watchlist`. @throws UsageError where it is empty */
async function readWatchedTickers(): Promise<readonly Ticker[]> {
  const tickers = await readWatchlist();
  if (tickers.length > 0) return tickers;
  throw new UsageError('the watchlist is empty', { hint: '`pynvest watch add PETR4` fills it.' });
}

/** These tickers and, with `--watchlist`, those of the list, each once. */
export async function addWatchedTickers(
  tickers: readonly Ticker[],
  { watchlist }: { readonly watchlist?: boolean },
): Promise<Ticker[]> {
  return [...new Set([...tickers, ...(watchlist ? await readWatchedTickers() : [])])];
}

/** Another process changes it in milliseconds; a lock whose process died is taken over after some seconds. */
async function lockWatchlist(path: string): Promise<() => Promise<void>> {
  try {
    await mkdir(dirname(path), { recursive: true });
    // Loaded only here: it takes over SIGINT and SIGTERM.
    const { default: lockfile } = await import('proper-lockfile');
    return await lockfile.lock(path, {
      realpath: false,
      stale: 5_000,
      retries: { retries: 100, factor: 1, minTimeout: 50, maxTimeout: 150, randomize: true },
    });
  } catch (error) {
    throw createWriteError(path, error);
  }
}

function createWriteError(path: string, cause: unknown): SettingsError {
  const hint = isDiskFull(cause)
    ? 'Free some space and run the command again.'
    : getErrorCode(cause) === 'ELOCKED'
      ? 'Another pynvest is changing it; run the command again.'
      : 'Its folder must be writable.';
  return new SettingsError(`cannot write ${path}: ${describeDiskError(cause)}`, { hint, cause });
}

function createReadError(path: string, reason: string, cause?: unknown): SettingsError {
  return new SettingsError(`the watchlist ${path} cannot be read: ${reason}`, {
    hint: 'It holds one ticker per line. Correct the file, or remove it to start again.',
    cause,
  });
}

export const kindOption = { tipo: option('--tipo <kind>', 'only acoes or only fiis') };

/** Tickers are words after a command, or the value of an option in either spelling. */
export const tickerArgument = { ticker: argument('[ticker...]', 'such as PETR4 HGLG11') };

export const tickerOptions = {
  ticker: option('--ticker <list>', 'the same as an option, such as PETR4,HGLG11', {
    isList: true,
  }),
  tickers: option('--tickers <list>', 'the same', { hidden: true, isList: true }),
};

type TickerOptions = OptionValues<typeof tickerOptions>;

/** The tickers that a command line names, each once; none where it names none. @throws UsageError */
export function parseNamedTickers(
  words: readonly string[],
  { ticker, tickers }: TickerOptions,
): Ticker[] {
  const lists = [...words, ticker, tickers].filter((list) => list !== undefined);
  return lists.length === 0 ? [] : parseTickers(lists.join(','));
}

/** Which assets a run collects. */
export const selectionOptions = {
  ...watchlistOptions,
  tickers: option('--tickers <list>', 'the same as an option, such as PETR4,HGLG11', {
    isList: true,
  }),
  ticker: option('--ticker <list>', 'the same', { hidden: true, isList: true }),
  ...kindOption,
};

export type SelectionOptions = OptionValues<typeof selectionOptions>;

const SINGULARS: Readonly<Record<AssetKind, string>> = { acoes: 'acao', fiis: 'fii' };

/** The kind of asset that a word names, without regard to case and accents. */
export function findKind(text: string): AssetKind | undefined {
  const word = removeAccents(text);
  return assetKinds.find((each) => each === word || SINGULARS[each] === word);
}

/** The kinds of asset that a word names. @throws UsageError */
export function parseKinds(text: string | undefined): readonly AssetKind[] {
  if (text === undefined) return assetKinds;
  const kind = findKind(text);
  if (kind !== undefined) return [kind];
  throw new UsageError(`${JSON.stringify(text)} is not a kind of asset`, {
    hint: 'Use acoes (stocks) or fiis (real-estate funds).',
  });
}

/** The whole listings of some data sets, or single tickers. */
type TickerSelection =
  | { readonly datasets: readonly Dataset[] }
  | { readonly tickers: readonly Ticker[] };

/** @throws UsageError */
export async function parseSelection(
  options: SelectionOptions,
  words: readonly string[] = [],
): Promise<TickerSelection> {
  const { tipo, watchlist = false } = options;
  const named = parseNamedTickers(words, options);
  if (named.length === 0 && !watchlist)
    return { datasets: parseKinds(tipo).map((kind) => assets[kind].dataset) };
  if (tipo !== undefined) {
    const other = named.length === 0 ? '--watchlist' : 'named tickers';
    throw new UsageError(`${other} and --tipo exclude each other`, {
      hint: 'Leave --tipo out: the named tickers are collected, of either kind.',
    });
  }
  return { tickers: await addWatchedTickers(named, { watchlist }) };
}

export const dayBoundsOptions = {
  from: option(
    '--from <day>',
    'the first day: 2026-11-19, 19/11/2026, hoje, ontem, 30d (days ago), or a month, 2026-11',
  ),
  to: option('--to <day>', 'the last day, written in the same ways'),
};

export const daysOptions = {
  ...dayBoundsOptions,
  last: option('--last <n>', 'only the newest n days of each asset'),
};

/** @throws UsageError */
export function parseDayOption(text: string, what: string, edge?: 'first' | 'last'): Partition {
  return parseDay(text, { what, today: getPartition(new Date()), ...(edge && { edge }) });
}

/** The days of `--from` and `--to`, either of which may be absent. @throws UsageError */
export function parseDayBounds({
  from,
  to,
}: {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}): DayBounds {
  const bounds = {
    from: from === undefined ? undefined : parseDayOption(from, '--from', 'first'),
    to: to === undefined ? undefined : parseDayOption(to, '--to', 'last'),
  };
  if (bounds.from !== undefined && bounds.to !== undefined && bounds.from > bounds.to) {
    throw new UsageError(`--from ${from} comes after --to ${to}`);
  }
  return bounds;
}

/** The number of `--last`. @throws UsageError */
export function parseLast({ last }: { readonly last?: string }): number | undefined {
  return last === undefined
    ? undefined
    : parseWholeNumber('--last', last, { least: 1, most: 1_000_000, otherwise: 30 });
}

/** The days of `--from`, `--to` and `--last`. @throws UsageError */
export function parseDays(options: OptionValues<typeof daysOptions>): DayRange {
  return { ...parseDayBounds(options), last: parseLast(options) };
}

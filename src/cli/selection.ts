/**
 * Which assets and which days a command is about: `--tickers`, `--tipo`, `--watchlist`, `--from`, `--to`, `--last`.
 */

import { type AssetKind, assetKinds, assets } from '../catalog/asset.ts';
import type { Dataset } from '../catalog/dataset.ts';
import { type Partition, parsePartition } from '../catalog/partition.ts';
import { parseTickers, type Ticker } from '../catalog/ticker.ts';
import { UsageError } from '../errors.ts';
import type { DayRange } from '../query/select.ts';
import { removeAccents } from '../text.ts';
import { type OptionValues, option, parseWholeNumber } from './option.ts';
import { addWatchedTickers, watchlistOptions } from './watchlist.ts';

export const kindOption = { tipo: option('--tipo <kind>', 'only acoes or only fiis') };

/** Which assets a run collects. */
export const selectionOptions = {
  ...watchlistOptions,
  tickers: option('--tickers <list>', 'only these, such as PETR4,HGLG11'),
  /** The name that the queries give it. */
  ticker: option('--ticker <list>', 'the same', { hidden: true }),
  ...kindOption,
};

export type SelectionOptions = OptionValues<typeof selectionOptions>;

/** The kinds of asset that a word names. @throws UsageError */
export function parseKinds(text: string | undefined): readonly AssetKind[] {
  if (text === undefined) return assetKinds;
  const word = removeAccents(text);
  const kind =
    ({ acao: 'acoes', fii: 'fiis' } as const)[word] ?? assetKinds.find((each) => each === word);
  if (kind !== undefined) return [kind];
  throw new UsageError(`${JSON.stringify(text)} is not a kind of asset`, {
    hint: 'Use acoes (stocks) or fiis (real-estate funds).',
  });
}

/** The whole listings of some data sets, or single tickers. */
export type TickerSelection =
  | { readonly datasets: readonly Dataset[] }
  | { readonly tickers: readonly Ticker[] };

/** @throws UsageError */
export async function parseSelection(options: SelectionOptions): Promise<TickerSelection> {
  const { tickers, ticker, tipo, watchlist = false } = options;
  const lists = [tickers, ticker].filter((list) => list !== undefined);
  if (lists.length === 0 && !watchlist)
    return { datasets: parseKinds(tipo).map((kind) => assets[kind].dataset) };
  if (tipo !== undefined) {
    const other = lists.length === 0 ? '--watchlist' : '--tickers';
    throw new UsageError(`${other} and --tipo exclude each other`, {
      hint: 'Leave --tipo out: the named tickers are collected, whatever their kind.',
    });
  }
  const named = lists.length === 0 ? [] : parseTickers(lists.join(','));
  return { tickers: await addWatchedTickers(named, { watchlist }) };
}

export const daysOptions = {
  from: option('--from <day>', 'the first day, YYYY-MM-DD'),
  to: option('--to <day>', 'the last day, YYYY-MM-DD'),
  last: option('--last <n>', 'only so many of the newest days of each asset'),
};

interface DayBounds {
  readonly from: Partition | undefined;
  readonly to: Partition | undefined;
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
    from: from === undefined ? undefined : parsePartition(from, '--from'),
    to: to === undefined ? undefined : parsePartition(to, '--to'),
  };
  if (bounds.from !== undefined && bounds.to !== undefined && bounds.from > bounds.to) {
    throw new UsageError(`--from ${from} comes after --to ${to}`);
  }
  return bounds;
}

/** The days of `--from`, `--to` and `--last`. @throws UsageError */
export function parseDays(options: OptionValues<typeof daysOptions>): DayRange {
  const last =
    options.last === undefined
      ? undefined
      : parseWholeNumber('--last', options.last, { least: 1, most: 1_000_000, otherwise: 30 });
  return { ...parseDayBounds(options), last };
}

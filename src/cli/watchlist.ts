/**
 * The watchlist: the tickers that a person follows, one per line in a text file in the configuration folder.
 */

import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import envPaths from 'env-paths';
import lockfile from 'proper-lockfile';
import { writeAtomically } from '../atomic-file.ts';
import { type Ticker, toTicker } from '../catalog/ticker.ts';
import { describeDiskError, getErrorCode, isDiskFull } from '../disk-errors.ts';
import { SettingsError, UsageError } from '../errors.ts';
import { option } from './option.ts';

export const watchlistOptions = {
  watchlist: option('--watchlist', 'the tickers of `pynvest watch list`, too'),
};

function watchlistPath(): string {
  return join(envPaths('pynvest', { suffix: '' }).config, 'watchlist.txt');
}

/**
 * The tickers in the order in which they were added, each once; none where there is no file.
 * @throws SettingsError where the file cannot be read as a list of tickers
 */
export async function readWatchlist(): Promise<Ticker[]> {
  const path = watchlistPath();
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
  const path = watchlistPath();
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

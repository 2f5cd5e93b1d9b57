/**
 * `pynvest watch add|remove|list|clear`: edits the watchlist, which `--watchlist` stands for.
 */

import { parseTickers } from '../../catalog/ticker.ts';
import { UsageError } from '../../errors.ts';
import { findClosest } from '../../suggest.ts';
import { ExitStatus } from '../exit.ts';
import type { RowsOptions } from '../options.ts';
import { parseDestination, writeAnswer } from '../output/file.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { changeWatchlist, readWatchlist } from '../watchlist.ts';

export async function watchAdd(terminal: Terminal, names: readonly string[]): Promise<ExitStatus> {
  const tickers = parseTickers(names.join(','));
  const list = await changeWatchlist((before) => [...new Set([...before, ...tickers])]);
  terminal.notice(`Watching ${list.join(', ')}`);
  return ExitStatus.done;
}

export async function watchRemove(
  terminal: Terminal,
  names: readonly string[],
): Promise<ExitStatus> {
  const tickers = parseTickers(names.join(','));
  const list = await changeWatchlist((before) => {
    const absent = tickers.find((ticker) => !before.includes(ticker));
    if (absent !== undefined) {
      const near = findClosest(absent, before);
      throw new UsageError(`${absent} is not on the watchlist`, {
        hint: near ? `Did you mean ${near}?` : '`pynvest watch list` shows it.',
      });
    }
    return before.filter((ticker) => !tickers.includes(ticker));
  });
  terminal.notice(list.length > 0 ? `Watching ${list.join(', ')}` : 'The watchlist is empty now.');
  return ExitStatus.done;
}

export async function watchClear(terminal: Terminal): Promise<ExitStatus> {
  await changeWatchlist(() => []);
  terminal.notice('The watchlist is empty now.');
  return ExitStatus.done;
}

export async function watchList(terminal: Terminal, options: RowsOptions): Promise<ExitStatus> {
  const destination = parseDestination(terminal, options);
  const tickers = await readWatchlist();
  await writeAnswer(terminal, destination, {
    columns: ['ticker'],
    rows: tickers.map((ticker) => [ticker]),
  });
  if (tickers.length === 0) {
    terminal.notice('The watchlist is empty: `pynvest watch add PETR4` fills it.');
  }
  return ExitStatus.done;
}

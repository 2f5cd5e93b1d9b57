/**
 * `pynvest watch add|remove|list|clear`: edits the watchlist, whose tickers `--watchlist` selects.
 */

import { parseTickers } from '../../catalog/ticker.ts';
import { UsageError } from '../../errors.ts';
import { findClosest } from '../../suggest.ts';
import { defineCommand } from '../command.ts';
import { ExitStatus } from '../exit.ts';
import { argument, terminalOptions } from '../option.ts';
import { parseDestination, rowsOptions, writeAnswer } from '../output/file.ts';
import { changeWatchlist, readWatchlist } from '../selection.ts';

export const watchAddCommand = defineCommand({
  name: 'add',
  description: 'add tickers to the watchlist',
  args: { ticker: argument('<ticker...>', 'such as PETR4 or HGLG11') },
  options: terminalOptions,

  async handler({ terminal, args }) {
    const tickers = parseTickers(args.ticker.join(','));
    const list = await changeWatchlist((before) => [...new Set([...before, ...tickers])]);
    terminal.notice(`Watching ${list.join(', ')}`);
    return ExitStatus.done;
  },
});

export const watchRemoveCommand = defineCommand({
  name: 'remove',
  description: 'remove tickers from the watchlist',
  args: { ticker: argument('<ticker...>', 'tickers of the watchlist') },
  options: terminalOptions,

  async handler({ terminal, args }) {
    const tickers = parseTickers(args.ticker.join(','));
    const list = await changeWatchlist((before) => {
      const absent = tickers.find((ticker) => !before.includes(ticker));
      if (absent !== undefined) {
        const similar = findClosest(absent, before);
        throw new UsageError(`${absent} is not on the watchlist`, {
          hint: similar ? `Did you mean ${similar}?` : '`pynvest watch list` shows it.',
        });
      }
      return before.filter((ticker) => !tickers.includes(ticker));
    });
    terminal.notice(list.length > 0 ? `Watching ${list.join(', ')}` : EMPTIED);
    return ExitStatus.done;
  },
});

export const watchListCommand = defineCommand({
  name: 'list',
  description: 'the watchlist, in the order in which its tickers were added',
  options: rowsOptions,

  async handler({ terminal, options }) {
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
  },
});

export const watchClearCommand = defineCommand({
  name: 'clear',
  description: 'remove all tickers from the watchlist',
  options: terminalOptions,

  async handler({ terminal }) {
    await changeWatchlist(() => []);
    terminal.notice(EMPTIED);
    return ExitStatus.done;
  },
});

const EMPTIED = 'The watchlist is empty now.';

/**
 * `pynvest watch add|remove|list|clear`: edits the watchlist, whose tickers `--watchlist` selects.
 */

import { UsageError } from '../../errors.ts';
import { findClosest } from '../../suggest.ts';
import { defineCommand } from '../command.ts';
import { ExitStatus } from '../exit.ts';
import { terminalOptions } from '../option.ts';
import { parseDestination, rowsOptions, writeAnswer } from '../output/file.ts';
import {
  changeWatchlist,
  parseNamedTickers,
  readWatchlist,
  tickerArgument,
  tickerOptions,
} from '../selection.ts';

export const watchAddCommand = defineCommand({
  name: 'add',
  description: 'add tickers to the watchlist',
  args: tickerArgument,
  options: { ...tickerOptions, ...terminalOptions },

  async handler({ terminal, args, options }) {
    const tickers = parseTickersToWatch(args.ticker, options);
    const list = await changeWatchlist((before) => [...new Set([...before, ...tickers])]);
    terminal.notice(`Watching ${list.join(', ')}`);
    return ExitStatus.done;
  },
});

export const watchRemoveCommand = defineCommand({
  name: 'remove',
  description: 'remove tickers from the watchlist',
  args: tickerArgument,
  options: { ...tickerOptions, ...terminalOptions },

  async handler({ terminal, args, options }) {
    const tickers = parseTickersToWatch(args.ticker, options);
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
  isDefault: true,
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

/** @throws UsageError where none is named */
function parseTickersToWatch(...named: Parameters<typeof parseNamedTickers>) {
  const tickers = parseNamedTickers(...named);
  if (tickers.length > 0) return tickers;
  throw new UsageError('no ticker was named', { hint: 'Such as: pynvest watch add PETR4 HGLG11.' });
}

const EMPTIED = 'The watchlist is empty now.';

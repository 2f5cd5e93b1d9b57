/**
 * `pynvest watch add|remove|list|clear`: edits the watchlist, whose tickers `--watchlist` selects.
 */

import type { Ticker } from '../../catalog/ticker.ts';
import { readDeploymentRecord } from '../../deploy/deployment-record.ts';
import { PynvestError, UsageError } from '../../errors.ts';
import { findClosest } from '../../suggest.ts';
import { joinSentences } from '../../text.ts';
import { defineCommand } from '../command.ts';
import { ExitStatus } from '../exit.ts';
import { readQuotedTickers, readTradedTickers, suggestTicker } from '../known-tickers.ts';
import { openLocalLake } from '../open-lake.ts';
import { terminalOptions } from '../option.ts';
import { parseDestination, rowsOptions, writeAnswer } from '../output/file.ts';
import {
  changeWatchlist,
  parseNamedTickers,
  readWatchlist,
  tickerArgument,
  tickerOptions,
} from '../selection.ts';
import { chooseTarget, findLakeFolder, readTargetEnvironment } from '../target.ts';
import type { Terminal } from '../terminal/terminal.ts';

export const watchAddCommand = defineCommand({
  name: 'add',
  description: 'add tickers to the watchlist',
  args: tickerArgument,
  options: { ...tickerOptions, ...terminalOptions },

  async handler({ terminal, args, options }) {
    const tickers = parseTickersToWatch(args.ticker, options);
    const list = await changeWatchlist((before) => [...new Set([...before, ...tickers])]);
    terminal.notice(`Watching ${list.join(', ')}`);
    await warnUnknownTickers(terminal, tickers);
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

/** A misspelt ticker is watched for nothing. */
async function warnUnknownTickers(terminal: Terminal, tickers: readonly Ticker[]): Promise<void> {
  const lake = await readLakeTickers(terminal).catch((error: unknown) => {
    // The list is changed: a lake that cannot be read does not matter here.
    if (error instanceof PynvestError) return undefined;
    throw error;
  });
  if (lake === undefined || lake.known.length === 0) return;
  for (const ticker of tickers.filter((each) => !lake.known.includes(each))) {
    const suggestion = suggestTicker(ticker, lake.known) ?? '';
    terminal.warn(joinSentences(`${ticker}: no row in the lake at ${lake.root}`, suggestion));
  }
}

/** Those of the lake on this machine; undefined where there is none, or another is in use. */
async function readLakeTickers(
  terminal: Terminal,
): Promise<{ readonly root: string; readonly known: readonly string[] } | undefined> {
  const choice = chooseTarget({}, readTargetEnvironment(), await readDeploymentRecord());
  if (choice.target === 'aws') return undefined;
  const root = await findLakeFolder({});
  const { readFolderState } = await import('../../lake/local/layout.ts');
  const { exists, isOtherFolder } = await readFolderState(root);
  if (!exists || isOtherFolder) return undefined;
  const engine = await (await openLocalLake(terminal, root)).openEngine();
  try {
    const known = [...(await readQuotedTickers(engine)), ...(await readTradedTickers(engine))];
    return { root, known };
  } finally {
    engine.close();
  }
}

/** @throws UsageError where none is named */
function parseTickersToWatch(...named: Parameters<typeof parseNamedTickers>) {
  const tickers = parseNamedTickers(...named);
  if (tickers.length > 0) return tickers;
  throw new UsageError('no ticker was named', { hint: 'Such as: pynvest watch add PETR4 HGLG11.' });
}

const EMPTIED = 'The watchlist is empty now.';

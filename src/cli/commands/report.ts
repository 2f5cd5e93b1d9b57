/**
 * `pynvest report`: some assets as one HTML file that opens without a network.
 */

import { open, stat } from 'node:fs/promises';
import { formatIsoDate, getPartition, getYearsBefore } from '../../catalog/partition.ts';
import type { Ticker } from '../../catalog/ticker.ts';
import { formatErrorWithHint, OutputError, QueryError, UsageError } from '../../errors.ts';
import { createReadingFinder } from '../../pipeline/event-readings.ts';
import { formatDay } from '../../presentation/notation.ts';
import { joinSentences } from '../../text.ts';
import type { RatePoint } from '../../transform/returns.ts';
import { defineCommand } from '../command.ts';
import { ExitStatus } from '../exit.ts';
import { readQuotedTickers, readTradedTickers, suggestTicker } from '../known-tickers.ts';
import { areAdjustmentsDerived, type LakeHandle } from '../open-lake.ts';
import { option, terminalOptions } from '../option.ts';
import { assertFilePlace, STDOUT_NAMES, writeWhole } from '../output/file.ts';
import { write } from '../output/rows.ts';
import { readRates } from '../rates.ts';
import {
  addWatchedTickers,
  parseDayBounds,
  parseNamedTickers,
  tickerArgument,
} from '../selection.ts';
import { lakeOptions } from '../target.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { historyOptions, withHistoryEngine } from './query/history-query.ts';

const DEFAULT_PATH = 'report.html';

/** Without `--from`. */
const DEFAULT_YEARS = 10;

/** A page of one asset has about 25 KB of its own; of more than these it opens slowly. */
const MAX_ASSETS = 50;

export const reportCommand = defineCommand({
  name: 'report',
  description: 'some assets as one HTML file: prices, returns, dividends, indicators',
  args: tickerArgument,
  options: {
    ...historyOptions,
    output: option('-o, --output <file>', `into this file (default: ${DEFAULT_PATH}); - is stdout`),
    ...terminalOptions,
    ...lakeOptions,
  },
  examples: [
    'pynvest report PETR4 HGLG11',
    'pynvest report --watchlist --from 2020-01-01 -o carteira.html',
  ],
  helpText: `
The file asks nothing of any network, and can be sent and printed. It shows the last ten years, or from --from to --to; indicators are those of the newest day up to then. A file that exists is replaced if it is a report.`,

  async handler(given) {
    const { terminal, args, options } = given;
    const tickers = await addWatchedTickers(parseNamedTickers(args.ticker, options), options);
    assertTickers(tickers);
    const { from, to } = parseDayBounds(options);
    const path = parseOutput(options.output);
    return withHistoryEngine(given, async (engine, lake) => {
      const { readReport } = await import('../../report/read-report.ts');
      const { formatReport } = await import('../../report/html.ts');
      const { readPageCode } = await import('../../report/page-code.ts');
      const isDerived = await areAdjustmentsDerived(terminal, lake.notes);
      let isComplete = true;
      const report = await readReport(engine, {
        ...{ tickers, to, isDerived },
        from: from ?? getYearsBefore(to ?? getPartition(new Date()), DEFAULT_YEARS),
        ...{ isFromAsked: from !== undefined, findReading: await createReadingFinder(lake.notes) },
        madeAt: new Date().toISOString(),
        readRates: async (first, last) => {
          const { rates, error } = await readDaily(terminal, lake, first, last);
          if (error !== undefined) isComplete = false;
          return rates;
        },
      });
      const shown = new Set(report.assets.map(({ ticker }) => ticker));
      const missing = tickers.filter((ticker) => !shown.has(ticker));
      const known =
        missing.length === 0
          ? []
          : [...(await readQuotedTickers(engine)), ...(await readTradedTickers(engine))];
      const suggestions = new Map(
        missing.map((each) => [each as string, suggestTicker(each, known) ?? '']),
      );
      if (shown.size === 0) {
        const until =
          to === undefined ? '' : ` up to ${formatDay(formatIsoDate(to), terminal.locale)}`;
        throw new QueryError(
          `the lake at ${lake.place} has nothing of ${tickers.join(', ')}${until}`,
          {
            hint: [
              ...suggestions.values(),
              '`pynvest run` collects indicators, `pynvest import cotahist` prices, `pynvest import eventos` dividends.',
            ]
              .filter(Boolean)
              .join('\n'),
          },
        );
      }
      const page = formatReport(report, await readPageCode());
      await writePage(terminal, path, page, shown.size);
      for (const ticker of missing) {
        const suggestion = suggestions.get(ticker) ?? '';
        terminal.warn(joinSentences(`${ticker}: the lake has nothing of it`, suggestion));
      }
      return missing.length === 0 && isComplete ? ExitStatus.done : ExitStatus.doneInPart;
    });
  },
});

/** @throws UsageError */
function assertTickers(tickers: readonly Ticker[]): void {
  if (tickers.length === 0) {
    throw new UsageError('report needs a ticker', {
      hint: 'Name some, or the watchlist: `pynvest report PETR4 HGLG11`, `pynvest report --watchlist`.',
    });
  }
  if (tickers.length > MAX_ASSETS) {
    throw new UsageError(
      `a report has at most ${MAX_ASSETS} assets, and these are ${tickers.length}`,
      { hint: 'Make one for each part of them.' },
    );
  }
}

/** The file, undefined for stdout. @throws UsageError */
function parseOutput(output: string = DEFAULT_PATH): string | undefined {
  if (STDOUT_NAMES.includes(output)) return undefined;
  if (output.trim() === '') throw new UsageError('--output takes the path of a file');
  assertFilePlace(output);
  return output;
}

/** The values of CDI; a warning says why some are missing. */
async function readDaily(
  terminal: Terminal,
  lake: LakeHandle,
  first: string,
  last: string,
): Promise<{ readonly rates: readonly RatePoint[]; readonly error: unknown }> {
  const { rates, error } = await readRates(terminal, lake, 'cdi', { first, last });
  if (error !== undefined) {
    terminal.warn(
      `the lake does not have all values of CDI for these days: ${formatErrorWithHint(error)}`,
    );
  }
  return { rates, error };
}

/** @throws OutputError where another file has the name */
async function writePage(
  terminal: Terminal,
  path: string | undefined,
  page: string,
  assets: number,
): Promise<void> {
  if (path === undefined) return write(terminal.stdout, page);
  if (!(await isReplaceable(path))) {
    throw new OutputError(`${path} already exists, and pynvest did not create it`, {
      hint: 'Name another file: --output FILE.',
    });
  }
  const parts = (async function* () {
    yield page;
  })();
  if (!(await writeWhole(path, parts))) return;
  const size = Math.ceil(Buffer.byteLength(page) / 1000);
  const noun = assets === 1 ? 'asset' : 'assets';
  terminal.notice(`Wrote ${path}: ${assets} ${noun}, ${size} KB. Open it in a browser.`);
}

/** What every report has near its beginning. */
const REPORT_MARK = '<meta name="generator" content="pynvest">';
const MARK_WITHIN_BYTES = 4096;

/** Whether there is no such file, or it is a report: a page of someone's own is not overwritten. */
async function isReplaceable(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  // A folder, a pipe and a device are the matter of what writes.
  if (found === undefined || !found.isFile() || found.size === 0) return true;
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MARK_WITHIN_BYTES), 0);
    return buffer.toString('utf8', 0, bytesRead).includes(REPORT_MARK);
  } finally {
    await file.close();
  }
}

/**
 * `pynvest audit`: whether B3's distribution numbers confirm every adjustment of the prices.
 */

import { formatIsoDate, type Partition } from '../../catalog/partition.ts';
import type { Ticker } from '../../catalog/ticker.ts';
import type { AssetAdjustments } from '../../pipeline/derive-adjustments.ts';
import { formatQuantity, joinSentences } from '../../text.ts';
import { defineCommand } from '../command.ts';
import { ExitStatus } from '../exit.ts';
import { suggestTicker } from '../known-tickers.ts';
import { areAdjustmentsDerived, type LakeHandle, openLake } from '../open-lake.ts';
import { writeAnswer } from '../output/file.ts';
import { getSuccessionsPath, readSuccessions } from '../successions.ts';
import type { Terminal } from '../terminal/terminal.ts';
import {
  answerOptions,
  createHistoryMissingError,
  historyArguments,
  historyOptions,
  parseHistoryQuery,
} from './query/history-query.ts';

const COLUMNS = ['codigo_ticker_ativo', 'data', 'codigo', 'detalhe'];

export const auditCommand = defineCommand({
  name: 'audit',
  description:
    'whether the dividends and splits of the lake explain every distribution number of B3',
  args: historyArguments,
  options: {
    ...historyOptions,
    ...answerOptions,
  },
  helpText: `
The number rises by one for each day on which a right was detached. Codes:
  right-without-event    it rose, and no source shows an event of those days
  event-without-right    a source shows an event, and it did not rise, or ended: not applied
  price-jump             the price fell by half or doubled, and nothing explains it
  cash-above-price       an event pays more than the price: not applied
  currency-break         the currency changed: earlier prices are in another one
  event-not-computable   a spin-off or a subscription: its value is not known
  sources-disagree       the sources show other amounts: the more exact one is applied
  event-repeated         a split or bonus of one day is printed twice: one is applied
  history-gap            sessions between are not imported
  number-missing         records without a number: they prove nothing
  succession-doubtful    it may continue another ticker: successions.csv says whether it does
  number-falls           it fell: the paper may be another one

Exit status 3: something is not proved, or an import has to derive the adjustments again. 1: no price of any given ticker.`,

  async handler(given) {
    const { terminal, options } = given;
    const query = await parseHistoryQuery(given);
    const { tickers, from = 0, to = Number.POSITIVE_INFINITY, destination } = query;
    const lake = await openLake(terminal, options);
    const { all, isCurrent } = await readAdjustments(terminal, lake);
    const chosen = tickers.length === 0 ? all : all.filter((each) => hasTicker(each, tickers));
    const missing = tickers.filter((ticker) => !all.some((each) => hasTicker(each, [ticker])));
    const known = all.flatMap(({ asset }) => asset.parts.map(({ ticker }) => ticker));
    for (const ticker of missing) {
      const what = `${ticker}: no price in the history of the lake`;
      terminal.warn(joinSentences(what, suggestTicker(ticker, known) ?? ''));
    }
    const findings = chosen
      .flatMap((each) => each.findings)
      .filter(({ day }) => day >= from && day <= to);
    await writeAnswer(terminal, destination, {
      columns: COLUMNS,
      types: ['varchar', 'date', 'varchar', 'varchar'],
      rows: findings.map(({ ticker, day, code, detail }) => [
        ticker,
        formatIsoDate(day as Partition),
        code,
        detail,
      ]),
      wide: true,
    });
    if (chosen.length === 0 && missing.length > 0) return ExitStatus.failed;
    const days = chosen
      .flatMap(({ adjustments }) => adjustments)
      .filter(({ day }) => day >= from && day <= to);
    const proved = days.filter(({ isProved }) => isProved).length;
    terminal.notice(
      `${formatQuantity(chosen.length, 'asset')}: ${proved} of ${formatQuantity(days.length, 'day')} with an adjustment are proved.`,
    );
    const isProved = findings.length + missing.length === 0 && isCurrent;
    return isProved ? ExitStatus.done : ExitStatus.doneInPart;
  },
});

/**
 * The adjustments as they follow from all that the lake has now, and whether the factors that its prices are adjusted
 * by are the same; a warning says why they are not.
 */
async function readAdjustments(
  terminal: Terminal,
  handle: LakeHandle,
): Promise<{ readonly all: AssetAdjustments[]; readonly isCurrent: boolean }> {
  const { computeLakeAdjustments } = await import('../../pipeline/derive-adjustments.ts');
  const { readMarketHistory } = await import('../../pipeline/market-history.ts');
  const { areDerivedOtherwise } = await import('../../pipeline/adjustment-state.ts');
  const { lake, notes } = handle;
  const history = await readMarketHistory(lake);
  if (history.tickers.length === 0) throw await createHistoryMissingError(handle);
  const successions = await readSuccessions();
  const isDerived = await areAdjustmentsDerived(terminal, notes);
  const isOtherwise = await areDerivedOtherwise(notes, successions);
  if (isOtherwise) {
    terminal.warn(
      `${getSuccessionsPath()} has changed since the last import: this audit follows it, and the stored adjustments do not yet. \`pynvest import eventos\` derives them again.`,
    );
  }
  const all = await computeLakeAdjustments(lake, history, successions);
  return { all, isCurrent: isDerived && !isOtherwise };
}

function hasTicker({ asset }: AssetAdjustments, tickers: readonly Ticker[]): boolean {
  return asset.parts.some((part) => tickers.some((ticker) => ticker === part.ticker));
}

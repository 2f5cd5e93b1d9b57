/**
 * `pynvest query proventos`: the dividends and splits of some assets, and their income of the last twelve months.
 */

import { findTickersOfAssets, readLedger } from '../../../analysis/asset-history.ts';
import {
  type KnownIncome,
  readIncomeProof,
  readNewestPrices,
  selectIncome,
  sumIncomeByPeriod,
  sumLastYear,
  type YearlyIncome,
} from '../../../analysis/income.ts';
import { formatIsoDate, getPartition, type Partition } from '../../../catalog/partition.ts';
import type { Ticker } from '../../../catalog/ticker.ts';
import { UsageError } from '../../../errors.ts';
import { createReadingFinder } from '../../../pipeline/event-readings.ts';
import {
  formatDay,
  formatNumber,
  formatPercentage,
  formatPeriod,
  type Locale,
} from '../../../presentation/notation.ts';
import { eventsTable, ledgerColumns } from '../../../query/dividends.ts';
import type { OutputRow, QueryEngine } from '../../../query/engine.ts';
import { formatQuantity, joinSentences } from '../../../text.ts';
import { defineCommand } from '../../command.ts';
import { readQuotedTickers, readTradedTickers, suggestTicker } from '../../known-tickers.ts';
import { areAdjustmentsDerived } from '../../open-lake.ts';
import { option } from '../../option.ts';
import { assertChartable, chartOptions, parseChart, writeBarChart } from '../../output/chart.ts';
import { writeAnswer } from '../../output/file.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import {
  answerOptions,
  assertAnyTicker,
  createMissingError,
  getAnswerStatus,
  historyArguments,
  historyOptions,
  parseHistoryQuery,
  withHistoryEngine,
} from './history-query.ts';

const TYPES = [
  ...['date', 'varchar', 'varchar', 'double', 'double'],
  ...['date', 'double', 'double', 'varchar', 'varchar', 'varchar', 'boolean'],
];

/** The columns of `--total`, with their types. */
const TOTAL_COLUMNS = {
  codigo_ticker_ativo: 'varchar',
  dt_inicio: 'date',
  dt_fim: 'date',
  qtd_proventos: 'bigint',
  vlr_proventos: 'double',
  vlr_fechamento: 'double',
  dt_fechamento: 'date',
  pct_yield: 'double',
  provado: 'boolean',
} as const;

export const proventosCommand = defineCommand({
  name: 'proventos',
  description: 'dividends and splits of some assets, and the income of the last twelve months',
  args: historyArguments,
  options: {
    ...historyOptions,
    total: option('--total', 'a row an asset: sum and yield of the last twelve months'),
    ...chartOptions,
    ...answerOptions,
  },
  examples: [
    'pynvest query proventos ITUB4 --from 2024-01-01',
    'pynvest query proventos --ticker PETR4,HGLG11 --total',
    'pynvest query proventos ITUB4 BBDC4 --chart',
  ],
  helpText: `
By the last day with the right (dt_com). Amounts are gross, for one unit; vlr_provento_ajustado is for one unit of today, after the splits since; it is empty where the lake has no price of that time, so that the splits since are not known. divergencia is what the other source shows instead. The twelve months end with the newest close of the history, or else with the newest quote, and the yield is the sum over that price. Amortization gives back capital, and is no income. provado says whether the distribution numbers of B3 show the event; it is empty without prices of its time. The sum counts what the sources show, proved or not: its provado is false if any of it is not, or if the number shows a right of these months that the events do not explain; it is empty where the history does not have all of the months.

--chart draws the income of each year for one unit of today; of less than two years, from --from to --to, that of each month. A year or a month that is not covered in full says its days.`,

  async handler(given) {
    const { terminal, options } = given;
    const isChart = parseChart(options);
    const query = await parseHistoryQuery(given);
    assertAnyTicker(query, 'query proventos');
    const { tickers, from, to, destination } = query;
    if (options.total && (from !== undefined || to !== undefined)) {
      throw new UsageError('--total is about the last twelve months: leave --from and --to out');
    }
    if (isChart && options.total) {
      throw new UsageError('--total has one number an asset, and --chart draws years or months', {
        hint: 'Leave one of them out.',
      });
    }
    if (isChart) assertChartable(tickers, 'query proventos');
    return withHistoryEngine(given, async (engine, lake) => {
      if ((await engine.newestPartition(eventsTable)) === undefined) {
        const hint = '`pynvest import eventos` brings dividends and splits.';
        throw await createMissingError(lake, 'events', hint);
      }
      const assets = await findTickersOfAssets(engine, tickers);
      const all = [...new Set([...assets.values()].flat())];
      const isDerived = await areAdjustmentsDerived(terminal, lake.notes);
      const found = await readLedger(engine, all, isDerived);
      const prices = await readNewestPrices(engine, all);
      const proof = await readIncomeProof(engine, all, prices, isDerived);
      const sources = { ledger: found, prices, proof };
      const listOwn = (ticker: Ticker): readonly Ticker[] => assets.get(ticker) ?? [ticker];
      const isOf = (ticker: Ticker, [, each]: OutputRow): boolean =>
        listOwn(ticker).some((name) => name === each);
      const missing = tickers.filter((ticker) => !found.some((row) => isOf(ticker, row)));
      // What the ledger does not know is not zero.
      const totals = tickers
        .filter((ticker) => !missing.includes(ticker))
        .map((ticker) => sumLastYear(ticker, listOwn(ticker), sources));
      const [first, last] = [from, to].map((day) => day && formatIsoDate(day));
      const rows = found.filter(
        ([day]) => String(day) >= (first ?? '') && String(day) <= (last ?? '9999'),
      );
      if (isChart) {
        const findReading = await createReadingFinder(lake.notes);
        const incomes = tickers.map((ticker): KnownIncome => {
          const own = listOwn(ticker);
          return { payments: selectIncome(rows, own), readOn: findReading(own) };
        });
        await writeIncomeChart(terminal, tickers, incomes, from, to);
      } else if (options.total) {
        await writeAnswer(terminal, destination, {
          columns: Object.keys(TOTAL_COLUMNS),
          types: Object.values(TOTAL_COLUMNS),
          rows: totals.map((total) => [
            ...[total.ticker, total.start, total.end, total.count, total.sum ?? null],
            ...[total.price ?? null, total.priceDay ?? null, total.yield ?? null],
            total.isProved ?? null,
          ]),
          essential: ['codigo_ticker_ativo', 'vlr_proventos', 'pct_yield'],
        });
      } else {
        await writeAnswer(terminal, destination, {
          ...{ columns: ledgerColumns, types: TYPES, rows },
          essential: ['dt_com', 'codigo_ticker_ativo', 'tipo_evento', 'vlr_provento_ajustado'],
        });
      }
      noticeUnknownAmounts(terminal, options.total ? [] : rows);
      noticeUnprovedEvents(terminal, rows, options.total ? totals : [], tickers);
      noticeIncompleteTotals(terminal, totals);
      const known = missing.length === 0 ? [] : await readKnownTickers(engine);
      for (const ticker of missing) {
        const suggestion = suggestTicker(ticker, known) ?? '';
        terminal.warn(joinSentences(`${ticker}: the ledger has no event`, suggestion));
      }
      for (const total of options.total ? [] : totals) {
        const hasRow = rows.some((row) => isOf(total.ticker, row));
        // A sum of twelve months does not answer a question about other days.
        terminal.notice(
          hasRow
            ? formatTotal(total, terminal.locale)
            : `${total.ticker}: no event on the days asked for.`,
        );
      }
      return getAnswerStatus(tickers, missing);
    });
  },
});

async function readKnownTickers(engine: QueryEngine): Promise<readonly string[]> {
  return [...(await readTradedTickers(engine)), ...(await readQuotedTickers(engine))];
}

/** The bars of each year, or of each month of a range of less than two years. */
async function writeIncomeChart(
  terminal: Terminal,
  tickers: readonly Ticker[],
  incomes: readonly KnownIncome[],
  from: Partition | undefined,
  to: Partition | undefined,
): Promise<void> {
  const today = getPartition(new Date());
  const last = to !== undefined && to < today ? to : today;
  const period = from !== undefined && last - from < TWO_YEARS ? 'month' : 'year';
  const periods = sumIncomeByPeriod(incomes, period, {
    from: from && formatIsoDate(from),
    ...{ isFromAsked: true, to: formatIsoDate(last) },
  });
  if (periods.length === 0) {
    terminal.notice('There is no income to draw on those days.');
    return;
  }
  const groups = periods.map((each) => ({
    values: each.values,
    label: formatPeriod(each, terminal.locale, { since: 'from', until: 'to' }),
  }));
  await writeBarChart(terminal, {
    title: `${tickers.join(', ')}: income of each ${period} for one unit of today, R$`,
    names: tickers,
    groups,
  });
  const partial = groups.map(({ label }) => label).filter((label) => label.endsWith(')'));
  if (partial.length === 0) return;
  terminal.notice(
    `${partial.length === 1 ? `This is no whole ${period}` : `These are no whole ${period}s`}: ${partial.join(', ')}.`,
  );
}

/** Of days as YYYYMMDD. */
const TWO_YEARS = 20_000;

/**
 * An amount before a split is not one of today, and without prices of its time nothing says which splits there were.
 */
function noticeUnknownAmounts(terminal: Terminal, rows: readonly OutputRow[]): void {
  const unknown = rows.filter(([, , , cash, amount]) => cash !== null && amount === null);
  const [oldest, newest] = [unknown.at(0)?.[0], unknown.at(-1)?.[0]].map((day) => String(day));
  if (unknown.length === 0 || newest === undefined) return;
  const years = [...new Set([oldest, newest].map((day) => day?.slice(0, 4)))].join('-');
  terminal.notice(
    `${formatQuantity(unknown.length, 'amount')} up to ${formatDay(newest, terminal.locale)}: without the prices of that time the splits since are not known, so there is no amount for one unit of today. \`pynvest import cotahist --year ${years}\` brings them.`,
  );
}

/** An event that no distribution number shows may never have taken place, and is in the sums all the same. */
function noticeUnprovedEvents(
  terminal: Terminal,
  rows: readonly OutputRow[],
  totals: readonly YearlyIncome[],
  tickers: readonly Ticker[],
): void {
  const ofTotals = totals.reduce((sum, { unproved }) => sum + unproved, 0);
  const shown = rows.filter((row) => row.at(STATUS_AT) === 'vigente');
  const ofRows = shown.filter((row) => row.at(-1) === false).length;
  const unproved = totals.length === 0 ? ofRows : ofTotals;
  if (unproved === 0) return;
  const all =
    totals.length === 0
      ? formatQuantity(shown.length, 'event')
      : `${formatQuantity(
          totals.reduce((sum, { count }) => sum + count, 0),
          'payment',
        )} in the sums`;
  terminal.notice(
    `Of ${all}, ${unproved} ${unproved === 1 ? 'is' : 'are'} not proved: \`pynvest audit --ticker ${tickers.join()}\` says why.`,
  );
}

/** A right that no event explains may have been a payment: the sum is what is known. */
function noticeIncompleteTotals(terminal: Terminal, totals: readonly YearlyIncome[]): void {
  const incomplete = totals.filter(({ mayLackPayments }) => mayLackPayments);
  const names = incomplete.map(({ ticker }) => ticker).join();
  if (names === '') return;
  terminal.notice(
    `${names}: the events do not explain every right of the last twelve months, so the sum may lack a payment: \`pynvest audit --ticker ${names}\` says why.`,
  );
}

const STATUS_AT = ledgerColumns.indexOf('situacao');

function formatTotal(
  { ticker, end, count, sum, price, yield: share }: YearlyIncome,
  locale: Locale,
): string {
  const over =
    price === undefined || share === undefined
      ? 'no price to count a yield against'
      : `${formatPercentage(share, locale)} of R$ ${formatNumber(price, locale)}`;
  const payments = formatQuantity(count, 'payment');
  const what = `${ticker}: ${payments} of income in the twelve months to ${formatDay(end, locale)}`;
  return sum === undefined
    ? `${what}: the splits since are not known, so there is no sum for one unit of today.`
    : `${what}: R$ ${formatNumber(sum, locale, 4)} a unit, ${over}.`;
}

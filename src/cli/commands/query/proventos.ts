/**
 * `pynvest query proventos`: the dividends and splits of some assets, and their income of the last twelve months.
 */

import {
  findTickersOfAssets,
  type Income,
  readLedger,
  readNewestPrices,
  selectIncome,
  sumIncomeByPeriod,
  sumLastYear,
  type YearlyIncome,
} from '../../../analysis/asset-history.ts';
import { formatIsoDate, getPartition, type Partition } from '../../../catalog/partition.ts';
import type { Ticker } from '../../../catalog/ticker.ts';
import { UsageError } from '../../../errors.ts';
import {
  formatDay,
  formatNumber,
  formatPercentage,
  type Locale,
} from '../../../presentation/notation.ts';
import { eventsTable, ledgerColumns } from '../../../query/dividends.ts';
import type { QueryEngine } from '../../../query/engine.ts';
import { formatQuantity, joinSentences } from '../../../text.ts';
import { defineCommand } from '../../command.ts';
import { ExitStatus } from '../../exit.ts';
import { readQuotedTickers, readTradedTickers, suggestTicker } from '../../known-tickers.ts';
import { option } from '../../option.ts';
import { assertChartable, chartOptions, parseChart, writeBarChart } from '../../output/chart.ts';
import { writeAnswer } from '../../output/file.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import {
  answerOptions,
  assertAnyTicker,
  createMissingError,
  historyArguments,
  historyOptions,
  parseHistoryQuery,
  withHistoryEngine,
} from './history-query.ts';

const TYPES = [
  ...['date', 'varchar', 'varchar', 'double', 'double'],
  ...['date', 'double', 'double', 'varchar', 'varchar', 'varchar'],
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
By the last day with the right (dt_com). Amounts are gross, for one unit; vlr_provento_ajustado is for one unit of today, after the splits since. The twelve months end with the newest close of the history, or else with the newest quote, and the yield is the sum over that price. Amortization gives back capital, and is no income.

<<<<<<< HEAD
--chart draws the income of each year for one unit of today; of less than two years, from --from to --to, that of each month.`,
=======
By the last day with the right (dt_com). Amounts are gross, for one unit; vlr_provento_ajustado is for
one unit of today, after the splits since; it is empty where the lake has no price of that time, so that
the splits since are not known. divergencia is what the other source shows instead. The twelve months end with the newest close of the history,
or else with the newest quote, and the yield is the sum over that price. Amortization gives back
capital, and is no income.

--chart draws the income of each year for one unit of today; of less than two years, from --from to
--to, that of each month.`,
>>>>>>> b574a95 (Leave amounts of before the first session unadjusted)

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
      const found = await readLedger(engine, all);
      const prices = await readNewestPrices(engine, all);
      const totals = tickers.map((ticker) =>
        sumLastYear(ticker, assets.get(ticker) ?? [ticker], found, prices),
      );
      const missing = tickers.filter((ticker) => {
        const own = assets.get(ticker) ?? [ticker];
        return !found.some(([, each]) => own.some((name) => name === each));
      });
      const [first, last] = [from, to].map((day) => day && formatIsoDate(day));
      const rows = found.filter(
        ([day]) => String(day) >= (first ?? '') && String(day) <= (last ?? '9999'),
      );
      if (isChart) {
        const incomes = tickers.map((ticker) => selectIncome(rows, assets.get(ticker) ?? [ticker]));
        await writeIncomeChart(terminal, tickers, incomes, from, to);
      } else if (options.total) {
        await writeAnswer(terminal, destination, {
          columns: Object.keys(TOTAL_COLUMNS),
          types: Object.values(TOTAL_COLUMNS),
          rows: totals.map((total) => [
            ...[total.ticker, total.start, total.end, total.count, total.sum ?? null],
            ...[total.price ?? null, total.priceDay ?? null, total.yield ?? null],
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
      const known = missing.length === 0 ? [] : await readKnownTickers(engine);
      for (const total of totals) {
        const { ticker } = total;
        if (missing.includes(ticker)) {
          const suggestion = suggestTicker(ticker, known) ?? '';
          terminal.warn(joinSentences(`${ticker}: the ledger has no event`, suggestion));
        } else if (!options.total) terminal.notice(formatTotal(total, terminal.locale));
      }
      return missing.length === 0 ? ExitStatus.done : ExitStatus.doneInPart;
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
  incomes: readonly (readonly Income[])[],
  from: Partition | undefined,
  to: Partition | undefined,
): Promise<void> {
  const last = to ?? getPartition(new Date());
  const period = from !== undefined && last - from < TWO_YEARS ? 'month' : 'year';
  const groups = sumIncomeByPeriod(incomes, period);
  if (groups.length === 0) {
    terminal.notice('There is no income to draw on those days.');
    return;
  }
  await writeBarChart(terminal, {
    title: `${tickers.join(', ')}: income of each ${period} for one unit of today, R$`,
    names: tickers,
    groups,
  });
}

/** Of days as YYYYMMDD. */
const TWO_YEARS = 20_000;

<<<<<<< HEAD
function formatTotal(
  { ticker, end, count, sum, price, yield: share }: YearlyIncome,
  locale: Locale,
): string {
  const over =
    price === undefined || share === undefined
      ? 'no price to count a yield against'
      : `${formatPercentage(share, locale)} of R$ ${formatNumber(price, locale)}`;
  const payments = formatQuantity(count, 'payment');
  return `${ticker}: ${payments} of income in the twelve months to ${formatDay(end, locale)}: R$ ${formatNumber(sum, locale, 4)} a unit, ${over}.`;
=======
interface Price {
  readonly ticker: string;
  readonly day: string;
  readonly value: number;
}

/** The newest closes of the history; of tickers without one, the quotes of the newest collected day. */
async function readPrices(engine: QueryEngine, tickers: readonly Ticker[]): Promise<Price[]> {
  const nameOf = (table: Table): string => engine.nameOf(table);
  const read = async (statement: Statement): Promise<Price[]> =>
    (await readAll(engine, statement)).map(([ticker, day, value]) => ({
      ...{ ticker: String(ticker), day: String(day), value: Number(value) },
    }));
  const year = await engine.newestPartition(historyTable);
  const closes =
    year === undefined ? [] : await read(buildNewestClosesSelect(tickers, year, nameOf));
  const others = tickers.filter((ticker) => !closes.some((close) => close.ticker === ticker));
  const day = others.length === 0 ? undefined : await engine.newestPartition(quotesTable);
  const quotes = day === undefined ? [] : await read(buildQuotesOfDaySelect(others, day, nameOf));
  return [...closes, ...quotes];
}

interface Total {
  readonly ticker: Ticker;
  /** The first and the last day of the twelve months. */
  readonly start: string;
  readonly end: string;
  readonly count: number;
  /** Undefined where some amount is not known for one unit of today. */
  readonly sum: number | undefined;
  readonly price: number | undefined;
  readonly priceDay: string | undefined;
  readonly yield: number | undefined;
}

/** The income of the twelve months that end with the newest price, of one unit of today. */
function sumLastYear(
  ticker: Ticker,
  own: readonly Ticker[],
  rows: readonly OutputRow[],
  prices: readonly Price[],
): Total {
  const newest = prices
    .filter((price) => own.some((name) => name === price.ticker))
    .reduce<Price | undefined>((a, b) => (a !== undefined && a.day >= b.day ? a : b), undefined);
  const end = newest?.day ?? formatIsoDate(getPartition(new Date()));
  const start = findFirstDay(end);
  const amounts = selectIncome(rows, own)
    .filter(({ day }) => day >= start && day <= end)
    .map(({ amount }) => amount);
  const sum = amounts.reduce<number | undefined>(
    (total, amount) => (total === undefined || amount === undefined ? undefined : total + amount),
    0,
  );
  return {
    ...{ ticker, start, end, sum },
    count: amounts.length,
    price: newest?.value,
    priceDay: newest?.day,
    yield: newest === undefined || sum === undefined ? undefined : sum / newest.value,
  };
}

/** The first of the twelve months that end with a day, YYYY-MM-DD. */
function findFirstDay(end: string): string {
  const [year = 0, month = 1, day = 1] = end.split('-').map(Number);
  // 29 February of a year without one is 1 March: then the day after 28 February is the first, too.
  const shift = end.endsWith('-02-29') ? 0 : 1;
  return new Date(Date.UTC(year - 1, month - 1, day + shift)).toISOString().slice(0, 10);
}

/** An amount before a split is not one of today, and without prices of its time nothing says which splits there were. */
function noticeUnknownAmounts(terminal: Terminal, rows: readonly OutputRow[]): void {
  const unknown = rows.filter(([, , , cash, amount]) => cash !== null && amount === null);
  const [oldest, newest] = [unknown.at(0)?.[0], unknown.at(-1)?.[0]].map((day) => String(day));
  if (unknown.length === 0) return;
  const years = [...new Set([oldest, newest].map((day) => day?.slice(0, 4)))].join('-');
  terminal.notice(
    `${formatQuantity(unknown.length, 'amount')} up to ${newest}: without the prices of that time the splits since are not known, so there is no amount for one unit of today. \`pynvest import cotahist --year ${years}\` brings them.`,
  );
}

function formatTotal({ ticker, end, count, sum, price, yield: share }: Total): string {
  const payments = `${ticker}: ${formatQuantity(count, 'payment')} of income in the twelve months to ${end}`;
  if (sum === undefined) {
    return `${payments}: the splits since are not known, so there is no sum for one unit of today.`;
  }
  const over =
    price === undefined || share === undefined
      ? 'no price to count a yield against'
      : `${(share * 100).toFixed(2)}% of R$ ${price.toFixed(2)}`;
  return `${payments}: R$ ${sum.toFixed(4)} a unit, ${over}.`;
>>>>>>> b574a95 (Leave amounts of before the first session unadjusted)
}

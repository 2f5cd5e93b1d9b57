/**
 * `pynvest query retorno`: what an asset returned, dividends included, beside CDI and inflation.
 */

import {
  type AssetSeries,
  type CurrencyChange,
  readAssetSeries,
} from '../../../analysis/asset-history.ts';
import { type RateName, rateSeries } from '../../../catalog/datasets/bcb.ts';
import type { Ticker } from '../../../catalog/ticker.ts';
import { formatErrorWithHint, UsageError } from '../../../errors.ts';
import type { ChartSeries } from '../../../presentation/line-chart.ts';
import { formatDay } from '../../../presentation/notation.ts';
import type { OutputValue } from '../../../query/engine.ts';
import { removeAccents } from '../../../text.ts';
import {
  accumulateRates,
  compoundDaily,
  compoundMonthly,
  type RatePoint,
  sumCash,
  summarizeReturns,
} from '../../../transform/returns.ts';
import { defineCommand } from '../../command.ts';
import { areAdjustmentsDerived, type LakeHandle } from '../../open-lake.ts';
import { option } from '../../option.ts';
import { assertChartable, chartOptions, parseChart, writeLineChart } from '../../output/chart.ts';
import { writeAnswer } from '../../output/file.ts';
import { readRates } from '../../rates.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import {
  answerOptions,
  assertAnyTicker,
  assertHistory,
  getAnswerStatus,
  historyArguments,
  historyOptions,
  noticeUnproved,
  parseHistoryQuery,
  warnMissingFromHistory,
  withHistoryEngine,
} from './history-query.ts';

/** The columns of an answer, with their types. */
const COLUMNS = {
  codigo_ticker_ativo: 'varchar',
  dt_inicio: 'date',
  dt_fim: 'date',
  qtd_pregoes: 'bigint',
  pct_retorno_total: 'double',
  pct_retorno_anual: 'double',
  pct_volatilidade_anual: 'double',
  pct_maior_queda: 'double',
  dt_maximo_anterior: 'date',
  dt_fundo: 'date',
  dt_recuperacao: 'date',
  qtd_dias_queda: 'bigint',
  vlr_proventos: 'double',
  ajuste_provado: 'boolean',
} as const;

export const retornoCommand = defineCommand({
  name: 'retorno',
  description: 'total return, volatility, deepest fall and dividends of some assets',
  args: historyArguments,
  options: {
    ...historyOptions,
    contra: option('--contra <list>', 'beside the return of cdi, ipca or both, such as cdi,ipca', {
      isList: true,
    }),
    ...chartOptions,
    ...answerOptions,
  },
  examples: [
    'pynvest query retorno PETR4 --from 2016-01-04 --contra cdi,ipca',
    'pynvest query retorno --ticker ITUB4,BBDC4 --format json',
    'pynvest query retorno PETR4 VALE3 --contra cdi --chart',
  ],
  helpText: `
From the close of the first session of the range to that of the last, with all cash reinvested on the day without the right, before taxes. Fractions: 0.1 is 10%. The yearly return is given from a year on, the volatility from 20 returns on; it is that of a year of 252 sessions, or of the same share of them as of the range's days on which the asset is traded.
vlr_proventos is the income that the adjusted prices rest on, for one unit of the first day, without amortization. No return is counted over a change of currency. IPCA counts whole months, from that of the first day to the one before that of the last.

--chart draws what 100 reais became: from the first day on that all of the assets have.`,

  async handler(given) {
    const { terminal, options } = given;
    const isChart = parseChart(options);
    const query = await parseHistoryQuery(given);
    assertAnyTicker(query, 'query retorno');
    const { tickers, from, to, destination } = query;
    const benchmarks = parseBenchmarks(options.contra);
    if (isChart) assertChartable([...tickers, ...benchmarks], 'query retorno');
    return withHistoryEngine(given, async (engine, lake) => {
      await assertHistory(engine, lake);
      const isDerived = await areAdjustmentsDerived(terminal, lake.notes);
      const found = await readAssetSeries(engine, tickers, { from, to, isDerived });
      const rows: ReturnRow[] = [];
      const missing: Ticker[] = [];
      for (const ticker of tickers) {
        const asset = found.get(ticker);
        const row = asset === undefined ? undefined : summarizeAsset(ticker, asset);
        if (row === undefined) missing.push(ticker);
        else rows.push(row);
      }
      const compared = await addBenchmarks({ terminal, lake, benchmarks, rows });
      if (isChart) {
        const series = listChartSeries(found, compared.rates, missing);
        if (series.length > 0) {
          await writeLineChart(terminal, {
            subject: 'total return',
            series,
            isIndexed: true,
          });
        }
      } else {
        const columns = [...Object.keys(COLUMNS), ...benchmarks.map((name) => `pct_${name}`)];
        await writeAnswer(terminal, destination, {
          columns,
          types: [...Object.values(COLUMNS), ...benchmarks.map(() => 'double')],
          rows: compared.rows.map((row) => columns.map((name) => row[name] ?? null)),
          essential: [
            'codigo_ticker_ativo',
            'pct_retorno_total',
            ...columns.slice(-benchmarks.length),
          ],
        });
      }
      const reason = 'fewer than two prices on the days asked for';
      const changes = missing.flatMap((ticker) => {
        const change = found.get(ticker)?.currencyChange;
        return change === undefined ? [] : [{ ticker, ...change }];
      });
      for (const change of changes) warnOfCurrency(terminal, change);
      const others = missing.filter((ticker) => !changes.some((each) => each.ticker === ticker));
      await warnMissingFromHistory(terminal, engine, others, reason);
      for (const row of rows.filter((each) => each['vlr_proventos'] === null)) {
        const what = `${row['codigo_ticker_ativo']}: the ledger has changed since its adjustments were derived`;
        terminal.warn(`${what}, so vlr_proventos is not known: an import derives them again`);
      }
      const unproved = rows.filter((row) => row['ajuste_provado'] === false).length;
      if (unproved > 0) noticeUnproved(terminal, unproved, rows.length, tickers);
      return getAnswerStatus(tickers, missing, compared.isComplete);
    });
  },
});

function warnOfCurrency(
  terminal: Terminal,
  { ticker, from, to, day }: CurrencyChange & { readonly ticker: Ticker },
): void {
  const what = `${ticker}: its prices are in ${from} before ${formatDay(day, terminal.locale)}, and then in ${to}`;
  terminal.warn(
    `${what}; a return needs one currency. Ask for days in one of them, such as --from ${day}`,
  );
}

/** The adjusted prices of the assets, and what each rate made of the days that all of them have. */
function listChartSeries(
  found: ReadonlyMap<Ticker, AssetSeries>,
  rates: ReadonlyMap<RateName, readonly RatePoint[]>,
  missing: readonly Ticker[],
): ChartSeries[] {
  const assets = [...found]
    .filter(([ticker]) => !missing.includes(ticker))
    .map(([name, { points }]) => ({
      name,
      isDaily: true,
      points: points.map(({ day, price }) => ({ day, value: price })),
    }));
  const firsts = assets.map(({ points }) => points[0]?.day ?? '').sort();
  const first = firsts.at(-1) ?? '';
  const days = [...new Set(assets.flatMap(({ points }) => points.map(({ day }) => day)))]
    .filter((day) => day >= first)
    .sort();
  const benchmarks = [...rates].map(([name, own]) => ({
    name: rateSeries[name].title,
    points: accumulateRates(own, days, rateSeries[name].period).map(({ day, price }) => ({
      ...{ day, value: price },
    })),
  }));
  return [...assets, ...benchmarks.filter(({ points }) => points.length > 0)];
}

/** @throws UsageError */
function parseBenchmarks(list: string | undefined): RateName[] {
  const names = Object.keys(rateSeries) as RateName[];
  const words = list?.split(/[,;\s]+/).filter((word) => word !== '') ?? [];
  return [...new Set(words.map((word) => removeAccents(word)))].map((word) => {
    const name = names.find((each) => each === word);
    if (name !== undefined) return name;
    throw new UsageError(`--contra ${word}: there is no such rate`, {
      hint: `Use ${names.join(', ')}, or both with a comma.`,
    });
  });
}

type ReturnRow = Readonly<Record<string, OutputValue>>;

function summarizeAsset(
  ticker: Ticker,
  { points, splitFactor, isProved, payments }: AssetSeries,
): ReturnRow | undefined {
  const summary = summarizeReturns(points);
  if (summary === undefined) return undefined;
  const { first, last, sessions, totalReturn, annualReturn, volatility, drawdown } = summary;
  return {
    codigo_ticker_ativo: ticker,
    dt_inicio: first,
    dt_fim: last,
    qtd_pregoes: sessions,
    pct_retorno_total: totalReturn,
    pct_retorno_anual: annualReturn ?? null,
    pct_volatilidade_anual: volatility ?? null,
    pct_maior_queda: drawdown?.depth ?? 0,
    dt_maximo_anterior: drawdown?.start ?? null,
    dt_fundo: drawdown?.lowest ?? null,
    dt_recuperacao: drawdown?.recovery ?? null,
    qtd_dias_queda: drawdown?.days ?? 0,
    vlr_proventos: sumCash(payments, first, last, splitFactor),
    ajuste_provado: isProved,
  };
}

interface BenchmarkRequest {
  readonly terminal: Terminal;
  readonly lake: LakeHandle;
  readonly benchmarks: readonly RateName[];
  readonly rows: readonly ReturnRow[];
}

/** The rows with what each rate returned over the same days; null where the series does not reach. */
async function addBenchmarks({ terminal, lake, benchmarks, rows }: BenchmarkRequest): Promise<{
  readonly rows: readonly ReturnRow[];
  readonly rates: ReadonlyMap<RateName, readonly RatePoint[]>;
  readonly isComplete: boolean;
}> {
  const found = new Map<RateName, readonly RatePoint[]>();
  let compared = rows;
  let isComplete = true;
  for (const name of rows.length === 0 ? [] : benchmarks) {
    const days = rows.flatMap((row) => [String(row['dt_inicio']), String(row['dt_fim'])]).sort();
    const range = { first: days[0] ?? '', last: days.at(-1) ?? '' };
    const { rates, error, storeError } = await readRates(terminal, lake, name, range);
    if (storeError !== undefined) {
      const what = `the values of ${rateSeries[name].title} were not stored`;
      terminal.notice(`${what}: ${formatErrorWithHint(storeError)}`);
    }
    found.set(name, rates);
    const compound = rateSeries[name].period === 'day' ? compoundDaily : compoundMonthly;
    compared = compared.map((row) => {
      const value = compound(rates, String(row['dt_inicio']), String(row['dt_fim']));
      return { ...row, [`pct_${name}`]: value ?? null };
    });
    if (compared.every((row) => row[`pct_${name}`] !== null)) continue;
    isComplete = false;
    const reason = error === undefined ? '' : `: ${formatErrorWithHint(error)}`;
    const title = rateSeries[name].title;
    terminal.warn(`the lake does not have all values of ${title} for these days${reason}`);
  }
  return { rows: compared, rates: found, isComplete };
}

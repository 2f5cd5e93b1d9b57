/**
 * `pynvest query historico`: prices of B3's files, adjusted for dividends and splits.
 */

import { findAssetTickers } from '../../../analysis/asset-history.ts';
import type { Partition } from '../../../catalog/partition.ts';
import type { Ticker } from '../../../catalog/ticker.ts';
import { UsageError } from '../../../errors.ts';
import type { ChartPoint, ChartSeries } from '../../../presentation/line-chart.ts';
import { formatDay } from '../../../presentation/notation.ts';
import { parseColumns } from '../../../query/columns.ts';
import type { OutputRow, QueryEngine } from '../../../query/engine.ts';
import {
  type AssetTickers,
  buildHistorySelect,
  buildNewestSessionSelect,
  frequencies,
  historyAnswerColumns,
  type PriceAdjustment,
  priceAdjustments,
} from '../../../query/history.ts';
import { formatQuantity } from '../../../text.ts';
import { defineCommand } from '../../command.ts';
import { areAdjustmentsDerived } from '../../open-lake.ts';
import { option } from '../../option.ts';
import { assertChartable, chartOptions, parseChart, writeLineChart } from '../../output/chart.ts';
import { writeAnswer } from '../../output/file.ts';
import { countRows, moveColumnsFirst, removeColumns } from '../../output/rows.ts';
import { parseLast } from '../../selection.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import {
  answerOptions,
  assertHistory,
  getAnswerStatus,
  historyArguments,
  historyOptions,
  noticeUnproved,
  parseHistoryQuery,
  warnMissingFromHistory,
  withHistoryEngine,
} from './history-query.ts';

export const historicoCommand = defineCommand({
  name: 'historico',
  description: "prices of B3's history, adjusted for dividends and splits",
  args: historyArguments,
  options: {
    ...historyOptions,
    ajuste: option(
      '--ajuste <kind>',
      'what prices are adjusted for: total (the default) for splits and all cash, desdobramentos for splits alone, nenhum for the prices as they were',
      { choices: priceAdjustments },
    ),
    freq: option('--freq <time>', 'one row for each dia (the default), semana, mes or ano', {
      choices: frequencies,
    }),
    last: option(
      '--last <n>',
      'only the newest n sessions of each asset, or n periods with --freq',
    ),
    columns: option(
      '--columns <list>',
      'only these columns behind the day and the ticker, such as vlr_fechamento,ajuste_provado',
      { isList: true },
    ),
    ...chartOptions,
    ...answerOptions,
  },
  examples: [
    'pynvest query historico PETR4 --from 2016-01-04',
    'pynvest query historico PETR4 --last 30 --columns vlr_fechamento',
    'pynvest query historico --ticker ITUB4,BBDC4 --freq mes --format csv',
    'pynvest query historico PETR4 --ajuste nenhum',
    'pynvest query historico PETR4 VALE3 --from 2024-01-02 --chart',
  ],
  helpText: `
Prices are of one unit. The newest price of an asset is never adjusted: earlier ones are.
ajuste_provado is false where B3's distribution numbers do not confirm an adjustment.`,

  async handler(given) {
    const { terminal, options } = given;
    const isChart = parseChart(options);
    const { tickers, from, to, destination } = await parseHistoryQuery(given);
    if (isChart) assertDrawable(tickers, options);
    const last = parseLast(options);
    if (last !== undefined && tickers.length === 0) {
      throw new UsageError('--last counts the sessions of an asset, and no ticker is named', {
        hint: 'Name some, such as `pynvest query historico PETR4 --last 30`; or ask by days: --from, --to.',
      });
    }
    const selected =
      options.columns === undefined
        ? undefined
        : parseColumns(options.columns, historyAnswerColumns).map(({ name }) => name);
    return withHistoryEngine(given, async (engine, lake) => {
      const newestYear = await assertHistory(engine, lake);
      const isDerived = await areAdjustmentsDerived(terminal, lake.notes);
      const assets = await findAssetTickers(engine, tickers);
      noticeEarlierTickers(terminal, assets);
      const isNewestSession = tickers.length === 0 && from === undefined && to === undefined;
      const { columns, types, rows } = await engine.query(
        buildHistorySelect(
          {
            tickers: [...new Set([...tickers, ...assets.map(({ ticker }) => ticker as Ticker)])],
            from: isNewestSession ? await findNewestSession(engine, newestYear) : from,
            to,
            adjustment: options.ajuste ?? 'total',
            frequency: options.freq ?? 'dia',
            ...{ isDerived, last },
          },
          (table) => engine.nameOf(table),
        ),
      );
      const present = new Set<unknown>();
      let unproved = 0;
      const provedAt = columns.indexOf('ajuste_provado');
      const tickerAt = columns.indexOf('codigo_ticker_ativo');
      const counted = countRows(rows, columns.length, (batch) => {
        for (const ticker of batch.columns[tickerAt] ?? []) present.add(ticker);
        for (const isProved of batch.columns[provedAt] ?? []) if (isProved === false) unproved += 1;
      });
      const isDaily = (options.freq ?? 'dia') === 'dia';
      if (isChart) {
        const drawn = await collectSeries(counted.rows, columns, tickers, assets);
        const adjustment = ADJUSTMENT_WORDS[options.ajuste ?? 'total'];
        const series = drawn
          .filter(({ points }) => points.length > 0)
          .map((each) => ({ ...each, isDaily }));
        if (series.length > 0) {
          await writeLineChart(terminal, { subject: `close${adjustment}`, unit: 'R$', series });
        }
      } else {
        const inFront = ['dt_pregao', 'codigo_ticker_ativo'];
        const essential = [...inFront, 'vlr_fechamento', 'ajuste_provado'];
        const data = {
          ...{ columns, types, rows: counted.rows, essential, hasColumnsOption: true },
          // Prices of the day fall at a split, where nothing fell.
          ...(tickers.length === 1 &&
            options.ajuste !== 'nenhum' && {
              course: { day: 'dt_pregao', value: 'vlr_fechamento', isComparable: true, isDaily },
            }),
        };
        const chosen = selected && [...new Set([...inFront, ...selected])];
        await writeAnswer(
          terminal,
          destination,
          chosen === undefined
            ? data
            : removeColumns(
                moveColumnsFirst(data, chosen),
                columns.filter((name) => !chosen.includes(name)),
              ),
        );
      }
      const missing = tickers.filter((ticker) => !hasRows(ticker, present, assets));
      await warnMissingFromHistory(terminal, engine, missing, 'no price on the days asked for');
      if (counted.getCount() === 0 && missing.length === 0) {
        terminal.notice('The answer has no rows.');
      }
      if (last !== undefined && from === undefined && to === undefined) {
        noticeFewSessions(terminal, last, counted.getCount(), tickers);
      }
      if (unproved > 0) noticeUnproved(terminal, unproved, counted.getCount(), tickers);
      return getAnswerStatus(tickers, missing);
    });
  },
});

/** @throws UsageError */
function assertDrawable(
  tickers: readonly Ticker[],
  { columns }: { readonly columns?: string },
): void {
  assertChartable(tickers, 'query historico');
  if (columns === undefined) return;
  throw new UsageError('--chart draws vlr_fechamento by its days, and --columns is about rows', {
    hint: 'Leave one of them out.',
  });
}

/** Says that an asset has fewer rows than were asked for. */
function noticeFewSessions(
  terminal: Terminal,
  last: number,
  count: number,
  tickers: readonly Ticker[],
): void {
  if (tickers.length !== 1 || count === 0 || count >= last) return;
  terminal.notice(
    `--last ${last}: the history has ${formatQuantity(count, 'row')} of ${tickers[0]}.`,
  );
}

const ADJUSTMENT_WORDS: Readonly<Record<PriceAdjustment, string>> = {
  total: ' adjusted for splits and all cash',
  desdobramentos: ' adjusted for splits',
  nenhum: ' of the day',
};

/** The closes of each ticker, under all tickers of its asset. */
async function collectSeries(
  rows: AsyncIterable<OutputRow>,
  columns: readonly string[],
  tickers: readonly Ticker[],
  assets: readonly AssetTickers[],
): Promise<ChartSeries[]> {
  const at = (name: string): number => columns.indexOf(name);
  const [dayAt, tickerAt, closeAt] = [
    at('dt_pregao'),
    at('codigo_ticker_ativo'),
    at('vlr_fechamento'),
  ];
  const series = tickers.map((name) => ({ name, points: [] as ChartPoint[] }));
  const codeOf = (ticker: string): string =>
    assets.find((asset) => asset.ticker === ticker)?.code ?? ticker;
  for await (const row of rows) {
    const own = series.filter(({ name }) => codeOf(name) === codeOf(String(row[tickerAt])));
    for (const { points } of own) {
      points.push({ day: String(row[dayAt]), value: Number(row[closeAt]) });
    }
  }
  return series;
}

async function findNewestSession(
  engine: QueryEngine,
  year: Partition,
): Promise<Partition | undefined> {
  const { rows } = await engine.query(
    buildNewestSessionSelect((table) => engine.nameOf(table), year),
  );
  for await (const [day] of rows) return Number(String(day).replaceAll('-', '')) as Partition;
  return undefined;
}

/** Names the other tickers under which an asset was traded. */
function noticeEarlierTickers(terminal: Terminal, assets: readonly AssetTickers[]): void {
  for (const code of new Set(assets.map((asset) => asset.code))) {
    const earlier = assets.filter((asset) => asset.code === code && asset.ticker !== code);
    if (earlier.length === 0) continue;
    const was = earlier
      .map(({ ticker, until }) => `${ticker} before ${formatDay(until ?? '', terminal.locale)}`)
      .join(', ');
    const doubtful = earlier.some(({ isProved }) => !isProved)
      ? ` Not every change is proved: \`pynvest audit --ticker ${code}\` says why.`
      : '';
    terminal.notice(`${code} was ${was}.${doubtful}`);
  }
}

function hasRows(
  ticker: Ticker,
  present: ReadonlySet<unknown>,
  assets: readonly AssetTickers[],
): boolean {
  const code = assets.find((asset) => asset.ticker === ticker)?.code ?? ticker;
  return (
    present.has(ticker) || assets.some((asset) => asset.code === code && present.has(asset.ticker))
  );
}

/** The tools about years: prices of B3 adjusted for dividends and splits, the events, and what an asset returned. */
import * as z from 'zod';
import {
  findAssetTickers,
  findTickersOfAssets,
  getLastYear,
  readAssetSeries,
  readLedger,
} from '../analysis/asset-history.ts';
import { getPartition, getYearsBefore, toPartition } from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { QueryError } from '../errors.ts';
import { eventsTable, ledgerColumns } from '../query/dividends.ts';
import type { QueryEngine } from '../query/engine.ts';
import {
  type AssetTickers,
  buildHistorySelect,
  frequencies,
  historyTable,
  priceAdjustments,
} from '../query/history.ts';
import { sumCash, summarizeReturns } from '../transform/returns.ts';
import { findNewestDay, pageInput, SITE_SOURCE, type ToolContext, takePage } from './answer.ts';
import {
  daysInput,
  defineTool,
  noteMissing,
  parseDays,
  parseTickerList,
  tickersInput,
} from './tool.ts';

const B3_SOURCE = 'B3';

/** What the adjustments rest on comes from both. */
const ADJUSTED_SOURCE = `${B3_SOURCE}, ${SITE_SOURCE}`;

const getHistory = defineTool({
  name: 'get_history',
  title: 'Price history',
  description:
    "B3's prices over years, of one unit: opening, highest, lowest, close, volume. Adjusted for splits and all cash (total, the default), for splits alone (desdobramentos), or as they were (nenhum). A row a day, week, month or year. Without from, the last twelve months. ajuste_provado is false where B3's distribution numbers do not confirm an adjustment.",
  input: z.strictObject({
    tickers: tickersInput,
    ...daysInput,
    adjustment: z.enum(priceAdjustments).default('total'),
    frequency: z
      .enum(frequencies)
      .default('dia')
      .describe('A row a dia (session), semana (week), mes (month) or ano (year)'),
    ...pageInput,
  }),
  async answer(args, engine, context) {
    const tickers = parseTickerList(args.tickers);
    const { from, to } = parseDays(args);
    await assertHistory(engine, context);
    const assets = await findAssetTickers(engine, tickers);
    const result = await engine.query(
      buildHistorySelect(
        {
          tickers: [...new Set([...tickers, ...assets.map(({ ticker }) => ticker as Ticker)])],
          from: from ?? getYearsBefore(to ?? getPartition(new Date())),
          to,
          adjustment: args.adjustment,
          frequency: args.frequency,
          isDerived: await context.areAdjustmentsDerived(),
        },
        (table) => engine.nameOf(table),
      ),
    );
    const { columns } = result;
    const answer = { columns, ...(await takePage(result.rows, args)) };
    const tickerAt = columns.indexOf('codigo_ticker_ativo');
    const provedAt = columns.indexOf('ajuste_provado');
    const present = new Set(answer.rows.map((row) => String(row[tickerAt])));
    const isWhole = args.offset === 0 && answer.nextOffset === undefined;
    const missing = isWhole ? tickers.filter((each) => !hasRows(each, present, assets)) : [];
    return {
      ...answer,
      source: args.adjustment === 'nenhum' ? B3_SOURCE : ADJUSTED_SOURCE,
      day: findNewestDay(answer, 'dt_pregao'),
      notes: [
        ...noteEarlierTickers(assets),
        ...noteUnproved(answer.rows.filter((row) => row[provedAt] === false).length),
        ...(await noteMissing(engine, missing)),
      ],
    };
  },
});

const getEvents = defineTool({
  name: 'get_events',
  title: 'Dividends and splits',
  description:
    "The ledger of corporate events (proventos: dividendos, JCP, rendimentos, amortizações; desdobramentos, grupamentos, bonificações), by the last day with the right (dt_com), the newest last. Amounts are gross, in reais, for one unit; vlr_provento_ajustado is for one unit of today. fontes names the sources of each row, and situacao is vigente or ausente (its source no longer shows it). provado is false where B3's distribution numbers do not show the event, and null without prices of its time.",
  input: z.strictObject({ tickers: tickersInput, ...daysInput, ...pageInput }),
  async answer(args, engine, context) {
    const tickers = parseTickerList(args.tickers);
    const { from = 0, to = 99_991_231 } = parseDays(args);
    if ((await engine.newestPartition(eventsTable)) === undefined) {
      throw new QueryError('the lake has no dividends and splits', {
        hint: 'The person can bring them with `pynvest import eventos`.',
      });
    }
    const own = await findTickersOfAssets(engine, tickers);
    const isDerived = await context.areAdjustmentsDerived();
    const found = await readLedger(engine, [...new Set([...own.values()].flat())], isDerived);
    const rows = found.filter(([day]) => {
      const partition = toPartition(String(day)) ?? 0;
      return partition >= from && partition <= to;
    });
    const missing = tickers.filter(
      (each) => !found.some(([, name]) => own.get(each)?.some((ticker) => ticker === name)),
    );
    const answer = { columns: ledgerColumns, ...(await takePage(rows, args)) };
    return {
      ...answer,
      ...{ source: ADJUSTED_SOURCE, day: findNewestDay(answer, 'dt_com') },
      notes: await noteMissing(engine, missing),
    };
  },
});

/** The columns of `pynvest query retorno`, without those of rates. */
const RETURN_COLUMNS = [
  ...['codigo_ticker_ativo', 'dt_inicio', 'dt_fim', 'qtd_pregoes', 'pct_retorno_total'],
  ...['pct_retorno_anual', 'pct_volatilidade_anual', 'pct_maior_queda', 'dt_maximo_anterior'],
  ...['dt_fundo', 'dt_recuperacao', 'vlr_proventos', 'ajuste_provado'],
];

const getReturns = defineTool({
  name: 'get_returns',
  title: 'Total return',
  description:
    'What each asset returned from the close of the first session of the range to that of the last, with all cash reinvested, before taxes; its yearly return and volatility, its deepest fall, and the cash for one unit of the first day. Fractions: 0.1 is 10%. Without from, the last twelve months, from the close that they begin with.',
  input: z.strictObject({ tickers: tickersInput, ...daysInput }),
  async answer(args, engine, context) {
    const tickers = parseTickerList(args.tickers);
    const { from, to } = parseDays(args);
    await assertHistory(engine, context);
    const found = await readAssetSeries(engine, tickers, {
      ...(from === undefined ? getLastYear(to ?? getPartition(new Date())) : { from, to }),
      isDerived: await context.areAdjustmentsDerived(),
    });
    const rows = tickers.flatMap((ticker) => {
      const series = found.get(ticker);
      const summary = series && summarizeReturns(series.points);
      if (series === undefined || summary === undefined) return [];
      const { first, last, sessions, totalReturn, annualReturn, volatility, drawdown } = summary;
      return [
        [
          ...[ticker, first, last, sessions, totalReturn, annualReturn ?? null, volatility ?? null],
          ...[drawdown?.depth ?? 0, drawdown?.start ?? null, drawdown?.lowest ?? null],
          drawdown?.recovery ?? null,
          sumCash(series.payments, first, last, series.splitFactor),
          series.isProved,
        ],
      ];
    });
    const answer = { columns: RETURN_COLUMNS, rows };
    const missing = tickers.filter((each) => !rows.some(([ticker]) => ticker === each));
    const changes = missing.flatMap((ticker) => {
      const change = found.get(ticker)?.currencyChange;
      return change === undefined ? [] : [{ ticker, ...change }];
    });
    const others = missing.filter((ticker) => !changes.some((each) => each.ticker === ticker));
    return {
      ...answer,
      ...{ source: ADJUSTED_SOURCE, day: findNewestDay(answer, 'dt_fim') },
      notes: [
        ...noteUnproved(rows.filter((row) => row.at(-1) === false).length),
        ...changes.map(
          ({ ticker, from: old, to: next, day }) =>
            `${ticker}: no return, because its prices are in ${old} before ${day}, and then in ${next}. Ask for days of one of them.`,
        ),
        ...(await noteMissing(engine, others)),
      ],
    };
  },
});

/** @throws QueryError */
async function assertHistory(engine: QueryEngine, { place }: ToolContext): Promise<void> {
  if ((await engine.newestPartition(historyTable)) !== undefined) return;
  throw new QueryError(`the lake at ${place} has no price history of B3`, {
    hint: 'The person can bring it with `pynvest import cotahist --year 2016-2026`, and its dividends and splits with `pynvest import eventos`.',
  });
}

function hasRows(
  ticker: Ticker,
  present: ReadonlySet<string>,
  assets: readonly AssetTickers[],
): boolean {
  const code = assets.find((asset) => asset.ticker === ticker)?.code ?? ticker;
  return (
    present.has(ticker) || assets.some((asset) => asset.code === code && present.has(asset.ticker))
  );
}

function noteEarlierTickers(assets: readonly AssetTickers[]): string[] {
  return assets
    .filter(({ code, ticker }) => code !== ticker)
    .map(({ code, ticker, until, isProved }) => {
      const doubt = isProved ? '' : ' The prices over this change are not proved.';
      return `${code} was ${ticker} before ${until}.${doubt}`;
    });
}

function noteUnproved(rows: number): string[] {
  if (rows === 0) return [];
  return [
    `${rows} of these rows rest on an adjustment that is not proved (ajuste_provado): \`pynvest audit\` says why.`,
  ];
}

export const historyTools = [getHistory, getEvents, getReturns];

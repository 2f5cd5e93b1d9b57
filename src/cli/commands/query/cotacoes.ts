/**
 * `pynvest query cotacoes`: quotes.
 */

import { formatIsoDate, PARTITION_COLUMN, type Partition } from '../../../catalog/partition.ts';
import { UsageError } from '../../../errors.ts';
import type { ChartSeries } from '../../../presentation/line-chart.ts';
import { quoteResultColumns, quotesTable } from '../../../query/columns.ts';
import type { OutputValue } from '../../../query/engine.ts';
import { createKindCondition, createQuotesRequest } from '../../../query/quotes.ts';
import { queryNewestPartitionsFirst } from '../../../query/read-rows.ts';
import { getReferencedColumns } from '../../../query/refinements.ts';
import { peekRows } from '../../../query/row-batches.ts';
import { type DayRange, isUnbounded } from '../../../query/select.ts';
import { joinConditions } from '../../../query/where/condition.ts';
import { defineCommand } from '../../command.ts';
import { ExitStatus } from '../../exit.ts';
import { findMissingQuotes, listChartGaps } from '../../missing-quotes.ts';
import { openLake } from '../../open-lake.ts';
import { option } from '../../option.ts';
import { assertChartable, chartOptions, parseChart, writeLineChart } from '../../output/chart.ts';
import { parseDestination, writeAnswer } from '../../output/file.ts';
import { countRows, moveColumnsFirst, type TabularData } from '../../output/rows.ts';
import { tickerArgument } from '../../selection.ts';
import {
  assertAnyDay,
  createUnreadableDayHandler,
  explainNoRows,
  noticeFewDays,
  noticeMissingQuotes,
  warnMissingTickers,
} from './answer-notes.ts';
import { createQueryOptions, parseAssetQuery } from './asset-query.ts';

export const cotacoesCommand = defineCommand({
  name: 'cotacoes',
  description: 'quotes: every day of some assets, or the newest day of all',
  args: tickerArgument,
  examples: [
    'pynvest query cotacoes PETR4 --last 30',
    'pynvest query cotacoes PETR4 VALE3 --from 2026-11 --chart',
    'pynvest query cotacoes --tipo fiis --sort preco:desc --limit 10',
    'pynvest query cotacoes --watchlist --columns preco,pct_var_dia -o quotes.csv',
  ],
  options: {
    ...createQueryOptions({ columns: 'preco,pct_var_12m' }),
    everyDay: option(
      '--every-day',
      'also days without a session (weekends, holidays), whose quote is that of the session before; --last counts them too',
    ),
    ...chartOptions,
  },

  async handler({ terminal, args, options }) {
    const query = await parseAssetQuery(args.ticker, options, quoteResultColumns, terminal.notice);
    const { tickers, datasets, columns: selected, firstColumns } = query;
    const { where, sort, limit } = query.refinements;
    const kindCondition = createKindCondition(datasets);
    const isChart = parseChart(options);
    if (isChart) assertDrawable(tickers, options);
    const destination = parseDestination(terminal, options);
    const lake = await openLake(terminal, options);
    const engine = await lake.openEngine();
    try {
      const context = {
        ...{ terminal, lake, engine, subject: 'quotes', datasets, tables: [quotesTable] },
        ...{ tickers, days: query.days, where, kindCondition },
      };
      await assertAnyDay(context);
      const newest = await engine.newestPartition(quotesTable);
      const isNewestDay = tickers.length === 0 && isUnbounded(query.days);
      const days: DayRange = isNewestDay ? { from: newest } : query.days;
      const request = createQuotesRequest(tickers, days, {
        columns: selected,
        everyDay: options.everyDay,
        where: joinConditions([kindCondition, where]),
        sort,
        limit,
      });
      // They are told in a notice, and leave gaps in a line; to find them costs a look at every day of the lake.
      // Before the rows: an engine keeps those that are not read yet in memory while it answers something else.
      const areGapsShown = !terminal.quiet || isChart || destination.format === 'table';
      const missingQuotes =
        isNewestDay || !areGapsShown ? undefined : await findMissingQuotes(context, query.days);
      const { columns, types, rows } = await queryNewestPartitionsFirst(
        engine,
        request,
        createUnreadableDayHandler(context),
      );
      const gaps = listChartGaps(missingQuotes);
      const write = async (answer: TabularData['rows']): Promise<void> => {
        if (isChart) {
          const drawn = await collectQuotes(answer, columns, tickers);
          const series = drawn
            .filter(({ points }) => points.length > 0)
            .map((each) => ({ ...each, isDaily: true, gaps }));
          const about = { subject: 'quotes as collected', unit: 'R$' };
          if (series.length > 0) await writeLineChart(terminal, { ...about, series });
          return;
        }
        const referred = getReferencedColumns(query.refinements);
        const essential = [quotesTable.tickerColumn, ...referred, 'vlr_cot'];
        const data = {
          ...{ columns, types, rows: answer, hasColumnsOption: true, essential },
          // Some rows of a condition or of an order are no course, and a split may be between quotes of any two days.
          ...(tickers.length === 1 &&
            where === undefined &&
            (sort === undefined || limit === undefined) && {
              course: { day: PARTITION_COLUMN, value: 'vlr_cot', isComparable: false, gaps },
            }),
        };
        const isReordered = destination.format === 'table' && selected === undefined;
        await writeAnswer(
          terminal,
          destination,
          isReordered ? moveColumnsFirst(data, firstColumns) : data,
        );
      };
      const present = new Set<OutputValue | undefined>();
      const tickerPosition = columns.indexOf(quotesTable.tickerColumn);
      const counted = countRows(rows, columns.length, (batch) => {
        for (const ticker of batch.columns[tickerPosition] ?? []) present.add(ticker);
      });
      const answer = await peekRows(counted.rows, columns.length);
      if (answer !== undefined) await write(answer);
      const missing = tickers.filter((ticker) => !present.has(ticker));
      const mayBeCut = where !== undefined || counted.getCount() === limit;
      const warned = await warnMissingTickers(context, missing, mayBeCut);
      if (answer === undefined) {
        await explainNoRows(context, warned);
        await write([]);
      } else {
        await noticeFewDays(context);
        noticeMissingQuotes(context, missingQuotes);
      }
      return warned === 0 ? ExitStatus.done : ExitStatus.doneInPart;
    } finally {
      engine.close();
    }
  },
});

/** @throws UsageError */
function assertDrawable(
  tickers: readonly string[],
  { columns, sort }: { readonly columns?: string; readonly sort?: string },
): void {
  assertChartable(tickers, 'query cotacoes');
  const other = columns === undefined ? sort && '--sort' : '--columns';
  if (!other) return;
  throw new UsageError(`--chart draws vlr_cot by its days, and ${other} is about rows`, {
    hint: 'Leave one of them out.',
  });
}

/** The quotes of each ticker, by the days of their sessions. */
async function collectQuotes(
  rows: TabularData['rows'],
  columns: readonly string[],
  tickers: readonly string[],
): Promise<ChartSeries[]> {
  const [partitionAt, tickerAt, sessionAt, quoteAt] = [
    ...[quotesTable.partition.column, quotesTable.tickerColumn, 'dt_ult_cot', 'vlr_cot'],
  ].map((name) => columns.indexOf(name));
  const found = new Map(tickers.map((ticker) => [ticker, new Map<string, number>()]));
  for await (const row of rows) {
    const [partition, ticker, session, quote] = [partitionAt, tickerAt, sessionAt, quoteAt].map(
      (at) => row[at ?? -1],
    );
    if (typeof quote !== 'number') continue;
    const day = session ?? formatIsoDate(Number(partition) as Partition);
    found.get(String(ticker))?.set(String(day), quote);
  }
  return [...found].map(([name, points]) => ({
    name,
    points: [...points]
      .map(([day, value]) => ({ day, value }))
      .sort((a, b) => (a.day < b.day ? -1 : 1)),
  }));
}

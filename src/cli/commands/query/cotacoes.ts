/**
 * `pynvest query cotacoes`: quotes.
 */

import { quoteResultColumns, quotesTable } from '../../../query/columns.ts';
import type { OutputValue } from '../../../query/engine.ts';
import { createKindCondition, createQuotesRequest } from '../../../query/quotes.ts';
import { queryNewestPartitionsFirst } from '../../../query/read-rows.ts';
import { getReferencedColumns } from '../../../query/refinements.ts';
import { type DayRange, isUnbounded } from '../../../query/select.ts';
import { joinConditions } from '../../../query/where/condition.ts';
import { defineCommand } from '../../command.ts';
import { ExitStatus } from '../../exit.ts';
import { openLake } from '../../open-lake.ts';
import { option } from '../../option.ts';
import { parseDestination, writeAnswer } from '../../output/file.ts';
import { countRows, moveColumnsFirst, type TabularData } from '../../output/rows.ts';
import { tickerArgument } from '../../selection.ts';
import {
  assertAnyDay,
  createQueryOptions,
  createUnreadableDayHandler,
  explainNoRows,
  noticeFewDays,
  noticeYoungerLake,
  parseAssetQuery,
  peekRows,
  warnMissingTickers,
} from './asset-query.ts';

export const cotacoesCommand = defineCommand({
  name: 'cotacoes',
  description: 'quotes: every day of some assets, or the newest day of all',
  args: tickerArgument,
  options: {
    ...createQueryOptions({ columns: 'vlr_cot,pct_var_12m' }),
    everyDay: option(
      '--every-day',
      'also days without a session (weekends, holidays), whose quote is that of the session before; --last counts them too',
    ),
  },

  async handler({ terminal, args, options }) {
    const query = await parseAssetQuery(args.ticker, options, quoteResultColumns, terminal.notice);
    const { tickers, datasets, columns: selected, firstColumns } = query;
    const { where, sort, limit } = query.refinements;
    const kindCondition = createKindCondition(datasets);
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
      const { columns, types, rows } = await queryNewestPartitionsFirst(
        engine,
        request,
        createUnreadableDayHandler(context),
      );
      const write = async (answer: TabularData['rows']): Promise<void> => {
        const referred = getReferencedColumns(query.refinements);
        const essential = [quotesTable.tickerColumn, ...referred, 'vlr_cot'];
        const data = { columns, types, rows: answer, hasColumnsOption: true, essential };
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
        await noticeYoungerLake(context);
      }
      return warned === 0 ? ExitStatus.done : ExitStatus.doneInPart;
    } finally {
      engine.close();
    }
  },
});

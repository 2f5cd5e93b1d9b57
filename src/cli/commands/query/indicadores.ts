/**
 * `pynvest query indicadores`: typed indicators of stocks and funds.
 */

import { getTables } from '../../../catalog/dataset.ts';
import { tickerColumns } from '../../../catalog/datasets.ts';
import {
  indicatorResultColumns,
  quotesTable,
  sharedIndicatorColumns,
} from '../../../query/columns.ts';
import { readIndicators, streamIndicators } from '../../../query/indicators.ts';
import { getReferencedColumns } from '../../../query/refinements.ts';
import { peekRows } from '../../../query/row-batches.ts';
import { isUnbounded } from '../../../query/select.ts';
import { defineCommand } from '../../command.ts';
import { ExitStatus } from '../../exit.ts';
import { openLake } from '../../open-lake.ts';
import { parseDestination, writeAnswer } from '../../output/file.ts';
import { moveColumnsFirst, removeColumns, type TabularData } from '../../output/rows.ts';
import { tickerArgument } from '../../selection.ts';
import {
  assertAnyDay,
  createUnreadableDayHandler,
  explainNoRows,
  noticeFewDays,
  noticeOwnColumns,
  type QueryContext,
  warnMissingTickers,
} from './answer-notes.ts';
import { createQueryOptions, parseAssetQuery } from './asset-query.ts';

export const indicadoresCommand = defineCommand({
  name: 'indicadores',
  description: 'typed indicators of some assets or of all, by default of the newest day',
  args: tickerArgument,
  examples: [
    'pynvest query indicadores ITUB4 HGLG11 --columns preco,p/vp,dy',
    'pynvest query indicadores --where "roe > 20% and pl < 10" --sort dy:desc --limit 20',
    'pynvest query indicadores PETR4 --from 30d --columns preco,pl',
  ],
  options: createQueryOptions({ columns: 'preco,p/vp,dy' }),

  async handler({ terminal, args, options }) {
    const query = await parseAssetQuery(
      args.ticker,
      options,
      indicatorResultColumns,
      terminal.notice,
    );
    const { tickers, days, datasets, refinements, columns, firstColumns } = query;
    const destination = parseDestination(terminal, options);
    const write = (answer: TabularData): Promise<void> => {
      const isMixed = answer.columns.includes(quotesTable.tickerColumn);
      const tickerNames = isMixed ? [quotesTable.tickerColumn] : tickerColumns;
      const essential = [...tickerNames, ...getReferencedColumns(refinements), 'vlr_cot'];
      const data = { ...answer, hasColumnsOption: true, essential };
      const first = isMixed ? [...firstColumns, ...sharedIndicatorColumns] : firstColumns;
      const isReordered = destination.format === 'table' && columns === undefined;
      if (!isReordered) return writeAnswer(terminal, destination, data);
      // A screen shows the ticker once.
      const repeated = isMixed ? tickerColumns.filter((name) => !essential.includes(name)) : [];
      const shown = moveColumnsFirst(removeColumns(data, repeated), first);
      return writeAnswer(terminal, destination, shown);
    };
    const sorted = getReferencedColumns({ sort: refinements.sort });
    const named = [...(columns ?? []), ...sorted];
    const lake = await openLake(terminal, options);
    const engine = await lake.openEngine();
    try {
      const context: QueryContext = {
        ...{ terminal, lake, engine, subject: 'indicators', datasets, tickers, days },
        tables: getTables(datasets).filter(({ layer }) => layer === 'sot'),
        where: refinements.where,
      };
      await assertAnyDay(context);
      const onUnreadableDay = createUnreadableDayHandler(context);
      const form = { ...refinements, datasets, onUnreadableDay };
      if (tickers.length === 0 && !isUnbounded(days)) {
        const result = await streamIndicators(engine, columns, days, form);
        const rows = await peekRows(result.rows, result.columns.length);
        if (rows === undefined) await explainNoRows(context, 0);
        await write({ ...result, rows: rows ?? [] });
        if (rows !== undefined) {
          noticeOwnColumns(context, named, datasets);
          await noticeFewDays(context);
        }
        return ExitStatus.done;
      }
      const { missing, found, ...result } = await readIndicators(
        engine,
        tickers,
        columns,
        days,
        form,
      );
      const isCut = refinements.where !== undefined || result.rows.length === refinements.limit;
      // Where no days are asked for, each ticker has been looked for on all of them.
      const warned = await warnMissingTickers(context, missing, isCut && !isUnbounded(days));
      if (result.rows.length === 0) await explainNoRows(context, warned);
      await write(result);
      noticeOwnColumns(context, named, found);
      if (result.rows.length > 0) await noticeFewDays(context);
      return warned === 0 ? ExitStatus.done : ExitStatus.doneInPart;
    } finally {
      engine.close();
    }
  },
});

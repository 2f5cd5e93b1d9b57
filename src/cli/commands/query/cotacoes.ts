/**
 * `pynvest query cotacoes`: quotes.
 */

import { specTable } from '../../../catalog/tables.ts';
import { parseTickers } from '../../../catalog/ticker.ts';
import { quoteResultColumns } from '../../../query/columns.ts';
import type { OutputValue } from '../../../query/engine.ts';
import { createKindCondition, createQuotesRequest } from '../../../query/quotes.ts';
import { queryNewestPartitionsFirst } from '../../../query/read-rows.ts';
import { type DayRange, isUnbounded } from '../../../query/select.ts';
import { allOf } from '../../../query/where/condition.ts';
import { ExitStatus } from '../../exit.ts';
import { openLake } from '../../open-lake.ts';
import type {
  DaysOptions,
  LakeOptions,
  RefinementOptions,
  RowsOptions,
  WatchlistOptions,
} from '../../options.ts';
import { parseDestination, writeAnswer } from '../../output/file.ts';
import { moveColumnsFirst, type TabularData } from '../../output/rows.ts';
import { parseDays, parseKinds } from '../../settings.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { addWatchedTickers } from '../../watchlist.ts';
import { assertAnyDay, explainNoRows, peekRows, warnMissingTickers } from './missing-rows.ts';
import { parseRefinements } from './refinements.ts';

interface CotacoesOptions
  extends RowsOptions,
    LakeOptions,
    DaysOptions,
    RefinementOptions,
    WatchlistOptions {
  readonly ticker?: string;
  readonly tipo?: string;
}

export async function cotacoes(terminal: Terminal, options: CotacoesOptions): Promise<ExitStatus> {
  const named = options.ticker === undefined ? [] : parseTickers(options.ticker);
  const tickers = await addWatchedTickers(named, options);
  const given = parseDays(options);
  const kinds = parseKinds(options.tipo);
  const kindCondition = createKindCondition(kinds);
  const {
    firstColumns: first,
    limit,
    ...refined
  } = parseRefinements(options, quoteResultColumns, terminal.notice);
  const destination = parseDestination(terminal, options);
  const lake = await openLake(terminal, options);
  const engine = await lake.openEngine();
  try {
    const asked = {
      ...{ terminal, lake, engine, subject: 'quotes', kinds, tables: [specTable], kindCondition },
      ...{ tickers, days: given, where: refined.where },
    };
    await assertAnyDay(asked);
    const newest = await engine.newestPartition(specTable);
    const days: DayRange = tickers.length === 0 && isUnbounded(given) ? { from: newest } : given;
    const where = allOf([kindCondition, refined.where]);
    const request = createQuotesRequest(tickers, days, { ...refined, where, limit });
    const { columns, types, rows } = await queryNewestPartitionsFirst(engine, request);
    const tickerPosition = columns.indexOf(specTable.tickerColumn);
    const present = new Set<OutputValue | undefined>();
    let count = 0;
    const noting = (async function* () {
      for await (const row of rows) {
        present.add(row[tickerPosition]);
        count += 1;
        yield row;
      }
    })();
    const found = await peekRows(noting);
    const write = async (answer: TabularData['rows']): Promise<void> => {
      const essential = [specTable.tickerColumn, 'vlr_cot'];
      const data = { columns, types, rows: answer, hasColumnsOption: true, essential };
      const onScreen = destination.format === 'table' && refined.columns === undefined;
      await writeAnswer(terminal, destination, onScreen ? moveColumnsFirst(data, first) : data);
    };
    if (found !== undefined) await write(found);
    const missing = tickers.filter((ticker) => !present.has(ticker));
    const cutOff = refined.where !== undefined || count === limit;
    const named = await warnMissingTickers(asked, missing, cutOff);
    if (found === undefined) {
      await explainNoRows(asked, named);
      await write([]);
    }
    return named === 0 ? ExitStatus.done : ExitStatus.doneInPart;
  } finally {
    engine.close();
  }
}

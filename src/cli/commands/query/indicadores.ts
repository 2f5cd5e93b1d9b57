/**
 * `pynvest query indicadores`: typed indicators of stocks and funds.
 */

import { sotTables, specTable, tickerColumns } from '../../../catalog/tables.ts';
import { parseTickers } from '../../../catalog/ticker.ts';
import { indicatorResultColumns, sharedIndicatorColumns } from '../../../query/columns.ts';
import { readIndicators, streamIndicators } from '../../../query/indicators.ts';
import { isUnbounded } from '../../../query/select.ts';
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
import {
  assertAnyDay,
  explainNoRows,
  peekRows,
  type QueryContext,
  warnMissingTickers,
} from './missing-rows.ts';
import { parseRefinements } from './refinements.ts';

interface IndicadoresOptions
  extends RowsOptions,
    LakeOptions,
    DaysOptions,
    RefinementOptions,
    WatchlistOptions {
  readonly ticker?: string;
  readonly tipo?: string;
}

export async function indicadores(
  terminal: Terminal,
  options: IndicadoresOptions,
): Promise<ExitStatus> {
  const named = options.ticker === undefined ? [] : parseTickers(options.ticker);
  const tickers = await addWatchedTickers(named, options);
  const days = parseDays(options);
  const kinds = parseKinds(options.tipo);
  const {
    columns,
    firstColumns: first,
    ...refined
  } = parseRefinements(options, indicatorResultColumns, terminal.notice);
  const destination = parseDestination(terminal, options);
  const write = (data: TabularData): Promise<void> => {
    const essential = [...tickerColumns, 'vlr_cot'];
    const typed = { ...data, hasColumnsOption: true, essential };
    const isMixed = data.columns.includes(specTable.tickerColumn);
    const order = isMixed ? [...first, ...sharedIndicatorColumns] : first;
    const onScreen = destination.format === 'table' && columns === undefined;
    return writeAnswer(terminal, destination, onScreen ? moveColumnsFirst(typed, order) : typed);
  };
  const lake = await openLake(terminal, options);
  const engine = await lake.openEngine();
  try {
    const asked: QueryContext = {
      ...{ terminal, lake, engine, subject: 'indicators', kinds },
      ...{ tables: kinds.map((kind) => sotTables[kind]), tickers, days },
      where: refined.where,
    };
    await assertAnyDay(asked);
    const form = { ...refined, kinds };
    if (tickers.length === 0 && !isUnbounded(days)) {
      const { rows, ...heading } = await streamIndicators(engine, columns, days, form);
      const found = await peekRows(rows);
      if (found === undefined) await explainNoRows(asked, 0);
      await write({ ...heading, rows: found ?? [] });
      return ExitStatus.done;
    }
    const { missing, ...found } = await readIndicators(engine, tickers, columns, days, form);
    // With no day asked for, each ticker has been looked for everywhere.
    const isCut = refined.where !== undefined || found.rows.length === refined.limit;
    const named = await warnMissingTickers(asked, missing, isCut && !isUnbounded(days));
    if (found.rows.length === 0) await explainNoRows(asked, named);
    await write(found);
    return named === 0 ? ExitStatus.done : ExitStatus.doneInPart;
  } finally {
    engine.close();
  }
}

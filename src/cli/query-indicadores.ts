/** `pynvest query indicadores`: typed indicators of stocks and funds. */
import { sotTables, specTable, tickerColumns } from '../catalog/tables.ts';
import { parseTickers } from '../catalog/ticker.ts';
import { allIndicators } from '../query/all-indicators.ts';
import { indicatorsOf } from '../query/indicators.ts';
import { indicatorAnswerColumns, typeNameOf } from '../query/known-columns.ts';
import { anyDay } from '../query/quotes.ts';
import { ExitStatus } from './exit.ts';
import { ifAny } from './first-row.ts';
import { openLake } from './lake-at-hand.ts';
import { type Asked, acceptNoRows, requireSomeDay, sayMissing } from './missing.ts';
import type {
  DaysOptions,
  LakeOptions,
  RefiningOptions,
  RowsOptions,
  WatchlistOptions,
} from './options.ts';
import type { TabularData } from './output.ts';
import { destinationOf, writeAnswer } from './output-file.ts';
import { parseRefining } from './refining.ts';
import { OF_BOTH_KINDS, withColumnsFirst } from './screen-order.ts';
import { parseDays, parseKinds } from './settings.ts';
import type { Terminal } from './terminal.ts';
import { withWatched } from './watchlist.ts';

export interface IndicadoresOptions
  extends RowsOptions,
    LakeOptions,
    DaysOptions,
    RefiningOptions,
    WatchlistOptions {
  readonly ticker?: string;
  readonly tipo?: string;
}

export async function indicadores(
  terminal: Terminal,
  options: IndicadoresOptions,
): Promise<ExitStatus> {
  const named = options.ticker === undefined ? [] : parseTickers(options.ticker);
  const tickers = await withWatched(named, options);
  const days = parseDays(options);
  const kinds = parseKinds(options.tipo);
  const { columns, first, ...refined } = parseRefining(
    options,
    indicatorAnswerColumns,
    terminal.notice,
  );
  const destination = destinationOf(terminal, options);
  const write = (data: TabularData): Promise<void> => {
    const typed = {
      ...{ ...data, types: data.columns.map(typeNameOf) },
      ...{ choosable: true, essential: [...tickerColumns, 'vlr_cot'] },
    };
    const isMixed = data.columns.includes(specTable.tickerColumn);
    const order = isMixed ? [...first, ...OF_BOTH_KINDS] : first;
    const onScreen = destination.format === 'table' && columns === undefined;
    return writeAnswer(terminal, destination, onScreen ? withColumnsFirst(typed, order) : typed);
  };
  const lake = await openLake(terminal, options);
  const engine = await lake.openEngine();
  try {
    const asked: Asked = {
      ...{ terminal, lake, engine, what: 'indicators', kinds },
      ...{ tables: kinds.map((kind) => sotTables[kind]), tickers, days },
      where: refined.where,
    };
    await requireSomeDay(asked);
    const form = { ...refined, kinds };
    if (tickers.length === 0 && !anyDay(days)) {
      const { columns: heading, rows } = await allIndicators(engine, columns, days, form);
      const found = await ifAny(rows);
      if (found === undefined) await acceptNoRows(asked, 0);
      await write({ columns: heading, rows: found ?? [] });
      return ExitStatus.done;
    }
    const { missing, ...found } = await indicatorsOf(engine, tickers, columns, days, form);
    // With no day asked for, each ticker has been looked for everywhere.
    const isCut = refined.where !== undefined || found.rows.length === refined.limit;
    const named = await sayMissing(asked, missing, isCut && !anyDay(days));
    if (found.rows.length === 0) await acceptNoRows(asked, named);
    await write(found);
    return named === 0 ? ExitStatus.done : ExitStatus.doneInPart;
  } finally {
    engine.close();
  }
}

/** `pynvest query indicadores`: typed indicators of stocks and funds. */
import { sotTables } from '../catalog/tables.ts';
import { parseTickers } from '../catalog/ticker.ts';
import { QueryError } from '../errors.ts';
import { allIndicators } from '../query/all-indicators.ts';
import type { QueryEngine } from '../query/engine.ts';
import { indicatorsOf } from '../query/indicators.ts';
import { indicatorAnswerColumns, typeNameOf } from '../query/known-columns.ts';
import { anyDay } from '../query/quotes.ts';
import { ExitStatus } from './exit.ts';
import { ifAny } from './first-row.ts';
import { type LakeAtHand, openLake } from './lake-at-hand.ts';
import { emptyLake, sayMissing } from './missing.ts';
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
import { withColumnsFirst } from './screen-order.ts';
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
  const { columns, narrowed, first, ...refined } = parseRefining(options, indicatorAnswerColumns);
  const destination = destinationOf(terminal, options);
  const write = (data: TabularData): Promise<void> => {
    const typed = { ...data, types: data.columns.map(typeNameOf) };
    const onScreen = destination.format === 'table' && columns === undefined;
    return writeAnswer(terminal, destination, onScreen ? withColumnsFirst(typed, first) : typed);
  };
  const lake = await openLake(terminal, options);
  const engine = await lake.openEngine();
  try {
    const form = { ...refined, kinds };
    if (tickers.length === 0 && !anyDay(days)) {
      const { columns: heading, rows } = await allIndicators(engine, columns, days, form);
      const found = await ifAny(rows);
      if (found === undefined) throw await noIndicators(engine, lake, 0, narrowed);
      await write({ columns: heading, rows: found });
      return ExitStatus.done;
    }
    const { missing, ...found } = await indicatorsOf(engine, tickers, columns, days, form);
    const said = await sayMissing(terminal, engine, missing, lake, narrowed);
    if (found.rows.length === 0) throw await noIndicators(engine, lake, tickers.length, narrowed);
    await write(found);
    return said === 0 ? ExitStatus.done : ExitStatus.doneInPart;
  } finally {
    engine.close();
  }
}

async function noIndicators(
  engine: QueryEngine,
  lake: LakeAtHand,
  tickers: number,
  narrowed: boolean,
): Promise<QueryError> {
  const newest = await Promise.all(
    Object.values(sotTables).map((table) => engine.newestPartition(table)),
  );
  if (tickers === 0 && newest.every((day) => day === undefined)) return emptyLake(lake);
  return new QueryError('the lake has no such indicators', {
    hint: narrowed
      ? 'No row of those assets and days is as --where says.'
      : '`pynvest run` collects today; --lake DIR or --target names another lake.',
  });
}

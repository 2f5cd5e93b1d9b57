/** `pynvest query cotacoes`: quotes. */
import { specTable } from '../catalog/tables.ts';
import { parseTickers } from '../catalog/ticker.ts';
import { QueryError } from '../errors.ts';
import type { OutputValue } from '../query/engine.ts';
import { quoteAnswerColumns } from '../query/known-columns.ts';
import { answerWithinKnownDays } from '../query/known-days.ts';
import { anyDay, type Days, quotesQuestion } from '../query/quotes.ts';
import { ExitStatus } from './exit.ts';
import { ifAny } from './first-row.ts';
import { openLake } from './lake-at-hand.ts';
import { emptyLake, sayMissing } from './missing.ts';
import type {
  DaysOptions,
  LakeOptions,
  RefiningOptions,
  RowsOptions,
  WatchlistOptions,
} from './options.ts';
import { destinationOf, writeAnswer } from './output-file.ts';
import { parseRefining } from './refining.ts';
import { withColumnsFirst } from './screen-order.ts';
import { parseDays } from './settings.ts';
import type { Terminal } from './terminal.ts';
import { withWatched } from './watchlist.ts';

export interface CotacoesOptions
  extends RowsOptions,
    LakeOptions,
    DaysOptions,
    RefiningOptions,
    WatchlistOptions {
  readonly ticker?: string;
}

export async function cotacoes(terminal: Terminal, options: CotacoesOptions): Promise<ExitStatus> {
  const named = options.ticker === undefined ? [] : parseTickers(options.ticker);
  const tickers = await withWatched(named, options);
  const asked = parseDays(options);
  const { narrowed, first, ...refined } = parseRefining(options, quoteAnswerColumns);
  const destination = destinationOf(terminal, options);
  const lake = await openLake(terminal, options);
  const engine = await lake.openEngine();
  try {
    const newest = await engine.newestPartition(specTable);
    if (newest === undefined) throw emptyLake(lake);
    const days: Days = tickers.length === 0 && anyDay(asked) ? { from: newest } : asked;
    const { columns, types, rows } = await answerWithinKnownDays(
      engine,
      specTable,
      tickers,
      days,
      (about) => quotesQuestion(tickers, about, { ...refined, from: engine.nameOf(specTable) }),
    );
    const tickerPosition = columns.indexOf(specTable.tickerColumn);
    const present = new Set<OutputValue | undefined>();
    const noting = (async function* () {
      for await (const row of rows) {
        present.add(row[tickerPosition]);
        yield row;
      }
    })();
    const found = await ifAny(noting);
    if (found === undefined) {
      await sayMissing(terminal, engine, tickers, lake, narrowed);
      throw new QueryError('the lake has no such quotes', {
        hint: narrowed
          ? 'No row of those assets and days is as --where says.'
          : 'Ask for other tickers or days (--ticker, --from, --to).',
      });
    }
    const data = { columns, types, rows: found };
    const onScreen = destination.format === 'table' && refined.columns === undefined;
    await writeAnswer(terminal, destination, onScreen ? withColumnsFirst(data, first) : data);
    const missing = tickers.filter((ticker) => !present.has(ticker));
    const said = await sayMissing(terminal, engine, missing, lake, narrowed);
    return said === 0 ? ExitStatus.done : ExitStatus.doneInPart;
  } finally {
    engine.close();
  }
}

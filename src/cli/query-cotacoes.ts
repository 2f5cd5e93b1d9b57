/** `pynvest query cotacoes`: quotes. */
import { specTable } from '../catalog/tables.ts';
import { parseTickers } from '../catalog/ticker.ts';
import { allOf } from '../query/condition.ts';
import type { OutputValue } from '../query/engine.ts';
import { quoteAnswerColumns } from '../query/known-columns.ts';
import { answerWithinKnownDays } from '../query/known-days.ts';
import { anyDay, type Days, ofKinds, quotesQuestion } from '../query/quotes.ts';
import { ExitStatus } from './exit.ts';
import { ifAny } from './first-row.ts';
import { openLake } from './lake-at-hand.ts';
import { acceptNoRows, requireSomeDay, sayMissing } from './missing.ts';
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

export interface CotacoesOptions
  extends RowsOptions,
    LakeOptions,
    DaysOptions,
    RefiningOptions,
    WatchlistOptions {
  readonly ticker?: string;
  readonly tipo?: string;
}

export async function cotacoes(terminal: Terminal, options: CotacoesOptions): Promise<ExitStatus> {
  const named = options.ticker === undefined ? [] : parseTickers(options.ticker);
  const tickers = await withWatched(named, options);
  const given = parseDays(options);
  const kinds = parseKinds(options.tipo);
  const among = ofKinds(kinds);
  const { first, limit, ...refined } = parseRefining(options, quoteAnswerColumns, terminal.notice);
  const destination = destinationOf(terminal, options);
  const lake = await openLake(terminal, options);
  const engine = await lake.openEngine();
  try {
    const asked = {
      ...{ terminal, lake, engine, what: 'quotes', kinds, tables: [specTable], among },
      ...{ tickers, days: given, where: refined.where },
    };
    await requireSomeDay(asked);
    const newest = await engine.newestPartition(specTable);
    const days: Days = tickers.length === 0 && anyDay(given) ? { from: newest } : given;
    const { columns, types, rows } = await answerWithinKnownDays(
      engine,
      specTable,
      tickers,
      { ...days, limit },
      (about, most) => {
        const where = allOf([among, refined.where]);
        const form = { ...refined, where, limit: most, from: engine.nameOf(specTable) };
        return quotesQuestion(tickers, about, form);
      },
    );
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
    const found = await ifAny(noting);
    const write = async (answer: TabularData['rows']): Promise<void> => {
      const essential = [specTable.tickerColumn, 'vlr_cot'];
      const data = { columns, types, rows: answer, choosable: true, essential };
      const onScreen = destination.format === 'table' && refined.columns === undefined;
      await writeAnswer(terminal, destination, onScreen ? withColumnsFirst(data, first) : data);
    };
    if (found !== undefined) await write(found);
    const missing = tickers.filter((ticker) => !present.has(ticker));
    const cutOff = refined.where !== undefined || count === limit;
    const named = await sayMissing(asked, missing, cutOff);
    if (found === undefined) {
      await acceptNoRows(asked, named);
      await write([]);
    }
    return named === 0 ? ExitStatus.done : ExitStatus.doneInPart;
  } finally {
    engine.close();
  }
}

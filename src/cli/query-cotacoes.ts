/** `pynvest query cotacoes`: quotes. */
import { specTable } from '../catalog/tables.ts';
import { parseTickers, type Ticker } from '../catalog/ticker.ts';
import { QueryError } from '../errors.ts';
import type { OutputValue } from '../query/engine.ts';
import { answerWithinKnownDays } from '../query/known-days.ts';
import { type Days, quotesQuestion } from '../query/quotes.ts';
import { ExitStatus } from './exit.ts';
import { openLake } from './lake-at-hand.ts';
import { emptyLake, sayMissing } from './missing.ts';
import type { DaysOptions, LakeOptions, OutputOptions } from './options.ts';
import { chosenFormat, writeRows } from './output.ts';
import { parseDays } from './settings.ts';
import type { Terminal } from './terminal.ts';

export async function cotacoes(
  terminal: Terminal,
  options: OutputOptions & LakeOptions & DaysOptions & { readonly ticker?: string },
): Promise<ExitStatus> {
  const tickers = options.ticker === undefined ? [] : parseTickers(options.ticker);
  const asked = parseDays(options);
  const lake = await openLake(terminal, options);
  const engine = await lake.openEngine();
  try {
    const newest = await engine.newestPartition(specTable);
    if (newest === undefined) throw emptyLake(lake);
    const anyDay = asked.from === undefined && asked.to === undefined && asked.last === undefined;
    const days: Days = tickers.length === 0 && anyDay ? { from: newest } : asked;
    const { columns, rows } = await answerWithinKnownDays(
      engine,
      specTable,
      tickers,
      days,
      (about) =>
        quotesQuestion(tickers, about, {
          forScreen: chosenFormat(terminal, options.format) === 'table',
          from: engine.nameOf(specTable),
        }),
    );
    const tickerPosition = columns.indexOf(specTable.tickerColumn);
    const present = new Set<OutputValue | undefined>();
    const noting = (async function* () {
      for await (const row of rows) {
        present.add(row[tickerPosition]);
        yield row;
      }
    })();
    const first = await noting.next();
    if (first.done) {
      await sayMissing(terminal, engine, tickers, lake);
      throw new QueryError('the lake has no such quotes', {
        hint: 'Ask for other tickers or days (--ticker, --from, --to).',
      });
    }
    await writeRows(terminal, options.format, { columns, rows: startingWith(first.value, noting) });
    const missing = tickers.filter((ticker) => !present.has(ticker));
    return await endOf(missing, () => sayMissing(terminal, engine, missing, lake));
  } finally {
    engine.close();
  }
}

async function endOf(missing: readonly Ticker[], say: () => Promise<void>): Promise<ExitStatus> {
  if (missing.length === 0) return ExitStatus.done;
  await say();
  return ExitStatus.doneInPart;
}

async function* startingWith<T>(first: T, rest: AsyncIterable<T>): AsyncIterable<T> {
  yield first;
  yield* rest;
}

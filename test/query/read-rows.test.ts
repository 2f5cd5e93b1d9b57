import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Partition } from '../../src/catalog/partition.ts';
import type { Ticker } from '../../src/catalog/ticker.ts';
import type { Lake } from '../../src/lake/lake.ts';
import { indicatorResultColumns } from '../../src/query/columns.ts';
import { type IndicatorsOptions, readIndicators } from '../../src/query/indicators.ts';
import { createQuotesRequest } from '../../src/query/quotes.ts';
import { queryNewestPartitionsFirst } from '../../src/query/read-rows.ts';
import type { DayRange } from '../../src/query/select.ts';
import { parseWhere } from '../../src/query/where/parser.ts';
import { day } from '../support/made-up-lake.ts';
import {
  engineOf,
  page,
  type ScriptedAthena,
  startScriptedAthena,
} from '../support/scripted-athena.ts';

const today = day('2026-11-30');

const days = Array.from({ length: 20 }, (_, index) => (20261101 + index) as Partition);
const lake = { partitions: async () => days } as Partial<Lake> as Lake;
const tickers = ['PETR4', 'VALE3'] as Ticker[];

let athena: ScriptedAthena;
/** The tickers of the rows of each answer, in turn; each with the newest days, or with those named. */
let answers: readonly (string | readonly [ticker: string, day: number])[][];
beforeEach(async () => {
  answers = [];
  athena = await startScriptedAthena({
    GetQueryResults: (_, earlier) => {
      const rows = (answers[earlier] ?? []).map((row, at) =>
        typeof row === 'string' ? [String(20261120 - at), row] : [String(row[1]), row[0]],
      );
      const columns = ['anomesdia_exec', 'codigo_ticker_ativo'];
      return page(
        columns.map((name) => [name, 'varchar'] as const),
        [columns, ...rows],
      );
    },
  });
});
afterEach(() => athena.close());

/** What each query sent says of the partition. */
const boundsSent = (): string[][] =>
  athena
    .of('StartQueryExecution')
    .map(({ input }) => String(input['QueryString']).match(/anomesdia_exec [<>]= \d+/g) ?? []);

async function quotesOf(
  asked: readonly Ticker[],
  about: DayRange,
  limit?: number,
): Promise<unknown[]> {
  const request = createQuotesRequest(asked, about, { limit });
  const { rows } = await queryNewestPartitionsFirst(engineOf(athena, { lake }), request);
  const found: unknown[] = [];
  for await (const [, ticker] of rows) found.push(ticker);
  return found;
}

const WHOLE = ['anomesdia_exec >= 20261101', 'anomesdia_exec <= 20261120'];

describe('a question about quotes', () => {
  test.each<[string, Ticker[], DayRange, string[]]>([
    ['of all days', tickers, {}, WHOLE],
    ['from a day', tickers, { from: days[3] }, ['anomesdia_exec >= 20261104', WHOLE[1] ?? '']],
    ['to a day', tickers, { to: days[3] }, [WHOLE[0] ?? '', 'anomesdia_exec <= 20261104']],
    ['of the newest days of all assets', [], { last: 2 }, WHOLE],
    ['of more days than there are', tickers, { last: 30 }, WHOLE],
  ])('%s names its days', async (_, asked, about, bounds) => {
    await quotesOf(asked, about);
    expect(boundsSent()).toEqual([bounds]);
  });

  test('of the newest days of some asks the newest partitions alone where they hold enough', async () => {
    answers = [['PETR4', 'PETR4', 'VALE3', 'VALE3']];
    expect(await quotesOf(tickers, { last: 2 })).toEqual(['PETR4', 'PETR4', 'VALE3', 'VALE3']);
    expect(boundsSent()).toEqual([['anomesdia_exec >= 20261113', 'anomesdia_exec <= 20261120']]);
  });

  test('and all where one ticker has too few rows there', async () => {
    answers = [
      ['PETR4', 'PETR4', 'VALE3'],
      ['PETR4', 'PETR4', 'VALE3', 'VALE3'],
    ];
    expect(await quotesOf(tickers, { last: 2 })).toEqual(['PETR4', 'PETR4', 'VALE3', 'VALE3']);
    expect(boundsSent()).toEqual([
      ['anomesdia_exec >= 20261113', 'anomesdia_exec <= 20261120'],
      WHOLE,
    ]);
  });

  test('and all where a ticker has enough rows there, but some of the same day', async () => {
    const twice = [
      ['PETR4', 20261120],
      ['PETR4', 20261120],
    ] as const;
    answers = [[...twice], [...twice, ['PETR4', 20261102]]];
    expect(await quotesOf(['PETR4'] as Ticker[], { last: 2 })).toHaveLength(3);
    expect(boundsSent()).toHaveLength(2);
  });

  test('of no more than some rows asks the newest partitions without that limit, and once', async () => {
    answers = [['PETR4', 'PETR4', 'VALE3', 'VALE3']];
    expect(await quotesOf(tickers, { last: 2 }, 3)).toEqual(['PETR4', 'PETR4', 'VALE3']);
    const sent = athena.of('StartQueryExecution').map(({ input }) => input['QueryString']);
    expect(sent).toEqual([expect.not.stringContaining('LIMIT')]);
    answers = [[], ['PETR4'], ['PETR4']];
    expect(await quotesOf(tickers, { last: 2 }, 1)).toEqual(['PETR4']);
    const [, , all] = athena.of('StartQueryExecution').map(({ input }) => input['QueryString']);
    expect(all).toMatch(/LIMIT 1$/);
  });

  test('within days of its own goes no further', async () => {
    await quotesOf(tickers, { from: days[12], to: days[14], last: 1 });
    expect(boundsSent()).toEqual([['anomesdia_exec >= 20261113', 'anomesdia_exec <= 20261115']]);
  });
});

describe('a question about indicators', () => {
  const NEWEST = ['anomesdia_exec >= 20261120', 'anomesdia_exec <= 20261120'];
  const ask = (asked: readonly Ticker[], form: IndicatorsOptions = {}) =>
    readIndicators(engineOf(athena, { lake }), asked, ['vlr_cot'], {}, form);
  const tablesAsked = (): string[] =>
    athena
      .of('StartQueryExecution')
      .map(
        ({ input }) =>
          /my_sot\.\w+_(acoes|fiis)_prep/.exec(String(input['QueryString']))?.[1] ?? '',
      );
  const rowsAre = async (perAnswer: readonly string[][]) => {
    await athena.close();
    athena = await startScriptedAthena({
      GetQueryResults: (_, earlier) =>
        page(
          ['anomesdia_exec', 'nome_papel', 'vlr_cot'].map((name) => [name, 'varchar'] as const),
          [[], ...(perAnswer[earlier] ?? []).map((ticker) => ['20261120', ticker, '1'])],
        ),
    });
  };

  test('names its days, too, of either kind and at every try', async () => {
    await ask(tickers);
    expect(tablesAsked()).toEqual(['acoes', 'fiis', 'acoes', 'fiis']);
    expect(boundsSent()).toEqual([NEWEST, NEWEST, WHOLE, WHOLE]);
  });

  test('about a stock of the newest day leaves the funds alone, and the days before', async () => {
    await rowsAre([['PETR4', 'VALE3']]);
    expect(await ask(tickers)).toMatchObject({ missing: [] });
    expect(tablesAsked()).toEqual(['acoes']);
    expect(boundsSent()).toEqual([NEWEST]);
  });

  test('looks further back only for the tickers that neither kind has', async () => {
    await rowsAre([['PETR4'], ['HGLG11'], ['VALE3']]);
    const found = await ask([...tickers, 'HGLG11' as Ticker]);
    expect(found).toMatchObject({ missing: [] });
    expect(tablesAsked()).toEqual(['acoes', 'fiis', 'acoes']);
    const parameters = athena
      .of('StartQueryExecution')
      .map(({ input }) => input['ExecutionParameters']);
    expect(parameters).toEqual([
      ["'PETR4'", "'VALE3'", "'HGLG11'"],
      ["'VALE3'", "'HGLG11'"],
      ["'VALE3'"],
    ]);
  });

  test('with a condition asks which tickers are there only of those without a row', async () => {
    // The condition holds of the one; the other is there.
    await rowsAre([['PETR4'], ['VALE3']]);
    const where = parseWhere('vlr_cot > 10', indicatorResultColumns, { today });
    const { rows, missing } = await ask(tickers, { where });
    expect(rows.map((row) => row[1])).toEqual(['PETR4']);
    expect(missing).toEqual([]);
    expect(boundsSent()).toEqual([NEWEST, NEWEST]);
    const [judged, there] = athena.of('StartQueryExecution').map(({ input }) => input);
    expect(judged?.['ExecutionParameters']).toEqual(["'PETR4'", "'VALE3'", "'10'"]);
    expect(there?.['ExecutionParameters']).toEqual(["'VALE3'"]);
    expect(there?.['QueryString']).not.toContain('vlr_cot');
  });
});

/** Which tickers are one asset, and which are left apart. */
import { describe, expect, test } from 'vitest';
import {
  joinTickers,
  parseSuccessions,
  removeRepeatedEvents,
  type TickerSessions,
} from '../../src/transform/lineage.ts';
import { createTickerSessions } from '../support/sessions.ts';

/** A paper that is traded on every day of the market. */
const market = createTickerSessions(
  'INDX3',
  Array.from({ length: 28 }, (_, at) => `202401${String(at + 1).padStart(2, '0')} 50.00 #1`),
);

function joined(
  tickers: readonly TickerSessions[],
  ...more: [ReadonlyMap<string, string | undefined>?]
): string[] {
  return joinTickers([market, ...tickers], ...more)
    .map(({ parts }) => parts.map(({ ticker }) => ticker).join('>'))
    .filter((text) => text !== 'INDX3')
    .sort();
}

const daily = (ticker: string, first: number, last: number, rest: string, shareClass = 'ON') =>
  createTickerSessions(
    ticker,
    Array.from({ length: last - first + 1 }, (_, at) => `${first + at} ${rest}`),
    shareClass,
  );

const before = daily('VELH3', 20240102, 20240110, '10.00 #7');

describe('a ticker that ends and one that begins in the next session', () => {
  test('with the same class, number and price are one asset', () => {
    expect(joined([before, daily('NOVO3', 20240111, 20240120, '10.40 #7')])).toEqual([
      'VELH3>NOVO3',
    ]);
  });

  test('over several changes', () => {
    const middle = daily('MEIO3', 20240111, 20240115, '10.40 #8');
    expect(joined([before, daily('NOVO3', 20240116, 20240120, '10.40 #8'), middle])).toEqual([
      'VELH3>MEIO3>NOVO3',
    ]);
  });

  test.each([
    ['another class', daily('NOVO3', 20240111, 20240120, '10.40 #7', 'PN')],
    ['another number in the ticker', daily('NOVO4', 20240111, 20240120, '10.40 #7')],
    ['a distribution number that falls', daily('NOVO3', 20240111, 20240120, '10.40 #6')],
    ['one that rises by more than the sessions', daily('NOVO3', 20240111, 20240120, '10.40 #9')],
    ['another price', daily('NOVO3', 20240111, 20240120, '14.00 #7')],
    ['another currency', daily('NOVO3', 20240111, 20240120, 'CR$ 10.00 #7')],
    ['a pause that neither makes otherwise', daily('NOVO3', 20240112, 20240120, '10.00 #7')],
    ['a day on which both are traded', daily('NOVO3', 20240110, 20240120, '10.00 #7')],
  ])('are left apart with %s', (_, other) => {
    expect(joined([before, other])).toEqual([other.ticker, 'VELH3'].sort());
  });

  test('are left apart if there is another candidate, on either side', () => {
    const one = daily('NOVO3', 20240111, 20240120, '10.40 #7');
    const two = daily('OUTR3', 20240111, 20240120, '9.80 #7');
    expect(joined([before, one, two])).toEqual(['NOVO3', 'OUTR3', 'VELH3']);
    const rival = daily('RIVA3', 20240102, 20240110, '10.00 #7');
    expect(joined([before, rival, one])).toEqual(['NOVO3', 'RIVA3', 'VELH3']);
  });

  test('a paper that is rarely traded may pause over the change, too', () => {
    const rare = createTickerSessions('VELH3', ['20240102 10.00 #7', '20240106 10.00 #7']);
    const later = createTickerSessions('NOVO3', ['20240109 10.00 #7', '20240110 10.00 #7']);
    expect(joined([rare, later])).toEqual(['VELH3>NOVO3']);
  });

  test('are left apart over weeks without any session: some are not imported', () => {
    const old = createTickerSessions('VELH3', ['20230102 10.00 #7', '20230103 10.00 #7']);
    const young = createTickerSessions('NOVO3', ['20240101 10.00 #7', '20240102 10.00 #7']);
    expect(joined([old, young])).toEqual(['NOVO3', 'VELH3']);
  });

  test('subscription rights continue nothing', () => {
    const [old, young] = ['VELH11', 'NOVO11'];
    const right = daily(old, 20240102, 20240110, '1.00 #7', 'DIR');
    expect(joined([right, daily(young, 20240111, 20240120, '1.00 #7', 'DIR')])).toEqual([
      young,
      old,
    ]);
  });
});

describe('what a person says', () => {
  const after = daily('NOVO3', 20240111, 20240120, '99.00 #1');

  test('joins what nothing else shows', () => {
    expect(joined([before, after], new Map([['VELH3', 'NOVO3']]))).toEqual(['VELH3>NOVO3']);
  });

  test('keeps apart what seems to continue', () => {
    const alike = daily('NOVO3', 20240111, 20240120, '10.40 #7');
    expect(joined([before, alike], new Map([['VELH3', undefined]]))).toEqual(['NOVO3', 'VELH3']);
  });

  test('cannot join what was traded on the same days', () => {
    expect(joined([before, after], new Map([['NOVO3', 'VELH3']]))).toEqual(['NOVO3', 'VELH3']);
  });

  test('is a line a ticker', () => {
    const isTicker = (text: string): boolean => /^[A-Z]{4}\d$/.test(text);
    expect(parseSuccessions('# renamed\nvelh3, NOVO3\n\nFIMM3,  # ended\r\n', isTicker)).toEqual({
      successions: new Map([
        ['VELH3', 'NOVO3'],
        ['FIMM3', undefined],
      ]),
    });
    for (const line of ['VELH3', 'VELH3,NOVO3,X', ',NOVO3', 'VELH3,?', 'VELH3,VELH3']) {
      expect(parseSuccessions(`\n${line}`, isTicker)).toEqual({ wrongLine: 2 });
    }
    expect(parseSuccessions('VELH3,NOVO3\nVELH3,OUTR3', isTicker)).toEqual({ wrongLine: 2 });
    expect(parseSuccessions('VELH3,NOVO3\nOUTR3,NOVO3', isTicker)).toEqual({ wrongLine: 2 });
  });
});

test('an event on the pages of two tickers is one; equal ones of one page are payments of their own', () => {
  const on = (ticker: string, day: string, type = 'DIVIDENDO') => ({ ticker, day, type });
  const events = [
    on('VELH3', '2024-01-02'),
    on('NOVO3', '2024-01-02'),
    on('NOVO3', '2024-01-02'),
    on('VELH3', '2024-01-02', 'RENDIMENTO'),
    on('VELH3', '2024-01-03'),
  ];
  expect(removeRepeatedEvents(events, (event) => event)).toEqual(events.slice(1));
});

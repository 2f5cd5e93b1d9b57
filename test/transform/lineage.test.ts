/** Which tickers are one asset, and which are left apart. */
import { describe, expect, test } from 'vitest';
import {
  joinTickers,
  removeRepeatedEvents,
  type SecurityIdentity,
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
    .assets.map(({ parts }) => parts.map(({ ticker }) => ticker).join('>'))
    .filter((text) => text !== 'INDX3')
    .sort();
}

const daily = (
  ticker: string,
  first: number,
  last: number,
  rest: string,
  shareClass = 'ON',
  paper: Partial<SecurityIdentity> = {},
) =>
  createTickerSessions(
    ticker,
    Array.from({ length: last - first + 1 }, (_, at) => `${first + at} ${rest}`),
    shareClass,
    paper,
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

describe('an issuer and a name that both change', () => {
  const paper = (isin: string, name: string): Partial<SecurityIdentity> => ({ isin, name });
  const whatIsDoubtful = (...tickers: TickerSessions[]): string[] =>
    joinTickers([market, ...tickers]).doubtful.map(({ from, to, day }) => `${from} ${to} ${day}`);

  test('VVAR3, VIIA3 and BHIA3 are one asset', () => {
    const parts = [
      daily('VVAR3', 20240102, 20240110, '11.20 #101', 'ON', paper('BRVVARACNOR1', 'VIAVAREJO')),
      daily('VIIA3', 20240111, 20240115, '10.75 #101', 'ON', paper('BRVIIAACNOR7', 'VIA')),
      daily('BHIA3', 20240116, 20240120, '11.90 #101', 'ON', paper('BRBHIAACNOR1', 'CASAS BAHIA')),
    ];
    expect(joined(parts)).toEqual(['VVAR3>VIIA3>BHIA3']);
    expect(whatIsDoubtful(...parts)).toEqual([]);
  });

  test.each([
    ['a price that is a quarter higher', '12.50 #7'],
    ['a price that is a fifth lower', '8.00 #7'],
    ['a price that is a third lower, after a right', '6.70 #8'],
  ])('are left apart, and named, with %s', (_, rest) => {
    const other = daily('NOVO3', 20240111, 20240120, rest);
    expect(joined([before, other])).toEqual(['NOVO3', 'VELH3']);
    expect(joinTickers([market, before, other]).doubtful).toEqual([
      {
        ...{ from: 'VELH3', to: 'NOVO3', day: 20240111 },
        reason: expect.stringContaining('VELH BRVELHACNOR1 and NOVO BRNOVOACNOR1'),
        isJoined: false,
      },
    ]);
  });

  test.each([
    ['100', '10.30 #100'],
    ['100', '10.90 #100'],
    ['99', '10.30 #100'],
    ['102', '10.30 #100'],
  ])(
    'are left apart, and named, where the number goes from %s to that of all new papers',
    (number, rest) => {
      const old = daily('VELH3', 20240102, 20240110, `10.00 #${number}`);
      const young = daily('NOVO3', 20240111, 20240120, rest);
      expect(joined([old, young])).toEqual(['NOVO3', 'VELH3']);
      expect(whatIsDoubtful(old, young)).toEqual(['VELH3 NOVO3 20240111']);
    },
  );

  test('are joined, and named, where the number rises on just that day', () => {
    const young = daily('NOVO3', 20240111, 20240120, '10.20 #8');
    expect(joined([before, young])).toEqual(['VELH3>NOVO3']);
    expect(joinTickers([market, before, young]).doubtful).toMatchObject([
      { from: 'VELH3', to: 'NOVO3', day: 20240111, isJoined: true },
    ]);
    const said = joinTickers([market, before, young], new Map([['VELH3', 'NOVO3']]));
    expect(said.doubtful).toEqual([]);
  });

  test('are left apart, and named, where the number leaves that of all new papers on just that day', () => {
    const old = daily('VELH3', 20240102, 20240110, '10.00 #100');
    const young = daily('NOVO3', 20240111, 20240120, '10.20 #101');
    expect(joined([old, young])).toEqual(['NOVO3', 'VELH3']);
    expect(joinTickers([market, old, young]).doubtful).toMatchObject([{ isJoined: false }]);
    const identity = paper('BRNOVOACNOR1', 'VELH');
    const renamed = daily('NOVO3', 20240111, 20240120, '10.20 #101', 'ON', identity);
    expect(joined([old, renamed])).toEqual(['VELH3>NOVO3']);
    expect(whatIsDoubtful(old, renamed)).toEqual([]);
  });

  test('a new paper takes nothing from one whose number continues', () => {
    const old = daily('VELH3', 20240102, 20240110, '10.00 #102');
    const next = daily('SEGU3', 20240111, 20240120, '10.40 #102');
    const young = daily('NOVO3', 20240111, 20240120, '10.10 #100');
    expect(joined([old, next, young])).toEqual(['NOVO3', 'VELH3>SEGU3']);
    expect(whatIsDoubtful(old, next, young)).toEqual([]);
  });

  test.each([
    ['a price that is far', '6.50 #7'],
    ['a number that falls', '10.00 #5'],
    ['a number that rises by too much', '10.00 #9'],
  ])('of one issuer and one name are named where they are left apart by %s', (_, rest) => {
    const identity = paper('BRVELHACNOR1', 'VELH');
    const young = daily('NOVO3', 20240111, 20240120, rest, 'ON', identity);
    expect(joined([before, young])).toEqual(['NOVO3', 'VELH3']);
    expect(whatIsDoubtful(before, young)).toEqual(['VELH3 NOVO3 20240111']);
  });

  test.each([
    ['the issuer stays', paper('BRVELHACNOR1', 'NOVA')],
    ['a word of the name stays', paper('BRNOVOACNOR1', 'VELHA MARCA')],
  ])('%s: a price that moves by a quarter continues', (_, identity) => {
    const old = daily('VELH3', 20240102, 20240110, '10.00 #7', 'ON', { name: 'CIA VELHA' });
    const young = daily('NOVO3', 20240111, 20240120, '12.50 #7', 'ON', identity);
    expect(joined([old, young])).toEqual(['VELH3>NOVO3']);
  });

  test('a word that strangers share is no name', () => {
    const old = daily('VELH3', 20240102, 20240110, '10.00 #7', 'ON', { name: 'BANCO VELHO' });
    const young = daily('NOVO3', 20240111, 20240120, '12.50 #7', 'ON', { name: 'BANCO NOVO' });
    expect(joined([old, young])).toEqual(['NOVO3', 'VELH3']);
  });

  test('of two candidates the one with the same name continues', () => {
    const one = daily('NOVO3', 20240111, 20240120, '10.40 #7');
    const two = daily('OUTR3', 20240111, 20240120, '9.80 #7', 'ON', { name: 'VELH' });
    expect(joined([before, one, two])).toEqual(['NOVO3', 'VELH3>OUTR3']);
    expect(whatIsDoubtful(before, one, two)).toEqual([]);
  });

  test('of two candidates that are alike, both are named', () => {
    const one = daily('NOVO3', 20240111, 20240120, '10.40 #7');
    const two = daily('OUTR3', 20240111, 20240120, '9.80 #7');
    expect(whatIsDoubtful(before, one, two).sort()).toEqual([
      'VELH3 NOVO3 20240111',
      'VELH3 OUTR3 20240111',
    ]);
  });

  test('without a distribution number nothing continues: the two are named', () => {
    const old = daily('VELH3', 20240102, 20240110, '10.00 #', 'ON', { name: 'MARCA' });
    const young = daily('NOVO3', 20240111, 20240120, '10.00 #', 'ON', { name: 'MARCA' });
    expect(joined([old, young])).toEqual(['NOVO3', 'VELH3']);
    expect(whatIsDoubtful(old, young)).toEqual(['VELH3 NOVO3 20240111']);
  });

  test('what a person says of them is no longer doubtful', () => {
    const other = daily('NOVO3', 20240111, 20240120, '12.50 #7');
    for (const successor of ['NOVO3', undefined]) {
      const said = joinTickers([market, before, other], new Map([['VELH3', successor]]));
      expect(said.doubtful).toEqual([]);
    }
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

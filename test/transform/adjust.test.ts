/** Factors worked out by hand, and every kind of disagreement between events and distribution numbers. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { computeAdjustments, type RightEvent } from '../../src/transform/adjust.ts';
import type { Asset } from '../../src/transform/lineage.ts';
import { createTickerSessions, type SessionText } from '../support/sessions.ts';

function asset(...parts: readonly (readonly [string, ...SessionText[]])[]): Asset {
  const made = parts.map(([ticker, ...sessions]) => createTickerSessions(ticker, sessions));
  return { code: made.at(-1)?.ticker ?? '', parts: made };
}

function event(comDay: number, values: Partial<RightEvent>): RightEvent {
  const defaults = { ticker: 'TUCA3', type: 'DIVIDENDO', sourceCount: 1, isShown: true };
  return { ...defaults, comDay, cash: undefined, multiplier: undefined, ...values };
}

const findingsOf = (...given: Parameters<typeof computeAdjustments>): string[] =>
  computeAdjustments(...given).findings.map(({ ticker, day, code }) => `${ticker} ${day} ${code}`);

describe('a dividend of 1 on a price of 10', () => {
  const tuca = asset(['TUCA3', '20240102 10.00 #5', '20240103 9.10 #6', '20240104 9.20 #6']);
  const { adjustments, findings } = computeAdjustments(tuca, [event(20240102, { cash: 1 })]);

  test('multiplies earlier prices by 0.9', () => {
    expect(findings).toEqual([]);
    expect(adjustments).toEqual([
      {
        ticker: 'TUCA3',
        startDay: 20240102,
        day: 20240103,
        splitFactor: 1,
        cashFactor: 0.9,
        accumulatedSplitFactor: 1,
        accumulatedFactor: 0.9,
        rights: 1,
        reason: 'DIVIDENDO 1; distribution number 5 to 6',
        isProved: true,
        isProvedSince: true,
      },
    ]);
  });
});

test('a split by two and a dividend of another day: each factor alone, and both for the oldest prices', () => {
  const tuca = asset([
    'TUCA3',
    ...['20240102 40.00 #5', '20240103 20.50 #6', '20240104 20.00 #6', '20240105 19.00 #7'],
  ]);
  const { adjustments, findings } = computeAdjustments(tuca, [
    event(20240104, { cash: 0.5 }),
    event(20240102, { type: 'DESDOBRAMENTO', multiplier: 2 }),
  ]);
  expect(findings).toEqual([]);
  expect(
    adjustments.map(
      ({ startDay, day, splitFactor, cashFactor, accumulatedSplitFactor, accumulatedFactor }) => [
        ...[startDay, day, splitFactor, cashFactor, accumulatedSplitFactor, accumulatedFactor],
      ],
    ),
  ).toEqual([
    [20240102, 20240103, 0.5, 1, 0.5, 0.5 * 0.975],
    [20240103, 20240105, 1, 0.975, 1, 0.975],
  ]);
});

test('events of one day: cash for the units before, then the change of units', () => {
  const tuca = asset(['TUCA3', '20240102 40.00 #5', '20240103 19.00 #6']);
  const { adjustments } = computeAdjustments(tuca, [
    event(20240102, { cash: 1 }),
    event(20240102, { type: 'JRS CAP PROPRIO', cash: 1 }),
    event(20240102, { type: 'DESDOBRAMENTO', multiplier: 2 }),
  ]);
  expect(adjustments[0]).toMatchObject({
    splitFactor: 0.5,
    accumulatedFactor: 19 / 40,
    isProved: true,
  });
  expect(adjustments[0]?.cashFactor).toBeCloseTo(0.95, 12);
});

test('two days with rights before the next session are applied in turn', () => {
  const tuca = asset(['TUCA3', '20240102 40.00 #5', '20240110 19.50 #7']);
  const { adjustments, findings } = computeAdjustments(tuca, [
    event(20240104, { cash: 1 }),
    event(20240103, { type: 'DESDOBRAMENTO', multiplier: 2 }),
  ]);
  expect(findings).toEqual([]);
  expect(adjustments).toMatchObject([{ accumulatedFactor: 19 / 40, rights: 2 }]);
});

test('the newest price is never changed, and an event whose session is still to come changes none', () => {
  const tuca = asset(['TUCA3', '20240102 10.00 #5', '20240103 9.10 #5']);
  const early = event(20230630, { cash: 1 });
  expect(computeAdjustments(tuca, [event(20240103, { cash: 1 }), early])).toEqual({
    adjustments: [],
    findings: [],
  });
});

test('a change of ticker is a row of its own, and the same event on both pages counts once', () => {
  const asahi = asset(
    ['TUCA3', '20240102 10.00 #5', '20240103 10.00 #5'],
    ['ARAR3', '20240104 9.00 #6', '20240105 9.00 #6'],
  );
  const { adjustments, findings } = computeAdjustments(asahi, [
    event(20240103, { cash: 1 }),
    event(20240103, { cash: 1, ticker: 'ARAR3' }),
  ]);
  expect(findings).toEqual([]);
  expect(adjustments).toMatchObject([
    { ticker: 'TUCA3', startDay: 20240102, day: 20240104, accumulatedFactor: 0.9 },
  ]);
  expect(
    computeAdjustments(asset(['TUCA3', '20240102 10.00 #5'], ['ARAR3', '20240103 10.00 #5']), []),
  ).toMatchObject({
    adjustments: [{ ticker: 'TUCA3', day: 20240103, accumulatedFactor: 1, isProved: true }],
    findings: [],
  });
});

describe('what is not proved', () => {
  const steady = ['20240102 10.00 #5', '20240103 10.00 #5', '20240104 10.00 #5'] as const;
  const risen = ['20240102 10.00 #5', '20240103 10.00 #6', '20240104 10.00 #6'] as const;

  test('a right without an event', () => {
    const tuca = asset(['TUCA3', ...risen]);
    expect(findingsOf(tuca, [])).toEqual(['TUCA3 20240103 right-without-event']);
    expect(computeAdjustments(tuca, []).adjustments).toMatchObject([
      { accumulatedFactor: 1, rights: 1, isProved: false, isProvedSince: false },
    ]);
  });

  test('one of two rights without an event: the known one is applied', () => {
    const tuca = asset(['TUCA3', '20240102 10.00 #5', '20240104 9.00 #7']);
    const known = [event(20240103, { cash: 1 })];
    expect(findingsOf(tuca, known)).toEqual(['TUCA3 20240104 right-without-event']);
    expect(computeAdjustments(tuca, known).adjustments).toMatchObject([
      { accumulatedFactor: 0.9, isProved: false },
    ]);
  });

  test('an event without a right is not applied', () => {
    const tuca = asset(['TUCA3', ...steady]);
    const events = [event(20240102, { cash: 1 })];
    expect(findingsOf(tuca, events)).toEqual(['TUCA3 20240103 event-without-right']);
    expect(computeAdjustments(tuca, events).adjustments).toMatchObject([
      { accumulatedFactor: 1, isProved: false },
    ]);
  });

  test('of more events than rights, those that two sources show are applied', () => {
    const tuca = asset(['TUCA3', '20240102 10.00 #5', '20240105 9.00 #6']);
    const events = [event(20240103, { cash: 1, sourceCount: 2 }), event(20240104, { cash: 2 })];
    expect(findingsOf(tuca, events)).toEqual(['TUCA3 20240105 event-without-right']);
    expect(computeAdjustments(tuca, events).adjustments).toMatchObject([
      { accumulatedFactor: 0.9 },
    ]);
  });

  test('with nothing that tells them apart, none is applied', () => {
    const tuca = asset(['TUCA3', '20240102 10.00 #5', '20240105 9.00 #6']);
    const events = [event(20240103, { cash: 1 }), event(20240104, { cash: 2 })];
    expect(findingsOf(tuca, events)).toHaveLength(2);
    expect(computeAdjustments(tuca, events).adjustments).toMatchObject([{ accumulatedFactor: 1 }]);
  });

  test('an event that no source shows any more counts where the number asks for it', () => {
    const removed = [event(20240102, { cash: 1, isShown: false })];
    expect(computeAdjustments(asset(['TUCA3', ...risen]), removed)).toMatchObject({
      adjustments: [{ accumulatedFactor: 0.9, isProved: true }],
      findings: [],
    });
    expect(computeAdjustments(asset(['TUCA3', ...steady]), removed)).toEqual({
      adjustments: [],
      findings: [],
    });
  });

  test('a jump of the price that no right explains, or that the events of a right do not explain', () => {
    const halved = asset(['TUCA3', '20240102 10.00 #5', '20240103 5.00 #5']);
    expect(findingsOf(halved, [])).toEqual(['TUCA3 20240103 price-jump']);
    const unexplained = asset(['TUCA3', '20240102 10.00 #5', '20240103 4.95 #6']);
    expect(findingsOf(unexplained, [event(20240102, { cash: 0.1 })])).toEqual([
      'TUCA3 20240103 price-jump',
    ]);
  });

  test.each([
    ['cash-above-price', '9.00 #6', { cash: 10 }],
    ['event-not-computable', '9.00 #6', { type: 'CISAO' }],
    ['number-falls', '10.00 #4', undefined],
  ])('%s', (code, session, values) => {
    const tuca = asset(['TUCA3', '20240102 10.00 #5', `20240103 ${session}`]);
    const events = values === undefined ? [] : [event(20240102, values)];
    expect(findingsOf(tuca, events)).toEqual([`TUCA3 20240103 ${code}`]);
    expect(computeAdjustments(tuca, events).adjustments).toMatchObject([
      { accumulatedFactor: 1, isProved: false },
    ]);
  });

  test('a break of currency: what is before it is marked, and nothing else', () => {
    const tuca = asset([
      'TUCA3',
      '19940629 CR$ 2750.00 #5',
      '19940701 R$ 1.00 #5',
      '19940704 R$ 1.00 #5',
    ]);
    expect(findingsOf(tuca, [])).toEqual(['TUCA3 19940701 currency-break']);
    expect(computeAdjustments(tuca, []).adjustments).toMatchObject([
      { day: 19940701, accumulatedFactor: 1, isProved: false },
    ]);
  });

  test('an unproved day marks all prices before it, and none after it', () => {
    const tuca = asset([
      'TUCA3',
      ...['20240102 10.00 #5', '20240103 9.00 #6', '20240104 9.00 #7', '20240105 8.10 #8'],
    ]);
    const known = [event(20240102, { cash: 1 }), event(20240104, { cash: 0.9 })];
    expect(
      computeAdjustments(tuca, known).adjustments.map(({ day, isProved, isProvedSince }) => [
        ...[day, isProved, isProvedSince],
      ]),
    ).toEqual([
      [20240103, true, false],
      [20240104, false, false],
      [20240105, true, true],
    ]);
  });
});

test('the order of the events changes nothing', () => {
  const tuca = asset([
    'TUCA3',
    ...['20240102 10.00 #5', '20240104 4.40 #7', '20240105 4.00 #8', '20240108 4.00 #9'],
  ]);
  const events = [
    event(20240102, { cash: 1 }),
    event(20240103, { type: 'DESDOBRAMENTO', multiplier: 2 }),
    event(20240104, { cash: 0.2 }),
    event(20240104, { cash: 0.2 }),
    event(20240104, { type: 'BONIFICACAO', multiplier: 1.1 }),
    event(20240105, { cash: 7 }),
  ];
  const expected = computeAdjustments(tuca, events);
  fc.assert(
    fc.property(fc.shuffledSubarray(events, { minLength: events.length }), (shuffled) => {
      expect(computeAdjustments(tuca, shuffled)).toEqual(expected);
    }),
  );
});

/** Factors worked out by hand, and every kind of disagreement between events and distribution numbers. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AuditFinding, computeAdjustments } from '../../src/transform/adjust.ts';
import type { Asset } from '../../src/transform/lineage.ts';
import { createMarketDays } from '../../src/transform/market-days.ts';
import type { RightEvent } from '../../src/transform/right-events.ts';
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
        lacksNumbers: false,
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

  describe('of more days with events than rights', () => {
    const split = event(20240104, { type: 'DESDOBRAMENTO', multiplier: 2 });
    const phantom = event(20240103, { cash: 0.5, sourceCount: 2 });

    test('the price chooses, not the number of sources: a split of one source, not the cash of two', () => {
      const tuca = asset(['TUCA3', '20240102 10.00 #5', '20240105 5.10 #6']);
      const { adjustments, findings } = computeAdjustments(tuca, [phantom, split]);
      expect(adjustments).toMatchObject([
        { accumulatedSplitFactor: 0.5, accumulatedFactor: 0.5, isProved: false },
      ]);
      expect(findings.map(({ code, detail }) => `${code}: ${detail}`)).toEqual([
        'event-without-right: DIVIDENDO 0.5 of 20240103: distribution number 5 to 6; the price shows DESDOBRAMENTO × 2',
      ]);
    });

    test('the price chooses the cash where the units did not change', () => {
      const tuca = asset(['TUCA3', '20240102 10.00 #5', '20240105 9.40 #6']);
      expect(computeAdjustments(tuca, [phantom, split])).toMatchObject({
        adjustments: [{ accumulatedSplitFactor: 1, accumulatedFactor: 0.95, isProved: false }],
        findings: [{ code: 'event-without-right' }],
      });
    });

    test.each([
      ['between the two', '20240105 7.20 #6', [phantom, split]],
      [
        'near to both',
        '20240105 9.00 #6',
        [event(20240103, { cash: 1, sourceCount: 2 }), event(20240104, { cash: 2 })],
      ],
      ['far from both', '20240105 2.00 #6', [phantom, split]],
      [
        'beside an event whose effect is not known',
        '20240105 5.10 #6',
        [event(20240103, { type: 'CISAO' }), split],
      ],
    ])('none is applied where the price is %s', (_, session, events) => {
      const tuca = asset(['TUCA3', '20240102 10.00 #5', session]);
      expect(findingsOf(tuca, events)).toEqual([
        'TUCA3 20240105 event-without-right',
        'TUCA3 20240105 event-without-right',
      ]);
      expect(computeAdjustments(tuca, events).adjustments).toMatchObject([
        { accumulatedFactor: 1, isProved: false },
      ]);
    });

    test('two of three days', () => {
      const tuca = asset(['TUCA3', '20240102 100.00 #5', '20240108 9.70 #7']);
      const events = [
        event(20240103, { type: 'DESDOBRAMENTO', multiplier: 2 }),
        event(20240104, { type: 'GRUPAMENTO', multiplier: 0.1 }),
        event(20240105, { type: 'DESDOBRAMENTO', multiplier: 5 }),
      ];
      expect(computeAdjustments(tuca, events)).toMatchObject({
        adjustments: [{ accumulatedSplitFactor: 0.1, rights: 2, isProved: false }],
        findings: [{ code: 'event-without-right' }],
      });
    });
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

  describe('an event that no source shows any more, and its correction', () => {
    const dropped = (comDay: number, cash: number, type = 'DIVIDENDO') =>
      event(comDay, { cash, type, isShown: false });

    test('the correction alone counts, also where another day asks for what is dropped', () => {
      const tuca = asset(['TUCA3', '20240102 10.00 #5', '20240104 9.15 #7']);
      const events = [
        event(20240102, { cash: 0.55 }),
        dropped(20240102, 0.5),
        dropped(20240103, 0.3),
      ];
      expect(computeAdjustments(tuca, events)).toMatchObject({
        adjustments: [{ accumulatedFactor: expect.closeTo(0.915, 12), isProved: true }],
        findings: [],
      });
    });

    test.each([
      ['amount', dropped(20240102, 0.55)],
      ['kind', dropped(20240102, 0.5, 'JRS CAP PROPRIO')],
    ])('of two versions with another %s nothing says which, and none counts', (_, corrected) => {
      const { adjustments, findings } = computeAdjustments(asset(['TUCA3', ...risen]), [
        dropped(20240102, 0.5),
        corrected,
      ]);
      expect(adjustments).toMatchObject([{ accumulatedFactor: 1, isProved: false }]);
      expect(findings).toMatchObject([
        {
          code: 'right-without-event',
          detail: expect.stringContaining('no source shows DIVIDENDO 0.5 + '),
        },
      ]);
    });

    test('two payments of other kinds and amounts both count', () => {
      const events = [dropped(20240102, 0.5), dropped(20240102, 0.2, 'JRS CAP PROPRIO')];
      expect(computeAdjustments(asset(['TUCA3', ...risen]), events)).toMatchObject({
        adjustments: [{ accumulatedFactor: expect.closeTo(0.93, 12), isProved: true }],
      });
    });
  });

  describe('a change of units that is printed twice', () => {
    const twice = (multiplier: number) =>
      [1, 2].map(() => event(20240102, { type: 'BONIFICACAO', multiplier }));

    test('counts once, and is not proved where the price does not tell', () => {
      const tuca = asset(['TUCA3', '20240102 11.00 #5', '20240103 10.00 #6']);
      expect(computeAdjustments(tuca, twice(1.1))).toMatchObject({
        adjustments: [{ accumulatedSplitFactor: 1 / 1.1, isProved: false }],
        findings: [
          {
            ...{ ticker: 'TUCA3', day: 20240103, code: 'event-repeated' },
            detail: expect.stringContaining('BONIFICACAO × 1.1 of 20240102'),
          },
        ],
      });
    });

    test('is one where the price shows one', () => {
      const tuca = asset(['TUCA3', '20240102 40.00 #5', '20240103 20.50 #6']);
      expect(computeAdjustments(tuca, twice(2))).toMatchObject({
        adjustments: [{ accumulatedSplitFactor: 0.5, isProved: true }],
        findings: [],
      });
    });

    test('or three times counts as often as the price shows', () => {
      const events = [...twice(2), ...twice(2).slice(1)];
      for (const [close, factor] of [
        ['20.00', 0.5],
        ['10.00', 0.25],
        ['5.00', 0.125],
      ] as const) {
        const tuca = asset(['TUCA3', '20240102 40.00 #5', `20240103 ${close} #6`]);
        expect(computeAdjustments(tuca, events)).toMatchObject({
          adjustments: [{ accumulatedSplitFactor: factor, isProved: true }],
          findings: [],
        });
      }
    });

    test('is two where the price shows two', () => {
      const tuca = asset(['TUCA3', '20240102 40.00 #5', '20240103 10.00 #6']);
      expect(computeAdjustments(tuca, twice(2)).adjustments).toMatchObject([
        { accumulatedSplitFactor: 0.25, isProved: true },
      ]);
    });

    test('is chosen among others by the price of one', () => {
      const tuca = asset(['TUCA3', '20240102 40.00 #5', '20240105 20.00 #6']);
      const events = [...twice(2), event(20240103, { cash: 1 })];
      expect(computeAdjustments(tuca, events).adjustments).toMatchObject([
        { accumulatedSplitFactor: 0.5, isProved: false },
      ]);
    });
  });

  describe('an event from the last session of an asset on', () => {
    const market = createMarketDays([
      {
        days: Array.from(
          { length: 90 },
          (_, at) => 20240101 + (at % 30) + 100 * Math.floor(at / 30),
        ),
      },
    ]);
    const ended = asset(['TUCA3', '20240102 10.00 #5', '20240103 10.00 #5']);
    const late = (values: Partial<RightEvent> = {}) => event(20240103, { cash: 0.5, ...values });

    test('is named where the asset is no longer traded, and adjusts nothing', () => {
      expect(computeAdjustments(ended, [late(), event(20240110, { cash: 1 })], market)).toEqual({
        adjustments: [],
        findings: [
          {
            ...{ ticker: 'TUCA3', day: 20240104, code: 'event-without-right' },
            detail: 'DIVIDENDO 0.5 of 20240103: TUCA3 is not traded after 20240103',
          },
          {
            ...{ ticker: 'TUCA3', day: 20240111, code: 'event-without-right' },
            detail: 'DIVIDENDO 1 of 20240110: TUCA3 is not traded after 20240103',
          },
        ],
      });
    });

    test('is not due where the asset may trade again, where no source shows it, or before its day', () => {
      const traded = asset(['TUCA3', '20240202 10.00 #5', '20240203 10.00 #5']);
      expect(findingsOf(traded, [event(20240203, { cash: 0.5 })], market)).toEqual([]);
      expect(findingsOf(ended, [late({ isShown: false })], market)).toEqual([]);
      expect(findingsOf(ended, [event(20240330, { cash: 0.5 })], market)).toEqual([]);
    });

    test('is not due over sessions that are not imported: it may have been traded there', () => {
      const days = Array.from(
        { length: 70 },
        (_, at) => 20240101 + (at % 28) + 100 * Math.floor(at / 28),
      );
      const gap = createMarketDays([{ days: [20200102, 20200103, ...days] }]);
      const before = asset(['TUCA3', '20200102 10.00 #5', '20200103 10.00 #5']);
      const events = [event(20200103, { cash: 0.5 }), event(20210614, { cash: 1 })];
      expect(findingsOf(before, events, gap)).toEqual([]);
      const after = createMarketDays([{ days: [...days, 20260105, 20260106] }]);
      const ended = asset(['TUCA3', '20240102 10.00 #5', '20240103 10.00 #5']);
      const late = [event(20240103, { cash: 0.5 }), event(20250614, { cash: 1 })];
      expect(findingsOf(ended, late, after)).toEqual(['TUCA3 20240104 event-without-right']);
    });
  });

  test('prices over a doubtful change of ticker are not proved, unless an event explains it', () => {
    const parts = asset(
      ['VELH3', '20240102 10.00 #5', '20240103 10.00 #5'],
      ['NOVO3', '20240104 9.50 #6', '20240105 8.50 #7'],
    );
    const doubt: AuditFinding = {
      ...{ ticker: 'NOVO3', day: 20240104, detail: '' },
      code: 'succession-doubtful',
    };
    const joints = new Map([['NOVO3', doubt]]);
    const [later, same] = [event(20240104, { cash: 1 }), event(20240103, { cash: 0.5 })];
    const { adjustments, findings } = computeAdjustments(parts, [later], undefined, joints);
    expect(findings.map(({ code }) => code)).toEqual([
      'succession-doubtful',
      'right-without-event',
    ]);
    expect(adjustments).toMatchObject([
      { ticker: 'VELH3', isProvedSince: false },
      { ticker: 'NOVO3', isProvedSince: true },
    ]);
    expect(findingsOf(parts, [later, same], undefined, joints)).toEqual([]);
  });

  test('a jump of cents is one, a step of one or two cents is none', () => {
    const fallTo = (from: string, to: string) =>
      findingsOf(asset(['TUCA3', `20240102 ${from} #5`, `20240103 ${to} #5`]), []);
    expect(fallTo('0.16', '0.07')).toEqual(['TUCA3 20240103 price-jump']);
    expect(fallTo('0.02', '0.01')).toEqual([]);
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

  test('an event whose value two sources contradict is applied, with both values in the reason', () => {
    const tuca = asset(['TUCA3', ...risen]);
    const disputed = [event(20240102, { cash: 0.51, contradiction: 'fundamentus: 0.5' })];
    expect(computeAdjustments(tuca, disputed)).toMatchObject({
      adjustments: [
        {
          accumulatedFactor: expect.closeTo(0.949, 12),
          isProved: false,
          reason: 'DIVIDENDO 0.51 (fundamentus: 0.5); distribution number 5 to 6',
        },
      ],
      findings: [
        { code: 'sources-disagree', detail: 'DIVIDENDO 0.51 (fundamentus: 0.5) of 20240102' },
      ],
    });
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

describe('sessions that are not imported', () => {
  /** A paper that trades on every day that is imported. */
  const market = (...days: number[]) => createMarketDays([{ days }]);

  test('years: what crosses them is not proved, even if the number explains it', () => {
    const tuca = asset(['TUCA3', '20151229 10.00 #5', '20151230 10.00 #5', '20180102 4.00 #7']);
    const days = market(20151229, 20151230, 20180102, 20180103);
    const events = [
      event(20160504, { cash: 1, sourceCount: 2 }),
      event(20170504, { type: 'DESDOBRAMENTO', multiplier: 2 }),
    ];
    const { adjustments, findings } = computeAdjustments(tuca, events, days);
    expect(findings).toEqual([
      {
        ...{ ticker: 'TUCA3', day: 20180102, code: 'history-gap' },
        detail: 'no session from 20151230 to 20180102 is imported: distribution number 5 to 7',
      },
    ]);
    // The units are known without a price; the cash is not, for it is a share of a price of 2016.
    expect(adjustments).toMatchObject([
      { day: 20180102, accumulatedSplitFactor: 0.5, accumulatedFactor: 0.5, isProved: false },
    ]);
    expect(adjustments[0]?.reason).toBe(
      'DIVIDENDO 1 + DESDOBRAMENTO × 2, without the cash of DIVIDENDO 1; distribution number 5 to 7',
    );
    expect(computeAdjustments(tuca, events).findings).toEqual([]);
  });

  test('years without an event: also not proved, and neither is a pause of a paper that the market did not make', () => {
    const tuca = asset(['TUCA3', '20151230 10.00 #5', '20180102 4.00 #5']);
    expect(
      computeAdjustments(tuca, [], market(20151230, 20180102)).findings.map(({ code }) => code),
    ).toEqual(['history-gap']);
    const days = market(20240102, 20240110, 20240118, 20240126);
    const rare = asset(['TUCA3', '20240102 10.00 #5', '20240126 10.00 #5']);
    expect(computeAdjustments(rare, [], days)).toEqual({ adjustments: [], findings: [] });
  });

  test('over years the price chooses no event', () => {
    const tuca = asset(['TUCA3', '20151230 10.00 #5', '20180102 5.00 #6']);
    const events = [
      event(20160504, { cash: 0.5 }),
      event(20170504, { type: 'DESDOBRAMENTO', multiplier: 2 }),
    ];
    expect(computeAdjustments(tuca, events, market(20151230, 20180102)).adjustments).toMatchObject([
      { accumulatedFactor: 1, isProved: false },
    ]);
  });

  test('a day: the cash of that day has no price', () => {
    const tuca = asset(['TUCA3', '20240102 10.00 #5', '20240104 9.10 #6']);
    const events = [event(20240103, { cash: 1 })];
    const { adjustments, findings } = computeAdjustments(tuca, events, market(20240102, 20240104));
    expect(findings).toMatchObject([
      { code: 'history-gap', detail: 'DIVIDENDO 1: the session of 20240103 is not imported' },
    ]);
    expect(adjustments).toMatchObject([{ accumulatedFactor: 1, isProved: false }]);
    const whole = market(20240102, 20240103, 20240104);
    expect(computeAdjustments(tuca, events, whole)).toMatchObject({
      adjustments: [{ accumulatedFactor: 0.9, isProved: true }],
      findings: [],
    });
    const split = [event(20240103, { type: 'DESDOBRAMENTO', multiplier: 1.1 })];
    expect(computeAdjustments(tuca, split, market(20240102, 20240104)).findings).toEqual([]);
  });
});

describe('records without a distribution number', () => {
  test('are not number 0, and prove nothing: the last of them is named once', () => {
    const tuca = asset([
      'TUCA3',
      ...['20240102 10.00 #5', '20240103 10.00 #', '20240104 10.00 #', '20240105 10.00 #5'],
      '20240108 10.00 #5',
    ]);
    const { adjustments, findings } = computeAdjustments(tuca, []);
    expect(findings).toMatchObject([{ day: 20240105, code: 'number-missing' }]);
    expect(adjustments).toMatchObject([
      { startDay: 20240102, day: 20240105, accumulatedFactor: 1, rights: 0, isProved: false },
    ]);
  });

  test('do not hide a right: the number after them shows it', () => {
    const tuca = asset(['TUCA3', '20240102 10.00 #5', '20240103 10.00 #', '20240104 9.00 #6']);
    expect(findingsOf(tuca, [])).toEqual([
      'TUCA3 20240104 number-missing',
      'TUCA3 20240104 right-without-event',
    ]);
    const events = [event(20240102, { cash: 1 })];
    const { adjustments, findings } = computeAdjustments(tuca, events);
    expect(findings.map(({ day, code }) => `${day} ${code}`)).toEqual([
      '20240103 number-missing',
      '20240104 number-missing',
    ]);
    expect(adjustments).toMatchObject([
      { day: 20240103, accumulatedFactor: 0.9, isProved: false },
      { day: 20240104, accumulatedFactor: 1, rights: 0, isProved: false },
    ]);
  });

  test('from the first to the last: no price but the newest is proved', () => {
    const tuca = asset(['TUCA3', '20240102 10.00 #', '20240103 10.00 #', '20240104 10.00 #']);
    const { adjustments, findings } = computeAdjustments(tuca, []);
    expect(findings).toMatchObject([{ day: 20240104, code: 'number-missing' }]);
    expect(adjustments).toMatchObject([
      { startDay: 20240102, day: 20240104, isProved: false, lacksNumbers: true },
    ]);
    expect(adjustments[0]?.rights).toBeUndefined();
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

import { describe, expect, test } from 'vitest';
import {
  type FailedEvent,
  parseFailedEvent,
  selectRestarts,
} from '../../src/remote/failed-events.ts';

const FIRST = 'pynvest-lambda-check-and-delete-partitions';
const SECOND = 'pynvest-lambda-get-tickers';
const functions = new Map([
  [FIRST, 'check-and-delete-partitions'],
  [SECOND, 'get-tickers'],
] as const);
/** A Tuesday, after B3 has closed. */
const evening = new Date('2026-11-24T23:00:00Z');

/** The record of an event that failed, as Lambda sends it to its destination. */
function record(name: string, requestPayload: unknown, more: object = {}): string {
  return JSON.stringify({
    version: '1.0',
    timestamp: '2026-11-24T21:52:00.000Z',
    requestContext: {
      requestId: 'e4b46cbf-b738-xmpl-8880-a18cdf61200e',
      functionArn: `arn:aws:lambda:sa-east-1:123456789012:function:${name}:$LATEST`,
      condition: 'RetriesExhausted',
      approximateInvokeCount: 3,
    },
    requestPayload,
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: { errorType: 'SiteUnavailableError', errorMessage: 'the site answered 503' },
    ...more,
  });
}

function parse(body: string, now = evening, sentAt = now): FailedEvent {
  return parseFailedEvent({ id: 'an-id', body, sentAt }, functions, now);
}

describe('an event that failed', () => {
  test.each([
    [
      'of a rule, whose time says the day',
      FIRST,
      { time: '2026-11-24T21:45:00Z', source: 'aws.events' },
    ],
    ['of `run --remote`, with the day', FIRST, { partition: 20261124 }],
    ['of the second function, by hand', SECOND, { partition: 20261124 }],
    [
      'of the second function, from the first',
      SECOND,
      { responsePayload: { partition: 20261124, tickers: {} } },
    ],
  ])('%s', (_, name, payload) => {
    expect(parse(record(name, payload))).toMatchObject({
      start: { partition: 20261124, payload },
      redriveStatus: 'ready',
      kind: 'SiteUnavailableError',
      reason: expect.stringMatching(/^[a-z-]+: the site answered 503$/),
    });
  });

  test('is of the day in São Paulo at which it was due', () => {
    const late = parse(record(FIRST, { time: '2026-11-25T01:30:00Z' }));
    expect(late.start?.partition).toBe(20261124);
  });

  test('is too late once B3 has opened again', () => {
    const body = record(FIRST, { partition: 20261124 });
    expect(parse(body, new Date('2026-11-25T12:44:00Z')).redriveStatus).toBe('ready');
    expect(parse(body, new Date('2026-11-25T12:45:00Z')).redriveStatus).toBe('too-late');
  });

  test('that expired says so in place of an error', () => {
    const context = {
      functionArn: `arn:aws:lambda:sa-east-1:123456789012:function:${FIRST}`,
      condition: 'EventAgeExceeded',
    };
    const body = record(
      FIRST,
      { partition: 20261124 },
      { requestContext: context, responsePayload: null },
    );
    expect(parse(body)).toMatchObject({
      ...{ kind: '', reason: 'check-and-delete-partitions: EventAgeExceeded' },
    });
  });

  test.each([
    ['no JSON', 'hello'],
    ['no record', '{}'],
    ['of another function', record('theirs', { partition: 20261124 })],
    ['without a day', record(FIRST, {})],
    ['of no day', record(FIRST, { partition: 20261324 })],
    ['of no time', record(FIRST, { time: 'soon' })],
  ])('that is %s cannot be read', (_, body) => {
    expect(parse(body)).toMatchObject({ start: undefined, redriveStatus: 'unreadable' });
  });
});

describe('a day is started again', () => {
  const at = (time: string): Date => new Date(`2026-11-24T${time}:00Z`);

  test('once, by the function that removes nothing of it', () => {
    const events = [
      parse(record(FIRST, { time: '2026-11-24T21:45:00Z' }), evening, at('22:30')),
      parse(record(FIRST, { partition: 20261124 }), evening, at('22:00')),
      parse(record(FIRST, { partition: 20261123 }), evening, at('23:00')),
    ];
    expect(selectRestarts(events)).toEqual([
      { partition: 20261123, payload: { partition: 20261123 } },
      { partition: 20261124, payload: { partition: 20261124 } },
    ]);
  });

  test('with the tickers of the newest event that has them', () => {
    const first = (time: string) =>
      parse(record(FIRST, { partition: 20261124 }), evening, at(time));
    const second = (time: string, acoes: string) => {
      const payload = { responsePayload: { partition: 20261124, tickers: { acoes: [acoes] } } };
      return parse(record(SECOND, payload), evening, at(time));
    };
    const events = [
      first('21:00'),
      second('22:00', 'VALE3'),
      second('21:30', 'PETR4'),
      first('23:00'),
    ];
    expect(selectRestarts(events)).toEqual([
      {
        partition: 20261124,
        payload: { responsePayload: { partition: 20261124, tickers: { acoes: ['VALE3'] } } },
      },
    ]);
  });

  test('for none of what cannot be read', () => {
    expect(selectRestarts([parse('{}')])).toEqual([]);
  });
});

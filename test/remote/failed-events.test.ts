import { describe, expect, test } from 'vitest';
import {
  type FailedEvent,
  parseFailedEvent,
  selectStarts,
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
      start: { functionName: name, partition: 20261124, payload },
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

describe('the starts of the days', () => {
  const at = (time: string): Date => new Date(`2026-11-24T${time}:00Z`);
  const stepsOf = (events: readonly FailedEvent[]) =>
    selectStarts(events).map(({ partition, step }) => [partition, step]);

  test('each day once, the newest event of it', () => {
    const events = [
      parse(record(FIRST, { partition: 20261124, run: 2 }), evening, at('22:30')),
      parse(record(FIRST, { partition: 20261124, run: 1 }), evening, at('22:00')),
      parse(record(FIRST, { partition: 20261123 }), evening, at('23:00')),
    ];
    expect(stepsOf(events)).toEqual([
      [20261123, 'check-and-delete-partitions'],
      [20261124, 'check-and-delete-partitions'],
    ]);
    expect(selectStarts(events)[1]?.payload).toMatchObject({ run: 2 });
  });

  test('the second function where it failed, so that the day is not cleared again', () => {
    const first = (time: string) =>
      parse(record(FIRST, { partition: 20261124 }), evening, at(time));
    const second = parse(record(SECOND, { partition: 20261124 }), evening, at('22:00'));
    expect(stepsOf([first('21:00'), second, first('23:00')])).toEqual([[20261124, 'get-tickers']]);
  });

  test('none of what cannot be read', () => {
    expect(selectStarts([parse('{}')])).toEqual([]);
  });
});

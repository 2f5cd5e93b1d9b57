import { describe, expect, test } from 'vitest';
import { parseTicker } from '../../src/catalog/ticker.ts';
import {
  createFilterPattern,
  type LogLine,
  matchesFilter,
  parseLogEvent,
} from '../../src/remote/log-line.ts';

const PETR4 = parseTicker('PETR4');

function lineOf(message: string | object, source = 'get-tickers'): LogLine {
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  return parseLogEvent({ id: '1', timestamp: 1_000, message: text }, source);
}

describe('what a line says', () => {
  test('of a function of ours', () => {
    const line = lineOf({
      level: 'ERROR',
      time: '2026-11-20T21:45:03.000Z',
      message: 'a ticker failed',
      function: 'pynvest-lambda-get-financial-data-for-acoes',
      requestId: 'abc',
      ticker: 'PETR4',
      partition: 20261120,
      kind: 'unavailable',
      reason: 'HTTP 500',
    });
    expect(line).toEqual({
      id: '1',
      writtenAt: 1_000,
      time: Date.parse('2026-11-20T21:45:03Z'),
      level: 'ERROR',
      source: 'get-tickers',
      requestId: 'abc',
      ticker: 'PETR4',
      partition: 20261120,
      message: 'a ticker failed',
      fields: { kind: 'unavailable', reason: 'HTTP 500' },
    });
  });

  const id = '6e8c9a60-0fe5-455f-b42b-064049318609';
  test.each<[string, string | object, LogLine['level'], string]>([
    [
      'a time-out, in JSON',
      {
        time: '2026-11-20T22:00:00Z',
        type: 'platform.report',
        record: { requestId: id, metrics: { durationMs: 900000 }, status: 'timeout' },
      },
      'ERROR',
      'timed out after 900 s',
    ],
    [
      'a time-out, as text',
      `2026-11-20T22:00:00.000Z ${id} Task timed out after 900.10 seconds\n`,
      'ERROR',
      'timed out after 900.10 s',
    ],
    [
      'a time-out, in a report',
      `REPORT RequestId: ${id}\tDuration: 900000.00 ms\tStatus: timeout`,
      'ERROR',
      'timed out',
    ],
    [
      'no memory left, in JSON',
      {
        type: 'platform.report',
        record: { requestId: id, status: 'error', errorType: 'Runtime.OutOfMemory' },
      },
      'ERROR',
      'ended: out of memory',
    ],
    [
      'no memory left, as text',
      `RequestId: ${id} Error: Runtime exited with error: signal: killed`,
      'ERROR',
      'ended: out of memory',
    ],
    [
      'a process that ended',
      { type: 'platform.report', record: { status: 'error', errorType: 'Runtime.ExitError' } },
      'ERROR',
      'ended with Runtime.ExitError',
    ],
    [
      'what the runtime says of an error',
      { timestamp: '2026-11-20T22:00:00Z', level: 'ERROR', errorMessage: 'no', errorType: 'Error' },
      'ERROR',
      'no',
    ],
    ['a start', { type: 'platform.start', record: { requestId: id } }, 'PLATFORM', 'start'],
    [
      'a report of a run that went well',
      `REPORT RequestId: ${id}\tDuration: 12 ms`,
      'PLATFORM',
      `REPORT RequestId: ${id}\tDuration: 12 ms`,
    ],
    ['text of anything else', 'a warning of Node', 'INFO', 'a warning of Node'],
    ['text that only looks like JSON', '{"half', 'INFO', '{"half'],
    [
      'a step of the state machine that failed',
      {
        id: '7',
        type: 'ExecutionFailed',
        event_timestamp: '1763676000000',
        execution_arn: 'arn:aws:states:sa-east-1:1:execution:dedup:run-1',
        details: { cause: 'it broke' },
      },
      'ERROR',
      'ExecutionFailed',
    ],
  ])('%s', (_, message, level, said) => {
    expect(lineOf(message)).toMatchObject({ level, message: said });
  });

  test('the request, anywhere in the line', () => {
    expect(lineOf(`START RequestId: ${id} Version: $LATEST`).requestId).toBe(id);
    expect(
      lineOf(`2026-11-20T22:00:00.000Z ${id} Task timed out after 3.00 seconds`).requestId,
    ).toBe(id);
  });
});

describe('which lines are wanted', () => {
  const failed = lineOf({ level: 'ERROR', message: 'a ticker failed', ticker: 'PETR4' });
  const stored = lineOf({ level: 'INFO', message: 'stored', ticker: 'VALE3' });
  const start = lineOf('START RequestId: 1');

  test('the filter is pushed to CloudWatch', () => {
    expect(createFilterPattern({})).toBeUndefined();
    expect(createFilterPattern({ ticker: PETR4 })).toBe('{ $.ticker = "PETR4" }');
    expect(createFilterPattern({ ticker: PETR4, errorsOnly: true })).toBe(
      '{ ($.ticker = "PETR4") && ($.level = "ERROR") }',
    );
    expect(createFilterPattern({ errorsOnly: true })).toContain('?ERROR ?FATAL ?"timed out"');
  });

  test('and what it lets through beside them is kept back', () => {
    expect([failed, stored, start].filter((line) => matchesFilter(line, {}))).toEqual([
      failed,
      stored,
    ]);
    expect([failed, stored].filter((line) => matchesFilter(line, { ticker: PETR4 }))).toEqual([
      failed,
    ]);
    expect([failed, stored].filter((line) => matchesFilter(line, { errorsOnly: true }))).toEqual([
      failed,
    ]);
    expect(matchesFilter(start, { includePlatform: true })).toBe(true);
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import type { Partition } from '../../src/catalog/partition.ts';
import { parseLogEvent } from '../../src/remote/log-line.ts';
import { RunProgress } from '../../src/remote/run-progress.ts';

const day = 20261124 as Partition;

describe('how far a collection has come', () => {
  let progress: RunProgress;
  beforeEach(() => {
    progress = new RunProgress(day);
  });
  const logged = (source: string, fields: object) =>
    progress.addLine(
      parseLogEvent(
        { id: '1', timestamp: 1, message: JSON.stringify({ level: 'INFO', ...fields }) },
        source,
      ),
    );
  const cleared = { message: 'the day is cleared', partition: day, acoes: 2, fiis: 1 };
  const page = (message: string, ticker: string, partition: number = day) =>
    logged('get-financial-data-for-acoes', {
      message,
      ticker,
      partition,
      kind: 'unavailable',
      reason: 'HTTP 500',
    });

  test.each(['the day is cleared', 'the day is kept as it is'])(
    'settled once each ticker was stored or has failed, where %s',
    (message) => {
      page('stored', 'TUCA3');
      expect(progress.isFinished(1)).toBe(false);
      logged('check-and-delete-partitions', { ...cleared, message });
      expect(progress.requested).toBe(3);
      page('stored', 'VREG3');
      expect(progress.isFinished(1)).toBe(false);
      page('a ticker failed', 'DEMO11');
      expect(progress.isFinished(1)).toBe(true);
      expect(progress.failed.get('DEMO11')).toEqual({ kind: 'unavailable', reason: 'HTTP 500' });
    },
  );

  test('not while the queues hold more than what has failed: others may have sent some of it', () => {
    logged('get-tickers', { message: 'sent', partition: day, acoes: 1, fiis: 1 });
    page('stored', 'TUCA3');
    page('a ticker failed', 'OTHR3');
    expect(progress.isFinished(2)).toBe(false);
    page('stored', 'DEMO11');
    expect(progress.isFinished(1)).toBe(true);
  });

  test('a ticker that has been without a page for days is finished, and has not failed', () => {
    logged('get-tickers', { message: 'sent', partition: day, acoes: 1, fiis: 1 });
    page('stored', 'TUCA3');
    page('a ticker failed', 'DEMO11');
    page('still without a page', 'DEMO11');
    expect(progress.isFinished(0)).toBe(true);
    expect([[...progress.failed.keys()], [...progress.withoutPage]]).toEqual([[], ['DEMO11']]);
    page('stored', 'DEMO11');
    expect(progress.withoutPage.size).toBe(0);
  });

  test('a listing that cannot be used does not keep the day from being started', () => {
    const warning = logged('check-and-delete-partitions', {
      ...{ level: 'ERROR', partition: day, kind: 'acoes', reason: 'HTTP 503' },
      message: 'a listing cannot be used: the other kind is collected',
    });
    expect(warning).toBe('a listing cannot be used: the other kind is collected: HTTP 503');
    expect(progress.startFailures).toEqual([]);
  });

  test('of tickers that were named, these alone count', () => {
    progress = new RunProgress(day, ['TUCA3', 'DEMO11']);
    page('stored', 'VREG3');
    page('a ticker failed', 'OTHR3');
    page('stored', 'TUCA3');
    expect(progress.isFinished(0)).toBe(false);
    page('a ticker failed', 'DEMO11');
    expect(progress.isFinished(7)).toBe(true);
  });

  test('a ticker that failed and was stored later is stored, in whichever order the log tells it', () => {
    page('a ticker failed', 'TUCA3');
    page('stored', 'TUCA3');
    page('a ticker failed', 'TUCA3');
    expect([...progress.stored]).toEqual(['TUCA3']);
    expect(progress.failed.size).toBe(0);
  });

  test('another day says nothing about this one', () => {
    page('stored', 'TUCA3', 20261123);
    logged('check-and-delete-partitions', { ...cleared, partition: 20261123 });
    expect(progress.requested).toBeUndefined();
    expect(progress.stored.size).toBe(0);
  });

  test('why the first function failed is kept, and reported', () => {
    const failed = {
      level: 'ERROR',
      message: 'the function failed',
      reason: 'the listing is empty',
    };
    expect(logged('check-and-delete-partitions', failed)).toContain('the listing is empty');
    expect(progress.startFailures).toEqual(['the listing is empty']);
  });

  test('a time-out and what did not parse are reported; that a page lacks a label is not', () => {
    const timeout = { type: 'platform.report', record: { status: 'timeout' } };
    expect(logged('prep-financial-data-for-acoes', timeout)).toBe(
      'prep-financial-data-for-acoes: timed out',
    );
    const warning = { level: 'WARN', partition: day, message: 'values did not parse and are null' };
    expect(
      logged('prep-financial-data-for-acoes', { ...warning, column: 'vlr_cot', values: 2 }),
    ).toContain('vlr_cot (2)');
    expect(logged('get-financial-data-for-acoes', { ...warning, columns: [] })).toBeUndefined();
  });
});

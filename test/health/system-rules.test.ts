import { describe, expect, test } from 'vitest';
import type { StackDrift } from '../../src/aws/drift.ts';
import type { Execution } from '../../src/aws/executions.ts';
import { classifyStackStatus } from '../../src/aws/stack.ts';
import { AwsAccessError } from '../../src/errors.ts';
import { alarmDefinitions } from '../../src/health/alarms.ts';
import { type AlarmFacts, createFacts, type Sections } from '../../src/health/facts/model.ts';
import type { Finding } from '../../src/health/finding.ts';
import { assess } from '../../src/health/rules/rules.ts';

const startedAt = new Date('2026-11-24T22:00:00Z');

interface Parts {
  readonly rule?: 'enabled' | 'disabled' | 'missing';
  readonly deadLetters?: readonly [visible: number, inFlight: number];
  readonly failedEvents?: number;
  readonly waiting?: number;
  /** The state of every alarm. */
  readonly alarms?: AlarmFacts['state'];
  readonly execution?: Pick<Execution, 'status' | 'cause'> | undefined;
  readonly stack?: string;
  readonly isProtected?: boolean;
  readonly drift?: StackDrift['state'];
  readonly resources?: readonly string[];
}

function system({
  rule = 'enabled',
  deadLetters: [visible, inFlight] = [0, 0],
  failedEvents = 0,
  waiting = 0,
  alarms = 'ok',
  execution = { status: 'SUCCEEDED', cause: undefined },
  stack = 'UPDATE_COMPLETE',
  isProtected = true,
  drift = 'in-sync',
  resources = [],
}: Parts): Sections {
  const queue = { inFlight: 0, delayed: 0 };
  return {
    schedules: {
      value: [
        { purpose: 'collect', rule: 'collect-rule', state: rule, expression: 'rate(1 day)' },
        { purpose: 'dedup', rule: 'dedup-rule', state: 'enabled', expression: 'rate(1 day)' },
      ],
    },
    queues: {
      value: [
        { ...queue, queue: 'tickers', contents: 'tickers', visible: waiting },
        { ...queue, queue: 'dead', contents: 'dead-letters', visible, inFlight },
        { ...queue, queue: 'events', contents: 'failed-events', visible: failedEvents },
      ],
    },
    'oldest-messages': { value: new Map() },
    alarms: {
      value: alarmDefinitions.map((alarm) => ({
        alarm,
        name: alarm.id,
        state: alarms,
        since: startedAt,
      })),
    },
    'state-machine': { value: { name: 'x', startedAt, stoppedAt: undefined, ...execution } },
    stack: {
      value: {
        name: 'pynvest',
        status: stack,
        condition: classifyStackStatus(stack),
        isProtected,
        drift: { state: drift, checkedAt: undefined, resources },
      },
    },
  };
}

function findingsOf(sections: Sections): Record<'problems' | 'notes' | 'unavailable', Finding[]> {
  const found = assess('status', createFacts('aws', new Date('2026-11-25T12:00:00Z'), sections));
  return {
    problems: found.filter(({ severity }) => severity === 'problem'),
    notes: found.filter(({ severity }) => severity === 'note'),
    unavailable: found.filter(({ severity }) => severity === 'unavailable'),
  };
}

describe('the system in AWS', () => {
  test.each<[string, Parts, readonly string[], readonly string[]]>([
    ['all is well', {}, [], []],
    ['a schedule is disabled', { rule: 'disabled' }, ['schedule-disabled'], []],
    ['a schedule is gone', { rule: 'missing' }, ['schedule-missing'], []],
    ['tickers wait in a queue', { waiting: 90 }, [], []],
    ['a dead letter', { deadLetters: [1, 0] }, ['dead-letters'], []],
    ['a dead letter that somebody looks at', { deadLetters: [0, 1] }, ['dead-letters'], []],
    ['a day that could not be started', { failedEvents: 1 }, ['failed-events'], []],
    ['a deduplication runs', { execution: { status: 'RUNNING', cause: undefined } }, [], []],
    ...['FAILED', 'TIMED_OUT', 'ABORTED'].map((status): [string, Parts, string[], string[]] => [
      `a deduplication is ${status}`,
      { execution: { status, cause: 'No: reason' } },
      ['state-machine-failed'],
      [],
    ]),
    [
      'every alarm rings',
      { alarms: 'alarm' },
      alarmDefinitions.slice(1).map(() => 'alarm'),
      ['alarm'],
    ],
    ['no alarm knows yet', { alarms: 'insufficient-data' }, [], []],
    ['every alarm is gone', { alarms: 'missing' }, [], alarmDefinitions.map(() => 'alarm-missing')],
    ['a stack is new', { stack: 'CREATE_COMPLETE' }, [], []],
    ['a stack changes', { stack: 'UPDATE_IN_PROGRESS' }, [], ['stack-busy']],
    ['a change was undone', { stack: 'UPDATE_ROLLBACK_COMPLETE' }, [], ['stack-rolled-back']],
    ...['UPDATE_FAILED', 'UPDATE_ROLLBACK_FAILED', 'ROLLBACK_COMPLETE', 'DELETE_FAILED'].map(
      (stack): [string, Parts, string[], string[]] => [
        `a stack is ${stack}`,
        { stack },
        ['stack-unhealthy'],
        [],
      ],
    ),
    ['a stack has drifted', { drift: 'drifted' }, [], ['stack-drifted']],
    ['nobody has looked for drift', { drift: 'never-checked' }, [], []],
    ['the look for drift failed', { drift: 'failed' }, [], ['drift-unknown']],
    ['the look for drift goes on', { drift: 'checking' }, [], ['drift-unknown']],
    ['there is no look for drift', { drift: 'not-supported' }, [], ['drift-unknown']],
    ['a stack is not protected', { isProtected: false }, [], ['stack-unprotected']],
  ])('%s', (_, parts, problems, notes) => {
    const found = findingsOf(system(parts));
    expect(found.problems.map(({ code }) => code)).toEqual(problems);
    expect(found.notes.map(({ code }) => code)).toEqual(notes);
    for (const { detail, remedy } of [...found.problems, ...found.notes]) {
      expect(detail).not.toMatch(/undefined|\[object/);
      expect(remedy).toMatch(/\.$/);
    }
  });

  test('names what it found', () => {
    const { problems, notes } = findingsOf(
      system({
        deadLetters: [2, 1],
        execution: { status: 'FAILED', cause: 'LakeError: no room' },
        drift: 'drifted',
        resources: ['CollectRule', 'SorBucket'],
      }),
    );
    expect(problems.map(({ subject, detail }) => [subject, detail])).toEqual([
      ['dead', '3 tickers failed for good'],
      ['', 'the last deduplication ended as FAILED: LakeError: no room'],
    ]);
    expect(notes.map(({ subject, detail }) => [subject, detail])).toEqual([
      ['pynvest', 'resources of the stack were changed by hand: CollectRule, SorBucket'],
    ]);
  });

  test('finds nothing in what could not be read, and says what that is', () => {
    const denied = { error: new AwsAccessError('denied') };
    const parts = ['schedules', 'queues', 'oldest-messages', 'state-machine', 'alarms', 'stack'];
    const found = findingsOf(Object.fromEntries(parts.map((part) => [part, denied])));
    expect([found.problems, found.notes]).toEqual([[], []]);
    expect(found.unavailable.map(({ subject }) => subject)).toEqual(parts);
  });
});

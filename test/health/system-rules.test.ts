import { describe, expect, test } from 'vitest';
import type { StackDrift } from '../../src/aws/drift.ts';
import type { Execution } from '../../src/aws/executions.ts';
import { classifyStackStatus } from '../../src/aws/stack.ts';
import { AwsAccessError } from '../../src/errors.ts';
import { alarmDefinitions } from '../../src/health/alarms.ts';
import type { AlarmFacts, SystemFacts } from '../../src/health/facts/facts.ts';
import { assessSystem } from '../../src/health/rules/system.ts';

const startedAt = new Date('2026-11-24T22:00:00Z');

interface Parts {
  readonly rule?: 'enabled' | 'disabled' | 'missing';
  readonly deadLetters?: readonly [visible: number, inFlight: number];
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
  waiting = 0,
  alarms = 'ok',
  execution = { status: 'SUCCEEDED', cause: undefined },
  stack = 'UPDATE_COMPLETE',
  isProtected = true,
  drift = 'in-sync',
  resources = [],
}: Parts): SystemFacts {
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
        { ...queue, queue: 'tickers', isDeadLetters: false, visible: waiting },
        { ...queue, queue: 'dead', isDeadLetters: true, visible, inFlight },
      ],
    },
    oldestMessages: { value: new Map() },
    alarms: {
      value: alarmDefinitions.map((alarm) => ({
        alarm,
        name: alarm.id,
        state: alarms,
        since: startedAt,
      })),
    },
    stateMachine: { value: { name: 'x', startedAt, stoppedAt: undefined, ...execution } },
    stack: {
      value: {
        name: 'pynvest',
        status: stack,
        standing: classifyStackStatus(stack),
        isProtected,
        drift: { state: drift, checkedAt: undefined, resources },
      },
    },
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
    const found = assessSystem(system(parts));
    expect(found.problems.map(({ code }) => code)).toEqual(problems);
    expect(found.notes.map(({ code }) => code)).toEqual(notes);
    for (const { what, remedy } of [...found.problems, ...found.notes]) {
      expect(what).not.toMatch(/undefined|\[object/);
      expect(remedy).toMatch(/\.$/);
    }
  });

  test('names what it found', () => {
    const { problems, notes } = assessSystem(
      system({
        deadLetters: [2, 1],
        execution: { status: 'FAILED', cause: 'LakeError: no room' },
        drift: 'drifted',
        resources: ['CollectRule', 'SorBucket'],
      }),
    );
    expect(problems.map(({ what }) => what)).toEqual([
      '3 tickers failed for good, in dead',
      'the last deduplication ended as FAILED: LakeError: no room',
    ]);
    expect(notes.map(({ what }) => what)).toEqual([
      'resources of the stack pynvest were changed by hand: CollectRule, SorBucket',
    ]);
  });

  test('says nothing of what it was not told', () => {
    const denied = { error: new AwsAccessError('denied') };
    expect(
      assessSystem({
        ...{ schedules: denied, queues: denied, oldestMessages: denied, stateMachine: denied },
        ...{ alarms: denied, stack: denied },
      }),
    ).toEqual({ problems: [], notes: [] });
  });
});

/** The two ends of the day: the rules, and the state machine that removes duplicates. */
import { describe, expect, test } from 'vitest';
import { ResolvedStack } from '../support/resolved-stack.ts';
import { at, listOf, template } from '../support/template.ts';

const stack = new ResolvedStack();

describe('the state machine', () => {
  const { properties } = stack.resource('DedupStateMachine');
  const states = at(properties['Definition'], 'States');
  const branches = listOf(at(states, 'DedupSot', 'Branches'));
  const tasks = [
    ...branches.flatMap((branch) => Object.values(at(branch, 'States') ?? {})),
    at(states, 'DedupSpec') ?? null,
  ];

  test('typed rows side by side, then quotes', () => {
    expect(at(properties['Definition'], 'StartAt')).toBe('DedupSot');
    expect(at(states, 'DedupSot', 'Type')).toBe('Parallel');
    expect(at(states, 'DedupSot', 'Next')).toBe('DedupSpec');
    const substitutions = properties['DefinitionSubstitutions'];
    const called = tasks.map((task) => {
      const name = String(at(task, 'Parameters', 'FunctionName')).replace(/^\$\{(\w+)\}$/, '$1');
      return String(at(substitutions, name)).replace(/^.*:pynvest-lambda-/, '');
    });
    expect(called).toEqual([
      'dedup-financial-data-for-acoes',
      'dedup-financial-data-for-fiis',
      'dedup-financial-data-for-spec-ativos',
    ]);
  });

  test('each step gets the input as it came, and is tried again with growing waits', () => {
    // What the typed tables came to stands beside the input, so that the day is still there for the quotes.
    expect(at(states, 'DedupSot', 'ResultPath')).toBe('$.typed');
    for (const task of tasks) {
      expect(at(task, 'Parameters', 'Payload.$')).toBe('$');
      const [service, ...others] = listOf(at(task, 'Retry'));
      expect(at(service, 'ErrorEquals')).toEqual(
        expect.arrayContaining(['Lambda.ServiceException', 'Lambda.TooManyRequestsException']),
      );
      for (const retry of [service, ...others]) expect(at(retry, 'BackoffRate')).toBe(2);
    }
  });
});

test('the rules start the two ends, every day at 18:45 and 19:00 in São Paulo (UTC-3)', () => {
  const { CollectRule: collect, DedupRule: dedup } = stack.resources;
  expect(collect?.properties['ScheduleExpression']).toBe('cron(45 21 * * ? *)');
  expect(dedup?.properties['ScheduleExpression']).toBe('cron(0 22 * * ? *)');
  expect(at(collect?.properties['Targets'], 0, 'Arn')).toMatch(/check-and-delete-partitions$/);
  expect(at(dedup?.properties['Targets'], 0, 'Arn')).toMatch(/sfn-dedup-sot-spec-tables$/);
  for (const rule of [collect, dedup]) expect(rule?.properties['State']).toBe('ENABLED');
});

test('both stop when schedules are disabled', () => {
  const stopped = new ResolvedStack({ SchedulesEnabled: 'DISABLED' });
  const states = stopped
    .ofType('AWS::Events::Rule')
    .map(([, { properties }]) => properties['State']);
  expect(states).toEqual(['DISABLED', 'DISABLED']);
});

test('both say that they are to be on one side of midnight in São Paulo', () => {
  for (const name of ['CollectSchedule', 'DedupSchedule']) {
    expect(template.parameters[name]?.['Description']).toMatch(/midnight.*\(03:00 UTC\)/);
  }
});

/** What `status` says of alarms follows the template's alarms. */
import { describe, expect, test } from 'vitest';
import { functionNames } from '../../src/aws/resource-names.ts';
import { alarmDefinitions } from '../../src/health/alarms.ts';
import type { AlarmFacts } from '../../src/health/facts/model.ts';
import { findAlarms } from '../../src/health/rules/system.ts';
import { ResolvedStack } from '../support/resolved-stack.ts';
import { at } from '../support/template.ts';

const deployed = new ResolvedStack().ofType('AWS::CloudWatch::Alarm');

test('every alarm of the template has a meaning and a remedy', () => {
  expect(alarmDefinitions.map(({ id }) => id).toSorted()).toEqual(
    deployed.map(([id]) => id).toSorted(),
  );
  for (const { id, meaning, remedy } of alarmDefinitions) {
    expect(meaning, id).toMatch(/^[a-z].*[^.]$/);
    expect(remedy, id).toMatch(/^`pynvest .*\.$/);
  }
});

test('one of errors names the function that it watches', () => {
  for (const name of functionNames) {
    const watched = `pynvest-lambda-${name}`;
    const [id] =
      deployed.find(([, { properties }]) => at(properties['Dimensions'], 0, 'Value') === watched) ??
      [];
    expect(alarmDefinitions.find((alarm) => alarm.id === id)).toMatchObject({
      meaning: `the function ${name} failed`,
      remedy: expect.stringContaining(`\`pynvest logs ${name} --errors\``),
    });
  }
});

describe('one in ALARM, said with since when, in São Paulo,', () => {
  const ringing = (id: string, name: string): AlarmFacts => {
    const alarm = alarmDefinitions.find((each) => each.id === id);
    if (alarm === undefined) throw new Error('no such alarm');
    return { alarm, name, state: 'alarm', since: new Date('2026-11-24T22:05:00Z') };
  };

  test('is a problem', () => {
    const facts = ringing('DedupStateMachineFailedAlarm', 'pynvest-dedup-failed');
    expect(findAlarms([facts])).toMatchObject([
      {
        code: 'alarm',
        severity: 'problem',
        subject: 'pynvest-dedup-failed',
        detail: 'in ALARM since 2026-11-24 19:05: a deduplication failed',
        remedy: facts.alarm.remedy,
      },
    ]);
  });

  test('is a note where the days themselves say for certain whether they are there', () => {
    const facts = ringing('NoNewDataAlarm', 'pynvest-no-new-data');
    expect(findAlarms([facts])).toMatchObject([
      {
        code: 'alarm',
        severity: 'note',
        subject: 'pynvest-no-new-data',
        detail:
          'in ALARM since 2026-11-24 19:05: no deduplication of the last 24 hours counted quotes',
        remedy: facts.alarm.remedy,
      },
    ]);
  });
});

/** What `status` says of alarms follows the template's alarms. */
import { expect, test } from 'vitest';
import { functionNames } from '../../src/deploy/functions.ts';
import { ownAlarms } from '../../src/operate/status/alarms.ts';
import { alarmProblems } from '../../src/operate/status/assess-alarms.ts';
import { ResolvedStack } from '../support/resolved-stack.ts';
import { at } from '../support/template.ts';

const deployed = new ResolvedStack().ofType('AWS::CloudWatch::Alarm');

test('every alarm of the template has a meaning and a remedy', () => {
  expect(ownAlarms.map(({ id }) => id).toSorted()).toEqual(deployed.map(([id]) => id).toSorted());
  for (const { id, meaning, remedy } of ownAlarms) {
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
    expect(ownAlarms.find((alarm) => alarm.id === id)).toMatchObject({
      meaning: `the function ${name} failed`,
      remedy: expect.stringContaining(`\`pynvest logs ${name} --errors\``),
    });
  }
});

test('one in ALARM is a problem, with since when, in São Paulo', () => {
  const [alarm] = ownAlarms.filter(({ id }) => id === 'NoNewDataAlarm');
  if (alarm === undefined) throw new Error('no such alarm');
  const facts = { alarm, name: 'pynvest-no-new-data', state: 'alarm' } as const;
  expect(alarmProblems([{ ...facts, since: new Date('2026-11-24T22:05:00Z') }])).toEqual([
    {
      code: 'alarm',
      what: 'pynvest-no-new-data is in ALARM since 2026-11-24 19:05: no deduplication of the last 24 hours counted quotes',
      remedy: alarm.remedy,
    },
  ]);
});

/** What the states of the alarms say. Pure. */
import { isoInSaoPaulo } from '../../catalog/partition.ts';
import { MADE_AGAIN } from '../../deploy/made-again.ts';
import type { AlarmFacts } from './read-alarms.ts';
import { type Concern, clock } from './report.ts';

/**
 * Each alarm that is in ALARM. It is a problem, though most of its causes are seen without it too: somebody is
 * mailed for it, and what it says of the last minutes no table shows yet.
 */
export function alarmProblems(alarms: readonly AlarmFacts[]): Concern[] {
  return alarms.flatMap(({ alarm: { meaning, remedy }, name, state, since }): Concern[] => {
    if (state !== 'alarm') return [];
    const when = since === undefined ? '' : ` since ${clock(isoInSaoPaulo(since))}`;
    return [{ code: 'alarm', what: `${name} is in ALARM${when}: ${meaning}`, remedy }];
  });
}

export function alarmNotes(alarms: readonly AlarmFacts[]): Concern[] {
  return alarms.flatMap(({ name, state }): Concern[] =>
    state === 'missing'
      ? [{ code: 'alarm-missing', what: `the alarm ${name} is gone`, remedy: MADE_AGAIN }]
      : [],
  );
}

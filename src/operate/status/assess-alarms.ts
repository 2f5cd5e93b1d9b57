/** What the states of the alarms say. Pure. */
import { isoInSaoPaulo } from '../../catalog/partition.ts';
import { MADE_AGAIN } from '../../deploy/made-again.ts';
import type { AlarmFacts } from './read-alarms.ts';
import { type Concern, clock } from './report.ts';

/**
 * Each alarm that is in ALARM. It is a problem, though some of its causes are seen without it too: somebody is
 * mailed for it, and what it says of the last minutes no table shows yet.
 */
export function alarmProblems(alarms: readonly AlarmFacts[]): Concern[] {
  return alarms.filter(({ alarm }) => alarm.seenOtherwise === undefined).flatMap(ringing);
}

export function alarmNotes(alarms: readonly AlarmFacts[]): Concern[] {
  return alarms.flatMap((facts): Concern[] => {
    if (facts.alarm.seenOtherwise !== undefined) return [...ringing(facts), ...gone(facts)];
    return gone(facts);
  });
}

function ringing({ alarm: { meaning, remedy }, name, state, since }: AlarmFacts): Concern[] {
  if (state !== 'alarm') return [];
  const when = since === undefined ? '' : ` since ${clock(isoInSaoPaulo(since))}`;
  return [{ code: 'alarm', what: `${name} is in ALARM${when}: ${meaning}`, remedy }];
}

function gone({ name, state }: AlarmFacts): Concern[] {
  if (state !== 'missing') return [];
  return [{ code: 'alarm-missing', what: `the alarm ${name} is gone`, remedy: MADE_AGAIN }];
}

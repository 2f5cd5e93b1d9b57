/** What is wrong with the place where a lake lives: its folder, or the system in AWS. Pure. */

import { isoDate, type Partition } from '../../catalog/partition.ts';
import { counted } from '../../counted.ts';
import { MADE_AGAIN } from '../../deploy/made-again.ts';
import { lettersIn } from '../queues.ts';
import { alarmNotes, alarmProblems } from './assess-alarms.ts';
import type { Concerns } from './assess-pages.ts';
import type { StatusCode } from './codes.ts';
import type { FolderFacts } from './read-folder.ts';
import type { StackFacts } from './read-stack.ts';
import type { ExecutionFacts, QueueFacts, ScheduleFacts, SystemFacts } from './read-system.ts';
import { type Concern, firstFew } from './report.ts';

/** @param today in São Paulo: of no other day does the site still show the pages */
export function assessFolder({ holder, unfinished }: FolderFacts, today: Partition): Concerns {
  const problems: Concern[] = [];
  const notes: Concern[] = [];
  if (unfinished.length > 0) {
    problems.push({
      code: 'unfinished-day',
      what: `left unfinished by a run: ${firstFew(unfinished.map(isoDate))}`,
      remedy: completionOf(unfinished, today),
    });
  }
  if (holder?.dead === true) {
    problems.push({
      code: 'dead-lock',
      what: `a run died: ${holder.who}`,
      remedy: '`pynvest run` clears up after it and completes what it left.',
    });
  } else if (holder !== undefined) {
    notes.push({
      code: 'locked',
      what: `a run is at work: ${holder.who}`,
      remedy: 'What its day lacks can be told when it has ended.',
    });
  }
  return { problems, notes };
}

/** Today may lack pages, too: a run reads them, and completes the days before it on its way. */
function completionOf(unfinished: readonly Partition[], today: Partition): string {
  const [first, last] = [unfinished.at(0), unfinished.at(-1)];
  if (first === undefined || last === undefined) return '';
  const them = first === last ? 'it' : 'them';
  if (unfinished.includes(today)) return `\`pynvest run\` completes ${them}.`;
  const which =
    first === last ? `--date ${isoDate(first)}` : `--from ${isoDate(first)} --to ${isoDate(last)}`;
  return `\`pynvest backfill ${which}\` completes ${them}.`;
}

export function assessSystem(system: SystemFacts): Concerns {
  const { schedules, queues, stateMachine, alarms, stack } = system;
  const problems = [
    'value' in schedules ? assessSchedules(schedules.value) : [],
    'value' in queues ? assessQueues(queues.value) : [],
    'value' in stateMachine ? assessExecution(stateMachine.value) : [],
    'value' in alarms ? alarmProblems(alarms.value) : [],
    'value' in stack ? assessStatus(stack.value) : [],
  ];
  const notes = [
    'value' in alarms ? alarmNotes(alarms.value) : [],
    'value' in stack ? stackNotes(stack.value) : [],
  ];
  return { problems: problems.flat(), notes: notes.flat() };
}

function assessSchedules(schedules: readonly ScheduleFacts[]): Concern[] {
  return schedules.flatMap(({ rule, state }) => {
    if (state === 'enabled') return [];
    return state === 'disabled'
      ? {
          code: 'schedule-disabled',
          what: `the schedule ${rule} is disabled`,
          remedy: '`pynvest resume` enables it.',
        }
      : {
          code: 'schedule-missing',
          what: `the schedule ${rule} is gone`,
          remedy: MADE_AGAIN,
        };
  });
}

function assessQueues(queues: readonly QueueFacts[]): Concern[] {
  return queues
    .filter(({ isDeadLetters }) => isDeadLetters)
    .flatMap(({ queue, ...depth }) =>
      lettersIn(depth) === 0
        ? []
        : {
            code: 'dead-letters',
            what: `${counted(lettersIn(depth), 'ticker')} failed for good, in ${queue}`,
            remedy: '`pynvest redrive` shows why, and sends them back.',
          },
    );
}

function assessExecution(last: ExecutionFacts | undefined): Concern[] {
  if (last === undefined || ['SUCCEEDED', 'RUNNING', 'PENDING_REDRIVE'].includes(last.status)) {
    return [];
  }
  const cause = last.cause === undefined ? '' : `: ${last.cause}`;
  return [
    {
      code: 'state-machine-failed',
      what: `the last deduplication ended as ${last.status}${cause}`,
      remedy: '`pynvest logs` says more; `pynvest dedup now` removes the duplicates.',
    },
  ];
}

function assessStatus({ name, status, standing }: StackFacts): Concern[] {
  if (standing === 'ready' || standing === 'busy') return [];
  return [
    {
      code: 'stack-unhealthy',
      what: `the stack ${name} is ${status}`,
      remedy: '`pynvest deploy` says what is wrong with it and completes it.',
    },
  ];
}

function stackNotes({ name, status, standing, isProtected, drift }: StackFacts): Concern[] {
  const notes: Concern[] = [];
  const note = (code: StatusCode, what: string, remedy: string): void => {
    notes.push({ code, what, remedy });
  };
  if (standing === 'busy') {
    note('stack-busy', `the stack ${name} is changing: ${status}`, 'Wait until it has ended.');
  }
  if (status === 'UPDATE_ROLLBACK_COMPLETE') {
    note(
      'stack-rolled-back',
      `the last change of the stack ${name} failed and was undone`,
      '`pynvest deploy` tries it again.',
    );
  }
  if (drift.state === 'drifted') {
    const which = drift.resources.length === 0 ? '' : `: ${firstFew(drift.resources)}`;
    note(
      'stack-drifted',
      `resources of the stack ${name} were changed by hand${which}`,
      drift.resources.length === 0
        ? '`pynvest status --drift` looks again and names them.'
        : 'Change them back by hand, or `pynvest deploy` where the template is to change.',
    );
  }
  if (drift.state === 'not-supported') {
    note('drift-unknown', 'this endpoint knows no drift detection', 'AWS itself does.');
  }
  if (drift.state === 'checking' || drift.state === 'failed') {
    note(
      'drift-unknown',
      drift.state === 'failed' ? 'the drift could not be looked for' : 'the look for drift goes on',
      '`pynvest status --drift` looks again.',
    );
  }
  if (!isProtected) {
    note(
      'stack-unprotected',
      `the stack ${name} has no termination protection`,
      '`pynvest deploy` turns it on.',
    );
  }
  return notes;
}

/**
 * From everything that was found out to what is said of it. Pure.
 *
 * Problems, which make the exit status 3: a table without the newest trading day that is due, or without one
 * of the last five trading days; a day that lacks more than 1 % of the tickers, counted as soon as it is due;
 * a day with duplicates, with a file that cannot be read, or left unfinished; a run that died, or whose tables
 * do not follow; dead letters; a deduplication that failed; a schedule that is disabled or gone; an alarm that
 * is in ALARM; a stack that is not whole. Everything else is a note: older gaps, single tickers of a whole market, and the site's own changes
 * can be known, and nobody can make them undone by running anything.
 */
import { isoDate, isoInSaoPaulo, partitionOf } from '../../catalog/partition.ts';
import { unparsedByColumn } from '../../pipeline/report.ts';
import { assessPages, assessRun } from './assess-pages.ts';
import { assessFolder, assessSystem } from './assess-place.ts';
import { assessTables } from './assess-tables.ts';
import type { StatusCode } from './codes.ts';
import type { StatusFacts } from './facts.ts';
import type { Concern, StatusReport } from './report.ts';
import { folderStatus, systemStatus } from './system-status.ts';
import type { Told } from './told.ts';

export function assess(facts: StatusFacts): StatusReport {
  const { now, at, due, lastRun, pages } = facts;
  const tables = assessTables(facts);
  const run = assessRun(facts);
  const place =
    at.target === 'local' ? assessFolder(at.folder, partitionOf(now)) : assessSystem(at.system);
  return {
    checked_at: isoInSaoPaulo(now),
    target: at.target,
    place: facts.place,
    due_day: isoDate(due.day),
    tables: tables.tables,
    missing_days: tables.missingDays,
    missing_tickers: tables.missingTickers,
    last_run: ('value' in lastRun ? lastRun.value.run : undefined) ?? null,
    unparsed: unparsedByColumn(pages.unparsed),
    drift: pages.drift,
    folder: at.target === 'local' ? folderStatus(at.folder) : null,
    ...systemStatus(at.target === 'aws' ? at.system : undefined, now),
    problems: [...tables.problems, ...run.problems, ...place.problems],
    notes: [...tables.notes, ...run.notes, ...place.notes, ...assessPages(facts)],
    untold: untoldOf(facts),
  };
}

function untoldOf({ at, lastRun }: StatusFacts): Concern[] {
  const parts: readonly (readonly [code: StatusCode, what: string, told: Told<unknown>])[] = [
    ['last-run', 'the reports of runs', lastRun],
    ...(at.target === 'local'
      ? []
      : ([
          ['schedules', 'the schedules', at.system.schedules],
          ['queues', 'the queues', at.system.queues],
          ['oldest-messages', 'the oldest messages', at.system.oldestMessages],
          ['state-machine', 'the state machine', at.system.stateMachine],
          ['alarms', 'the alarms', at.system.alarms],
          ['stack', 'the stack', at.system.stack],
        ] as const)),
  ];
  return parts.flatMap(([code, what, told]) =>
    'error' in told
      ? [{ code, what: `${what}: ${told.error.message}`, remedy: told.error.hint ?? '' }]
      : [],
  );
}

/**
 * The status of a lake: the facts are read once, the rules are applied, and the report is put together.
 *
 * Problems make the exit status 3: a table without the newest due trading day, or without one of the last five; a
 * day that lacks more than 1 % of its tickers, has duplicates, an unreadable file, or was left unfinished; a failed run or
 * deduplication; dead letters; a disabled or missing schedule; an alarm; an unhealthy stack. Older gaps, single
 * tickers and changes of the site are notes: no command can undo them.
 */

import { formatInSaoPaulo, isoDate, partitionOf } from '../catalog/partition.ts';
import { groupUnparsedByColumn } from '../pipeline/report.ts';
import { attempt, type Result, type StatusFacts } from './facts/facts.ts';
import { findLastRun } from './facts/last-run.ts';
import {
  findDedupSchedule,
  readPlace,
  readSiteListing,
  type StatusRequest,
} from './facts/read-facts.ts';
import { cachePartitions, readPreviousDays, readTables } from './facts/read-tables.ts';
import { dueDay } from './facts/schedule.ts';
import { assessFolder } from './rules/folder.ts';
import { assessPages, assessRun } from './rules/pages.ts';
import { assessSystem } from './rules/system.ts';
import { assessTables } from './rules/tables.ts';
import type { StatusCode } from './status-codes.ts';
import {
  type Concern,
  createFolderStatus,
  createSystemStatus,
  type StatusReport,
} from './status-report.ts';

/** A report that a full disk cut short is passed over; so many of them are not chance. */
const REPORTS_READ = 10;

/**
 * @throws LakeError where the tables cannot be listed
 */
export async function readStatus(request: StatusRequest): Promise<StatusReport> {
  const { place, site, now } = request;
  const lake = cachePartitions(request.lake);
  const [listed, read, lastRun, at] = await Promise.all([
    readSiteListing(site),
    readTables(lake),
    attempt(async () => findLastRun(await request.newestReports(REPORTS_READ))),
    readPlace(request, lake),
  ]);
  const tables = listed.kind === 'listed' ? read.tables : await readPreviousDays(lake, read.tables);
  const due = dueDay(now, at.target === 'aws' ? findDedupSchedule(at.system) : undefined);
  return assess({ now, place, due, siteListing: listed, lastRun, at, tables, pages: read.pages });
}

function assess(facts: StatusFacts): StatusReport {
  const { now, at, due, lastRun, pages } = facts;
  const tables = assessTables(facts);
  const run = assessRun(facts);
  const place =
    at.target === 'local' ? assessFolder(at.folder, partitionOf(now)) : assessSystem(at.system);
  return {
    checked_at: formatInSaoPaulo(now),
    target: at.target,
    place: facts.place,
    due_day: isoDate(due.day),
    tables: tables.tables,
    missing_days: tables.missingDays,
    missing_tickers: tables.missingTickers,
    last_run: ('value' in lastRun ? lastRun.value.run : undefined) ?? null,
    unparsed: groupUnparsedByColumn(pages.unparsed),
    drift: pages.drift,
    folder: at.target === 'local' ? createFolderStatus(at.folder) : null,
    ...createSystemStatus(at.target === 'aws' ? at.system : undefined, now),
    problems: [...tables.problems, ...run.problems, ...place.problems],
    notes: [...tables.notes, ...run.notes, ...place.notes, ...assessPages(facts)],
    untold: findUnavailable(facts),
  };
}

function findUnavailable({ at, lastRun }: StatusFacts): Concern[] {
  const parts: readonly (readonly [code: StatusCode, what: string, told: Result<unknown>])[] = [
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

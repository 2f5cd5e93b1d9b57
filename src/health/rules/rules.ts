/**
 * The list of rules, and their application to the facts. `status` asks whether a lake is fresh and complete, `doctor`
 * whether it is sound; a rule that both ask gives both the same finding.
 *
 * To add a rule:
 *
 * 1. Give what it finds a code in `codes-lake.ts` or `codes-system.ts`: severity, meaning, remedy.
 * 2. Write it in the file of this folder that is about its subject, as a pure function from a section of the facts to
 *    findings. Where the facts lack what it needs, add a section to `facts/facts.ts`, and read it in `facts/`.
 * 3. Add it to the list below: its section, the commands that ask it, its codes. Findings come in the order of the list.
 *    `SectionsRead` says which command reads which section; a command cannot ask about the others.
 *
 * `--list`, the documentation and the report follow from these. A repair is a kind of `Fix` in `finding.ts`, which the
 * rule attaches to its finding and `repair.ts` applies.
 */

import { allParts, type Code } from '../codes.ts';
import type { Facts, Section, SectionsRead, SectionValues } from '../facts/facts.ts';
import { type Finding, unavailableFinding } from '../finding.ts';
import { findDaysUnfinished, findDaysWithoutRawText, findMissingDays } from './days.ts';
import { findFaultyFiles, findOlderColumns, findUnknownColumns } from './files.ts';
import {
  findFolderAccess,
  findFunctionFaults,
  findLeftovers,
  findLock,
  findNotificationFaults,
  findQuotaFaults,
  findTriggerFaults,
  findUnfinishedDays,
  findUnfinishedUploads,
  reportAccount,
} from './installation.ts';
import {
  findChangingDay,
  findOrphanRows,
  findQuoteDifferences,
  findTypedDifferences,
} from './layers.ts';
import {
  findBrokenReports,
  findChangedPages,
  findFailedRun,
  findInterruptedRun,
  findListingFaults,
  findMissingListings,
  findSiteFaults,
  findUnknownLabels,
  findUnparsedValues,
  findVanishedLabels,
} from './site.ts';
import { findCatalogFaults, findForeignEntries, summarizeTables } from './storage.ts';
import {
  findAlarms,
  findDeadLetters,
  findFailedExecution,
  findScheduleFaults,
  findStackDrift,
  findStackFaults,
  findStackWarnings,
} from './system.ts';
import {
  findEmptyTables,
  findGaps,
  findMissingTickers,
  findStaleTables,
  findUnreadableDays,
} from './tables.ts';
import { findDuplicatesOfDay, findDuplicatesOfNewestDays, findOddValues } from './values.ts';

/** The command that asks. */
export type Question = keyof SectionsRead;

/** The commands that read a section, and so may ask a rule about it. */
type Asking<S extends Section> = {
  [Q in Question]: S extends SectionsRead[Q] ? Q : never;
}[Question];

interface Rule {
  readonly section: Section;
  readonly asks: readonly Question[];
  /** What it may find. */
  readonly codes: readonly Code[];
  readonly apply: (facts: Facts) => readonly Finding[];
}

const both = ['status', 'doctor'] as const;
const status = ['status'] as const;
const doctor = ['doctor'] as const;

export const rules: readonly Rule[] = [
  rule('tables', status, ['empty'], findEmptyTables),
  rule('tables', status, ['file-unreadable', 'codec-unreadable'], findUnreadableDays),
  rule('tables', status, ['stale'], findStaleTables),
  rule('tables', status, ['day-missing'], findGaps),
  rule('tables', status, ['missing-tickers'], findMissingTickers),
  rule('tables', status, ['duplicates'], findDuplicatesOfNewestDays),
  rule('last-run', status, ['last-run-failed'], findFailedRun),
  rule('last-run', status, ['last-run-interrupted'], findInterruptedRun),
  rule('last-run', status, ['listing-fault'], findListingFaults),
  rule('last-run', status, ['broken-report'], findBrokenReports),
  rule('site', status, ['site-no-answer'], findMissingListings),
  rule('site', status, ['site-layout', 'site-no-page'], findChangedPages),
  rule('unfinished-days', status, ['day-unfinished'], findUnfinishedDays),

  rule('folder', both, ['lake-folder'], findFolderAccess),
  rule('folder', both, ['lake-lock', 'dead-lock', 'locked'], findLock),
  rule('folder', doctor, ['lake-leftovers'], findLeftovers),

  rule('account', doctor, ['aws-access'], reportAccount),
  rule('stack', both, ['stack', 'stack-unhealthy', 'stack-busy'], findStackFaults),
  rule('functions', doctor, ['function'], findFunctionFaults),
  rule('queue-triggers', doctor, ['queue-trigger'], findTriggerFaults),
  rule('notifications', doctor, ['notification'], findNotificationFaults),
  rule(
    'schedules',
    both,
    ['schedule', 'schedule-disabled', 'schedule-missing'],
    findScheduleFaults,
  ),
  rule('queues', both, ['dead-letters'], findDeadLetters),
  rule('state-machine', status, ['state-machine-failed'], findFailedExecution),
  rule('alarms', status, ['alarm', 'alarm-missing'], findAlarms),
  rule('stack', status, ['stack-rolled-back', 'stack-unprotected'], findStackWarnings),
  rule('stack', status, ['stack-drifted', 'drift-unknown'], findStackDrift),
  rule('quota', doctor, ['aws-quota'], findQuotaFaults),
  rule('uploads', doctor, ['lake-leftovers'], findUnfinishedUploads),

  rule('files', doctor, ['table', 'empty'], summarizeTables),
  rule('files', doctor, ['foreign-file', 'foreign-folder'], findForeignEntries),
  rule(
    'catalog',
    doctor,
    ['catalog-table', 'partition-unknown', 'partition-empty', 'partition-elsewhere'],
    findCatalogFaults,
  ),
  rule('files', doctor, ['day-missing'], findMissingDays),
  rule('files', doctor, ['raw-missing'], findDaysWithoutRawText),
  rule('files', doctor, ['day-unfinished', 'day-in-progress'], findDaysUnfinished),
  rule('files', doctor, ['columns-older'], findOlderColumns),
  rule('files', doctor, ['columns-unknown'], findUnknownColumns),

  rule('day', doctor, ['file-unreadable', 'codec-unreadable', 'columns-wrong'], findFaultyFiles),
  rule('day', doctor, ['day-changing'], findChangingDay),
  rule('day', doctor, ['duplicates'], findDuplicatesOfDay),
  rule('day', doctor, ['typed-differs'], findTypedDifferences),
  rule('day', doctor, ['quotes-differ'], findQuoteDifferences),
  rule('day', doctor, ['row-alone'], findOrphanRows),
  rule('day', doctor, ['value-band', 'value-fraction', 'value-price', 'value-date'], findOddValues),

  rule('pages', status, ['unparsed'], findUnparsedValues),
  rule('pages', status, ['unknown-label'], findUnknownLabels),
  rule('pages', status, ['vanished-label'], findVanishedLabels),
  rule(
    'site',
    doctor,
    ['site', 'site-blocked', 'site-unavailable', 'site-no-page', 'site-layout'],
    findSiteFaults,
  ),
];

/** A rule about one section: it is not applied where the section is absent or could not be read. */
export function rule<S extends Section>(
  section: S,
  asks: readonly Asking<S>[],
  codes: readonly Code[],
  find: (value: SectionValues[S], facts: Facts) => readonly Finding[],
): Rule {
  return {
    section,
    asks,
    codes,
    apply(facts) {
      const read = facts.sections[section];
      return read !== undefined && 'value' in read ? find(read.value, facts) : [];
    },
  };
}

/** What the rules of a command find, and the sections that could not be read. */
export function assess(question: Question, facts: Facts): Finding[] {
  return [
    ...rules.filter(({ asks }) => asks.includes(question)).flatMap((each) => each.apply(facts)),
    ...findUnavailableParts(facts),
  ];
}

/** What they find in one section, judged by the others. */
export function assessSection(question: Question, facts: Facts, section: Section): Finding[] {
  return rules
    .filter((each) => each.section === section && each.asks.includes(question))
    .flatMap((each) => each.apply(facts));
}

function findUnavailableParts({ sections }: Facts): Finding[] {
  return allParts.flatMap((part) => {
    const read = sections[part];
    return read !== undefined && 'error' in read ? [unavailableFinding(read.error, { part })] : [];
  });
}

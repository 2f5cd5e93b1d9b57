/**
 * The list of rules, and their application to the facts. `status` asks whether a lake is fresh and complete, `doctor`
 * whether it is sound; a rule that both ask gives both the same finding.
 *
 * To add a rule:
 *
 * 1. Give what it finds a code in `codes-lake.ts` or `codes-system.ts`: severity, meaning, remedy.
 * 2. Write it in the file of this folder that is about its subject, as a pure function from a section of the facts to
 *    findings. Where the facts lack what it needs, add a section to `facts/model.ts`, and read it in `facts/`.
 * 3. Add it to the list below: its section, the commands that apply it, its codes. Findings come in the order of the
 *    list. `SectionsRead` says which command reads which section; a command cannot ask about the others.
 *
 * `--list`, the documentation and the report follow from these. A repair is a kind of `Fix` in `finding.ts`, which the
 * rule attaches to its finding and `repair.ts` applies.
 */

import {
  allCodes,
  allParts,
  allStatusParts,
  type Code,
  codes,
  partNames,
  type StatusPart,
} from '../codes.ts';
import type { Facts, Section, SectionsRead, SectionValues } from '../facts/model.ts';
import { createUnavailableFinding, type Finding } from '../finding.ts';
import {
  findDaysToCome,
  findDaysUnfinished,
  findDaysWithoutRawText,
  findMissingDays,
} from './days.ts';
import {
  findDamagedCopies,
  findFaultyFiles,
  findOlderColumns,
  findUnknownColumns,
} from './files.ts';
import {
  findDemo,
  findFolderAccess,
  findLeftovers,
  findLock,
  findUnfinishedDays,
} from './folder.ts';
import {
  findBrokenReports,
  findFailedRun,
  findInterruptedImport,
  findInterruptedRun,
  findListingFaults,
} from './last-run.ts';
import {
  findChangingDay,
  findOrphanRows,
  findQuoteDifferences,
  findTypedDifferences,
} from './layers.ts';
import {
  findChangedPages,
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
  findFailedEvents,
  findFailedExecution,
  findFunctionFaults,
  findNotificationFaults,
  findQuotaFaults,
  findScheduleFaults,
  findStackDrift,
  findStackFaults,
  findStackWarnings,
  findTriggerFaults,
  findUnfinishedUploads,
  reportAccount,
} from './system.ts';
import {
  findEmptyTables,
  findGaps,
  findMissingTickers,
  findStaleTables,
  findTablesAhead,
  findUnreadableDays,
} from './tables.ts';
import { findDuplicatesOfDay, findDuplicatesOfNewestDays, findOddValues } from './values.ts';

/** The command that applies the rules. */
export type HealthCommand = keyof SectionsRead;

/** The commands that read a section, and so may apply a rule about it. */
type ReaderOf<S extends Section> = {
  [C in HealthCommand]: S extends SectionsRead[C] ? C : never;
}[HealthCommand];

interface Rule {
  readonly section: Section;
  readonly commands: readonly HealthCommand[];
  /** What it may find. */
  readonly codes: readonly Code[];
  readonly apply: (facts: Facts) => readonly Finding[];
}

const both = ['status', 'doctor'] as const;
const status = ['status'] as const;
const doctor = ['doctor'] as const;

export const rules: readonly Rule[] = [
  defineRule('tables', status, ['empty'], findEmptyTables),
  defineRule('tables', status, ['file-unreadable', 'codec-unreadable'], findUnreadableDays),
  defineRule('tables', status, ['stale'], findStaleTables),
  defineRule('tables', status, ['day-to-come'], findTablesAhead),
  defineRule('tables', status, ['day-missing'], findGaps),
  defineRule('tables', status, ['missing-tickers'], findMissingTickers),
  defineRule('tables', status, ['duplicates'], findDuplicatesOfNewestDays),
  defineRule('last-run', status, ['last-run-failed'], findFailedRun),
  defineRule('last-run', status, ['last-run-interrupted'], findInterruptedRun),
  defineRule('imports', status, ['import-interrupted'], findInterruptedImport),
  defineRule('last-run', status, ['listing-fault'], findListingFaults),
  defineRule('last-run', status, ['broken-report'], findBrokenReports),
  defineRule('site', status, ['site-no-answer'], findMissingListings),
  defineRule('site', status, ['site-layout', 'site-no-page'], findChangedPages),
  defineRule('unfinished-days', status, ['day-unfinished'], findUnfinishedDays),

  defineRule('folder', both, ['lake-folder'], findFolderAccess),
  defineRule('folder', both, ['demo-lake'], findDemo),
  defineRule('folder', both, ['lake-lock', 'dead-lock', 'locked'], findLock),
  defineRule('folder', doctor, ['lake-leftovers'], findLeftovers),

  defineRule('account', doctor, ['aws-access'], reportAccount),
  defineRule('stack', both, ['stack', 'stack-unhealthy', 'stack-busy'], findStackFaults),
  defineRule('functions', doctor, ['function'], findFunctionFaults),
  defineRule('queue-triggers', doctor, ['queue-trigger'], findTriggerFaults),
  defineRule('notifications', doctor, ['notification'], findNotificationFaults),
  defineRule(
    'schedules',
    both,
    ['schedule', 'schedule-disabled', 'schedule-missing'],
    findScheduleFaults,
  ),
  defineRule('queues', both, ['dead-letters'], findDeadLetters),
  defineRule('queues', both, ['failed-events'], findFailedEvents),
  defineRule('state-machine', status, ['state-machine-failed'], findFailedExecution),
  defineRule('alarms', status, ['alarm', 'alarm-missing'], findAlarms),
  defineRule('stack', status, ['stack-rolled-back', 'stack-unprotected'], findStackWarnings),
  defineRule('stack', status, ['stack-drifted', 'drift-unknown'], findStackDrift),
  defineRule('quota', doctor, ['aws-quota'], findQuotaFaults),
  defineRule('uploads', doctor, ['lake-leftovers'], findUnfinishedUploads),

  defineRule('files', doctor, ['table', 'empty'], summarizeTables),
  defineRule('files', doctor, ['foreign-file', 'foreign-folder'], findForeignEntries),
  defineRule(
    'catalog',
    doctor,
    ['catalog-table', 'partition-unknown', 'partition-empty', 'partition-elsewhere'],
    findCatalogFaults,
  ),
  defineRule('files', doctor, ['day-to-come'], findDaysToCome),
  defineRule('files', doctor, ['day-missing'], findMissingDays),
  defineRule('files', doctor, ['raw-missing'], findDaysWithoutRawText),
  defineRule('files', doctor, ['day-unfinished', 'day-in-progress'], findDaysUnfinished),
  defineRule('files', doctor, ['columns-older'], findOlderColumns),
  defineRule('files', doctor, ['columns-unknown'], findUnknownColumns),
  defineRule('files', doctor, ['copy-damaged'], findDamagedCopies),

  defineRule(
    'day',
    doctor,
    ['file-unreadable', 'codec-unreadable', 'columns-wrong'],
    findFaultyFiles,
  ),
  defineRule('day', doctor, ['day-changing'], findChangingDay),
  defineRule('day', doctor, ['duplicates'], findDuplicatesOfDay),
  defineRule('day', doctor, ['typed-differs'], findTypedDifferences),
  defineRule('day', doctor, ['quotes-differ'], findQuoteDifferences),
  defineRule('day', doctor, ['row-alone'], findOrphanRows),
  defineRule(
    'day',
    doctor,
    ['value-band', 'value-fraction', 'value-price', 'value-date'],
    findOddValues,
  ),

  defineRule('pages', status, ['unparsed'], findUnparsedValues),
  defineRule('pages', status, ['unknown-label'], findUnknownLabels),
  defineRule('pages', status, ['vanished-label'], findVanishedLabels),
  defineRule(
    'site',
    doctor,
    ['site', 'site-blocked', 'site-redirected', 'site-unavailable', 'site-no-page', 'site-layout'],
    findSiteFaults,
  ),
];

/** A rule about one section: it is not applied where the section is absent or could not be read. */
export function defineRule<S extends Section>(
  section: S,
  commands: readonly ReaderOf<S>[],
  codes: readonly Code[],
  find: (value: SectionValues[S], facts: Facts) => readonly Finding[],
): Rule {
  return {
    section,
    commands,
    codes,
    apply(facts) {
      const read = facts.sections[section];
      return read !== undefined && 'value' in read ? find(read.value, facts) : [];
    },
  };
}

/** What the rules of a command find, and the sections that could not be read. */
export function assess(command: HealthCommand, facts: Facts): Finding[] {
  return [
    ...rules
      .filter(({ commands }) => commands.includes(command))
      .flatMap((each) => each.apply(facts)),
    ...findUnavailableParts(facts),
  ];
}

/** What they find in one section, given the facts of the others. */
export function assessSection(command: HealthCommand, facts: Facts, section: Section): Finding[] {
  return rules
    .filter((each) => each.section === section && each.commands.includes(command))
    .flatMap((each) => each.apply(facts));
}

function findUnavailableParts({ sections }: Facts): Finding[] {
  return allParts.flatMap((part) => {
    const read = sections[part];
    return read !== undefined && 'error' in read
      ? [createUnavailableFinding(read.error, { part })]
      : [];
  });
}

export interface ListedCode {
  readonly code: Code | StatusPart;
  /** What it may count as: `problem`, `note`, `ok` or `unavailable`. */
  readonly countsAs: readonly string[];
  readonly meaning: string;
  readonly remedy: string;
  /** "" where `doctor --fix` does nothing. */
  readonly fix: string;
  /** Earlier names of the code. */
  readonly aliases: readonly string[];
}

/** The codes of a command, in the order of the catalogue. */
export function listCodes(command: HealthCommand): ListedCode[] {
  const reported = new Set(
    rules.filter(({ commands }) => commands.includes(command)).flatMap((rule) => rule.codes),
  );
  // `status` prints no passed checks, and names what it could not read by its part.
  const listed = allCodes.filter((code) =>
    command === 'status'
      ? reported.has(code) && codes[code].severity !== 'ok'
      : reported.has(code) || codes[code].severity === 'unavailable',
  );
  return [
    ...listed.map(describeCode),
    ...(command === 'status' ? allStatusParts.map(describePart) : []),
  ];
}

function describeCode(code: Code): ListedCode {
  const { severity, noteWhere, meaning, remedy, fix = '', aliases = [] } = codes[code];
  return {
    code,
    countsAs: noteWhere === undefined ? [severity] : [severity, 'note'],
    meaning: noteWhere === undefined ? meaning : `${meaning} A note where ${noteWhere}.`,
    remedy,
    fix,
    aliases,
  };
}

function describePart(part: StatusPart): ListedCode {
  return {
    code: part,
    countsAs: ['unavailable'],
    meaning: `Not checked: ${partNames[part]} could not be read.`,
    remedy:
      'The answer of AWS shows why; `pynvest iam-policy --for operate` prints the permissions that are needed.',
    fix: '',
    aliases: [],
  };
}

/**
 * `pynvest status`: reads the facts once, applies the rules, and puts the report together as `--format json` prints it:
 * the facts, and the findings as problems, notes and what could not be read. Dates are `YYYY-MM-DD`, times ISO 8601 in
 * São Paulo.
 */

import type { Layer, Table } from '../catalog/dataset.ts';
import { formatInSaoPaulo, formatIsoDate } from '../catalog/partition.ts';
import { groupUnparsedByColumn, type UnparsedColumn } from '../pipeline/report.ts';
import type { DriftReport } from '../transform/drift.ts';
import { allStatusParts, type Code, partNames, type Severity, type StatusPart } from './codes.ts';
import type { LastRun } from './facts/last-run.ts';
import { type Facts, getSection } from './facts/model.ts';
import { readStatusFacts, type StatusRequest } from './facts/read-facts.ts';
import { type Finding, formatTableNames } from './finding.ts';
import { assess } from './rules/rules.ts';
import { getTableHealth, type TableHealth } from './rules/table-health.ts';
import { createSystemStatus, type SystemStatus } from './system-status.ts';

/** A finding as the report prints it: the same of several tables is one concern. */
export interface Concern {
  /** Of what could not be read, the part. */
  readonly code: Code | StatusPart;
  readonly what: string;
  readonly remedy: string;
}

export interface TableStatus {
  readonly table: string;
  readonly layer: Layer;
  readonly first_partition: string | null;
  readonly last_partition: string | null;
  /** Trading days from the last partition to the day that is due; 0 where the table has it. */
  readonly trading_days_behind: number | null;
  /** When the last page of the last partition was read. */
  readonly read_at: string | null;
  readonly age_hours: number | null;
  /** Of the last partition; null where there is none, or where it cannot be read. */
  readonly rows: number | null;
  readonly tickers: number | null;
  /** How many tickers it should have, and according to what: `site`, a date, or `run`; null without any. */
  readonly expected_tickers: number | null;
  readonly compared_with: string | null;
  readonly missing_tickers: number | null;
  /** Trading days without a partition, from the first one to the day that is due. */
  readonly missing_days: number;
}

export interface StatusReport extends SystemStatus {
  readonly checked_at: string;
  readonly target: 'local' | 'aws';
  readonly place: string;
  /** The newest trading day whose collection should have ended. */
  readonly due_day: string;
  readonly tables: readonly TableStatus[];
  readonly missing_days: readonly { readonly date: string; readonly tables: readonly string[] }[];
  readonly missing_tickers: readonly {
    readonly ticker: string;
    readonly tables: readonly string[];
  }[];
  /** The newest report of a run by this command; null where there is none. */
  readonly last_run: LastRun | null;
  /** What imports have brought; null where it could not be read. */
  readonly imports: ImportStatus | null;
  /** Of the newest day's raw text: values that do not parse, labels that differ from the columns. */
  readonly unparsed: readonly UnparsedColumn[];
  readonly drift: DriftReport;
  /** Of a lake in a folder; null in AWS. */
  readonly folder: FolderStatus | null;
  /** Why the exit status is 3. */
  readonly problems: readonly Concern[];
  /** What is worth knowing, and no fault. */
  readonly notes: readonly Concern[];
  /** What could not be read; the exit status is 1 where there is no problem. */
  readonly untold: readonly Concern[];
}

interface ImportStatus {
  readonly tables: readonly {
    readonly table: string;
    readonly layer: Layer;
    readonly first_year: number;
    readonly last_year: number;
    readonly years: number;
    readonly rows: number;
  }[];
  /** Of B3's prices. */
  readonly newest_session: string | null;
}

interface FolderStatus {
  readonly lock: string | null;
  readonly unfinished_days: readonly string[];
  readonly files: number;
  readonly bytes: number;
}

/** @param place where the lake is, for people to read */
function createStatusReport(
  place: string,
  facts: Facts,
  findings: readonly Finding[],
): StatusReport {
  const health = getTableHealth(facts);
  const { unparsed, drift } = getSection(facts, 'pages') ?? NO_PAGES;
  const concernsOf = (severity: Severity): Concern[] =>
    createConcerns(findings.filter((each) => each.severity === severity));
  return {
    checked_at: formatInSaoPaulo(facts.now),
    target: facts.target,
    place,
    due_day: formatIsoDate(facts.due.day),
    tables: health.map((each) => createTableStatus(facts.now, each)),
    missing_days: groupByItem(health, ({ missing }) => missing.map(formatIsoDate)).map(
      ([date, tables]) => ({ date, tables }),
    ),
    missing_tickers: groupByItem(health, ({ coverage }) => coverage?.missing ?? []).map(
      ([ticker, tables]) => ({ ticker, tables }),
    ),
    last_run: getSection(facts, 'last-run')?.run ?? null,
    imports: createImportStatus(facts),
    unparsed: groupUnparsedByColumn(unparsed),
    drift,
    folder: createFolderStatus(facts),
    ...createSystemStatus(facts),
    problems: concernsOf('problem'),
    notes: concernsOf('note'),
    untold: concernsOf('unavailable'),
  };
}

const NO_PAGES = { unparsed: [], drift: { unknownLabels: [], vanishedColumns: [] } };

function createConcerns(findings: readonly Finding[]): Concern[] {
  const groups = new Map<string, { readonly finding: Finding; readonly tables: Table[] }>();
  for (const finding of findings) {
    const { code, partition, subject, detail, remedy, table } = finding;
    const key = JSON.stringify([code, partition, subject, detail, remedy]);
    const group = groups.get(key) ?? { finding, tables: [] };
    if (table !== undefined) group.tables.push(table);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ finding, tables }) => createConcern(finding, tables));
}

function createConcern(
  { code, severity, partition, subject, detail, remedy }: Finding,
  tables: readonly Table[],
): Concern {
  const part =
    severity === 'unavailable' ? allStatusParts.find((each) => each === subject) : undefined;
  if (part !== undefined) return { code: part, what: `${partNames[part]}: ${detail}`, remedy };
  const about = [
    tables.length === 0 ? '' : formatTableNames(tables),
    partition === undefined ? '' : formatIsoDate(partition),
    subject,
  ].filter((text) => text !== '');
  const what = about.length === 0 ? detail : `${about.join(' ')}: ${detail}`;
  return { code, what, remedy };
}

/** The items of the tables, in order, each with the names of its tables. */
function groupByItem(
  health: readonly TableHealth[],
  itemsOf: (table: TableHealth) => readonly string[],
): [item: string, tables: string[]][] {
  const groups = new Map<string, string[]>();
  for (const each of health) {
    for (const item of itemsOf(each)) {
      groups.set(item, [...(groups.get(item) ?? []), each.facts.table.name]);
    }
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

function createTableStatus(
  now: Date,
  { facts, missing, coverage, readAt, behind }: TableHealth,
): TableStatus {
  const { table, partitions, newest } = facts;
  const first = partitions.at(0);
  return {
    table: table.name,
    layer: table.layer,
    first_partition: first === undefined ? null : formatIsoDate(first),
    last_partition: newest === undefined ? null : formatIsoDate(newest.partition),
    trading_days_behind: behind ?? null,
    read_at: readAt === undefined ? null : formatInSaoPaulo(readAt),
    age_hours:
      readAt === undefined ? null : Math.round((now.getTime() - readAt.getTime()) / 360_000) / 10,
    rows: newest?.readable ? newest.rows : null,
    tickers: newest?.readable ? newest.tickers.size : null,
    expected_tickers: coverage?.expected ?? null,
    compared_with: coverage?.comparedWith ?? null,
    missing_tickers: coverage?.missing.length ?? null,
    missing_days: missing.length,
  };
}

function createImportStatus(facts: Facts): ImportStatus | null {
  const imports = getSection(facts, 'imports');
  if (imports === undefined) return null;
  const { tables, newestSession } = imports;
  return {
    tables: tables.map(({ table, firstYear, lastYear, years, rows }) => ({
      ...{ table: table.name, layer: table.layer, first_year: firstYear, last_year: lastYear },
      ...{ years, rows },
    })),
    newest_session: newestSession === undefined ? null : formatIsoDate(newestSession),
  };
}

function createFolderStatus(facts: Facts): FolderStatus | null {
  const folder = getSection(facts, 'folder');
  if (folder === undefined) return null;
  return {
    lock: folder.lockOwner?.description ?? null,
    unfinished_days: (getSection(facts, 'unfinished-days') ?? []).map(formatIsoDate),
    ...(getSection(facts, 'size') ?? { files: 0, bytes: 0 }),
  };
}

/**
 * @throws LakeError where the tables cannot be listed
 */
export async function readStatus(request: StatusRequest): Promise<StatusReport> {
  const facts = await readStatusFacts(request);
  return createStatusReport(request.place, facts, assess('status', facts));
}

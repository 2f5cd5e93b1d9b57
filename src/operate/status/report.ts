/** What `pynvest status` says, as `--format json` prints it. Days are `YYYY-MM-DD`, times ISO 8601 in São Paulo. */
import { isoInSaoPaulo } from '../../catalog/partition.ts';
import { tables as allTables, type Layer, type Table } from '../../catalog/tables.ts';
import type { UnparsedColumn } from '../../pipeline/report.ts';
import type { DriftReport } from '../../transform/drift.ts';
import type { StatusCode } from './codes.ts';
import type { LastRun } from './last-run.ts';

/** Something that a person should know, with a stable code and what to do about it. */
export interface Concern {
  readonly code: StatusCode;
  readonly what: string;
  readonly remedy: string;
}

export interface TableStatus {
  readonly table: string;
  readonly layer: Layer;
  readonly first_partition: string | null;
  readonly last_partition: string | null;
  /** Trading days from the last partition to the day that should be there by now; 0 where it is. */
  readonly trading_days_behind: number | null;
  /** When the last page of the last partition was read. */
  readonly read_at: string | null;
  readonly age_hours: number | null;
  /** Of the last partition; null where there is none, or where it cannot be read. */
  readonly rows: number | null;
  readonly tickers: number | null;
  /** How many tickers it should have, and by what: `site`, the day before, or `run`; null without any. */
  readonly expected_tickers: number | null;
  readonly compared_with: string | null;
  readonly missing_tickers: number | null;
  /** Trading days without a partition, from the first one to the day that should be there by now. */
  readonly missing_days: number;
}

export interface StatusReport {
  readonly checked_at: string;
  readonly target: 'local' | 'aws';
  readonly place: string;
  /** The newest trading day that should be there by now. */
  readonly due_day: string;
  readonly tables: readonly TableStatus[];
  readonly missing_days: readonly { readonly date: string; readonly tables: readonly string[] }[];
  readonly missing_tickers: readonly {
    readonly ticker: string;
    readonly tables: readonly string[];
  }[];
  /** The newest report of a run by this command; null where there is none. */
  readonly last_run: LastRun | null;
  /** Of the newest day's raw text: what does not parse, and how the labels differ from the columns. */
  readonly unparsed: readonly UnparsedColumn[];
  readonly drift: DriftReport;
  /** Of a lake in a folder; null in AWS. */
  readonly folder: FolderStatus | null;
  /** Of the system in AWS; null for a folder, and each part where AWS did not tell. */
  readonly schedules: readonly ScheduleStatus[] | null;
  readonly queues: readonly QueueStatus[] | null;
  readonly alarms: readonly AlarmStatus[] | null;
  readonly state_machine: ExecutionStatus | null;
  readonly stack: StackStatus | null;
  /** Why the exit status is 3. */
  readonly problems: readonly Concern[];
  /** What is worth knowing and no fault of the lake. */
  readonly notes: readonly Concern[];
  /** What could not be found out; the exit status is 1 where there is nothing worse. */
  readonly untold: readonly Concern[];
}

export interface FolderStatus {
  readonly lock: string | null;
  readonly unfinished_days: readonly string[];
  readonly files: number;
  readonly bytes: number;
}

export interface ScheduleStatus {
  readonly purpose: 'collect' | 'dedup';
  readonly rule: string;
  readonly state: 'enabled' | 'disabled' | 'missing';
  readonly expression: string;
  /** Null where it is not enabled, never fires again, or does not say when (`rate`). */
  readonly next_firing: string | null;
}

export interface QueueStatus {
  readonly queue: string;
  readonly dead_letters: boolean;
  readonly visible: number;
  readonly in_flight: number;
  readonly delayed: number;
  /**
   * How long the oldest message has waited there, in seconds, as CloudWatch measured it minutes ago; null
   * where the queue is empty or nothing was measured.
   */
  readonly oldest_message_seconds: number | null;
}

export interface AlarmStatus {
  readonly alarm: string;
  readonly state: 'ok' | 'alarm' | 'insufficient-data' | 'missing';
  /** Since when it is in that state; null where it is missing. */
  readonly since: string | null;
}

export interface ExecutionStatus {
  readonly name: string;
  readonly status: string;
  readonly started_at: string;
  readonly seconds: number | null;
  readonly cause: string | null;
}

export interface StackStatus {
  readonly name: string;
  readonly status: string;
  readonly termination_protection: boolean;
  readonly drift: string;
  readonly drift_checked_at: string | null;
  readonly drifted_resources: readonly string[];
}

const LAYER_NAMES: Readonly<Record<Layer, string>> = { sor: 'SoR', sot: 'SoT', spec: 'Spec' };

/** A table in few letters, such as `SoR acoes`; the layer of the quotes has one table alone. */
export function labelOf({ name, layer }: Pick<Table, 'name' | 'layer'>): string {
  const kind = /_(acoes|fiis)_/.exec(name)?.[1];
  return kind === undefined ? LAYER_NAMES[layer] : `${LAYER_NAMES[layer]} ${kind}`;
}

/** Several tables as the subject of a sentence. */
export function namesOf(tables: readonly Table[]): string {
  return tables.length === allTables.length ? 'every table' : tables.map(labelOf).join(', ');
}

/** The first few of a list, and how many more there are. */
export function firstFew(items: readonly string[], most = 5): string {
  const shown = items.slice(0, most).join(', ');
  return items.length > most ? `${shown} and ${items.length - most} more` : shown;
}

/** A time in São Paulo, to the minute, as a person reads it. */
export function clock(iso: string): string {
  return isoInSaoPaulo(new Date(iso)).slice(0, 16).replace('T', ' ');
}

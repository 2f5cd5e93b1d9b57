/**
 * The facts that the rules read, in sections. A section is read once and by itself: one that the command does not ask
 * for is absent, and one that could not be read holds the error, beside the values of the others.
 */

import type { StackDrift } from '../../aws/drift.ts';
import type { Execution } from '../../aws/executions.ts';
import type { EventSource, FunctionState } from '../../aws/functions.ts';
import type { UnfinishedUploads } from '../../aws/objects.ts';
import type { QueueDepth } from '../../aws/queue-depth.ts';
import type { SchedulePurpose } from '../../aws/resource-names.ts';
import type { StackCondition } from '../../aws/stack.ts';
import type { AssetKind } from '../../catalog/asset.ts';
import type { Table } from '../../catalog/dataset.ts';
import type { Partition } from '../../catalog/partition.ts';
import type { Ticker } from '../../catalog/ticker.ts';
import { PynvestError, type SiteError } from '../../errors.ts';
import type { CatalogColumn, CatalogPartition } from '../../lake/inspector.ts';
import type { FolderState, LakeSize } from '../../lake/local/layout.ts';
import type { DriftReport } from '../../transform/drift.ts';
import type { UnparsedValue } from '../../transform/layers.ts';
import type { AlarmDefinition } from '../alarms.ts';
import type { DayFacts, FileFacts, TickerCount } from './file-facts.ts';
import type { LastRunFacts } from './last-run.ts';
import type { ImportFacts } from './read-imports.ts';
import { type DueDay, findDueDay } from './schedule.ts';

export interface Facts {
  readonly now: Date;
  readonly due: DueDay;
  readonly target: 'local' | 'aws';
  /** Whether a demo made the lake: it has the days that the demo made up, and no others. */
  readonly isDemo: boolean;
  readonly sections: Sections;
}

/** Facts with the day that is due by the schedule of the deduplication, where it is known. */
export function createFacts(
  target: Facts['target'],
  now: Date,
  sections: Sections,
  isDemo = false,
): Facts {
  const { schedules } = sections;
  const known = schedules !== undefined && 'value' in schedules ? schedules.value : [];
  const dedup = known.find(({ purpose }) => purpose === 'dedup');
  return { now, due: findDueDay(now, dedup?.expression), target, isDemo, sections };
}

export type Sections = {
  readonly [S in Section]?: Result<SectionValues[S]> | undefined;
};

export type Section = keyof SectionValues;

/** The sections, by the names under which `status` and `doctor` report those that cannot be read. */
export interface SectionValues {
  /** Every table, with its newest day. */
  readonly tables: readonly TableFacts[];
  readonly pages: PageFacts;
  readonly 'last-run': LastRunFacts;
  readonly imports: ImportFacts;
  readonly site: SiteFacts;
  readonly folder: FolderState;
  /** The days of a folder that a run began and did not finish. */
  readonly 'unfinished-days': readonly Partition[];
  readonly size: LakeSize;
  /** Every file, by its footer. */
  readonly files: FileFacts;
  readonly catalog: ReadonlyMap<Table, Result<TableCatalog | undefined>>;
  /** All rows of one day. */
  readonly day: DayFacts;
  readonly account: AccountFacts;
  readonly stack: StackFacts;
  readonly schedules: readonly ScheduleFacts[];
  readonly queues: readonly QueueFacts[];
  /** How long the oldest message of a queue has waited, in seconds, by the queue's name; where it was measured. */
  readonly 'oldest-messages': ReadonlyMap<string, number>;
  /** The last deduplication; undefined before the first. */
  readonly 'state-machine': Execution | undefined;
  readonly alarms: readonly AlarmFacts[];
  readonly functions: readonly FunctionFacts[];
  readonly 'queue-triggers': readonly TriggerFacts[];
  readonly notifications: readonly BucketFacts[];
  readonly quota: QuotaFacts;
  readonly uploads: readonly UploadFacts[];
}

/** What changes in AWS from day to day. */
export type OperationSection =
  | 'schedules'
  | 'queues'
  | 'oldest-messages'
  | 'state-machine'
  | 'alarms'
  | 'stack';

/** What a deployment made in AWS. */
export type InstallationSection =
  | 'account'
  | 'stack'
  | 'functions'
  | 'queue-triggers'
  | 'notifications'
  | 'schedules'
  | 'queues'
  | 'quota'
  | 'uploads';

/** The sections that each command reads: a rule finds nothing in those that its command leaves out. */
export interface SectionsRead {
  readonly status:
    | 'tables'
    | 'pages'
    | 'last-run'
    | 'imports'
    | 'site'
    | 'folder'
    | 'unfinished-days'
    | 'size'
    | OperationSection;
  readonly doctor: 'files' | 'catalog' | 'day' | 'site' | 'folder' | InstallationSection;
}

/** The value of a section; undefined where it was not asked for, or could not be read. */
export function getSection<S extends Section>(
  { sections }: Facts,
  name: S,
): SectionValues[S] | undefined {
  const section: Result<SectionValues[S]> | undefined = sections[name];
  return section !== undefined && 'value' in section ? section.value : undefined;
}

export type Result<T, E extends PynvestError = PynvestError> =
  | { readonly value: T }
  | { readonly error: E };

export async function attempt<T>(work: () => Promise<T>): Promise<Result<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (error instanceof PynvestError) return { error };
    throw error;
  }
}

/** Whether a run is in progress in a folder: it creates and removes files meanwhile. */
export function isInUse({ lockOwner }: FolderState): boolean {
  return lockOwner !== undefined && !lockOwner.isDead;
}

/** Whether a day may still change: its collection is in progress or to come, or another run is. */
export function isInProgress(facts: Facts, day: Partition): boolean {
  if (day === facts.due.inProgress) return true;
  const folder = getSection(facts, 'folder');
  return folder === undefined
    ? getSection(facts, 'state-machine')?.status === 'RUNNING'
    : isInUse(folder);
}

export interface SiteFacts {
  /** Such as `https://www.fundamentus.com.br`. */
  readonly origin: string;
  readonly listings: Readonly<Record<AssetKind, Result<readonly Ticker[], SiteError>>>;
  /** Undefined where the listing cannot be read. */
  readonly pages: Readonly<Record<AssetKind, SamplePage | undefined>>;
}

/**
 * A listed ticker whose page can be read, why none can, or the tickers that were asked for where the site has no page
 * of them.
 */
export type SamplePage =
  | Result<Ticker, SiteError>
  | { readonly withoutPage: readonly [Ticker, ...Ticker[]] };

/** A day of a table: what it holds, or why that cannot be read. */
export type TableDay =
  | (TickerCount & {
      readonly readable: true;
      readonly partition: Partition;
      /** Whether it is raw text in the batches that it was collected in, which nothing merges. */
      readonly isInBatches: boolean;
      /** When the last of its pages was read; undefined where the rows do not say. */
      readonly readAt: Date | undefined;
    })
  | { readonly readable: false; readonly partition: Partition; readonly error: PynvestError };

export interface TableFacts {
  readonly table: Table;
  /** In order. */
  readonly partitions: readonly Partition[];
  readonly newest: TableDay | undefined;
  /** The partition before the newest; undefined where there is none, or where the site lists the tickers. */
  readonly previous: TableDay | undefined;
}

/** What the newest raw text of each kind says about the site's pages. */
export interface PageFacts {
  readonly unparsed: readonly UnparsedValue[];
  readonly drift: DriftReport;
}

export interface TableCatalog {
  readonly columns: readonly CatalogColumn[];
  readonly partitions: readonly CatalogPartition[];
  /** Where the catalog should have the files of a day. */
  readonly locationOf: (day: Partition) => string;
}

export interface AccountFacts {
  readonly account: string;
  readonly region: string;
  /** Between this machine and AWS; undefined where there is none. */
  readonly proxy?: string | undefined;
}

export interface StackFacts {
  readonly name: string;
  readonly status: string;
  readonly condition: StackCondition;
  readonly isProtected: boolean;
  /** Undefined where it was not asked for. */
  readonly drift: StackDrift | undefined;
}

export interface ScheduleFacts {
  readonly purpose: SchedulePurpose;
  readonly rule: string;
  /** `missing` where the rule was removed by hand. */
  readonly state: 'enabled' | 'disabled' | 'missing';
  /** Such as `cron(45 21 * * ? *)`, in UTC; empty where the rule is missing. */
  readonly expression: string;
}

export interface QueueFacts extends QueueDepth {
  readonly queue: string;
  /** `failed-events`: those of the first two functions, by which a day is started again. */
  readonly contents: 'tickers' | 'dead-letters' | 'failed-events';
}

export interface AlarmFacts {
  readonly alarm: AlarmDefinition;
  /** As CloudWatch has it. */
  readonly name: string;
  /** `missing` where it was removed by hand. */
  readonly state: 'ok' | 'alarm' | 'insufficient-data' | 'missing';
  /** Undefined where it is missing. */
  readonly since: Date | undefined;
}

export interface FunctionFacts {
  readonly name: string;
  /** Undefined where there is no such function. */
  readonly state: FunctionState | undefined;
}

export interface TriggerFacts {
  /** Its name in the template. */
  readonly id: string;
  readonly uuid: string | undefined;
  /** Undefined where there is no such event source mapping. */
  readonly source: EventSource | undefined;
}

export interface BucketFacts {
  readonly bucket: string;
  /** Whether its new files start the functions as they should. */
  readonly isComplete: boolean;
}

export interface QuotaFacts {
  /** How many functions the account may run at once; undefined where AWS does not say. */
  readonly allowed: number | undefined;
  /** How many the system starts at once. */
  readonly needed: number;
}

export interface UploadFacts extends UnfinishedUploads {
  readonly bucket: string;
}

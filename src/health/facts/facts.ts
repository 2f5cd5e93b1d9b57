/**
 * The facts about a lake and its surroundings, as they were read, before any rule judges them. A part that could
 * not be read is an error beside the other parts' values.
 */

import type { StackDrift } from '../../aws/drift.ts';
import type { Execution } from '../../aws/executions.ts';
import type { QueueDepth } from '../../aws/queue-depth.ts';
import type { SchedulePurpose } from '../../aws/resource-names.ts';
import type { StackCondition } from '../../aws/stack.ts';
import type { AssetKind } from '../../catalog/asset.ts';
import type { Partition } from '../../catalog/partition.ts';
import type { Table } from '../../catalog/tables.ts';
import type { Ticker } from '../../catalog/ticker.ts';
import { PynvestError } from '../../errors.ts';
import type { LakeSize } from '../../lake/local/folder.ts';
import type { LockOwnerSummary } from '../../lake/local/lock-owner.ts';
import type { DriftReport } from '../../transform/drift.ts';
import type { UnparsedValue } from '../../transform/layers.ts';
import type { AlarmDefinition } from '../alarms.ts';
import type { LastRunFacts } from './last-run.ts';
import type { Due } from './schedule.ts';

export type Result<T> = { readonly value: T } | { readonly error: PynvestError };

export async function attempt<T>(work: () => Promise<T>): Promise<Result<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (error instanceof PynvestError) return { error };
    throw error;
  }
}

/** What the site lists, or why nobody knows. */
export type SiteListing =
  | { readonly kind: 'listed'; readonly tickers: Readonly<Record<AssetKind, readonly Ticker[]>> }
  | { readonly kind: 'not-asked' }
  | { readonly kind: 'no-answer'; readonly reason: string };

export interface StatusFacts extends TablesAndPages {
  readonly now: Date;
  readonly place: string;
  readonly due: Due;
  readonly siteListing: SiteListing;
  readonly lastRun: Result<LastRunFacts>;
  readonly at:
    | { readonly target: 'local'; readonly folder: FolderFacts }
    | { readonly target: 'aws'; readonly system: SystemFacts };
}

export interface FolderFacts {
  readonly root: string;
  /** Who holds the lake; undefined where nobody does. */
  readonly lockOwner: LockOwnerSummary | undefined;
  readonly unfinished: readonly Partition[];
  readonly size: LakeSize;
}

/** A day of a table: what it holds, or why that cannot be read. */
export type TableDay =
  | {
      readonly readable: true;
      readonly partition: Partition;
      readonly rows: number;
      readonly tickers: ReadonlySet<string>;
      /** When the last of its pages was read; undefined where the rows do not say. */
      readonly readAt: Date | undefined;
    }
  | {
      readonly readable: false;
      readonly partition: Partition;
      readonly reason: string;
      readonly remedy: string;
    };

export interface TableFacts {
  readonly table: Table;
  /** In order. */
  readonly partitions: readonly Partition[];
  readonly newest: TableDay | undefined;
  /** The partition before the newest; undefined where there is none, or where nobody asked for it. */
  readonly previous: TableDay | undefined;
}

export interface TablesAndPages {
  readonly tables: readonly TableFacts[];
  /** What the newest raw text of each kind tells of the site's pages. */
  readonly pages: PageFacts;
}

export interface PageFacts {
  readonly unparsed: readonly UnparsedValue[];
  readonly drift: DriftReport;
}

export interface SystemFacts {
  readonly schedules: Result<readonly ScheduleFacts[]>;
  readonly queues: Result<readonly QueueFacts[]>;
  /** How long the oldest message of a queue has waited, in seconds, by the queue's name; of some, nothing. */
  readonly oldestMessages: Result<ReadonlyMap<string, number>>;
  readonly stateMachine: Result<Execution | undefined>;
  readonly alarms: Result<readonly AlarmFacts[]>;
  readonly stack: Result<StackFacts>;
}

export interface ScheduleFacts {
  readonly purpose: SchedulePurpose;
  readonly rule: string;
  /** `missing` where somebody has removed the rule. */
  readonly state: 'enabled' | 'disabled' | 'missing';
  /** Such as `cron(45 21 * * ? *)`, in UTC; empty where the rule is missing. */
  readonly expression: string;
}

export interface QueueFacts extends QueueDepth {
  readonly queue: string;
  readonly isDeadLetters: boolean;
}

export interface AlarmFacts {
  readonly alarm: AlarmDefinition;
  /** What CloudWatch calls it. */
  readonly name: string;
  /** `missing` where somebody has removed it. */
  readonly state: 'ok' | 'alarm' | 'insufficient-data' | 'missing';
  /** Undefined where it is missing. */
  readonly since: Date | undefined;
}

export interface StackFacts {
  readonly name: string;
  readonly status: string;
  readonly standing: StackCondition;
  readonly isProtected: boolean;
  readonly drift: StackDrift;
}

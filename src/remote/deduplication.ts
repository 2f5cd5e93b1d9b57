/**
 * The deduplication by the state machine: started, and followed to its end.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { withAwsErrors } from '../aws/errors.ts';
import {
  type ExecutionEvent,
  type ExecutionState,
  readExecution,
  readExecutionHistory,
  startExecution,
} from '../aws/executions.ts';
import type { AwsSession } from '../aws/session.ts';
import type { RunningSystem } from '../aws/system.ts';
import { stocks } from '../catalog/acoes.ts';
import type { AssetKind } from '../catalog/asset.ts';
import type { Row } from '../catalog/column.ts';
import { type Dataset, getCollectedTable, type Table, tablesOf } from '../catalog/dataset.ts';
import { dailyDatasets, indicators } from '../catalog/datasets.ts';
import { funds } from '../catalog/fiis.ts';
import { isoDate, type Partition } from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { BrokenFileError, FileChangedError } from '../errors.ts';
import type { Host } from '../host.ts';
import type { Lake } from '../lake/lake.ts';
import { readIntactFiles } from '../pipeline/deduplicate-partition.ts';
import { convertRows, type Step, stepsOf } from '../pipeline/steps.ts';
import { findStoredTickers } from '../pipeline/tickers.ts';
import { createMissingRowFilter, deduplicate } from '../transform/deduplicate.ts';

interface TableDeduplication {
  readonly table: string;
  readonly rowsBefore: number;
  readonly rowsAfter: number;
}

export type DeduplicationResult =
  | {
      readonly kind: 'done';
      readonly seconds: number;
      readonly tables: readonly TableDeduplication[];
    }
  | {
      readonly kind: 'failed';
      /** FAILED, TIMED_OUT or ABORTED. */
      readonly status: string;
      readonly seconds: number;
      readonly cause: string;
    }
  /** It was still running at the deadline. */
  | { readonly kind: 'unfinished'; readonly execution: string };

const POLL_INTERVAL_MS = 1_000;

/**
 * Starts the state machine for a day and follows it until it ends, or until `deadline` (milliseconds since
 * 1970). Another execution at the same time does no harm: every write checks that its file has not changed.
 */
export async function runRemoteDeduplication(
  host: Host,
  system: RunningSystem,
  partition: Partition,
  deadline: number,
): Promise<DeduplicationResult> {
  const { aws } = system;
  const execution = await withAwsErrors(() =>
    startExecution(aws, system.output('StateMachineArn'), { partition }),
  );
  host.notice(`Removing the duplicates of ${isoDate(partition)} in AWS`);
  host.setBackgroundNotice(
    'The state machine continues in AWS. `pynvest logs --follow` shows its progress.',
  );
  const state = await host.wait('Waiting for the state machine', () =>
    waitUntilEnded(aws, execution, deadline),
  );
  host.setBackgroundNotice(undefined);
  if (state === undefined) return { kind: 'unfinished', execution };
  return createResult(state, await withAwsErrors(() => readExecutionHistory(aws, execution)));
}

/** The state of an execution that has ended; undefined at the deadline. */
async function waitUntilEnded(
  aws: AwsSession,
  execution: string,
  deadline: number,
): Promise<ExecutionState | undefined> {
  for (;;) {
    const state = await withAwsErrors(() => readExecution(aws, execution));
    if (state.status !== 'RUNNING') return state;
    if (Date.now() > deadline) return undefined;
    await sleep(POLL_INTERVAL_MS);
  }
}

function createResult(
  { status, startedAt, stoppedAt, error, cause }: ExecutionState,
  events: readonly ExecutionEvent[],
): DeduplicationResult {
  const seconds = ((stoppedAt ?? new Date()).getTime() - (startedAt?.getTime() ?? 0)) / 1_000;
  if (status === 'SUCCEEDED') return { kind: 'done', seconds, tables: parseRowCounts(events) };
  const reason = findFailureCause(events) ?? formatCause(error, cause);
  return { kind: 'failed', status, seconds, cause: reason };
}

/** The answer of each function: its table, and the rows before and after. */
export function parseRowCounts(events: readonly ExecutionEvent[]): TableDeduplication[] {
  const tables = events.flatMap(({ taskSucceededEventDetails: details }) => {
    const answer = parsePayload(details?.output);
    const { table, rowsBefore, rowsAfter } = answer;
    return typeof table === 'string'
      ? [{ table, rowsBefore: Number(rowsBefore), rowsAfter: Number(rowsAfter) }]
      : [];
  });
  return tables.sort((a, b) => (a.table < b.table ? -1 : 1));
}

/** Why it failed: the cause of the last failed step, as steps that fail are retried. */
export function findFailureCause(events: readonly ExecutionEvent[]): string | undefined {
  const failures = events.flatMap(
    ({ taskFailedEventDetails: failed, taskTimedOutEventDetails: timedOut }) =>
      failed ?? timedOut ?? [],
  );
  const last = failures.at(-1);
  return last === undefined ? undefined : formatCause(last.error, last.cause);
}

/** Lambda gives the error that a function threw as JSON in the cause. */
function formatCause(error: string | undefined, cause: string | undefined): string {
  const { errorType, errorMessage } = parseFields(cause);
  if (typeof errorMessage === 'string') return `${String(errorType ?? error)}: ${errorMessage}`;
  return [error, cause].filter(Boolean).join(': ') || 'no cause was given';
}

/** The answer of a function that a state machine invoked, however it is wrapped. */
function parsePayload(output: string | undefined): Readonly<Record<string, unknown>> {
  const answer = parseFields(output);
  const { Payload: payload = answer } = answer;
  return typeof payload === 'string' ? parseFields(payload) : toObject(payload);
}

function parseFields(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    return toObject(JSON.parse(text ?? '{}'));
  } catch {
    return {};
  }
}

function toObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}

/** The tickers whose raw text was read at `since` or later. */
export async function findTickersReadSince(
  lake: Lake,
  partition: Partition,
  since: Date,
): Promise<string[]> {
  const tickers: string[] = [];
  for (const dataset of indicators) {
    for (const [ticker, readAt] of await findStoredTickers(lake, dataset, partition)) {
      if (readAt >= since.getTime()) tickers.push(ticker);
    }
  }
  return tickers;
}

/**
 * The tickers by their kind, as the newest day of the lake up to `partition` has them. Units of stocks end in 11 as
 * funds do, so the suffix decides only for a ticker that the lake does not know.
 */
export async function groupByKind(
  lake: Lake,
  partition: Partition,
  tickers: readonly Ticker[],
): Promise<Readonly<Record<AssetKind, readonly Ticker[]>>> {
  const knownFunds = await findNewestTickers(lake, funds, partition);
  const knownStocks = await findNewestTickers(lake, stocks, partition);
  const isFund = (ticker: Ticker): boolean =>
    knownFunds.has(ticker) || (!knownStocks.has(ticker) && ticker.endsWith('11'));
  return {
    acoes: tickers.filter((ticker) => !isFund(ticker)),
    fiis: tickers.filter(isFund),
  };
}

async function findNewestTickers(
  lake: Lake,
  dataset: Dataset,
  partition: Partition,
): Promise<ReadonlyMap<string, number>> {
  const days = await lake.partitions(getCollectedTable(dataset));
  const newest = days.filter((day) => day <= partition).at(-1);
  return newest === undefined ? new Map() : findStoredTickers(lake, dataset, newest);
}

/**
 * Whether every layer has followed from the one before: the typed tables hold every page of the raw tables, none of
 * them older, and the quotes each quote that follows from those. Files alone do not show it: rows that a deduplicated
 * table has already are not written again.
 */
export async function isDayComplete(lake: Lake, partition: Partition): Promise<boolean> {
  try {
    for (const step of stepsOf(dailyDatasets)) {
      if (!(await hasFollowed(lake, step, partition))) return false;
    }
    return true;
  } catch (error) {
    // A file that is being replaced is whole at the next poll.
    if (error instanceof BrokenFileError || error instanceof FileChangedError) return false;
    throw error;
  }
}

async function hasFollowed(lake: Lake, step: Step, partition: Partition): Promise<boolean> {
  const { source, target } = step;
  const stored = await readRows(lake, target, partition);
  // No rows follow from raw text that cannot be read; other files are read again at the next poll.
  const available =
    source.layer === 'sor'
      ? await readIntactFiles(lake, await lake.files(source, partition))
      : await readRows(lake, source, partition);
  const { rows } = convertRows(step, deduplicate(available, source));
  if (target.versionColumn !== undefined) {
    return !rows.some(createMissingRowFilter(stored, target));
  }
  const texts = new Set(stored.map((row) => serializeRow(row, target)));
  return rows.every((row) => texts.has(serializeRow(row, target)));
}

/** The rows of each table of the day. */
export async function countRows(
  lake: Lake,
  partition: Partition,
): Promise<{ readonly table: Table; readonly rows: number }[]> {
  const counts: { readonly table: Table; readonly rows: number }[] = [];
  for (const table of tablesOf(dailyDatasets)) {
    counts.push({ table, rows: (await readRows(lake, table, partition)).length });
  }
  return counts;
}

async function readRows(lake: Lake, table: Table, partition: Partition): Promise<Row[]> {
  const rows: Row[] = [];
  for (const file of await lake.files(table, partition)) rows.push(...(await lake.read(file)));
  return rows;
}

/** A row as one text: equal where all its columns are. */
function serializeRow(row: Row, { columns }: Table): string {
  return JSON.stringify(columns.map(({ name }) => row[name] ?? null));
}

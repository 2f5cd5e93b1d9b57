/**
 * The collection of a day by the deployed functions: started as its rule does, and followed until the lake is complete.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { withAwsErrors } from '../aws/errors.ts';
import { invokeAsync } from '../aws/functions.ts';
import { countMessages } from '../aws/queue-depth.ts';
import { getTickerQueues, readQueueDepth, sendMessages } from '../aws/queues.ts';
import type { RunningSystem } from '../aws/system.ts';
import { type AssetKind, assetKinds, assets } from '../catalog/asset.ts';
import type { Row } from '../catalog/column.ts';
import { isoDate, type Partition } from '../catalog/partition.ts';
import { READ_AT_COLUMN, sotTables, specTable, type Table, tables } from '../catalog/tables.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { BrokenFileError, DeployError, FileChangedError } from '../errors.ts';
import type { Host, ProgressDisplay } from '../host.ts';
import type { Lake } from '../lake/lake.ts';
import { formatTickerMessage } from '../pipeline/ticker-message.ts';
import { findStoredTickers } from '../pipeline/tickers.ts';
import { formatQuantity } from '../text.ts';
import { deduplicate, parseReadAt } from '../transform/deduplicate.ts';
import { specialize } from '../transform/layers.ts';
import { findLogGroups, LogTail } from './logs.ts';
import { FIRST_FUNCTION_ATTEMPTS, RunProgress } from './run-progress.ts';

interface RemoteRunRequest {
  readonly system: RunningSystem;
  readonly lake: Lake;
  readonly partition: Partition;
  /** Only these, into the day as it is; without them the day is cleared and collected whole. */
  readonly tickers: readonly Ticker[] | undefined;
  /** Until when it is followed, in milliseconds since 1970. */
  readonly deadline: number;
}

export interface RemoteRunResult {
  readonly progress: RunProgress;
  /** Whether each ticker was stored or has failed, and the typed tables and the quotes have followed. */
  readonly isComplete: boolean;
  /** What it was waiting for when the time was over. */
  readonly waitingFor: string;
}

const POLL_INTERVAL_MS = 2_000;
/** So many looks in a row must find the queues empty before the lake is asked what it holds. */
const QUIET_POLLS = 3;
/** Our clock and that of AWS may differ by so much. */
const CLOCK_SKEW_MS = 60_000;

export async function runRemoteCollection(
  host: Host,
  request: RemoteRunRequest,
): Promise<RemoteRunResult> {
  const { system, partition, tickers, deadline } = request;
  const waiting = await countQueuedMessages(system);
  if (waiting > 0) host.notice(`Messages in the queues already: ${waiting}; the run adds to them.`);
  const from = new Date(Date.now() - CLOCK_SKEW_MS);
  const groups = await findLogGroups(system);
  const tail = new LogTail(system.aws, { groups, from });
  // What stands there already is of a run before this one.
  for await (const _ of tail.next());
  const startedAt = new Date();
  if (tickers === undefined) await invokeFirstFunction(system, partition);
  else await sendTickers(system, tickers, partition);
  host.notice(`Started the collection of ${isoDate(partition)} in AWS`);
  host.setBackgroundNotice(
    'The collection goes on in AWS. `pynvest logs --follow` shows what it does; its duplicates are ' +
      'removed by the schedule, or by `pynvest dedup now --remote`.',
  );
  const progress = new RunProgress(partition, tickers);
  const bar = new RunProgressBar(host);
  try {
    for (let quiet = 0; ; ) {
      await processLogLines(host, tail, progress);
      bar.show(progress);
      const depth = await countQueuedMessages(system);
      if (progress.isFinished(depth)) break;
      const [reason] = progress.startFailures.slice(FIRST_FUNCTION_ATTEMPTS - 1);
      if (reason !== undefined) {
        throw new DeployError(`the day could not be begun: ${reason}`, {
          hint: '`pynvest logs check-and-delete-partitions` has the whole of it. Nothing was removed before the site had answered.',
        });
      }
      if (Date.now() > deadline)
        return createRunResult(progress, false, describeMissing(progress, depth));
      quiet = depth === 0 ? quiet + 1 : 0;
      if (progress.requested !== undefined && quiet >= QUIET_POLLS) {
        await addStoredTickers(request, progress, startedAt);
      }
      await sleep(POLL_INTERVAL_MS);
    }
    bar.stop();
    host.notice('Pages are in; the typed tables and the quotes follow');
    while (!(await isDayComplete(request.lake, partition))) {
      await processLogLines(host, tail, progress);
      if (Date.now() > deadline)
        return createRunResult(progress, false, 'the typed tables and the quotes');
      await sleep(POLL_INTERVAL_MS);
    }
    await processLogLines(host, tail, progress);
    return createRunResult(progress, true, '');
  } finally {
    bar.stop();
    host.setBackgroundNotice(undefined);
  }
}

function createRunResult(
  progress: RunProgress,
  isComplete: boolean,
  waitingFor: string,
): RemoteRunResult {
  return { progress, isComplete, waitingFor };
}

function describeMissing(
  { requested: asked, finished: settled }: RunProgress,
  depth: number,
): string {
  if (asked === undefined) return 'the listings';
  if (settled < asked) return `${asked - settled} of ${formatQuantity(asked, 'ticker')}`;
  return `${depth} messages in the queues`;
}

/** Starts the day as its rule does. */
async function invokeFirstFunction({ aws, output }: RunningSystem, partition: Partition) {
  await withAwsErrors(() => invokeAsync(aws, output('FirstFunction'), { partition }));
}

/** Which listing names a ticker only says which function reads it: what its page shows decides the rest. */
async function sendTickers(
  system: RunningSystem,
  tickers: readonly Ticker[],
  partition: Partition,
): Promise<void> {
  for (const tipo of assetKinds) {
    const ofKind = tickers.filter((ticker) => ticker.endsWith('11') === (tipo === 'fiis'));
    const bodies = ofKind.map((ticker) => formatTickerMessage({ ticker, tipo, partition }));
    await sendMessages(getTickerQueues(system, tipo).source, bodies);
  }
}

async function processLogLines(host: Host, tail: LogTail, progress: RunProgress): Promise<void> {
  for await (const line of tail.next()) {
    const said = progress.addLine(line);
    if (said !== undefined) host.warn(said);
  }
}

/** A message that came twice is served without a word; the lake knows what was read since. */
async function addStoredTickers(
  { lake, partition }: RemoteRunRequest,
  progress: RunProgress,
  startedAt: Date,
): Promise<void> {
  for (const found of (await readRawTickers(lake, partition)).values()) {
    const since = startedAt.getTime();
    progress.addStored([...found].flatMap(([ticker, readAt]) => (readAt >= since ? ticker : [])));
  }
}

/** Messages that wait or are being worked on, in both queues. */
async function countQueuedMessages(system: RunningSystem): Promise<number> {
  let messages = 0;
  for (const kind of assetKinds) {
    messages += countMessages(await readQueueDepth(getTickerQueues(system, kind).source));
  }
  return messages;
}

/** How many tickers have come, a line at every tenth of the way where there is no bar. */
class RunProgressBar {
  readonly #host: Host;
  #bar: ProgressDisplay | undefined;
  #shown = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  show({ requested: asked, finished: settled, failed }: RunProgress): void {
    if (asked === undefined || asked === 0) return;
    this.#bar ??= this.#host.progress(`Pages of ${formatQuantity(asked, 'ticker')}`, asked);
    const isOver = settled - this.#shown >= asked / 10 || (settled >= asked && this.#shown < asked);
    if (isOver) this.#shown = settled;
    const line = failed.size === 0 ? 'tickers' : `tickers, ${failed.size} failed`;
    this.#bar.step({ line, isFinished: isOver, done: settled, total: asked });
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}

/** The tickers whose raw text the lake holds, with the instant (in milliseconds) when each was read. */
async function readRawTickers(
  lake: Lake,
  partition: Partition,
): Promise<ReadonlyMap<AssetKind, ReadonlyMap<string, number>>> {
  const found = new Map<AssetKind, ReadonlyMap<string, number>>();
  for (const kind of assetKinds)
    found.set(kind, await findStoredTickers(lake, assets[kind].dataset, partition));
  return found;
}

/**
 * Whether the typed tables hold every page that the raw tables hold, no older, and the quotes each quote that
 * follows from those. Files alone do not tell: what a deduplicated table holds already is not written again.
 */
async function isDayComplete(lake: Lake, partition: Partition): Promise<boolean> {
  try {
    const quotes = new Set((await readDayRows(lake, specTable, partition)).map(serializeQuote));
    for (const [kind, raw] of await readRawTickers(lake, partition)) {
      const table = sotTables[kind];
      const typed = deduplicate(await readDayRows(lake, table, partition), table);
      const readAt = new Map(
        typed.map((row) => [String(row[table.tickerColumn]), parseReadAt(row[READ_AT_COLUMN])]),
      );
      if ([...raw].some(([ticker, instant]) => (readAt.get(ticker) ?? 0) < instant)) return false;
      if (!typed.every((row) => quotes.has(serializeQuote(specialize(row, assets[kind].dataset)))))
        return false;
    }
    return true;
  } catch (error) {
    // A file is being replaced: the next look finds it whole.
    if (error instanceof BrokenFileError || error instanceof FileChangedError) return false;
    throw error;
  }
}

/** The rows of each table of the day. */
export async function countRows(
  lake: Lake,
  partition: Partition,
): Promise<{ readonly table: Table; readonly rows: number }[]> {
  const counts: { readonly table: Table; readonly rows: number }[] = [];
  for (const table of tables) {
    counts.push({ table, rows: (await readDayRows(lake, table, partition)).length });
  }
  return counts;
}

async function readDayRows(lake: Lake, table: Table, partition: Partition): Promise<Row[]> {
  const rows: Row[] = [];
  for (const file of await lake.files(table, partition)) rows.push(...(await lake.read(file)));
  return rows;
}

/** A quote as one text: equal where all its columns are. */
function serializeQuote(quote: Row): string {
  return JSON.stringify(specTable.columns.map(({ name }) => quote[name] ?? null));
}

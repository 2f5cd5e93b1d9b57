/**
 * The collection of a day by the deployed functions: started as its rule does, and followed until the lake is complete.
 */

import { withAwsErrors } from '../aws/errors.ts';
import { invokeAsync } from '../aws/functions.ts';
import { PollPauses } from '../aws/poll-pauses.ts';
import { countMessages } from '../aws/queue-depth.ts';
import { getTickerQueues, readQueueDepth, sendMessages } from '../aws/queues.ts';
import type { RunningSystem } from '../aws/system.ts';
import { assetKinds } from '../catalog/asset.ts';
import { formatIsoDate, type Partition } from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { DeployError } from '../errors.ts';
import type { Host, ProgressDisplay } from '../host.ts';
import type { Lake } from '../lake/lake.ts';
import { formatTickerMessage } from '../pipeline/collect-messages.ts';
import { formatQuantity } from '../text.ts';
import { findLogGroups, LogTail } from './logs.ts';
import { FIRST_FUNCTION_ATTEMPTS, RunProgress } from './run-progress.ts';
import { findTickersReadSince, groupByKind, isDayComplete } from './stored-day.ts';

interface RemoteRunRequest {
  readonly system: RunningSystem;
  readonly lake: Lake;
  readonly partition: Partition;
  /** Adds only these to the day as it is; undefined clears the day and collects all. */
  readonly tickers: readonly Ticker[] | undefined;
  /** Until when the run is followed, in milliseconds since 1970. */
  readonly deadline: number;
}

interface RemoteRunOutcome {
  readonly progress: RunProgress;
  /** The tickers that failed and whose earlier rows of the day were removed when the day was cleared. */
  readonly lost: readonly string[];
}

export type RemoteRunResult =
  /** Each ticker was stored or has failed, and the typed tables and the quotes are complete. */
  | ({ readonly kind: 'done' } & RemoteRunOutcome)
  /** It was still running at the deadline. */
  | ({ readonly kind: 'unfinished'; readonly waitingFor: string } & RemoteRunOutcome);

const EVER = new Date(0);
/** A few tickers are collected within seconds. */
const MIN_PAUSE_MS = 250;
const MAX_PAUSE_MS = 2_000;
/** The functions whose lines tell the progress; those of the others are only warnings, and are read less often. */
const COUNTED = /^(check-and-delete|get)-/;
/** At every fourth poll: CloudWatch answers five requests a second in all. */
const POLLS_PER_WARNINGS = 4;
/** After this many polls in a row with empty queues, the lake is read: log lines may be late or lost. */
const QUIET_POLLS = 3;
/** How far this machine's clock may be ahead of that of AWS. */
const CLOCK_SKEW_MS = 60_000;

/** @throws DeployError when the first function failed for good */
export async function runRemoteCollection(
  host: Host,
  request: RemoteRunRequest,
): Promise<RemoteRunResult> {
  const { system, lake, partition, tickers } = request;
  const queued = await countQueuedMessages(system);
  if (queued > 0) host.notice(`Messages in the queues already: ${queued}; the run adds to them.`);
  const from = new Date(Date.now() - CLOCK_SKEW_MS);
  // Those of the deduplication and of the state machine are silent meanwhile.
  const groups = (await findLogGroups(system)).filter(({ source }) => !/dedup/.test(source));
  const tailOf = (isCounted: boolean): LogTail =>
    new LogTail(system.aws, {
      groups: groups.filter(({ source }) => COUNTED.test(source) === isCounted),
      from,
    });
  const tails = { counted: tailOf(true), others: tailOf(false) };
  // These lines belong to an earlier run.
  for (const tail of Object.values(tails)) for await (const _ of tail.next());
  const run: RunInProgress = {
    host,
    request,
    tails,
    progress: new RunProgress(partition, tickers),
    startedAt: new Date(),
  };
  const before = tickers === undefined ? await findTickersReadSince(lake, partition, EVER) : [];
  if (tickers === undefined) await invokeFirstFunction(system, partition);
  else await sendTickers(request, tickers);
  host.notice(`Started the collection of ${formatIsoDate(partition)} in AWS`);
  host.setBackgroundNotice(
    'The collection continues in AWS. `pynvest logs --follow` shows its progress; duplicates are removed by the ' +
      'schedule, or by `pynvest dedup now --remote`.',
  );
  try {
    const waitingFor = (await waitForPages(run)) ?? (await waitForDerivedTables(run));
    const { progress } = run;
    const failed = before.filter((ticker) => progress.failed.has(ticker)).sort();
    const now = new Set(failed.length > 0 ? await findTickersReadSince(lake, partition, EVER) : []);
    const lost = failed.filter((ticker) => !now.has(ticker));
    if (waitingFor === undefined) return { kind: 'done', progress, lost };
    return { kind: 'unfinished', progress, lost, waitingFor };
  } finally {
    host.setBackgroundNotice(undefined);
  }
}

interface RunInProgress {
  readonly host: Host;
  readonly request: RemoteRunRequest;
  readonly tails: { readonly counted: LogTail; readonly others: LogTail };
  readonly progress: RunProgress;
  readonly startedAt: Date;
}

/** Waits until each ticker was stored or has failed; answers what is missing at the deadline. */
async function waitForPages(run: RunInProgress): Promise<string | undefined> {
  const { host, progress, request } = run;
  const bar = new RunProgressBar(host);
  try {
    const pauses = new PollPauses(MIN_PAUSE_MS, MAX_PAUSE_MS);
    for (let polls = 1, quietPolls = 0; ; polls += 1) {
      await processLogLines(run, polls % POLLS_PER_WARNINGS === 0);
      bar.show(progress);
      const depth = await countQueuedMessages(request.system);
      if (progress.isFinished(depth)) return undefined;
      assertStarted(progress);
      if (Date.now() > request.deadline) {
        await processLogLines(run);
        return describeMissing(progress, depth);
      }
      quietPolls = depth === 0 ? quietPolls + 1 : 0;
      if (progress.requested !== undefined && quietPolls >= QUIET_POLLS) {
        // A ticker whose page was stored before, by a message that came twice, is not logged again.
        const { lake, partition } = request;
        progress.addStored(await findTickersReadSince(lake, partition, run.startedAt));
      }
      await pauses.wait();
    }
  } finally {
    bar.stop();
  }
}

/** Waits for the typed tables and the quotes; answers what is missing at the deadline. */
async function waitForDerivedTables(run: RunInProgress): Promise<string | undefined> {
  const { lake, partition, deadline } = run.request;
  run.host.notice('All pages are stored; waiting for the typed tables and the quotes');
  const pauses = new PollPauses(MIN_PAUSE_MS, MAX_PAUSE_MS);
  for (let polls = 1; !(await isDayComplete(lake, partition)); polls += 1) {
    if (polls % POLLS_PER_WARNINGS === 0) await processLogLines(run);
    if (Date.now() > deadline) {
      // They say why the tables are missing.
      await processLogLines(run);
      return 'the typed tables and the quotes';
    }
    await pauses.wait();
  }
  await processLogLines(run);
  return undefined;
}

/** @throws DeployError when Lambda has given the first function up */
function assertStarted({ startFailures }: RunProgress): void {
  const reason = startFailures[FIRST_FUNCTION_ATTEMPTS - 1];
  if (reason === undefined) return;
  throw new DeployError(`the collection could not be started: ${reason}`, {
    hint: '`pynvest logs check-and-delete-partitions` shows all that was logged; `pynvest redrive` starts the day again. Nothing is removed before the site has answered.',
  });
}

function describeMissing({ requested, finished }: RunProgress, depth: number): string {
  if (requested === undefined) return 'the listings';
  if (finished < requested) {
    return `${requested - finished} of ${formatQuantity(requested, 'ticker')}`;
  }
  return `${depth} messages in the queues`;
}

/** Starts the day as its rule does. */
async function invokeFirstFunction({ aws, output }: RunningSystem, partition: Partition) {
  await withAwsErrors(() => invokeAsync(aws, output('FirstFunction'), { partition }));
}

/** The queue only decides which function reads a ticker: what its page shows decides the rest. */
async function sendTickers(
  { system, lake, partition }: RemoteRunRequest,
  tickers: readonly Ticker[],
): Promise<void> {
  const byKind = await groupByKind(lake, partition, tickers);
  for (const tipo of assetKinds) {
    const bodies = byKind[tipo].map((ticker) => formatTickerMessage({ ticker, tipo, partition }));
    await sendMessages(getTickerQueues(system, tipo).source, bodies);
  }
}

async function processLogLines(
  { host, tails: { counted, others }, progress }: RunInProgress,
  withOthers = true,
): Promise<void> {
  for (const tail of withOthers ? [counted, others] : [counted]) {
    for await (const line of tail.next()) {
      const warning = progress.addLine(line);
      if (warning !== undefined) host.warn(warning);
    }
  }
}

/** Messages that wait or are being processed, in both queues. */
async function countQueuedMessages(system: RunningSystem): Promise<number> {
  const depths = await Promise.all(
    assetKinds.map((kind) => readQueueDepth(getTickerQueues(system, kind).source)),
  );
  return depths.reduce((messages, depth) => messages + countMessages(depth), 0);
}

/** Shows how many tickers are finished: as a bar, or as a line at every tenth where there is none. */
class RunProgressBar {
  readonly #host: Host;
  #bar: ProgressDisplay | undefined;
  #lastLine = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  show({ requested, finished, failed }: RunProgress): void {
    if (requested === undefined || requested === 0) return;
    this.#bar ??= this.#host.progress(`Pages of ${formatQuantity(requested, 'ticker')}`, requested);
    const isLineDue =
      finished - this.#lastLine >= requested / 10 ||
      (finished >= requested && this.#lastLine < requested);
    if (isLineDue) this.#lastLine = finished;
    const line = failed.size === 0 ? 'tickers' : `tickers, ${failed.size} failed`;
    this.#bar.step({ line, isFinished: isLineDue, done: finished, total: requested });
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}

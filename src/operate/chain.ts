/** The collection of a day by the deployed functions: started as its rule does, and followed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { assetKinds } from '../catalog/asset.ts';
import { isoDate, type Partition } from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { counted } from '../counted.ts';
import { plainly } from '../deploy/aws.ts';
import type { DeployHost, StackProgress } from '../deploy/host.ts';
import { DeployError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import { sendMessages } from '../queue/send-messages.ts';
import { formatMessage } from '../queue/ticker-message.ts';
import { ChainProgress, FIRST_FUNCTION_TRIES } from './chain-progress.ts';
import { isFollowed, rawTickers } from './day-in-lake.ts';
import { logGroups } from './log-groups.ts';
import { queueDepth, queuesOf, sqsClientOf } from './queues.ts';
import { LogTail } from './read-logs.ts';
import type { RunningSystem } from './running-system.ts';

export interface ChainRequest {
  readonly system: RunningSystem;
  readonly lake: Lake;
  readonly partition: Partition;
  /** Only these, into the day as it is; without them the day is cleared and collected whole. */
  readonly tickers: readonly Ticker[] | undefined;
  /** Until when it is followed, in milliseconds since 1970. */
  readonly deadline: number;
}

export interface ChainOutcome {
  readonly progress: ChainProgress;
  /** Whether each ticker was stored or has failed, and the typed tables and the quotes have followed. */
  readonly isComplete: boolean;
  /** What it was waiting for when the time was over. */
  readonly waitingFor: string;
}

const PAUSE_MS = 2_000;
/** So many looks in a row must find the queues empty before the lake is asked what it holds. */
const QUIET_LOOKS = 3;
/** Our clock and that of AWS may differ by so much. */
const CLOCK_MS = 60_000;

export async function runChain(host: DeployHost, request: ChainRequest): Promise<ChainOutcome> {
  const { system, partition, tickers, deadline } = request;
  const sqs = sqsClientOf(system);
  const waiting = await messagesIn(sqs, system);
  if (waiting > 0) host.notice(`Messages in the queues already: ${waiting}; the run adds to them.`);
  const from = new Date(Date.now() - CLOCK_MS);
  const groups = await logGroups(system);
  const tail = new LogTail(new CloudWatchLogsClient(system.aws.clientSettings), { groups, from });
  // What stands there already is of a run before this one.
  for await (const _ of tail.next());
  const startedAt = new Date();
  if (tickers === undefined) await invokeFirst(system, partition);
  else await sendTickers(sqs, system, tickers, partition);
  host.notice(`Started the collection of ${isoDate(partition)} in AWS`);
  host.underWay(
    'The collection goes on in AWS. `pynvest logs --follow` shows what it does; its duplicates are ' +
      'removed by the schedule, or by `pynvest dedup now --remote`.',
  );
  const progress = new ChainProgress(partition, tickers);
  const bar = new ChainBar(host);
  try {
    for (let quiet = 0; ; ) {
      await takeLines(host, tail, progress);
      bar.show(progress);
      const depth = await messagesIn(sqs, system);
      if (progress.isSettled(depth)) break;
      const [reason] = progress.firstFailures.slice(FIRST_FUNCTION_TRIES - 1);
      if (reason !== undefined) {
        throw new DeployError(`the day could not be begun: ${reason}`, {
          hint: '`pynvest logs check-and-delete-partitions` has the whole of it. Nothing was removed before the site had answered.',
        });
      }
      if (Date.now() > deadline) return ended(progress, false, whatIsMissing(progress, depth));
      quiet = depth === 0 ? quiet + 1 : 0;
      if (progress.asked !== undefined && quiet >= QUIET_LOOKS) {
        await takeLake(request, progress, startedAt);
      }
      await sleep(PAUSE_MS);
    }
    bar.stop();
    host.notice('Pages are in; the typed tables and the quotes follow');
    while (!(await isFollowed(request.lake, partition))) {
      await takeLines(host, tail, progress);
      if (Date.now() > deadline) return ended(progress, false, 'the typed tables and the quotes');
      await sleep(PAUSE_MS);
    }
    await takeLines(host, tail, progress);
    return ended(progress, true, '');
  } finally {
    bar.stop();
    host.underWay(undefined);
  }
}

function ended(progress: ChainProgress, isComplete: boolean, waitingFor: string): ChainOutcome {
  return { progress, isComplete, waitingFor };
}

function whatIsMissing({ asked, settled }: ChainProgress, depth: number): string {
  if (asked === undefined) return 'the listings';
  if (settled < asked) return `${asked - settled} of ${counted(asked, 'ticker')}`;
  return `${depth} messages in the queues`;
}

/** As the rule does: the event waits for nothing, and Lambda tries it again where it fails. */
async function invokeFirst(system: RunningSystem, partition: Partition): Promise<void> {
  const client = new LambdaClient(system.aws.clientSettings);
  await plainly(() =>
    client.send(
      new InvokeCommand({
        FunctionName: system.output('FirstFunction'),
        InvocationType: 'Event',
        Payload: Buffer.from(JSON.stringify({ partition })),
      }),
    ),
  );
}

/** Which listing names a ticker only says which function reads it: what its page shows decides the rest. */
async function sendTickers(
  sqs: SQSClient,
  system: RunningSystem,
  tickers: readonly Ticker[],
  partition: Partition,
): Promise<void> {
  for (const tipo of assetKinds) {
    const ofKind = tickers.filter((ticker) => ticker.endsWith('11') === (tipo === 'fiis'));
    const bodies = ofKind.map((ticker) => formatMessage({ ticker, tipo, partition }));
    const { source } = queuesOf(system, tipo);
    await plainly(() => sendMessages(sqs, source, bodies));
  }
}

async function takeLines(host: DeployHost, tail: LogTail, progress: ChainProgress): Promise<void> {
  for await (const line of tail.next()) {
    const said = progress.take(line);
    if (said !== undefined) host.warn(said);
  }
}

/** A message that came twice is served without a word; the lake knows what was read since. */
async function takeLake(
  { lake, partition }: ChainRequest,
  progress: ChainProgress,
  startedAt: Date,
): Promise<void> {
  for (const found of (await rawTickers(lake, partition)).values()) {
    const since = startedAt.getTime();
    progress.takeStored([...found].flatMap(([ticker, readAt]) => (readAt >= since ? ticker : [])));
  }
}

/** Messages that wait or are being worked on, in both queues. */
async function messagesIn(sqs: SQSClient, system: RunningSystem): Promise<number> {
  let messages = 0;
  for (const kind of assetKinds) {
    const { visible, inFlight, delayed } = await queueDepth(sqs, queuesOf(system, kind).source);
    messages += visible + inFlight + delayed;
  }
  return messages;
}

/** How many tickers have come, a line at every tenth of the way where there is no bar. */
class ChainBar {
  readonly #host: DeployHost;
  #bar: StackProgress | undefined;
  #shown = 0;

  constructor(host: DeployHost) {
    this.#host = host;
  }

  show({ asked, settled, failed }: ChainProgress): void {
    if (asked === undefined || asked === 0) return;
    this.#bar ??= this.#host.progress(`Pages of ${counted(asked, 'ticker')}`, asked);
    const isOver = settled - this.#shown >= asked / 10 || (settled >= asked && this.#shown < asked);
    if (isOver) this.#shown = settled;
    const line = failed.size === 0 ? 'tickers' : `tickers, ${failed.size} failed`;
    this.#bar.step({ line, isOver, done: settled, total: asked });
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}

/**
 * The events of the first two functions that failed at every attempt: each is a day that could not be started, or that
 * got no tickers. They are read without losing one, and a day is started again by them.
 */
import { withAwsErrors } from '../aws/errors.ts';
import { invokeAsync } from '../aws/functions.ts';
import {
  consumeMessages,
  findFailedEventsQueue,
  type ReceivedMessage,
  readMessages,
  readQueueDepth,
} from '../aws/queues.ts';
import { getFunctionId } from '../aws/resource-names.ts';
import type { RunningSystem } from '../aws/system.ts';
import { getPartition, type Partition, toPartition } from '../catalog/partition.ts';
import { parseObject, toObject, toText } from './log-line.ts';
import { hasNewerSession } from './redrive.ts';

const FIRST_FUNCTIONS = ['check-and-delete-partitions', 'get-tickers'] as const;
type FirstFunction = (typeof FIRST_FUNCTIONS)[number];

/** The two functions by their physical names. */
type FunctionsByName = ReadonlyMap<string, FirstFunction>;

/** What failed to start, and of which day. */
interface DayStart {
  readonly step: FirstFunction;
  readonly partition: Partition;
  /** What the function was invoked with. */
  readonly payload: unknown;
}

export interface FailedEvent {
  readonly id: string;
  readonly sentAt: Date;
  /** Undefined where the message is no event of these functions. */
  readonly start: DayStart | undefined;
  /** `ready`: its day can be started again. `too-late`: the site shows another day by now. */
  readonly redriveStatus: 'ready' | 'too-late' | 'unreadable';
  /** The name of the error, such as `SiteUnavailableError`; empty where the event has none. */
  readonly kind: string;
  readonly reason: string;
}

interface FailedEvents {
  readonly events: readonly FailedEvent[];
  /** Messages that another reader has received just now; they return by themselves. */
  readonly inFlight: number;
}

/** Every event of the queue, the oldest day first; all remain in the queue. */
export async function readFailedEvents(system: RunningSystem, now: Date): Promise<FailedEvents> {
  const queue = findFailedEventsQueue(system);
  if (queue === undefined) return { events: [], inFlight: 0 };
  const { visible, inFlight } = await readQueueDepth(queue);
  if (visible + inFlight === 0) return { events: [], inFlight: 0 };
  const functions = await findFirstFunctions(system);
  const messages = await readMessages(queue);
  const events = messages.map((message) => parseFailedEvent(message, functions, now));
  events.sort((a, b) => a.sentAt.getTime() - b.sentAt.getTime());
  return { events, inFlight };
}

async function findFirstFunctions(system: RunningSystem): Promise<FunctionsByName> {
  const names = FIRST_FUNCTIONS.map(
    async (step) => [await findFunctionName(system, step), step] as const,
  );
  return new Map(await Promise.all(names));
}

async function findFunctionName(system: RunningSystem, step: FirstFunction): Promise<string> {
  return (await system.resources()).get(getFunctionId(step)) ?? step;
}

/** Reads the record that Lambda sends to an `OnFailure` destination. Never throws. Pure. */
export function parseFailedEvent(
  { id, body, sentAt }: Pick<ReceivedMessage, 'id' | 'body' | 'sentAt'>,
  functions: FunctionsByName,
  now: Date,
): FailedEvent {
  const record = parseObject(body) ?? {};
  const context = toObject(record['requestContext']);
  // arn:aws:lambda:<region>:<account>:function:<name>:<version>
  const functionName = toText(context['functionArn'])?.split(':')[6] ?? '';
  const step = functions.get(functionName);
  const payload = toObject(record['requestPayload']);
  const partition = findPartition(payload);
  const event = { id, sentAt };
  if (step === undefined || partition === undefined) {
    const reason = 'it is no event of a function that starts a day';
    return { ...event, start: undefined, redriveStatus: 'unreadable', kind: '', reason };
  }
  const error = toObject(record['responsePayload']);
  const message =
    toText(error['errorMessage']) ?? toText(context['condition']) ?? 'no reason given';
  return {
    ...event,
    start: { step, partition, payload },
    redriveStatus: hasNewerSession(partition, now) ? 'too-late' : 'ready',
    kind: toText(error['errorType']) ?? '',
    reason: `${step}: ${message}`,
  };
}

/** The day of a request: as the first function was asked for it, or as it passed it on. */
function findPartition(payload: Readonly<Record<string, unknown>>): Partition | undefined {
  const passedOn = toObject(payload['responsePayload']);
  const day = payload['partition'] ?? passedOn['partition'];
  if (day !== undefined) return toPartition(String(day));
  // The event of a rule has the time at which it was due.
  const due = new Date(toText(payload['time']) ?? '');
  return Number.isNaN(due.getTime()) ? undefined : getPartition(due);
}

/** What a day is started again with. */
interface Restart {
  readonly partition: Partition;
  /** For get-tickers. */
  readonly payload: unknown;
}

/**
 * One start for each day, always by get-tickers: what the day has by now may have been collected after the event, by
 * `pynvest run --remote` or by hand, and the function before would clear it. Pages that are read replace its rows one
 * by one. The newest event of get-tickers has the tickers of its day; without one, that function asks the site for
 * them. Pure.
 */
export function selectRestarts(events: readonly FailedEvent[]): readonly Restart[] {
  const restarts = new Map<Partition, Restart>();
  for (const { start } of [...events].sort((a, b) => a.sentAt.getTime() - b.sentAt.getTime())) {
    if (start === undefined) continue;
    const { partition, step, payload } = start;
    if (step === 'get-tickers') restarts.set(partition, { partition, payload });
    else if (!restarts.has(partition))
      restarts.set(partition, { partition, payload: { partition } });
  }
  return [...restarts.values()].sort((a, b) => a.partition - b.partition);
}

/**
 * Starts the days of the chosen events again, each once; nothing of them is removed. A day is started before its events
 * are deleted: a failure in between leaves them, and a day that is started twice is collected twice, into the same
 * files.
 * @returns the events whose days were started; one that no longer exists is left out
 */
export async function restartDays(
  system: RunningSystem,
  chosen: readonly FailedEvent[],
): Promise<FailedEvent[]> {
  if (chosen.length === 0) return [];
  const getTickers = await findFunctionName(system, 'get-tickers');
  const restarts = new Map(selectRestarts(chosen).map((each) => [each.partition, each]));
  return processFailedEvents(system, chosen, async (events) => {
    for (const { start } of events) {
      const due = start === undefined ? undefined : restarts.get(start.partition);
      if (due === undefined) continue;
      await withAwsErrors(() => invokeAsync(system.aws, getTickers, due.payload));
      restarts.delete(due.partition);
    }
  });
}

/** Deletes the chosen events. @returns those that were deleted */
export function deleteFailedEvents(
  system: RunningSystem,
  chosen: readonly FailedEvent[],
): Promise<FailedEvent[]> {
  return processFailedEvents(system, chosen, async () => undefined);
}

/** Runs `work` on the chosen events that still exist, then deletes them. */
async function processFailedEvents(
  system: RunningSystem,
  chosen: readonly FailedEvent[],
  work: (events: readonly FailedEvent[]) => Promise<void>,
): Promise<FailedEvent[]> {
  const queue = findFailedEventsQueue(system);
  if (queue === undefined || chosen.length === 0) return [];
  const byId = new Map(chosen.map((event) => [event.id, event]));
  const getChosen = (messages: readonly ReceivedMessage[]): FailedEvent[] =>
    messages.flatMap(({ id }) => byId.get(id) ?? []);
  const consumed = await consumeMessages(queue, new Set(byId.keys()), (messages) =>
    work(getChosen(messages)),
  );
  return getChosen(consumed);
}

/**
 * `pynvest redrive`: lists the dead letters and the days that could not be started; sends the former back to their
 * queue, starts the latter again, or removes them.
 */

import type { RunningSystem } from '../../aws/system.ts';
import type { AssetKind } from '../../catalog/asset.ts';
import {
  formatInSaoPaulo,
  formatIsoDate,
  getPartition,
  type Partition,
} from '../../catalog/partition.ts';
import { parseTickers, type Ticker } from '../../catalog/ticker.ts';
import { UsageError } from '../../errors.ts';
import type { Host } from '../../host.ts';
import { deleteDeadLetters, redriveDeadLetters } from '../../remote/dead-letters.ts';
import {
  deleteFailedEvents,
  type FailedEvent,
  readFailedEvents,
  restartDays,
} from '../../remote/failed-events.ts';
import {
  type ExplainedDeadLetter,
  explainDeadLetters,
  getDeadLetterTicker,
  selectRedrivable,
} from '../../remote/redrive.ts';
import { formatQuantity } from '../../text.ts';
import { defineCommand } from '../command.ts';
import { ExitStatus } from '../exit.ts';
import { openSystem } from '../open-system.ts';
import { option } from '../option.ts';
import { type OutputOptions, outputOptions, resolveFormat, writeRows } from '../output/rows.ts';
import { parseKinds } from '../selection.ts';
import { lakeOptions } from '../target.ts';
import { createTerminalHost, type TerminalHost } from '../terminal/host.ts';
import type { Terminal } from '../terminal/terminal.ts';

export const redriveCommand = defineCommand({
  name: 'redrive',
  description: 'the tickers and days that failed for good: why; retries or removes them',
  options: {
    ...outputOptions,
    ...lakeOptions,
    queue: option(
      '--queue <kind>',
      'only acoes, only fiis, or only events: days that did not start',
    ),
    ticker: option('--ticker <list>', 'send these back, such as PETR4,HGLG11'),
    all: option('--all', 'send all back'),
    late: option('--late', "also those whose day's page the site no longer shows"),
    remove: option('--remove', 'remove them instead, for good'),
    yes: option('-y, --yes', 'remove without asking'),
  },

  async handler({ terminal, options }) {
    const { remove = false, late = false } = options;
    const given = parseChoice(options);
    const { kinds, withEvents } = parseQueues(options.queue);
    const system = await openSystem(terminal, options, 'pynvest redrive');
    const host = createTerminalHost(terminal, options);
    const { deadLetters, events, inFlight } = await host.wait('Reading the dead letters', () =>
      readFailures(system, kinds, withEvents),
    );
    await writeFailures(terminal, options, deadLetters, events);
    if (inFlight > 0) {
      host.warn(`${inFlight} more are in flight; they can be read again within a minute.`);
    }
    if (deadLetters.length + events.length === 0) {
      if (inFlight === 0) terminal.notice('No dead letters: no ticker failed for good.');
      return ExitStatus.done;
    }
    const choice = given ?? (remove ? 'all' : await askForTickers(host, terminal));
    if (choice === undefined) return ExitStatus.done;
    const { chosen, missing } = selectDeadLetters(deadLetters, choice);
    for (const ticker of missing) host.warn(`${ticker}: no dead letter`);
    const chosenEvents = choice === 'all' ? events : [];
    const status = remove
      ? await removeSelected(host, system, chosen, chosenEvents)
      : await sendSelected(host, system, { chosen, chosenEvents, late });
    if (missing.length === 0 || status === ExitStatus.failed) return status;
    return chosen.length > 0 ? ExitStatus.doneInPart : ExitStatus.failed;
  },
});

/** What `--queue` selects; everything without it. @throws UsageError */
function parseQueues(queue: string | undefined): {
  readonly kinds: readonly AssetKind[];
  readonly withEvents: boolean;
} {
  if (queue === 'events') return { kinds: [], withEvents: true };
  return { kinds: parseKinds(queue), withEvents: queue === undefined };
}

async function readFailures(
  system: RunningSystem,
  kinds: readonly AssetKind[],
  withEvents: boolean,
): Promise<{
  readonly deadLetters: readonly ExplainedDeadLetter[];
  readonly events: readonly FailedEvent[];
  readonly inFlight: number;
}> {
  const now = new Date();
  const [{ deadLetters, inFlight }, failed] = await Promise.all([
    explainDeadLetters(system, kinds, now),
    withEvents ? readFailedEvents(system, now) : { events: [], inFlight: 0 },
  ]);
  return { deadLetters, events: failed.events, inFlight: inFlight + failed.inFlight };
}

interface ChoiceOptions {
  readonly all?: boolean;
  readonly ticker?: string;
  readonly late?: boolean;
  readonly remove?: boolean;
}

/** All dead letters, or those of some tickers. */
type TickerChoice = 'all' | readonly Ticker[];

/** The choice that the options make; undefined where they leave it open. @throws UsageError */
function parseChoice({ all, ticker, late, remove }: ChoiceOptions): TickerChoice | undefined {
  if (all && ticker !== undefined) throw new UsageError('--all and --ticker exclude each other');
  if (late && remove) throw new UsageError('--late has no effect with --remove');
  if (ticker !== undefined) return parseTickers(ticker);
  return all ? 'all' : undefined;
}

async function askForTickers(host: Host, terminal: Terminal): Promise<TickerChoice | undefined> {
  const answer = await host.ask('Send back which? [all, tickers such as PETR4,HGLG11, or none] ');
  if (answer === undefined) {
    terminal.notice('--all or --ticker A,B sends them back; --remove deletes them.');
  }
  const word = answer?.trim().toLowerCase();
  if (!word || /^no?(ne)?$/.test(word)) return undefined;
  return word === 'all' ? 'all' : parseTickers(word);
}

function selectDeadLetters(
  deadLetters: readonly ExplainedDeadLetter[],
  choice: TickerChoice,
): { readonly chosen: readonly ExplainedDeadLetter[]; readonly missing: readonly Ticker[] } {
  if (choice === 'all') return { chosen: deadLetters, missing: [] };
  const chosen = deadLetters.filter((each) =>
    choice.some((ticker) => ticker === getDeadLetterTicker(each)),
  );
  const found = new Set(chosen.map(getDeadLetterTicker));
  return { chosen, missing: choice.filter((ticker) => !found.has(ticker)) };
}

interface SendRequest {
  readonly chosen: readonly ExplainedDeadLetter[];
  readonly chosenEvents: readonly FailedEvent[];
  readonly late: boolean;
}

async function sendSelected(
  host: Host,
  system: RunningSystem,
  { chosen, chosenEvents, late }: SendRequest,
): Promise<ExitStatus> {
  const startable = chosenEvents.filter(({ redriveStatus }) => redriveStatus === 'ready');
  const started = await restartDays(system, startable);
  const { sendable, left } = selectRedrivable(chosen, late);
  const sent = await redriveDeadLetters(system, sendable);
  const startedDays = getStartedDays(started);
  if (startedDays.length > 0) {
    host.notice(`Started again: ${startedDays.map(formatIsoDate).join(', ')}`);
  }
  if (sent.length > 0) {
    host.notice(`Sent back ${formatCount(sent)}: ${sent.map(getDeadLetterTicker).join(', ')}`);
  }
  if (started.length + sent.length > 0) {
    host.notice(
      '`pynvest logs --follow` shows what becomes of them. Afterwards remove the duplicates:',
    );
    for (const day of new Set([...startedDays, ...getDays(sent)]))
      host.notice(`  pynvest dedup now --remote${formatDateOption(day)}`);
  }
  const taken = sendable.length - sent.length + (startable.length - started.length);
  if (taken > 0) warnTakenByOthers(host, taken);
  warnNotSent(host, left);
  warnNotStarted(host, chosenEvents);
  const done = started.length + sent.length;
  if (done === chosen.length + chosenEvents.length) return ExitStatus.done;
  return done > 0 ? ExitStatus.doneInPart : ExitStatus.failed;
}

function getStartedDays(events: readonly FailedEvent[]): Partition[] {
  const days = events.flatMap(({ start }) => (start === undefined ? [] : [start.partition]));
  return [...new Set(days)].sort((a, b) => a - b);
}

/** A past day is not started again at all: its pages cannot be read any more. */
function warnNotStarted(host: Host, events: readonly FailedEvent[]): void {
  const tooLate = events.filter(({ redriveStatus }) => redriveStatus === 'too-late');
  if (tooLate.length > 0) {
    host.warn(
      `Not started again, ${getStartedDays(tooLate).map(formatIsoDate).join(', ')}: B3 has opened since, and the ` +
        'site no longer shows that day. --remove deletes the event.',
    );
  }
  const unreadable = events.filter(({ redriveStatus }) => redriveStatus === 'unreadable');
  if (unreadable.length > 0) {
    host.warn(
      `Not started again, ${formatCount(unreadable)}: no event of a function that starts a day. --remove deletes it.`,
    );
  }
}

function warnTakenByOthers(host: Host, count: number): void {
  host.warn(`${formatQuantity(count, 'message')}: removed or read by another command meanwhile`);
}

function warnNotSent(host: Host, left: readonly ExplainedDeadLetter[]): void {
  const tooLate = left.filter(({ redriveStatus }) => redriveStatus === 'too-late');
  if (tooLate.length > 0) {
    host.warn(
      `Not sent back, ${formatCount(tooLate)} of ${getDays(tooLate).map(formatIsoDate).join(', ')}: B3 has opened ` +
        "since, and today's page would be stored as the quotes of that day. --late sends them back all the " +
        'same; --remove deletes them.',
    );
  }
  const unreadable = left.filter(({ redriveStatus }) => redriveStatus === 'unreadable');
  if (unreadable.length > 0) {
    host.warn(
      `Not sent back, ${formatCount(unreadable)} that no function can read: it would fail again. ` +
        '--remove deletes it.',
    );
  }
}

async function removeSelected(
  host: TerminalHost,
  system: RunningSystem,
  chosen: readonly ExplainedDeadLetter[],
  chosenEvents: readonly FailedEvent[],
): Promise<ExitStatus> {
  const all = [...chosen, ...chosenEvents];
  if (all.length === 0) return ExitStatus.failed;
  if (!(await host.confirm(`Remove ${formatCount(all)} for good?`))) {
    host.warn('Nothing was removed.');
    return host.wasAnswered() ? ExitStatus.done : ExitStatus.failed;
  }
  const removed = [
    ...(await deleteDeadLetters(system, chosen)),
    ...(await deleteFailedEvents(system, chosenEvents)),
  ];
  host.notice(`Removed ${formatCount(removed)}.`);
  if (removed.length === all.length) return ExitStatus.done;
  warnTakenByOthers(host, all.length - removed.length);
  return removed.length > 0 ? ExitStatus.doneInPart : ExitStatus.failed;
}

async function writeFailures(
  terminal: Terminal,
  { format }: OutputOptions,
  deadLetters: readonly ExplainedDeadLetter[],
  events: readonly FailedEvent[],
): Promise<void> {
  const isEmpty = deadLetters.length + events.length === 0;
  if (isEmpty && resolveFormat(terminal, format) === 'table') return;
  await writeRows(terminal, format, {
    isReport: true,
    columns: ['ticker', 'day', 'standing', 'kind', 'reason', 'queue', 'sent'],
    types: ['varchar', 'date', 'varchar', 'varchar', 'varchar', 'varchar', 'timestamp'],
    rows: [
      ...deadLetters.map(({ parsed, redriveStatus, failure, queue, sentAt }) => [
        parsed.ok ? parsed.message.ticker : null,
        parsed.ok ? formatIsoDate(parsed.message.partition) : null,
        redriveStatus,
        failure?.kind || null,
        failure?.reason ?? 'nothing in the log',
        queue,
        formatInSaoPaulo(sentAt),
      ]),
      ...events.map(({ start, redriveStatus, kind, reason, sentAt }) => [
        null,
        start === undefined ? null : formatIsoDate(start.partition),
        redriveStatus,
        kind || null,
        reason,
        'events',
        formatInSaoPaulo(sentAt),
      ]),
    ],
  });
}

function getDays(
  deadLetters: readonly { readonly parsed: ExplainedDeadLetter['parsed'] }[],
): Partition[] {
  const days = deadLetters.flatMap(({ parsed }) => (parsed.ok ? [parsed.message.partition] : []));
  return [...new Set(days)].sort((a, b) => a - b);
}

function formatDateOption(day: Partition): string {
  return day === getPartition(new Date()) ? '' : ` --date ${formatIsoDate(day)}`;
}

function formatCount(deadLetters: readonly unknown[]): string {
  return formatQuantity(deadLetters.length, 'message');
}

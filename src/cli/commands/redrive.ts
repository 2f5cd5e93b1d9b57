/**
 * `pynvest redrive`: lists the dead letters, and sends them back to the queue or removes them.
 */

import type { RunningSystem } from '../../aws/system.ts';
import { formatInSaoPaulo, isoDate, type Partition, partitionOf } from '../../catalog/partition.ts';
import { parseTickers, type Ticker } from '../../catalog/ticker.ts';
import { UsageError } from '../../errors.ts';
import type { Host } from '../../host.ts';
import { deleteDeadLetters, redriveDeadLetters } from '../../remote/dead-letters.ts';
import {
  type ExplainedDeadLetter,
  explainDeadLetters,
  getDeadLetterTicker,
  selectRedrivable,
} from '../../remote/redrive.ts';
import { formatQuantity } from '../../text.ts';
import { ExitStatus } from '../exit.ts';
import { openSystem } from '../open-system.ts';
import type { LakeOptions, OutputOptions } from '../options.ts';
import { resolveFormat, writeRows } from '../output/rows.ts';
import { parseKinds } from '../settings.ts';
import { createTerminalHost, type TerminalHost } from '../terminal/host.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface RedriveOptions extends OutputOptions, LakeOptions {
  readonly queue?: string;
  readonly ticker?: string;
  readonly all?: boolean;
  readonly late?: boolean;
  readonly remove?: boolean;
  readonly yes?: boolean;
}

/** What a person wants done: with all letters, or with those of some tickers. */
type TickerChoice = 'all' | readonly Ticker[];

export async function redrive(terminal: Terminal, options: RedriveOptions): Promise<ExitStatus> {
  const { remove = false, late = false } = options;
  const given = parseChoice(options);
  const kinds = parseKinds(options.queue);
  const system = await openSystem(terminal, options, 'pynvest redrive');
  const host = createTerminalHost(terminal, options);
  const { deadLetters: letters, inFlight: held } = await explainDeadLetters(
    system,
    kinds,
    new Date(),
  );
  await writeDeadLetters(terminal, options, letters);
  if (held > 0) {
    host.warn(`${held} more are held by another look just now; they are back within a minute.`);
  }
  if (letters.length === 0) {
    if (held === 0) terminal.notice('No dead letters: no ticker failed for good.');
    return ExitStatus.done;
  }
  const choice = given ?? (remove ? 'all' : await askForTickers(host, terminal));
  if (choice === undefined) return ExitStatus.done;
  const { chosen, missing } = selectDeadLetters(letters, choice);
  for (const ticker of missing) host.warn(`${ticker}: no dead letter`);
  const status = remove
    ? await removeSelected(host, system, chosen)
    : await sendSelected(host, system, chosen, late);
  if (missing.length === 0 || status === ExitStatus.failed) return status;
  return chosen.length > 0 ? ExitStatus.doneInPart : ExitStatus.failed;
}

function parseChoice({ all, ticker, late, remove }: RedriveOptions): TickerChoice | undefined {
  if (all && ticker !== undefined) throw new UsageError('--all and --ticker exclude each other');
  if (late && remove) throw new UsageError('--late is about sending back, not about --remove');
  if (ticker !== undefined) return parseTickers(ticker);
  return all ? 'all' : undefined;
}

async function askForTickers(host: Host, terminal: Terminal): Promise<TickerChoice | undefined> {
  const typed = (await host.ask('Send back which? [all, tickers such as PETR4,HGLG11, or none] '))
    ?.trim()
    .toLowerCase();
  if (typed === undefined) {
    terminal.notice('--all or --ticker A,B sends them back; --remove takes them out of the way.');
  }
  if (!typed || /^no?(ne)?$/.test(typed)) return undefined;
  return typed === 'all' ? 'all' : parseTickers(typed);
}

function selectDeadLetters(
  letters: readonly ExplainedDeadLetter[],
  choice: TickerChoice,
): { readonly chosen: readonly ExplainedDeadLetter[]; readonly missing: readonly Ticker[] } {
  if (choice === 'all') return { chosen: letters, missing: [] };
  const chosen = letters.filter((letter) =>
    choice.some((ticker) => ticker === getDeadLetterTicker(letter)),
  );
  const found = new Set(chosen.map(getDeadLetterTicker));
  return { chosen, missing: choice.filter((ticker) => !found.has(ticker)) };
}

async function sendSelected(
  host: Host,
  system: RunningSystem,
  chosen: readonly ExplainedDeadLetter[],
  late: boolean,
): Promise<ExitStatus> {
  const { sendable, left } = selectRedrivable(chosen, late);
  const sent = await redriveDeadLetters(system, sendable);
  if (sent.length > 0) {
    host.notice(`Sent back ${formatCount(sent)}: ${sent.map(getDeadLetterTicker).join(', ')}`);
    host.notice('`pynvest logs --follow` shows what comes of them. Then leave one row a ticker:');
    for (const day of getDays(sent))
      host.notice(`  pynvest dedup now --remote${formatDateOption(day)}`);
  }
  if (sent.length < sendable.length) {
    host.warn(`${sendable.length - sent.length} were gone meanwhile, or are held by another look`);
  }
  warnNotSent(host, left);
  if (sent.length === chosen.length) return ExitStatus.done;
  return sent.length > 0 ? ExitStatus.doneInPart : ExitStatus.failed;
}

function warnNotSent(host: Host, left: readonly ExplainedDeadLetter[]): void {
  const tooLate = left.filter(({ redriveStatus: standing }) => standing === 'too-late');
  if (tooLate.length > 0) {
    host.warn(
      `Not sent back, ${formatCount(tooLate)} of ${getDays(tooLate).map(isoDate).join(', ')}: B3 has opened ` +
        'since, and the page of now would be stored as the quotes of then. --late does it all the ' +
        'same; --remove takes them out of the way.',
    );
  }
  const unreadable = left.filter(({ redriveStatus: standing }) => standing === 'unreadable');
  if (unreadable.length > 0) {
    host.warn(
      `Not sent back, ${formatCount(unreadable)} that no function can read: it would fail again. ` +
        '--remove takes it out of the way.',
    );
  }
}

async function removeSelected(
  host: TerminalHost,
  system: RunningSystem,
  chosen: readonly ExplainedDeadLetter[],
): Promise<ExitStatus> {
  if (chosen.length === 0) return ExitStatus.failed;
  if (!(await host.confirm(`Remove ${formatCount(chosen)} for good?`))) {
    host.warn('Nothing was removed.');
    return host.wasAnswered() ? ExitStatus.done : ExitStatus.failed;
  }
  const removed = await deleteDeadLetters(system, chosen);
  host.notice(`Removed ${formatCount(removed)}.`);
  if (removed.length === chosen.length) return ExitStatus.done;
  host.warn(`${chosen.length - removed.length} were gone meanwhile, or are held by another look`);
  return removed.length > 0 ? ExitStatus.doneInPart : ExitStatus.failed;
}

async function writeDeadLetters(
  terminal: Terminal,
  { format }: OutputOptions,
  letters: readonly ExplainedDeadLetter[],
): Promise<void> {
  if (letters.length === 0 && resolveFormat(terminal, format) === 'table') return;
  await writeRows(terminal, format, {
    columns: ['ticker', 'day', 'standing', 'kind', 'reason', 'queue', 'sent'],
    rows: letters.map(({ parsed, redriveStatus: standing, failure: why, queue, sentAt }) => [
      parsed.ok ? parsed.message.ticker : null,
      parsed.ok ? isoDate(parsed.message.partition) : null,
      standing,
      why?.kind || null,
      why?.reason ?? 'nothing in the log',
      queue,
      formatInSaoPaulo(sentAt).slice(0, 19),
    ]),
  });
}

function getDays(
  letters: readonly { readonly parsed: ExplainedDeadLetter['parsed'] }[],
): Partition[] {
  const days = letters.flatMap(({ parsed }) => (parsed.ok ? [parsed.message.partition] : []));
  return [...new Set(days)].sort((a, b) => a - b);
}

function formatDateOption(day: Partition): string {
  return day === partitionOf(new Date()) ? '' : ` --date ${isoDate(day)}`;
}

function formatCount(letters: readonly unknown[]): string {
  return formatQuantity(letters.length, 'letter');
}

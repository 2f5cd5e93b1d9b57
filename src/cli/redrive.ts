/** `pynvest redrive`: the tickers that failed for good, and what to do with them. */
import { isoDate, isoInSaoPaulo, type Partition, partitionOf } from '../catalog/partition.ts';
import { parseTickers, type Ticker } from '../catalog/ticker.ts';
import { counted } from '../counted.ts';
import type { DeployHost } from '../deploy/host.ts';
import { UsageError } from '../errors.ts';
import { removeLetters, sendBack } from '../operate/dead-letters.ts';
import { type ExplainedLetter, explainDeadLetters, sortOut, tickerOf } from '../operate/redrive.ts';
import type { RunningSystem } from '../operate/running-system.ts';
import { createDeployHost, type TerminalHost } from './deploy-host.ts';
import { ExitStatus } from './exit.ts';
import type { LakeOptions, OutputOptions } from './options.ts';
import { chosenFormat, writeRows } from './output.ts';
import { parseKinds } from './settings.ts';
import { openSystem } from './system-at-hand.ts';
import type { Terminal } from './terminal.ts';

export interface RedriveOptions extends OutputOptions, LakeOptions {
  readonly queue?: string;
  readonly ticker?: string;
  readonly all?: boolean;
  readonly late?: boolean;
  readonly remove?: boolean;
  readonly yes?: boolean;
}

/** What a person wants done: with all letters, or with those of some tickers. */
type Choice = 'all' | readonly Ticker[];

export async function redrive(terminal: Terminal, options: RedriveOptions): Promise<ExitStatus> {
  const { remove = false, late = false } = options;
  const given = choiceIn(options);
  const kinds = parseKinds(options.queue);
  const system = await openSystem(terminal, options, 'pynvest redrive');
  const host = createDeployHost(terminal, options);
  const { letters, held } = await explainDeadLetters(system, kinds, new Date());
  await writeLetters(terminal, options, letters);
  if (held > 0) {
    host.warn(`${held} more are held by another look just now; they are back within a minute.`);
  }
  if (letters.length === 0) {
    if (held === 0) terminal.notice('No dead letters: no ticker failed for good.');
    return ExitStatus.done;
  }
  const choice = given ?? (remove ? 'all' : await askWhich(host, terminal));
  if (choice === undefined) return ExitStatus.done;
  const { chosen, missing } = pick(letters, choice);
  for (const ticker of missing) host.warn(`${ticker}: no dead letter`);
  const status = remove
    ? await removeChosen(host, system, chosen)
    : await sendChosen(host, system, chosen, late);
  if (missing.length === 0 || status === ExitStatus.failed) return status;
  return chosen.length > 0 ? ExitStatus.doneInPart : ExitStatus.failed;
}

function choiceIn({ all, ticker, late, remove }: RedriveOptions): Choice | undefined {
  if (all && ticker !== undefined) throw new UsageError('--all and --ticker exclude each other');
  if (late && remove) throw new UsageError('--late is about sending back, not about --remove');
  if (ticker !== undefined) return parseTickers(ticker);
  return all ? 'all' : undefined;
}

async function askWhich(host: DeployHost, terminal: Terminal): Promise<Choice | undefined> {
  const typed = (await host.ask('Send back which? [all, tickers such as PETR4,HGLG11, or none] '))
    ?.trim()
    .toLowerCase();
  if (typed === undefined) {
    terminal.notice('--all or --ticker A,B sends them back; --remove takes them out of the way.');
  }
  if (!typed || /^no?(ne)?$/.test(typed)) return undefined;
  return typed === 'all' ? 'all' : parseTickers(typed);
}

function pick(
  letters: readonly ExplainedLetter[],
  choice: Choice,
): { readonly chosen: readonly ExplainedLetter[]; readonly missing: readonly Ticker[] } {
  if (choice === 'all') return { chosen: letters, missing: [] };
  const chosen = letters.filter((letter) => choice.some((ticker) => ticker === tickerOf(letter)));
  const found = new Set(chosen.map(tickerOf));
  return { chosen, missing: choice.filter((ticker) => !found.has(ticker)) };
}

async function sendChosen(
  host: DeployHost,
  system: RunningSystem,
  chosen: readonly ExplainedLetter[],
  late: boolean,
): Promise<ExitStatus> {
  const { sendable, left } = sortOut(chosen, late);
  const sent = await sendBack(system, sendable);
  if (sent.length > 0) {
    host.notice(`Sent back ${count(sent)}: ${sent.map(tickerOf).join(', ')}`);
    host.notice('`pynvest logs --follow` shows what comes of them. Then leave one row a ticker:');
    for (const day of daysOf(sent)) host.notice(`  pynvest dedup now --remote${dateOption(day)}`);
  }
  if (sent.length < sendable.length) {
    host.warn(`${sendable.length - sent.length} were gone meanwhile, or are held by another look`);
  }
  sayLeft(host, left);
  if (sent.length === chosen.length) return ExitStatus.done;
  return sent.length > 0 ? ExitStatus.doneInPart : ExitStatus.failed;
}

function sayLeft(host: DeployHost, left: readonly ExplainedLetter[]): void {
  const tooLate = left.filter(({ standing }) => standing === 'too-late');
  if (tooLate.length > 0) {
    host.warn(
      `Not sent back, ${count(tooLate)} of ${daysOf(tooLate).map(isoDate).join(', ')}: B3 has opened ` +
        'since, and the page of now would be stored as the quotes of then. --late does it all the ' +
        'same; --remove takes them out of the way.',
    );
  }
  const unreadable = left.filter(({ standing }) => standing === 'unreadable');
  if (unreadable.length > 0) {
    host.warn(
      `Not sent back, ${count(unreadable)} that no function can read: it would fail again. ` +
        '--remove takes it out of the way.',
    );
  }
}

async function removeChosen(
  host: TerminalHost,
  system: RunningSystem,
  chosen: readonly ExplainedLetter[],
): Promise<ExitStatus> {
  if (chosen.length === 0) return ExitStatus.failed;
  if (!(await host.confirm(`Remove ${count(chosen)} for good?`))) {
    host.warn('Nothing was removed.');
    return host.wasAnswered() ? ExitStatus.done : ExitStatus.failed;
  }
  const removed = await removeLetters(system, chosen);
  host.notice(`Removed ${count(removed)}.`);
  if (removed.length === chosen.length) return ExitStatus.done;
  host.warn(`${chosen.length - removed.length} were gone meanwhile, or are held by another look`);
  return removed.length > 0 ? ExitStatus.doneInPart : ExitStatus.failed;
}

async function writeLetters(
  terminal: Terminal,
  { format }: OutputOptions,
  letters: readonly ExplainedLetter[],
): Promise<void> {
  if (letters.length === 0 && chosenFormat(terminal, format) === 'table') return;
  await writeRows(terminal, format, {
    columns: ['ticker', 'day', 'standing', 'kind', 'reason', 'queue', 'sent'],
    rows: letters.map(({ parsed, standing, why, queue, sentAt }) => [
      parsed.ok ? parsed.message.ticker : null,
      parsed.ok ? isoDate(parsed.message.partition) : null,
      standing,
      why?.kind || null,
      why?.reason ?? 'nothing in the log',
      queue,
      isoInSaoPaulo(sentAt).slice(0, 19),
    ]),
  });
}

function daysOf(letters: readonly { readonly parsed: ExplainedLetter['parsed'] }[]): Partition[] {
  const days = letters.flatMap(({ parsed }) => (parsed.ok ? [parsed.message.partition] : []));
  return [...new Set(days)].sort((a, b) => a - b);
}

function dateOption(day: Partition): string {
  return day === partitionOf(new Date()) ? '' : ` --date ${isoDate(day)}`;
}

function count(letters: readonly unknown[]): string {
  return counted(letters.length, 'letter');
}

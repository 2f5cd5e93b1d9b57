/**
 * `pynvest complete`: answers the scripts of `pynvest completion`. The first line says whether a space may follow,
 * then there is one candidate per line. Errors are not printed: the person is still typing.
 */

import type { Command } from 'commander';
import { specTable } from '../../catalog/tables.ts';
import { toTicker } from '../../catalog/ticker.ts';
import { createLocalLake } from '../../lake/local/lake.ts';
import { findNewestPartition } from '../../lake/local/layout.ts';
import {
  type Candidate,
  type CandidateSources,
  findCandidates,
  findCursor,
  splitWords,
} from '../completion-candidates.ts';
import { ExitStatus } from '../exit.ts';
import type { Shell } from '../options.ts';
import { findLakeFolder } from '../settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** After a run that nobody has tidied up a day is in many files: those are too many to wait for. */
const MAX_FILES = 8;

/**
 * @param given bash: the characters that break words, and the line up to the cursor; the other shells:
 *   the words behind the program's name, the last being typed
 */
export async function complete(
  terminal: Terminal,
  program: Command,
  shell: Shell,
  given: readonly string[],
): Promise<ExitStatus> {
  try {
    const words = shell === 'bash' ? removeProgramName(splitWords(given[1] ?? '')) : given;
    const { candidates, open } = await findCandidates(findCursor(program, words), sources);
    const typed = words.at(-1) ?? '';
    const cut = shell === 'bash' ? findWordStart(typed, given[0] ?? '') : 0;
    const lines = candidates.map((candidate) => formatCandidate(shell, candidate, cut));
    terminal.stdout.write([open ? 'nospace' : 'space', ...lines, ''].join('\n'));
  } catch {
    // A broken lake or watchlist is told by the commands that read it.
  }
  return ExitStatus.done;
}

function removeProgramName(words: readonly string[]): readonly string[] {
  const program = words.findIndex((word) => !/^\w+=/.test(word));
  return words.slice(program + 1);
}

/** bash replaces only what stands behind the last of its word breaks. */
function findWordStart(typed: string, breaks: string): number {
  return (
    Math.max(...[':', '='].map((each) => (breaks.includes(each) ? typed.lastIndexOf(each) : -1))) +
    1
  );
}

function formatCandidate(
  shell: Shell,
  { value, description: about }: Candidate,
  cut: number,
): string {
  switch (shell) {
    case 'bash':
      return value.slice(cut);
    case 'zsh':
      return `${value.replaceAll(':', '\\:')}${about && `:${about}`}`;
    case 'fish':
      return `${value}${about && `\t${about}`}`;
  }
}

/** What `logs` calls the state machine, which has a log of its own. */
const STATE_MACHINE_LOG = 'sfn-dedup-sot-spec-tables';

const sources: CandidateSources = {
  async columns(command) {
    const { indicatorResultColumns, quoteResultColumns } = await import('../../query/columns.ts');
    if (command === 'cotacoes') return quoteResultColumns;
    return command === 'indicadores' ? indicatorResultColumns : [];
  },
  async tickers(lake) {
    const [watched, stored] = await Promise.all([
      sources.watched().catch(() => []),
      readStoredTickers(lake).catch(() => []),
    ]);
    return [...new Set([...watched, ...stored])];
  },
  async functions() {
    const { functionNames } = await import('../../aws/resource-names.ts');
    return [...functionNames, STATE_MACHINE_LOG];
  },
  async watched() {
    const { readWatchlist } = await import('../watchlist.ts');
    return readWatchlist();
  },
};

/** The tickers of the newest day in the folder: to ask AWS would take longer than a person waits. */
async function readStoredTickers(named: string | undefined): Promise<readonly string[]> {
  const root = await findLakeFolder(named === undefined ? {} : { lake: named });
  const partition = await findNewestPartition(root, specTable);
  if (partition === undefined) return [];
  const lake = createLocalLake(root);
  const { tickerColumn, columns } = specTable;
  const table = { ...specTable, columns: columns.filter(({ name }) => name === tickerColumn) };
  const files = await lake.files(table, partition);
  const rows = await Promise.all(files.slice(-MAX_FILES).map((file) => lake.read(file)));
  // What the shell is given must be no more than a ticker, whatever a file holds.
  return rows
    .flat()
    .flatMap((row) => toTicker(String(row[tickerColumn])) ?? [])
    .sort();
}

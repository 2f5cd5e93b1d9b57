/**
 * `pynvest complete`: what the scripts of `pynvest completion` ask. The first line says whether a space
 * may follow, then comes a candidate a line. It says nothing of what goes wrong: a person is typing.
 */
import type { Command } from 'commander';
import { specTable } from '../catalog/tables.ts';
import { toTicker } from '../catalog/ticker.ts';
import { createLocalLake, newestPartition } from '../lake/local-lake.ts';
import { type Candidate, candidatesAt, type Sources } from './completion-candidates.ts';
import { placeIn, wordsOf } from './completion-place.ts';
import { ExitStatus } from './exit.ts';
import { lakeFolder } from './settings.ts';
import type { Shell } from './shells.ts';
import type { Terminal } from './terminal.ts';

/** After a run that nobody has tidied up a day is in many files: those are too many to wait for. */
const MOST_FILES = 8;

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
    const words = shell === 'bash' ? behindTheProgram(wordsOf(given[1] ?? '')) : given;
    const { candidates, open } = await candidatesAt(placeIn(program, words), sources);
    const typed = words.at(-1) ?? '';
    const cut = shell === 'bash' ? broken(typed, given[0] ?? '') : 0;
    const lines = candidates.map((candidate) => lineFor(shell, candidate, cut));
    terminal.stdout.write([open ? 'nospace' : 'space', ...lines, ''].join('\n'));
  } catch {
    // A broken lake or watchlist is told by the commands that read it.
  }
  return ExitStatus.done;
}

function behindTheProgram(words: readonly string[]): readonly string[] {
  const program = words.findIndex((word) => !/^\w+=/.test(word));
  return words.slice(program + 1);
}

/** bash replaces only what stands behind the last of its word breaks. */
function broken(typed: string, breaks: string): number {
  return (
    Math.max(...[':', '='].map((each) => (breaks.includes(each) ? typed.lastIndexOf(each) : -1))) +
    1
  );
}

function lineFor(shell: Shell, { value, about }: Candidate, cut: number): string {
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
const STATE_MACHINE = 'sfn-dedup-sot-spec-tables';

const sources: Sources = {
  async columnsOf(command) {
    const { indicatorAnswerColumns, quoteAnswerColumns } = await import(
      '../query/known-columns.ts'
    );
    if (command === 'cotacoes') return quoteAnswerColumns;
    return command === 'indicadores' ? indicatorAnswerColumns : [];
  },
  async tickers(lake) {
    const [watched, stored] = await Promise.all([
      sources.watched().catch(() => []),
      storedTickers(lake).catch(() => []),
    ]);
    return [...new Set([...watched, ...stored])];
  },
  async functions() {
    const { functionNames } = await import('../deploy/functions.ts');
    return [...functionNames, STATE_MACHINE];
  },
  async watched() {
    const { readWatchlist } = await import('./watchlist.ts');
    return readWatchlist();
  },
};

/** The tickers of the newest day in the folder: to ask AWS would take longer than a person waits. */
async function storedTickers(named: string | undefined): Promise<readonly string[]> {
  const root = await lakeFolder(named === undefined ? {} : { lake: named });
  const partition = await newestPartition(root, specTable);
  if (partition === undefined) return [];
  const lake = createLocalLake(root);
  const { tickerColumn, columns } = specTable;
  const table = { ...specTable, columns: columns.filter(({ name }) => name === tickerColumn) };
  const files = await lake.files(table, partition);
  const rows = await Promise.all(files.slice(-MOST_FILES).map((file) => lake.read(file)));
  // What the shell is given must be no more than a ticker, whatever a file holds.
  return rows
    .flat()
    .flatMap((row) => toTicker(String(row[tickerColumn])) ?? [])
    .sort();
}

/**
 * Shell completion. `pynvest completion` prints the script of a shell, and that script calls `pynvest complete`, with
 * the words as they are typed, without evaluating them.
 */

import { getTable } from '../../catalog/dataset.ts';
import { quotes } from '../../catalog/datasets/cotacoes.ts';
import { toTicker } from '../../catalog/ticker.ts';
import { createLocalLake } from '../../lake/local/lake.ts';
import { findNewestPartition } from '../../lake/local/layout.ts';
import { defineCommand } from '../command.ts';
import {
  type Candidate,
  type CandidateSources,
  findCandidates,
  findCursor,
  splitWords,
} from '../completion-candidates.ts';
import { ExitStatus } from '../exit.ts';
import { argument } from '../option.ts';
import { findLakeFolder } from '../target.ts';

const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

export const completionCommand = defineCommand({
  name: 'completion',
  description: 'print the script that makes a shell complete commands; README says where it goes',
  args: { shell: argument('<shell>', 'bash, zsh or fish', { choices: shells }) },
  options: {},

  async handler({ terminal, args }) {
    terminal.stdout.write(SCRIPTS[args.shell]);
    return ExitStatus.done;
  },
});

/**
 * The first line says whether a space may follow, the others are one candidate each. Errors are not printed: the
 * person is still typing.
 */
export const completeCommand = defineCommand({
  name: 'complete',
  description: '',
  internal: true,
  args: {
    shell: argument('<shell>', '', { choices: shells }),
    /**
     * Of bash: the characters that break words, and the line up to the cursor. Of the other shells: the words after
     * the program's name, the last of which is being typed.
     */
    words: argument('[words...]', ''),
  },
  options: {},

  async handler({ terminal, program, args: { shell, words: given } }) {
    try {
      const words = shell === 'bash' ? removeProgramName(splitWords(given[1] ?? '')) : given;
      const { candidates, open } = await findCandidates(findCursor(program, words), sources);
      const typed = words.at(-1) ?? '';
      const start = shell === 'bash' ? findWordStart(typed, given[0] ?? '') : 0;
      const lines = candidates.map((candidate) => formatCandidate(shell, candidate, start));
      terminal.stdout.write([open ? 'nospace' : 'space', ...lines, ''].join('\n'));
    } catch {
      // The commands that read a broken lake or watchlist report it.
    }
    return ExitStatus.done;
  },
});

/** Runs in bash 3.2 too, which macOS has: no mapfile, and compopt only where it exists. */
const BASH = `# pynvest's completion for bash
_pynvest() {
  local candidate spacing line=\${COMP_LINE:0:COMP_POINT}
  COMPREPLY=()
  {
    IFS= read -r spacing
    while IFS= read -r candidate; do COMPREPLY+=("$candidate"); done
  } < <(pynvest complete bash -- "$COMP_WORDBREAKS" "$line" 2>/dev/null)
  if [[ $spacing == nospace ]]; then compopt -o nospace 2>/dev/null; fi
  return 0
}
complete -o bashdefault -o default -F _pynvest pynvest
`;

const ZSH = `#compdef pynvest
_pynvest() {
  local -a answer
  answer=("\${(@f)$(pynvest complete zsh -- "\${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}")
  local spacing=$answer[1]
  answer=("\${(@)answer[2,-1]}")
  if (( $#answer == 0 )); then
    _files
  elif [[ $spacing == nospace ]]; then
    _describe -V pynvest answer -S ''
  else
    _describe -V pynvest answer
  fi
}
if [[ $funcstack[1] == _pynvest ]]; then
  _pynvest "$@"
else
  compdef _pynvest pynvest
fi
`;

const FISH = `# pynvest's completion for fish
function __pynvest_complete
    set -l words (commandline -opc)
    set -e words[1]
    set -l typed (commandline -ct)
    set -l answer (pynvest complete fish -- $words "$typed" 2>/dev/null)
    set -e answer[1]
    if test (count $answer) -eq 0
        __fish_complete_path "$typed"
    else
        printf '%s\\n' $answer
    end
end
complete -c pynvest -f -k -a '(__pynvest_complete)'
`;

const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };

function removeProgramName(words: readonly string[]): readonly string[] {
  const program = words.findIndex((word) => !/^\w+=/.test(word));
  return words.slice(program + 1);
}

/** bash replaces only what follows the last of its word breaks. */
function findWordStart(typed: string, breaks: string): number {
  return (
    Math.max(...[':', '='].map((each) => (breaks.includes(each) ? typed.lastIndexOf(each) : -1))) +
    1
  );
}

function formatCandidate(shell: Shell, { value, description }: Candidate, start: number): string {
  switch (shell) {
    case 'bash':
      return value.slice(start);
    case 'zsh':
      return `${value.replaceAll(':', '\\:')}${description && `:${description}`}`;
    case 'fish':
      return `${value}${description && `\t${description}`}`;
  }
}

/** The name of the state machine's log for `logs`. */
const STATE_MACHINE_LOG = 'sfn-dedup-sot-spec-tables';

const sources: CandidateSources = {
  async columns(command) {
    const { indicatorResultColumns, quoteResultColumns } = await import('../../query/columns.ts');
    const { historyAnswerColumns } = await import('../../query/history.ts');
    switch (command) {
      case 'cotacoes':
        return quoteResultColumns;
      case 'indicadores':
        return indicatorResultColumns;
      case 'historico':
        return historyAnswerColumns;
      default:
        return [];
    }
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
    const { readWatchlist } = await import('../selection.ts');
    return readWatchlist();
  },
};

/** After a run that was stopped, a day is in many files: more than these take too long to read. */
const MAX_FILES = 8;

/** The tickers of the newest day in the folder; AWS would take longer than a person waits. */
async function readStoredTickers(folder: string | undefined): Promise<readonly string[]> {
  const root = await findLakeFolder(folder === undefined ? {} : { lake: folder });
  const quotesTable = getTable(quotes, 'spec');
  const partition = await findNewestPartition(root, quotesTable);
  if (partition === undefined) return [];
  const lake = createLocalLake(root);
  const { tickerColumn, columns } = quotesTable;
  const table = { ...quotesTable, columns: columns.filter(({ name }) => name === tickerColumn) };
  const files = await lake.files(table, partition);
  const rows = await Promise.all(files.slice(-MAX_FILES).map((file) => lake.read(file)));
  // The shell must get nothing but tickers, whatever a file contains.
  return rows
    .flat()
    .flatMap((row) => toTicker(String(row[tickerColumn])) ?? [])
    .sort();
}

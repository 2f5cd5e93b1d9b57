/**
 * `pynvest completion`: prints the completion script of a shell. The scripts pass on what is typed as it is,
 * without evaluating it.
 */

import { ExitStatus } from '../exit.ts';
import type { Shell } from '../options.ts';
import type { Terminal } from '../terminal/terminal.ts';

export async function completion(terminal: Terminal, shell: Shell): Promise<ExitStatus> {
  terminal.stdout.write(SCRIPTS[shell]);
  return ExitStatus.done;
}

/** Runs in bash 3.2 too, which macOS has: no mapfile, and compopt only where there is one. */
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

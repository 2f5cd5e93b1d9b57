/**
 * The program: its name, version and help, and all of its commands. The build keeps only the declarations of the
 * commands here, and loads a command's file when it is run: `--help` loads none of them.
 */

import { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import {
  addCommand,
  type CommandDefinition,
  type CommandGroup,
  type CommandRunner,
} from './command.ts';
import { backfillCommand } from './commands/backfill.ts';
import { columnsCommand } from './commands/columns.ts';
import { completeCommand, completionCommand } from './commands/completion.ts';
import { dedupNowCommand } from './commands/dedup.ts';
import { demoCommand } from './commands/demo.ts';
import { deployCommand } from './commands/deploy.ts';
import { destroyCommand } from './commands/destroy.ts';
import { doctorCommand } from './commands/doctor.ts';
import { iamPolicyCommand } from './commands/iam-policy.ts';
import { logsCommand } from './commands/logs.ts';
import { pauseCommand, resumeCommand } from './commands/pause-resume.ts';
import { planCommand } from './commands/plan.ts';
import { cotacoesCommand } from './commands/query/cotacoes.ts';
import { indicadoresCommand } from './commands/query/indicadores.ts';
import { sqlCommand } from './commands/query/sql.ts';
import { redriveCommand } from './commands/redrive.ts';
import { runCommand } from './commands/run.ts';
import { scrapeCommand } from './commands/scrape.ts';
import { statusCommand } from './commands/status.ts';
import { tickersCommand } from './commands/tickers.ts';
import {
  watchAddCommand,
  watchClearCommand,
  watchListCommand,
  watchRemoveCommand,
} from './commands/watch.ts';
import { getWidth, type Terminal } from './terminal/terminal.ts';

export { CommanderError } from 'commander';
// The build makes one file of this module and what it imports; `main.ts` needs nothing else.
export { ExitStatus, handleBrokenPipe, reportError } from './exit.ts';
export { createTerminal } from './terminal/terminal.ts';

/** In the order of the help. */
export const commands: readonly (CommandDefinition | CommandGroup)[] = [
  demoCommand,
  tickersCommand,
  scrapeCommand,
  runCommand,
  backfillCommand,
  { name: 'dedup', description: 'remove duplicates', commands: [dedupNowCommand] },
  {
    name: 'query',
    description: 'ask the lake',
    commands: [cotacoesCommand, indicadoresCommand, sqlCommand],
  },
  columnsCommand,
  statusCommand,
  doctorCommand,
  logsCommand,
  redriveCommand,
  pauseCommand,
  resumeCommand,
  {
    name: 'watch',
    description: 'the watchlist: the tickers that --watchlist selects',
    commands: [watchAddCommand, watchRemoveCommand, watchListCommand, watchClearCommand],
  },
  completionCommand,
  completeCommand,
  deployCommand,
  planCommand,
  destroyCommand,
  iamPolicyCommand,
];

/** @param terminal the one that is in use by the time something goes wrong */
export function createProgram(run: CommandRunner, terminal: () => Terminal): Command {
  const program = new Command('pynvest')
    .description("Your own daily data lake of Brazilian stocks' and real-estate funds' indicators.")
    .version(packageJson.version)
    .showHelpAfterError('(--help says how)')
    .showSuggestionAfterError()
    .configureHelp({ minWidthToWrap: 20 })
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error:/, terminal().colors.red('error:'))),
      getOutHelpWidth: () => getWidth(process.stdout) ?? 80,
      getErrHelpWidth: () => getWidth(process.stderr) ?? 80,
    })
    .exitOverride();
  for (const each of commands) addCommand(program, run, each);
  return program;
}

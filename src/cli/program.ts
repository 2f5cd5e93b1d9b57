/**
 * The program: its name, version and help, and all of its commands. The build keeps only the declarations of the
 * commands here, and loads a command's file when it is run: `--help` loads none of them.
 */

import { Command, CommanderError } from 'commander';
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
import { ExitStatus, reportError } from './exit.ts';
import type { TerminalOptions } from './option.ts';
import { getWidth, type Terminal } from './terminal/terminal.ts';

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

/**
 * Runs the command that these words call, and reports an error. Returns the exit status.
 *
 * @param openTerminal called once before the options are known, and once with those of the command
 */
export async function runProgram(
  words: readonly string[],
  openTerminal: (options: TerminalOptions) => Terminal,
  report: (error: unknown, terminal: Terminal) => ExitStatus = reportError,
): Promise<ExitStatus> {
  let status: ExitStatus = ExitStatus.done;
  let terminal = openTerminal({
    verbose: words.includes('--verbose'),
    color: !words.includes('--no-color'),
  });
  const program = createProgram(
    async (options, work) => {
      terminal = openTerminal(options);
      status = await work(terminal);
    },
    () => terminal,
  );
  try {
    await program.parseAsync([...words], { from: 'user' });
  } catch (error) {
    status = report(error, terminal);
    // Help and the version end with exit code 0.
    if (error instanceof CommanderError && error.exitCode !== 0) {
      const { findUsageHint } = await import('./command-line.ts');
      const commands = program.commands.map((command) => command.name());
      const hint = findUsageHint({ code: error.code, args: words, commands });
      if (hint !== undefined) terminal.stderr.write(`${hint}\n`);
    }
  }
  return status;
}

/** @param terminal the one that is in use by the time something is printed */
function createProgram(run: CommandRunner, terminal: () => Terminal): Command {
  const program = new Command('pynvest')
    .description("Your own daily data lake of Brazilian stocks' and real-estate funds' indicators.")
    .version(packageJson.version)
    .showHelpAfterError('(--help says how)')
    .showSuggestionAfterError()
    .configureHelp({ minWidthToWrap: 20 })
    .configureOutput({
      writeOut: (text) => terminal().stdout.write(text),
      writeErr: (text) => terminal().stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error:/, terminal().colors.red('error:'))),
      getOutHelpWidth: () => getWidth(terminal().stdout) ?? 80,
      getErrHelpWidth: () => getWidth(terminal().stderr) ?? 80,
    })
    .exitOverride();
  for (const each of commands) addCommand(program, run, each);
  return program;
}

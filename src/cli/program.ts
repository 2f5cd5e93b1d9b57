/**
 * The program: its name, version and help, and all of its commands. The build keeps only the declarations of the
 * commands here, and loads a command's file when it is run: `--help` loads none of them.
 */

import { Command, CommanderError, Help } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import {
  addCommand,
  type CommandDefinition,
  type CommandGroup,
  type CommandRunner,
  markTexts,
  restoreWords,
} from './command.ts';
import { auditCommand } from './commands/audit.ts';
import { backfillCommand } from './commands/backfill.ts';
import { columnsCommand } from './commands/columns.ts';
import { completeCommand, completionCommand } from './commands/completion.ts';
import { dedupNowCommand } from './commands/dedup.ts';
import { demoCommand } from './commands/demo.ts';
import { deployCommand } from './commands/deploy.ts';
import { destroyCommand } from './commands/destroy.ts';
import { doctorCommand } from './commands/doctor.ts';
import { iamPolicyCommand } from './commands/iam-policy.ts';
import { importCotahistCommand } from './commands/import.ts';
import { importEventosCommand } from './commands/import-eventos.ts';
import { logsCommand } from './commands/logs.ts';
import { mcpCommand } from './commands/mcp.ts';
import { pauseCommand, resumeCommand } from './commands/pause-resume.ts';
import { planCommand } from './commands/plan.ts';
import { cotacoesCommand } from './commands/query/cotacoes.ts';
import { historicoCommand } from './commands/query/historico.ts';
import { indicadoresCommand } from './commands/query/indicadores.ts';
import { proventosCommand } from './commands/query/proventos.ts';
import { retornoCommand } from './commands/query/retorno.ts';
import { sqlCommand } from './commands/query/sql.ts';
import { rankCommand } from './commands/rank.ts';
import { redriveCommand } from './commands/redrive.ts';
import { reportCommand } from './commands/report.ts';
import { runCommand } from './commands/run.ts';
import { scrapeCommand } from './commands/scrape.ts';
import { showCommand } from './commands/show.ts';
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
import type { LakeOptions } from './target.ts';
import { getWidth, type Terminal, wrapText } from './terminal/terminal.ts';

export { ExitStatus, handleBrokenPipe, reportError } from './exit.ts';
export { createTerminal } from './terminal/terminal.ts';

/** In the order of the help, by what a person wants. */
const commandsByPurpose: Readonly<Record<string, readonly (CommandDefinition | CommandGroup)[]>> = {
  'Ask:': [
    {
      name: 'query',
      description: 'ask the lake',
      examples: [
        'pynvest query cotacoes PETR4 VALE3 --last 30',
        'pynvest query indicadores ITUB4 HGLG11 --columns roe,dy,p/vp',
        'pynvest query historico PETR4 VALE3 --from 2016 --chart',
        'pynvest query proventos HGLG11 --total',
        'pynvest query retorno PETR4 HGLG11 --contra cdi,ipca',
        'pynvest query sql "SELECT * FROM cotacoes" -o cotacoes.xlsx',
      ],
      commands: [
        cotacoesCommand,
        indicadoresCommand,
        historicoCommand,
        proventosCommand,
        retornoCommand,
        sqlCommand,
      ],
    },
    showCommand,
    rankCommand,
    reportCommand,
    columnsCommand,
    {
      name: 'watch',
      description: 'the watchlist: the tickers that --watchlist selects',
      commands: [watchAddCommand, watchRemoveCommand, watchListCommand, watchClearCommand],
    },
    mcpCommand,
  ],
  'Collect:': [
    demoCommand,
    runCommand,
    backfillCommand,
    {
      name: 'import',
      description: 'bring what other sources publish into the lake',
      examples: ['pynvest import cotahist --year 2016-2026', 'pynvest import eventos PETR4 HGLG11'],
      commands: [importCotahistCommand, importEventosCommand],
    },
    tickersCommand,
    scrapeCommand,
  ],
  'Look after:': [
    statusCommand,
    doctorCommand,
    auditCommand,
    { name: 'dedup', description: 'remove duplicates', commands: [dedupNowCommand] },
    completionCommand,
    completeCommand,
  ],
  'AWS:': [
    deployCommand,
    planCommand,
    destroyCommand,
    iamPolicyCommand,
    logsCommand,
    redriveCommand,
    pauseCommand,
    resumeCommand,
  ],
};

export const commands: readonly (CommandDefinition | CommandGroup)[] =
  Object.values(commandsByPurpose).flat();

/**
 * Runs the command that these words call, and reports an error. Returns the exit status.
 *
 * @param openTerminal called once before the options are known, and once with those of the command
 */
export async function runProgram(
  words: readonly string[],
  openTerminal: (options: TerminalOptions & LakeOptions) => Terminal,
  report: (error: unknown, terminal: Terminal) => ExitStatus = reportError,
): Promise<ExitStatus> {
  let status: ExitStatus = ExitStatus.done;
  let terminal = openTerminal({
    verbose: words.includes('--verbose'),
    color: !words.includes('--no-color'),
  });
  const asked = replaceHelp(words);
  const program = createProgram(
    selectCommands(asked),
    async (options, work) => {
      terminal = openTerminal(options);
      status = await work(terminal);
    },
    () => terminal,
  );
  try {
    await program.parseAsync(markTexts(asked), { from: 'user' });
  } catch (error) {
    status = report(await translateUsageError(error, asked, program), terminal);
  }
  return status;
}

/**
 * The command that the first word names: to declare those that are not asked takes ten times as long. All of them where
 * it names none, such as for help, and for the command that completes the words of all others.
 */
function selectCommands([first]: readonly string[]): readonly (CommandDefinition | CommandGroup)[] {
  const called = commands.filter(({ name }) => name === first && name !== completeCommand.name);
  return called.length === 0 ? commands : called;
}

/**
 * `help query cotacoes` and `query help cotacoes` as `query cotacoes --help`; with a word that is no command, as an
 * error about that. Commander's own command helps with the first word only, and fails where the process is to fail
 * until its work ends.
 */
function replaceHelp(words: readonly string[]): readonly string[] {
  const isGroup = commands.some((each) => each.name === words[0] && 'commands' in each);
  if (words[0] !== 'help' && !(isGroup && words[1] === 'help')) return words;
  const asked = words.filter((word, at) => word !== 'help' || at > 1);
  return isUnknownCommand(asked) ? asked : [...asked, '--help'];
}

/** Whether a word stands where a command is named, and names none. */
function isUnknownCommand(words: readonly string[]): boolean {
  let level: readonly (CommandDefinition | CommandGroup)[] = commands;
  for (const word of words.filter((each) => !each.startsWith('-'))) {
    const called = level.find(({ name }) => name === word);
    if (called === undefined) return true;
    if (!('commands' in called)) return false;
    level = called.commands;
  }
  return false;
}

/** What is wrong with the command line, in words of ours; any other error, help and version among them, as it is. */
async function translateUsageError(
  error: unknown,
  words: readonly string[],
  program: Command,
): Promise<unknown> {
  // Commander has printed the help of a group of commands.
  if (!(error instanceof CommanderError) || error.code === 'commander.help') return error;
  // Help and the version end with exit code 0.
  if (error.exitCode === 0) return error;
  const { createUsageError } = await import('./command-line.ts');
  return createUsageError({
    code: error.code,
    message: restoreWords(error.message),
    args: words,
    commands: commands.map(({ name }) => name),
    command: findCommandName(program, words),
    given: restoreWords(findArguments(program)),
    subcommands: findSubcommands(program, words),
  });
}

/** The name of the command that the words call, such as `query cotacoes`; empty where they call none. */
function findCommandName(program: Command, words: readonly string[]): string {
  const names: string[] = [];
  let command: Command | undefined = program;
  for (const word of words) {
    command = command.commands.find((each) => each.name() === word);
    if (command === undefined) break;
    names.push(word);
  }
  return names.join(' ');
}

/** What the command that was called got beside its options: only it and the groups that it is in have any. */
function findArguments(command: Command): string[] {
  const called = command.commands.find(({ args }) => args.length > 0);
  return called === undefined ? command.args : findArguments(called);
}

/** Those of the group that the first word names. */
function findSubcommands(program: Command, [first]: readonly string[]): readonly string[] {
  const group = program.commands.find((each) => each.name() === first);
  return group?.commands.map((each) => each.name()) ?? [];
}

/** Narrower columns of descriptions are hard to read. */
const MIN_DESCRIPTION_WIDTH = 28;

/** An option or a command with its description: beside it, or below it on a narrow screen. */
function formatHelpItem(
  this: Help,
  term: string,
  termWidth: number,
  description: string,
  help: Help,
): string {
  const width = this.helpWidth ?? 80;
  if (description === '' || width - termWidth - INDENT.length * 2 >= MIN_DESCRIPTION_WIDTH) {
    return Help.prototype.formatItem.call(this, term, termWidth, description, help);
  }
  return [`${INDENT}${term}`, ...wrapText(description, width, INDENT.repeat(3))].join('\n');
}

const INDENT = '  ';

/** The line after `Usage:`, which commander does not wrap. */
function wrapUsage(this: Help, usage: string): string {
  const label = 'Usage: ';
  return wrapText(usage, this.helpWidth ?? 80, label)
    .join('\n')
    .slice(label.length);
}

/** @param terminal the one that is in use by the time something is printed */
function createProgram(
  selected: readonly (CommandDefinition | CommandGroup)[],
  run: CommandRunner,
  terminal: () => Terminal,
): Command {
  const program = new Command('pynvest')
    .description("Your own daily data lake of Brazilian stocks' and real-estate funds' indicators.")
    .version(packageJson.version)
    .showSuggestionAfterError()
    .configureHelp({
      ...{ minWidthToWrap: 10, formatItem: formatHelpItem, styleUsage: wrapUsage },
    })
    .configureOutput({
      writeOut: (text) => terminal().stdout.write(text),
      writeErr: (text) => terminal().stderr.write(text),
      // Its errors are reported in words of ours.
      outputError: () => undefined,
      getOutHelpWidth: () => getWidth(terminal().stdout) ?? 80,
      getErrHelpWidth: () => getWidth(terminal().stderr) ?? 80,
    })
    .exitOverride();
  for (const [purpose, each] of Object.entries(commandsByPurpose)) {
    for (const definition of each) {
      if (selected.includes(definition)) addCommand(program, run, definition, purpose);
    }
  }
  return program;
}

/**
 * The command: what it is called with, and which module does it. Each command's module, and what that
 * needs, is loaded when it is called: `--help` loads none.
 */
import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { declareCollecting } from './commands/collecting.ts';
import { declareDeploying } from './commands/deploying.ts';
import { declareOperating } from './commands/operating.ts';
import { declareQuerying } from './commands/querying.ts';
import type { Start } from './commands/start.ts';
import { declareWatching } from './commands/watching.ts';
import { endWithTheReader, reportError } from './exit.ts';
import { createTerminal, widthOf } from './terminal.ts';

/** What the person asked of the terminal, as far as it is known when something goes wrong. */
let terminal = createTerminal({
  verbose: process.argv.includes('--verbose'),
  color: !process.argv.includes('--no-color'),
});

const start: Start = async (options, work) => {
  terminal = createTerminal(options);
  process.exitCode = await work(terminal);
};

const program = new Command('pynvest')
  .description("Your own daily data lake of Brazilian stocks' and real-estate funds' indicators.")
  .version(packageJson.version)
  .showHelpAfterError('(--help says how)')
  .showSuggestionAfterError()
  .configureHelp({ minWidthToWrap: 20 })
  .configureOutput({
    outputError: (text, write) => write(text.replace(/^error:/, terminal.colors.red('error:'))),
    getOutHelpWidth: () => widthOf(process.stdout) ?? 80,
    getErrHelpWidth: () => widthOf(process.stderr) ?? 80,
  })
  .exitOverride();

declareCollecting(program, start);
declareQuerying(program, start);
declareOperating(program, start);
declareWatching(program, start);
declareDeploying(program, start);

endWithTheReader();
process.on('uncaughtException', (error) => process.exit(reportError(error, terminal)));
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportError(error, terminal);
  if (error instanceof CommanderError) await sayHowItIsWritten(error);
}

async function sayHowItIsWritten({ code }: CommanderError): Promise<void> {
  const { usageHint } = await import('./usage-hints.ts');
  const commands = program.commands.map((command) => command.name());
  const hint = usageHint({ code, args: process.argv.slice(2), commands });
  if (hint !== undefined) terminal.stderr.write(`${hint}\n`);
}

/**
 * Starts the command, and reports what went wrong.
 */

import { handleBrokenPipe, reportError } from './exit.ts';
import { CommanderError, createProgram } from './program.ts';
import { createTerminal } from './terminal/terminal.ts';

/** What the person asked of the terminal, as far as it is known when something goes wrong. */
let terminal = createTerminal({
  verbose: process.argv.includes('--verbose'),
  color: !process.argv.includes('--no-color'),
});

const program = createProgram(
  async (options, work) => {
    terminal = createTerminal(options);
    process.exitCode = await work(terminal);
  },
  () => terminal,
);

handleBrokenPipe();
process.on('uncaughtException', (error) => process.exit(reportError(error, terminal)));
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportError(error, terminal);
  if (error instanceof CommanderError) await printUsageHint(error);
}

async function printUsageHint({ code }: CommanderError): Promise<void> {
  const { findUsageHint } = await import('./usage-hints.ts');
  const commands = program.commands.map((command) => command.name());
  const hint = findUsageHint({ code, args: process.argv.slice(2), commands });
  if (hint !== undefined) terminal.stderr.write(`${hint}\n`);
}

/**
 * Starts the command, and reports what went wrong.
 */

import {
  CommanderError,
  createProgram,
  createTerminal,
  ExitStatus,
  handleBrokenPipe,
  reportError,
} from './program.ts';

const brokenPipe = handleBrokenPipe();

/** As far as its options are known when something goes wrong. */
let terminal = createTerminal(
  {
    verbose: process.argv.includes('--verbose'),
    color: !process.argv.includes('--no-color'),
  },
  brokenPipe.onBroken,
);

const program = createProgram(
  async (options, work) => {
    terminal = createTerminal(options, brokenPipe.onBroken);
    process.exitCode = await work(terminal);
  },
  () => terminal,
);

process.on('uncaughtException', (error) => process.exit(report(error)));
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
  // Help and the version end with exit code 0.
  if (error instanceof CommanderError && error.exitCode !== 0) await printUsageHint(error);
}

function report(error: unknown): ExitStatus {
  return brokenPipe.isBroken ? ExitStatus.done : reportError(error, terminal);
}

async function printUsageHint({ code }: CommanderError): Promise<void> {
  const { findUsageHint } = await import('./command-line.ts');
  const commands = program.commands.map((command) => command.name());
  const hint = findUsageHint({ code, args: process.argv.slice(2), commands });
  if (hint !== undefined) terminal.stderr.write(`${hint}\n`);
}

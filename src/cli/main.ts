/** Starts the command, and says what went wrong. */
import {
  CommanderError,
  createProgram,
  createTerminal,
  endWithTheReader,
  reportError,
} from './program.ts';

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

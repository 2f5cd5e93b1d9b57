/**
 * Starts the command.
 */
import { ExitStatus, failUnlessEnded, handleBrokenPipe, reportError } from './exit.ts';
import { runProgram } from './program.ts';
import { createTerminal, type Terminal } from './terminal/terminal.ts';

const brokenPipe = handleBrokenPipe();

/** The one that is in use by the time something goes wrong. */
let terminal: Terminal;

const report = (error: unknown): ExitStatus =>
  brokenPipe.isBroken ? ExitStatus.done : reportError(error, terminal);

process.on('uncaughtException', (error) => process.exit(report(error)));
const endWork = failUnlessEnded();
const status = await runProgram(
  process.argv.slice(2),
  (options) => {
    terminal = createTerminal(options, brokenPipe.onBroken);
    return terminal;
  },
  report,
);
endWork(status);

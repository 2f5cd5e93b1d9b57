/**
 * The program: its name, version, help, and all of its commands. Everything imported here is loaded by every call,
 * `--help` included, and the build keeps it in one file; what a command needs beyond that is imported dynamically.
 */

import { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import {
  addCollectionCommands,
  addDeploymentCommands,
  addOperationCommands,
  addQueryCommands,
  addShellCommands,
  type CommandRunner,
} from './command.ts';
import { getWidth, type Terminal } from './terminal/terminal.ts';

export { CommanderError } from 'commander';
export { handleBrokenPipe, reportError } from './exit.ts';
export { createTerminal } from './terminal/terminal.ts';
/** @param terminal the one that is in use by the time something goes wrong */
export function createProgram(start: CommandRunner, terminal: () => Terminal): Command {
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
  addCollectionCommands(program, start);
  addQueryCommands(program, start);
  addOperationCommands(program, start);
  addShellCommands(program, start);
  addDeploymentCommands(program, start);
  return program;
}

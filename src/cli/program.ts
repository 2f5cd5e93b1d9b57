/**
 * The command's words: what it is called with, and which module does it. Each command's module, and what
 * that needs, is loaded when it is called: `--help` loads none. What is imported here is loaded by every call;
 * the build keeps it in one file.
 */
import { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { declareCollecting } from './commands/collecting.ts';
import { declareDeploying } from './commands/deploying.ts';
import { declareOperating } from './commands/operating.ts';
import { declareQuerying } from './commands/querying.ts';
import type { Start } from './commands/start.ts';
import { declareWatching } from './commands/watching.ts';
import { createTerminal, type Terminal, widthOf } from './terminal.ts';

export { CommanderError } from 'commander';
export { endWithTheReader, reportError } from './exit.ts';
export { createTerminal };

/** @param terminal the one that is in use by the time something goes wrong */
export function createProgram(start: Start, terminal: () => Terminal): Command {
  const program = new Command('pynvest')
    .description("Your own daily data lake of Brazilian stocks' and real-estate funds' indicators.")
    .version(packageJson.version)
    .showHelpAfterError('(--help says how)')
    .showSuggestionAfterError()
    .configureHelp({ minWidthToWrap: 20 })
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error:/, terminal().colors.red('error:'))),
      getOutHelpWidth: () => widthOf(process.stdout) ?? 80,
      getErrHelpWidth: () => widthOf(process.stderr) ?? 80,
    })
    .exitOverride();
  declareCollecting(program, start);
  declareQuerying(program, start);
  declareOperating(program, start);
  declareWatching(program, start);
  declareDeploying(program, start);
  return program;
}

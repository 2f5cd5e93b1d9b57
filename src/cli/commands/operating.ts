/** The commands that keep a lake going. */
import type { Command } from 'commander';
import { withLake, withOutput, withSite } from '../options.ts';
import type { Start } from './start.ts';

export function declareOperating(program: Command, start: Start): void {
  withSite(withLake(withOutput(program.command('doctor'))))
    .description('what is wrong with the lake or the site, and how to mend it')
    .action((options) =>
      start(options, async (terminal) => (await import('../doctor.ts')).doctor(terminal, options)),
    );
}

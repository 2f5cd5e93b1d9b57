/** The commands that keep a lake going. */
import type { Command } from 'commander';
import { withLake, withOutput, withSite } from '../options.ts';
import type { Start } from './start.ts';

export function declareOperating(program: Command, start: Start): void {
  withSite(withLake(withOutput(program.command('doctor'))))
    .description('what is wrong with the lake or the site, and how to mend it')
    .option('--fix', 'do what is safe about it, and look again')
    .option(
      '--from <day>',
      'every value from this day on, YYYY-MM-DD (default: of the newest days)',
    )
    .option('--to <day>', 'every value up to this day')
    .option('--all', 'every value of every day')
    .option('--no-site', 'leave the site alone')
    .option('--list', 'the codes of all that can be found, what they mean and what to do')
    .addHelpText(
      'after',
      '\nExit status: 0 where no problem is left (notes are none), 1 where one is.',
    )
    .action((options) =>
      start(options, async (terminal) => (await import('../doctor.ts')).doctor(terminal, options)),
    );
}

/** The commands that make the others shorter: the watchlist and the shell's completion. */
import { Argument, type Command } from 'commander';
import { withRows, withTerminal } from '../options.ts';
import { shells } from '../shells.ts';
import type { Start } from './start.ts';

export function declareWatching(program: Command, start: Start): void {
  const watch = program
    .command('watch')
    .description('the watchlist: the tickers that --watchlist stands for');
  withTerminal(watch.command('add'))
    .description('follow these, too')
    .argument('<ticker...>', 'such as PETR4 or HGLG11')
    .action((names, options) =>
      start(options, async (terminal) => (await import('../watch.ts')).watchAdd(terminal, names)),
    );
  withTerminal(watch.command('remove'))
    .description('follow these no longer')
    .argument('<ticker...>', 'tickers of the watchlist')
    .action((names, options) =>
      start(options, async (terminal) =>
        (await import('../watch.ts')).watchRemove(terminal, names),
      ),
    );
  withRows(watch.command('list'))
    .description('what is followed, in the order in which it was added')
    .action((options) =>
      start(options, async (terminal) =>
        (await import('../watch.ts')).watchList(terminal, options),
      ),
    );
  withTerminal(watch.command('clear'))
    .description('follow nothing any longer')
    .action((options) =>
      start(options, async (terminal) => (await import('../watch.ts')).watchClear(terminal)),
    );

  program
    .command('completion')
    .description("print what makes a shell complete pynvest's words; README says where it goes")
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(shells))
    .action((shell) =>
      start({}, async (terminal) => (await import('../completion.ts')).completion(terminal, shell)),
    );
  program
    .command('complete', { hidden: true })
    .addArgument(new Argument('<shell>').choices(shells))
    .argument('[words...]')
    .allowUnknownOption()
    .allowExcessArguments()
    .helpOption(false)
    .action((shell, words) =>
      start({}, async (terminal) =>
        (await import('../complete.ts')).complete(terminal, program, shell, words),
      ),
    );
}

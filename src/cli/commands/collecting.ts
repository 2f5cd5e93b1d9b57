/** The commands that read the site and fill the lake. */
import { type Command, Option } from 'commander';
import {
  withAnyTarget,
  withLake,
  withOutput,
  withRows,
  withSite,
  withWatchlist,
} from '../options.ts';
import type { Start } from './start.ts';

export function declareCollecting(program: Command, start: Start): void {
  withOutput(program.command('demo'))
    .description('the whole pipeline offline, on a small fictional market')
    .action((options) =>
      start(options, async (terminal) => (await import('../demo.ts')).demo(terminal, options)),
    );

  withAnyTarget(withSite(withRows(program.command('tickers'))))
    .description("the site's tickers, sorted, each once")
    .argument('[kind]', 'acoes or fiis; both without it')
    .action((kind, options) =>
      start(options, async (terminal) =>
        (await import('../tickers.ts')).tickers(terminal, kind, options),
      ),
    );

  withAnyTarget(withSite(withWatchlist(withRows(program.command('scrape')))))
    .description("assets' indicators from the site, without a lake")
    .argument('[ticker...]', 'such as PETR4 or HGLG11')
    .option('--ticker <list>', 'these, too, such as PETR4,HGLG11')
    .option('--raw', 'as printed on the page, without types')
    .action((names, options) =>
      start(options, async (terminal) =>
        (await import('../scrape.ts')).scrape(terminal, names, options),
      ),
    );

  withSite(withLake(withWatchlist(withOutput(program.command('run')))))
    .description("today's collection, all layers")
    .option('--tickers <list>', 'only these, such as PETR4,HGLG11')
    .addOption(new Option('--ticker <list>', 'the same').hideHelp())
    .option('--tipo <kind>', 'only acoes or only fiis')
    .option('--remote', 'by the functions in AWS, followed from here to their end')
    .option('--wait <time>', 'how long --remote follows them, such as 45m (default 30m)')
    .action((options) =>
      start(options, async (terminal) => (await import('../run.ts')).run(terminal, options)),
    );

  withLake(withOutput(program.command('backfill')))
    .description('make past days right: rebuild typed tables and quotes from the raw text')
    .option('--date <day>', 'one day, YYYY-MM-DD')
    .option('--from <day>', 'the first of several days')
    .option('--to <day>', 'the last of several days')
    .action((options) =>
      start(options, async (terminal) =>
        (await import('../backfill.ts')).backfill(terminal, options),
      ),
    );

  const dedup = program.command('dedup').description('remove duplicates');
  withLake(withOutput(dedup.command('now')))
    .description('one row a ticker in the typed tables and the quotes of a day')
    .option('--date <day>', 'YYYY-MM-DD (default: today)')
    .option('--remote', 'by the state machine in AWS, followed from here to its end')
    .option('--wait <time>', 'how long --remote follows it, such as 45m (default 30m)')
    .action((options) =>
      start(options, async (terminal) => (await import('../dedup.ts')).dedupNow(terminal, options)),
    );
}

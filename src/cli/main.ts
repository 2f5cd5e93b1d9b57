/**
 * The command: what it is called with, and which module does it. Each command's module, and what that
 * needs, is loaded when it is called: `--help` loads none.
 */
import { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { type ExitStatus, endWithTheReader, reportError } from './exit.ts';
import { withDays, withLake, withOutput, withSite } from './options.ts';
import { createTerminal, type TerminalOptions } from './terminal.ts';

/** What the person asked of the terminal, as far as it is known when something goes wrong. */
let terminal = createTerminal({ verbose: process.argv.includes('--verbose') });

/** Runs a command's work and makes its answer the process's exit status. */
async function start(options: TerminalOptions, work: () => Promise<ExitStatus>): Promise<void> {
  terminal = createTerminal(options);
  process.exitCode = await work();
}

const program = new Command('pynvest')
  .description("Your own daily data lake of Brazilian stocks' and real-estate funds' indicators.")
  .version(packageJson.version)
  .showHelpAfterError('(--help says how)')
  .showSuggestionAfterError()
  .exitOverride();

withOutput(program.command('demo'))
  .description('the whole pipeline offline, on a small fictional market')
  .action((options) =>
    start(options, async () => (await import('./demo.ts')).demo(terminal, options)),
  );

withSite(withOutput(program.command('tickers')))
  .description("the site's tickers, sorted, each once")
  .argument('[kind]', 'acoes or fiis; both without it')
  .action((kind, options) =>
    start(options, async () => (await import('./tickers.ts')).tickers(terminal, kind, options)),
  );

withSite(withOutput(program.command('scrape')))
  .description("assets' indicators from the site, without a lake")
  .argument('<ticker...>', 'such as PETR4 or HGLG11')
  .option('--raw', 'as printed on the page, without types')
  .action((names, options) =>
    start(options, async () => (await import('./scrape.ts')).scrape(terminal, names, options)),
  );

withSite(withLake(withOutput(program.command('run'))))
  .description("today's collection, all layers")
  .option('--tickers <list>', 'only these, such as PETR4,HGLG11')
  .option('--tipo <kind>', 'only acoes or only fiis')
  .action((options) =>
    start(options, async () => (await import('./run.ts')).run(terminal, options)),
  );

withLake(withOutput(program.command('backfill')))
  .description('make past days right: rebuild typed tables and quotes from the raw text')
  .option('--date <day>', 'one day, YYYY-MM-DD')
  .option('--from <day>', 'the first of several days')
  .option('--to <day>', 'the last of several days')
  .action((options) =>
    start(options, async () => (await import('./backfill.ts')).backfill(terminal, options)),
  );

const dedup = program.command('dedup').description('remove duplicates');
withLake(withOutput(dedup.command('now')))
  .description('one row a ticker in the typed tables and the quotes of a day')
  .option('--date <day>', 'YYYY-MM-DD (default: today)')
  .action((options) =>
    start(options, async () => (await import('./dedup.ts')).dedupNow(terminal, options)),
  );

const query = program.command('query').description('ask the lake');
withDays(withLake(withOutput(query.command('cotacoes'))))
  .description('quotes: every day of some assets, or the newest day of all')
  .option('--ticker <list>', 'such as PETR4,VALE3')
  .action((options) =>
    start(options, async () => (await import('./query-cotacoes.ts')).cotacoes(terminal, options)),
  );
withDays(withLake(withOutput(query.command('indicadores'))))
  .description('typed indicators of stocks and funds, of their newest day unless told')
  .requiredOption('--ticker <list>', 'such as ITUB4,HGLG11')
  .option('--columns <list>', 'only these columns, such as vlr_cot,vlr_ind_roe')
  .action((options) =>
    start(options, async () =>
      (await import('./query-indicadores.ts')).indicadores(terminal, options),
    ),
  );
withLake(withOutput(query.command('sql')))
  .description(
    'one SELECT over the tables, such as db_pynvest_spec.tbspec_fundamentus_cotacao_ativos',
  )
  .argument('<select>', 'the text of the SELECT; - reads it from standard input')
  .action((select, options) =>
    start(options, async () => (await import('./query-sql.ts')).sql(terminal, select, options)),
  );

withSite(withLake(withOutput(program.command('doctor'))))
  .description('what is wrong with the lake or the site, and how to mend it')
  .action((options) =>
    start(options, async () => (await import('./doctor.ts')).doctor(terminal, options)),
  );

endWithTheReader();
process.on('uncaughtException', (error) => process.exit(reportError(error, terminal)));
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportError(error, terminal);
}

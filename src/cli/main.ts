/**
 * The command: what it is called with, and which module does it. Each command's module, and what that
 * needs, is loaded when it is called: `--help` loads none.
 */
import { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { type ExitStatus, endWithTheReader, reportError } from './exit.ts';
import {
  withAws,
  withDays,
  withLake,
  withOutput,
  withSite,
  withStack,
  withStackChange,
  withTerminal,
} from './options.ts';
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

withStackChange(withStack(withAws(withOutput(program.command('deploy')))))
  .description(
    'build the lake in your AWS account, or bring it to this version and these parameters',
  )
  .option('--tag <Key=Value...>', 'a tag of the stack and of what is in it')
  .option('--keep <n>', 'earlier deployments whose code is kept (default 2)')
  .option('--no-termination-protection', 'leave the stack open to being deleted by a slip')
  .action((options) =>
    start(options, async () => (await import('./deploy.ts')).deploy(terminal, options)),
  );
withStack(withAws(withOutput(program.command('plan'))))
  .description('what deploy would add, change, replace and remove, and which data is at risk')
  .option('--tag <Key=Value...>', 'a tag of the stack and of what is in it')
  .option('--role-arn <arn>', 'the role that CloudFormation takes up instead of yours')
  .action((options) =>
    start(options, async () => (await import('./plan.ts')).plan(terminal, options)),
  );
withStackChange(withStack(withAws(withTerminal(program.command('destroy')))))
  .description('take the lake in AWS down; its data stays')
  .option('--delete-data', 'the data too, for good; asks for the name of the stack')
  .option('--confirm <stack>', 'the name of the stack, where --delete-data has nobody to ask')
  .action((options) =>
    start(options, async () => (await import('./destroy.ts')).destroy(terminal, options)),
  );
withStack(withTerminal(program.command('iam-policy')))
  .description('the least IAM policy that deploy, plan and destroy need')
  .option('--account <id>', 'the AWS account, twelve digits')
  .option('--region <region>', 'the AWS region, such as sa-east-1')
  .option('--delete-data', 'with what destroy --delete-data needs')
  .option('--part <n>', 'one of the pieces that fit into a managed policy')
  .action((options) =>
    start(options, async () => (await import('./iam-policy.ts')).iamPolicy(terminal, options)),
  );

endWithTheReader();
process.on('uncaughtException', (error) => process.exit(reportError(error, terminal)));
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportError(error, terminal);
}

/**
 * How a command is declared: its name, description, arguments, options and handler.
 */

import { Argument, type Command, Option } from 'commander';
import type { ExitStatus } from './exit.ts';
import {
  columnSets,
  iamTasks,
  shells,
  withAnyTarget,
  withAws,
  withDays,
  withLake,
  withOutput,
  withRefinements,
  withRows,
  withSite,
  withStack,
  withStackChange,
  withTerminal,
  withWatchlist,
} from './options.ts';
import type { Terminal, TerminalOptions } from './terminal/terminal.ts';

/** Runs a command's work on a terminal of these options and makes its answer the process's exit status. */
export type CommandRunner = (
  options: TerminalOptions,
  work: (terminal: Terminal) => Promise<ExitStatus>,
) => Promise<void>;

export function addCollectionCommands(program: Command, start: CommandRunner): void {
  withOutput(program.command('demo'))
    .description('the whole pipeline offline, on a small fictional market')
    .action((options) =>
      start(options, async (terminal) =>
        (await import('./commands/demo.ts')).demo(terminal, options),
      ),
    );

  withAnyTarget(withSite(withRows(program.command('tickers'))))
    .description("the site's tickers, sorted, each once")
    .argument('[kind]', 'acoes or fiis; both without it')
    .action((kind, options) =>
      start(options, async (terminal) =>
        (await import('./commands/tickers.ts')).tickers(terminal, kind, options),
      ),
    );

  withAnyTarget(withSite(withWatchlist(withRows(program.command('scrape')))))
    .description("assets' indicators from the site, without a lake")
    .argument('[ticker...]', 'such as PETR4 or HGLG11')
    .option('--ticker <list>', 'these, too, such as PETR4,HGLG11')
    .option('--raw', 'as printed on the page, without types')
    .action((names, options) =>
      start(options, async (terminal) =>
        (await import('./commands/scrape.ts')).scrape(terminal, names, options),
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
      start(options, async (terminal) =>
        (await import('./commands/run.ts')).run(terminal, options),
      ),
    );

  withLake(withOutput(program.command('backfill')))
    .description('make past days right: rebuild typed tables and quotes from the raw text')
    .option('--date <day>', 'one day, YYYY-MM-DD')
    .option('--from <day>', 'the first of several days')
    .option('--to <day>', 'the last of several days')
    .action((options) =>
      start(options, async (terminal) =>
        (await import('./commands/backfill.ts')).backfill(terminal, options),
      ),
    );

  const dedup = program.command('dedup').description('remove duplicates');
  withLake(withOutput(dedup.command('now')))
    .description('one row a ticker in the typed tables and the quotes of a day')
    .option('--date <day>', 'YYYY-MM-DD (default: today)')
    .option('--remote', 'by the state machine in AWS, followed from here to its end')
    .option('--wait <time>', 'how long --remote follows it, such as 45m (default 30m)')
    .action((options) =>
      start(options, async (terminal) =>
        (await import('./commands/dedup.ts')).dedupNow(terminal, options),
      ),
    );
}

export function addQueryCommands(program: Command, start: CommandRunner): void {
  const query = program.command('query').description('ask the lake');
  const cotacoes = withDays(withLake(withRows(query.command('cotacoes'))))
    .description('quotes: every day of some assets, or the newest day of all')
    .option('--ticker <list>', 'such as PETR4,VALE3')
    .option('--tipo <kind>', 'only acoes or only fiis');
  withRefinements(withWatchlist(cotacoes), 'vlr_cot,pct_var_12m').action((options) =>
    start(options, async (terminal) =>
      (await import('./commands/query/cotacoes.ts')).cotacoes(terminal, options),
    ),
  );
  const indicadores = withDays(withLake(withRows(query.command('indicadores'))))
    .description('typed indicators of some assets or of all, of the newest day unless told')
    .option('--ticker <list>', 'such as ITUB4,HGLG11')
    .option('--tipo <kind>', 'only acoes or only fiis');
  withRefinements(withWatchlist(indicadores), 'vlr_cot,vlr_ind_roe').action((options) =>
    start(options, async (terminal) =>
      (await import('./commands/query/indicadores.ts')).indicadores(terminal, options),
    ),
  );
  withLake(withRows(query.command('sql')))
    .description(
      'one SELECT over the tables, such as db_pynvest_spec.tbspec_fundamentus_cotacao_ativos',
    )
    .argument('<select>', 'the text of the SELECT; - reads it from standard input')
    .action((select, options) =>
      start(options, async (terminal) =>
        (await import('./commands/query/sql.ts')).sql(terminal, select, options),
      ),
    );
  withRows(program.command('columns'))
    .description('the columns that a query can name: their types, and what they mean in Portuguese')
    .addArgument(new Argument('[of]', 'only those of stocks, funds or quotes').choices(columnSets))
    .action((of, options) =>
      start(options, async (terminal) =>
        (await import('./commands/columns.ts')).columns(terminal, of, options),
      ),
    );
}

export function addOperationCommands(program: Command, start: CommandRunner): void {
  withSite(withLake(withOutput(program.command('status'))))
    .description('whether the lake is up to date and whole, and what to do where it is not')
    .option('--no-site', 'do not ask the site which tickers there are: compare with the day before')
    .option('--drift', 'look anew for drift of the stack in AWS; takes a minute or more')
    .option('--list', 'the codes of all that can be named, what they mean and what to do')
    .addHelpText('after', STATUS_HELP)
    .action((options) =>
      start(options, async (terminal) =>
        (await import('./commands/status.ts')).status(terminal, options),
      ),
    );

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
      start(options, async (terminal) =>
        (await import('./commands/doctor.ts')).doctor(terminal, options),
      ),
    );

  withLake(withOutput(program.command('logs')))
    .description('what the functions in AWS say of their work')
    .argument('[function]', 'one of them, such as get-tickers; all without it')
    .option('--since <when>', 'how far back: 90s, 15m, 1h, 2d, or a date or time (default 1h)')
    .option('-f, --follow', 'go on with what comes, until Ctrl-C')
    .option('--ticker <ticker>', 'only what is about it, such as PETR4')
    .option('--errors', 'only errors, time-outs among them')
    .action((name, options) =>
      start(options, async (terminal) =>
        (await import('./commands/logs.ts')).logs(terminal, name, options),
      ),
    );

  withLake(withOutput(program.command('redrive')))
    .description('the tickers that failed for good: why, and back to work or out of the way')
    .option('--queue <kind>', 'only acoes or only fiis')
    .option('--ticker <list>', 'send these back, such as PETR4,HGLG11')
    .option('--all', 'send all back')
    .option('--late', "also those whose day's page the site no longer shows")
    .option('--remove', 'remove them instead, for good')
    .option('-y, --yes', 'remove without asking')
    .action((options) =>
      start(options, async (terminal) =>
        (await import('./commands/redrive.ts')).redrive(terminal, options),
      ),
    );

  for (const [name, description] of [
    ['pause', 'stop both schedules in AWS; what is running goes on to its end'],
    ['resume', 'start both schedules in AWS again'],
  ] as const) {
    withLake(withOutput(program.command(name)))
      .description(description)
      .action((options) =>
        start(options, async (terminal) =>
          (await import('./commands/pause-resume.ts'))[name](terminal, options),
        ),
      );
  }
}

const STATUS_HELP = `
Exit status, for cron and the like:
  0  all is well
  1  something could not be found out
  3  a problem: a table without the newest trading day that is due (today from 19:00 in São Paulo, in
     AWS from the deduplication's schedule on), or without one of the last 5 trading days; over 1 % of
     the tickers missing; duplicates; a file that cannot be read; a day or a run that did not come to
     its end; dead letters; a failed deduplication; a schedule disabled or gone; an alarm in ALARM; a
     stack that is not whole
Values that do not parse, new and vanished labels, older gaps and drift are notes: they change nothing.
The site is asked again once where --retries does not say otherwise.
A collection on a day without trading stands for the trading day before it.
JSON is one object; CSV is one line a table.`;

export function addShellCommands(program: Command, start: CommandRunner): void {
  const watch = program
    .command('watch')
    .description('the watchlist: the tickers that --watchlist stands for');
  withTerminal(watch.command('add'))
    .description('follow these, too')
    .argument('<ticker...>', 'such as PETR4 or HGLG11')
    .action((names, options) =>
      start(options, async (terminal) =>
        (await import('./commands/watch.ts')).watchAdd(terminal, names),
      ),
    );
  withTerminal(watch.command('remove'))
    .description('follow these no longer')
    .argument('<ticker...>', 'tickers of the watchlist')
    .action((names, options) =>
      start(options, async (terminal) =>
        (await import('./commands/watch.ts')).watchRemove(terminal, names),
      ),
    );
  withRows(watch.command('list'))
    .description('what is followed, in the order in which it was added')
    .action((options) =>
      start(options, async (terminal) =>
        (await import('./commands/watch.ts')).watchList(terminal, options),
      ),
    );
  withTerminal(watch.command('clear'))
    .description('follow nothing any longer')
    .action((options) =>
      start(options, async (terminal) =>
        (await import('./commands/watch.ts')).watchClear(terminal),
      ),
    );

  program
    .command('completion')
    .description("print what makes a shell complete pynvest's words; README says where it goes")
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(shells))
    .action((shell) =>
      start({}, async (terminal) =>
        (await import('./commands/completion.ts')).completion(terminal, shell),
      ),
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
        (await import('./commands/complete.ts')).complete(terminal, program, shell, words),
      ),
    );
}

export function addDeploymentCommands(program: Command, start: CommandRunner): void {
  withStackChange(withStack(withAws(withOutput(program.command('deploy')))))
    .description(
      'build the lake in your AWS account, or bring it to this version and these parameters',
    )
    .option('--tag <Key=Value...>', 'a tag of the stack and of what is in it')
    .option('--keep <n>', 'earlier deployments whose code is kept (default 2)')
    .option('--no-termination-protection', 'leave the stack open to being deleted by a slip')
    .action((options) =>
      start(options, async (terminal) =>
        (await import('./commands/deploy.ts')).deploy(terminal, options),
      ),
    );
  withStack(withAws(withOutput(program.command('plan'))))
    .description('what deploy would add, change, replace and remove, and which data is at risk')
    .option('--tag <Key=Value...>', 'a tag of the stack and of what is in it')
    .option('--role-arn <arn>', 'the role that CloudFormation takes up instead of yours')
    .action((options) =>
      start(options, async (terminal) =>
        (await import('./commands/plan.ts')).plan(terminal, options),
      ),
    );
  withStackChange(withStack(withAws(withTerminal(program.command('destroy')))))
    .description('take the lake in AWS down; its data stays')
    .option('--delete-data', 'the data too, for good; asks for the name of the stack')
    .option('--confirm <stack>', 'the name of the stack, where --delete-data has nobody to ask')
    .action((options) =>
      start(options, async (terminal) =>
        (await import('./commands/destroy.ts')).destroy(terminal, options),
      ),
    );
  withStack(withTerminal(program.command('iam-policy')))
    .description('the least IAM policy that deploying, operating or collecting needs')
    .addOption(
      new Option(
        '--for <task>',
        'deploy: deploy, plan, destroy (default); service-role: what CloudFormation does with --role-arn; operate: status, logs, redrive, pause, resume, --remote, ' +
          'queries; collect: run, backfill, dedup now --target aws; mend: doctor --fix, beside both of these',
      ).choices(iamTasks),
    )
    .option('--account <id>', 'the AWS account, twelve digits')
    .option('--region <region>', 'the AWS region, such as sa-east-1')
    .option('--role-arn <arn>', 'for who deploys with --role-arn, which this then lets them pass')
    .option('--delete-data', 'with what destroy --delete-data needs')
    .option('--part <n>', 'one of the pieces that fit into a managed policy')
    .action((options) =>
      start(options, async (terminal) =>
        (await import('./commands/iam-policy.ts')).iamPolicy(terminal, options),
      ),
    );
}

/** The commands that keep a lake going. */
import type { Command } from 'commander';
import { withLake, withOutput, withSite } from '../options.ts';
import type { Start } from './start.ts';

export function declareOperating(program: Command, start: Start): void {
  withSite(withLake(withOutput(program.command('status'))))
    .description('whether the lake is up to date and whole, and what to do where it is not')
    .option('--no-site', 'do not ask the site which tickers there are: compare with the day before')
    .option('--drift', 'look anew for drift of the stack in AWS; takes a minute or more')
    .option('--list', 'the codes of all that can be named, what they mean and what to do')
    .addHelpText('after', STATUS_RULE)
    .action((options) =>
      start(options, async (terminal) => (await import('../status.ts')).status(terminal, options)),
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
      start(options, async (terminal) => (await import('../doctor.ts')).doctor(terminal, options)),
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
        (await import('../logs.ts')).logs(terminal, name, options),
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
        (await import('../redrive.ts')).redrive(terminal, options),
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
          (await import('../schedules.ts'))[name](terminal, options),
        ),
      );
  }
}

const STATUS_RULE = `
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

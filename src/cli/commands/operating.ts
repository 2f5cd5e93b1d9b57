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

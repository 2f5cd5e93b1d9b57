/** The commands that ask the lake. */
import type { Command } from 'commander';
import { withDays, withLake, withOutput } from '../options.ts';
import type { Start } from './start.ts';

export function declareQuerying(program: Command, start: Start): void {
  const query = program.command('query').description('ask the lake');
  withDays(withLake(withOutput(query.command('cotacoes'))))
    .description('quotes: every day of some assets, or the newest day of all')
    .option('--ticker <list>', 'such as PETR4,VALE3')
    .action((options) =>
      start(options, async (terminal) =>
        (await import('../query-cotacoes.ts')).cotacoes(terminal, options),
      ),
    );
  withDays(withLake(withOutput(query.command('indicadores'))))
    .description('typed indicators of stocks and funds, of their newest day unless told')
    .requiredOption('--ticker <list>', 'such as ITUB4,HGLG11')
    .option('--columns <list>', 'only these columns, such as vlr_cot,vlr_ind_roe')
    .action((options) =>
      start(options, async (terminal) =>
        (await import('../query-indicadores.ts')).indicadores(terminal, options),
      ),
    );
  withLake(withOutput(query.command('sql')))
    .description(
      'one SELECT over the tables, such as db_pynvest_spec.tbspec_fundamentus_cotacao_ativos',
    )
    .argument('<select>', 'the text of the SELECT; - reads it from standard input')
    .action((select, options) =>
      start(options, async (terminal) =>
        (await import('../query-sql.ts')).sql(terminal, select, options),
      ),
    );
}

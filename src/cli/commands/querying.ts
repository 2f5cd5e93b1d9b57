/** The commands that ask the lake. */
import { Argument, type Command } from 'commander';
import { columnsOf } from '../columns-of.ts';
import { withDays, withLake, withRefining, withRows, withWatchlist } from '../options.ts';
import type { Start } from './start.ts';

export function declareQuerying(program: Command, start: Start): void {
  const query = program.command('query').description('ask the lake');
  const cotacoes = withDays(withLake(withRows(query.command('cotacoes'))))
    .description('quotes: every day of some assets, or the newest day of all')
    .option('--ticker <list>', 'such as PETR4,VALE3')
    .option('--tipo <kind>', 'only acoes or only fiis');
  withRefining(withWatchlist(cotacoes), 'vlr_cot,pct_var_12m').action((options) =>
    start(options, async (terminal) =>
      (await import('../query-cotacoes.ts')).cotacoes(terminal, options),
    ),
  );
  const indicadores = withDays(withLake(withRows(query.command('indicadores'))))
    .description('typed indicators of some assets or of all, of the newest day unless told')
    .option('--ticker <list>', 'such as ITUB4,HGLG11')
    .option('--tipo <kind>', 'only acoes or only fiis');
  withRefining(withWatchlist(indicadores), 'vlr_cot,vlr_ind_roe').action((options) =>
    start(options, async (terminal) =>
      (await import('../query-indicadores.ts')).indicadores(terminal, options),
    ),
  );
  withLake(withRows(query.command('sql')))
    .description(
      'one SELECT over the tables, such as db_pynvest_spec.tbspec_fundamentus_cotacao_ativos',
    )
    .argument('<select>', 'the text of the SELECT; - reads it from standard input')
    .action((select, options) =>
      start(options, async (terminal) =>
        (await import('../query-sql.ts')).sql(terminal, select, options),
      ),
    );
  withRows(program.command('columns'))
    .description('the columns that a query can name: their types, and what they mean in Portuguese')
    .addArgument(new Argument('[of]', 'only those of stocks, funds or quotes').choices(columnsOf))
    .action((of, options) =>
      start(options, async (terminal) =>
        (await import('../columns.ts')).columns(terminal, of, options),
      ),
    );
}

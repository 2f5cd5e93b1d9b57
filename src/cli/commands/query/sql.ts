/**
 * `pynvest query sql`: runs one SELECT over the lake's tables.
 */

import { existsSync } from 'node:fs';
import { text as readAll } from 'node:stream/consumers';
import { UsageError } from '../../../errors.ts';
import { defineCommand } from '../../command.ts';
import { ExitStatus } from '../../exit.ts';
import { assertNamedFolder, openLake } from '../../open-lake.ts';
import { argument, option } from '../../option.ts';
import { parseDestination, rowsOptions, writeAnswer } from '../../output/file.ts';
import { countRows } from '../../output/rows.ts';
import { lakeOptions } from '../../target.ts';

export const sqlCommand = defineCommand({
  name: 'sql',
  description: 'one SELECT over the tables, such as cotacoes, acoes and fiis',
  examples: [
    'pynvest query sql "SELECT fii, vlr_div_yield FROM fiis ORDER BY 2 DESC LIMIT 10"',
    'pynvest query sql < select.sql',
  ],
  args: {
    select: argument(
      '[select]',
      'the text of the SELECT; without it, or for -, standard input has it',
    ),
  },
  options: {
    allowFiles: option(
      '--allow-files <path>',
      'a file that the SELECT may read besides the lake, or a folder of such files; can be given several times',
      { repeatable: true },
    ),
    dialect: option(
      '--dialect <name>',
      "athena (the default): Athena's SQL, with the same rows in both lakes; duckdb: all of DuckDB's, in a local lake",
      { choices: ['athena', 'duckdb'] },
    ),
    ...rowsOptions,
    ...lakeOptions,
  },
  helpText: `
The tables: cotacoes, acoes, fiis, historico and eventos, and each by its whole name, such as db_pynvest_spec.tbspec_fundamentus_cotacao_ativos.`,

  async handler({ terminal, args, options }) {
    const destination = parseDestination(terminal, options);
    const sql = await readSelect(args.select);
    if (sql.trim() === '') throw new UsageError('the text of the SELECT is empty');
    const lake = await openLake(terminal, options);
    await assertNamedFolder(lake, options);
    const { allowFiles: allowedPaths = [] } = options;
    if (lake.kind === 'aws' && allowedPaths.length > 0) {
      throw new UsageError('--allow-files has no effect in AWS', {
        hint: 'Athena cannot read files of this machine.',
      });
    }
    const missing = allowedPaths.find((path) => !existsSync(path));
    if (missing !== undefined) {
      throw new UsageError(`--allow-files ${missing}: there is no such file or folder`);
    }
    const isDuckDb = options.dialect === 'duckdb';
    if (lake.kind === 'aws' && isDuckDb) {
      throw new UsageError("Athena does not read DuckDB's SQL", { hint: 'Leave --dialect out.' });
    }
    const engine = await lake.openEngine({ allowedPaths });
    try {
      const { columns, types, rows } = await engine.query({
        sql,
        dialect: isDuckDb ? undefined : 'athena',
      });
      const counted = countRows(rows, columns.length);
      await writeAnswer(terminal, destination, { columns, types, rows: counted.rows });
      if (counted.getCount() === 0) terminal.notice('The answer has no rows.');
      return ExitStatus.done;
    } finally {
      engine.close();
    }
  },
});

/** The text itself or, where there is none or it is `-`, that of standard input. @throws UsageError */
async function readSelect(text: string | undefined): Promise<string> {
  if (text !== undefined && text !== '-') return text;
  if (text === undefined && process.stdin.isTTY) {
    throw new UsageError('there is no SELECT', {
      hint: 'Put it between quotes, or pass it on standard input: pynvest query sql < select.sql.',
    });
  }
  return readAll(process.stdin);
}

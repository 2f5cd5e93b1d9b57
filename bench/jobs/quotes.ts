/** Ten years of one asset's quotes: in the engine alone, and as the command that a person types. */
import { DuckDBInstance } from '@duckdb/node-api';
import { getTable } from '../../src/catalog/dataset.ts';
import { quotes } from '../../src/catalog/datasets/cotacoes.ts';
import { parseTicker } from '../../src/catalog/ticker.ts';
import { getTableFolder } from '../../src/lake/local/layout.ts';
import { openDuckDb } from '../../src/query/duckdb/engine.ts';
import { createQuotesRequest } from '../../src/query/quotes.ts';
import { queryRows } from '../../src/query/read-rows.ts';
import { quoteLiteral } from '../../src/query/sql.ts';
import { type Context, commandPath } from '../context.ts';
import type { Findings } from '../figures.ts';
import { interleave, timing } from '../measure.ts';
import { bareNode, runNode } from '../processes.ts';
import { ASSETS, DAYS, quotesLakes, SOME_TICKER } from '../quotes-lake.ts';

export async function quotesJob(context: Context): Promise<Findings> {
  const command = commandPath(context);
  const { withCopies, dailyOnly } = await quotesLakes(context);
  const files = quoteLiteral(`${getTableFolder(dailyOnly, getTable(quotes, 'spec'))}/*/*.parquet`);
  const ofOne = `codigo_ticker_ativo = ${quoteLiteral(SOME_TICKER)} ORDER BY anomesdia_exec`;
  const inEngine = await interleave(context.rounds(7), {
    copies: timing(() => askEngine(withCopies)),
    daily: timing(() => askEngine(dailyOnly)),
    count: timing(() => askDuckDb(`SELECT count(*) FROM read_parquet(${files})`)),
    byHand: timing(() => askDuckDb(`SELECT * FROM read_parquet(${files}) WHERE ${ofOne}`)),
  });
  const asProcess = await interleave(context.rounds(7), {
    copies: () => askCommand(command, withCopies),
    daily: () => askCommand(command, dailyOnly),
    bare: bareNode,
  });
  const job = `one asset's quotes, ${DAYS} days`;
  const note = `of ${DAYS * ASSETS} rows`;
  const count = { name: 'DuckDB count(*) of the files', sample: inEngine.count };
  const byHand = { name: 'the SELECT by hand in DuckDB', sample: inEngine.byHand };
  const bare = { name: 'node -e 0', sample: asProcess.bare };
  return {
    figures: [
      { job: `${job}, engine`, ours: inEngine.copies, peer: byHand, note, target: { ms: 400 } },
      { job: `${job}, engine, no copies`, ours: inEngine.daily, peer: byHand, note },
      { job: `${job}, engine, no copies`, ours: inEngine.daily, peer: count, note },
      { job: `${job}, process`, ours: asProcess.copies, peer: bare, target: { ms: 800 } },
      { job: `${job}, process, no copies`, ours: asProcess.daily, peer: bare },
    ],
    remarks: [],
  };
}

async function askCommand(command: string, lake: string): Promise<number> {
  const question = ['query', 'cotacoes', '--ticker', SOME_TICKER, '--format', 'csv'];
  const { ms, stdout } = await runNode([command, ...question, '--lake', lake]);
  requireAllDays(stdout.trim().split('\n').length - 1);
  return ms;
}

async function askEngine(lake: string): Promise<void> {
  const engine = await openDuckDb(lake);
  try {
    const { rows } = await queryRows(engine, createQuotesRequest([parseTicker(SOME_TICKER)], {}));
    let count = 0;
    for await (const _ of rows) count += 1;
    requireAllDays(count);
  } finally {
    engine.close();
  }
}

async function askDuckDb(sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await (await connection.run(sql)).getRowsJS();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function requireAllDays(rows: number): void {
  if (rows !== DAYS) throw new Error(`${rows} rows came for ${DAYS} days`);
}

/** The write path: a thousand rows of a table to the bytes of a Parquet file. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Row } from '../../src/catalog/column.ts';
import { getTable, type Table } from '../../src/catalog/dataset.ts';
import { stocks } from '../../src/catalog/datasets/acoes.ts';
import { quotes } from '../../src/catalog/datasets/cotacoes.ts';
import { getPartition, getYear } from '../../src/catalog/partition.ts';
import { parseTicker } from '../../src/catalog/ticker.ts';
import { renderDetailsPage } from '../../src/demo/site.ts';
import { encodeRows } from '../../src/lake/parquet/encode.ts';
import { getStepsInto } from '../../src/pipeline/steps.ts';
import { quoteLiteral } from '../../src/query/sql.ts';
import { readDetails } from '../../src/sources/fundamentus/details.ts';
import { extractRow } from '../../src/transform/extract.ts';
import { prepare } from '../../src/transform/layers.ts';
import type { Context } from '../context.ts';
import type { Figure, Findings } from '../figures.ts';
import { marketOf } from '../market.ts';
import { interleave, timing } from '../measure.ts';

const ROWS = 1000;

export async function writeJob(context: Context): Promise<Findings> {
  const folder = await mkdtemp(join(context.cache, 'write-'));
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const figures: Figure[] = [];
  try {
    for (const [name, table, rows] of layers()) {
      const bytes = encodeRows(table, rows);
      const ours = join(folder, `${table.name}.parquet`);
      await writeFile(ours, bytes);
      await connection.run(
        `CREATE OR REPLACE TABLE rows_to_copy AS FROM read_parquet(${quoteLiteral(ours)})`,
      );
      const copy = `COPY rows_to_copy TO ${quoteLiteral(join(folder, 'copy.parquet'))} (FORMAT parquet)`;
      const samples = await interleave(
        context.rounds(15),
        {
          ours: timing(() => encodeRows(table, rows), 3),
          duckdb: timing(() => connection.run(copy)),
        },
        3,
      );
      const rate = Math.round((ROWS / samples.ours.median) * 1000);
      figures.push({
        job: `${ROWS} rows of ${name} to Parquet`,
        ours: samples.ours,
        peer: { name: 'DuckDB COPY of its own table', sample: samples.duckdb },
        note: `${rate} rows/s, ${Math.round(bytes.length / 1024)} KB, ${table.columns.length} columns`,
      });
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
  return { figures, remarks: [] };
}

/** The same assets in each layer, made by the pipeline's own steps. */
function layers(): (readonly [name: string, table: Table, rows: Row[]])[] {
  const now = new Date();
  const partition = getPartition(now);
  const raw = marketOf({ acoes: ROWS, fiis: 0 }).map((asset) => {
    const html = renderDetailsPage(asset, getYear(partition));
    return extractRow(readDetails(html, parseTicker(asset.ticker)), partition, now).row;
  });
  const typed = raw.map((row) => prepare(row, stocks).row);
  const ofStocks = getStepsInto(quotes, 'spec').find(({ source }) => source === stocks.tables.sot);
  return [
    ['SoR stocks', getTable(stocks, 'sor'), raw],
    ['SoT stocks', getTable(stocks, 'sot'), typed],
    [
      'Spec',
      getTable(quotes, 'spec'),
      typed.flatMap((row) => (ofStocks ? [ofStocks.convert(row).row] : [])),
    ],
  ];
}

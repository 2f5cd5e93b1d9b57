/**
 * A day as the Terraform module of the same name left it: single precision, days and variations as text, no raw text.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { getPartitionFolder } from '../../src/lake/local/layout.ts';
import { duckdb } from '../support/duckdb.ts';
import { newFolder } from '../support/folders.ts';
import { pynvest } from '../support/in-process.ts';
import { day } from '../support/made-up-lake.ts';
import { sotTables, specTable } from '../support/tables.ts';

const DATE = '2023-09-01';
let lake: string;

beforeEach(async () => {
  lake = await newFolder();
  const write = async (table: typeof specTable, name: string, select: string): Promise<void> => {
    const folder = getPartitionFolder(lake, table, day(DATE));
    await mkdir(folder, { recursive: true });
    await duckdb(`COPY (${select}) TO '${join(folder, name)}' (FORMAT parquet)`);
  };
  await write(
    specTable,
    'a1b2.snappy.parquet',
    `SELECT 'TUCA3' AS codigo_ticker_ativo, 'Ação' AS tipo_ativo, 'TUCANO ON' AS nome_ativo,
            36.1::FLOAT AS vlr_cot, '31/08/2023' AS dt_ult_cot, 30.55::FLOAT AS vlr_min_52_sem,
            '0.0048' AS pct_var_dia, '-0.02' AS pct_var_mes, '-' AS pct_var_30d`,
  );
  await write(
    sotTables.acoes,
    'c3d4.snappy.parquet',
    `SELECT 'TUCA3' AS nome_papel, 36.1::FLOAT AS vlr_cot, '31/08/2023' AS dt_ult_cot,
            4197320000::BIGINT AS num_acoes, 0.354::FLOAT AS pct_var_12m,
            '2023-09-01 18:45:02' AS datetime_exec`,
  );
});

async function readQuote(): Promise<unknown> {
  const { status, stdout, stderr } = await pynvest([
    ...['query', 'cotacoes', '--ticker', 'TUCA3', '--last', '1', '--format', 'json'],
    ...['--lake', lake],
  ]);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout)[0];
}

const QUOTE = {
  ...{ anomesdia_exec: 20230901, codigo_ticker_ativo: 'TUCA3', nome_ativo: 'TUCANO ON' },
  ...{ vlr_cot: 36.1, dt_ult_cot: '2023-08-31', vlr_min_52_sem: 30.55 },
  ...{ pct_var_dia: 0.0048, pct_var_mes: -0.02, pct_var_30d: null },
};

test('is read exactly, and written with the types of the tables without losing a value', async () => {
  expect(await readQuote()).toMatchObject(QUOTE);
  const dedup = ['dedup', 'now', '--date', DATE, '--lake', lake];
  for (const _ of ['once', 'twice']) {
    expect((await pynvest(dedup)).status).toBe(0);
    expect(await readQuote()).toMatchObject({ ...QUOTE, pct_var_12m: 0.354 });
  }
});

test('has one remedy, which repairs it', async () => {
  const doctor = ['doctor', '--no-site', '--lake', lake, '--format', 'json'];
  const before = await pynvest(doctor);
  expect(before.status).toBe(1);
  const remedies = JSON.parse(before.stdout)
    .filter(({ code }: { code: string }) => code === 'columns-wrong')
    .map(({ remedy }: { remedy: string }) => /`(.*?)`/.exec(remedy)?.[1]);
  const remedy = `pynvest dedup now --date ${DATE} --lake ${lake}`;
  // Of the typed rows, and of the quotes that follow from them.
  expect(remedies).toEqual([remedy, remedy]);
  await pynvest(['dedup', 'now', '--date', DATE, '--lake', lake]);
  const after = await pynvest(doctor);
  expect(after.status, after.stdout).toBe(0);
});

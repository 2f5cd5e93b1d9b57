/**
 * A file that cannot be read: one remedy, whoever finds it, and no harm to a question that was not asked about its day.
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { getBrokenFileRemedy } from '../../../../src/lake/lake.ts';
import { getPartitionFolder } from '../../../../src/lake/local/layout.ts';
import { csvLines } from '../../../support/answers.ts';
import { collectDay } from '../../../support/days.ts';
import { duckdb } from '../../../support/duckdb.ts';
import { newFolder } from '../../../support/folders.ts';
import { pynvest } from '../../../support/in-process.ts';
import { day, quote, typed, writeQuotes, writeRowsTo } from '../../../support/made-up-lake.ts';
import { smallMarket } from '../../../support/small-market.ts';
import { sorTables, sotTables, specTable } from '../../../support/tables.ts';

const DAYS = ['2026-11-16', '2026-11-17', '2026-11-18', '2026-11-19'];

/** OLDD3 has rows of the first two days alone; the second of those cannot be read, in any table. */
async function writeLake(): Promise<string> {
  const root = await newFolder();
  for (const [at, date] of DAYS.entries()) {
    const tickers = at < 2 ? ['OLDD3', 'PETR4'] : ['PETR4'];
    const session = { dt_ult_cot: date };
    const paths = [
      await writeQuotes(
        root,
        date,
        tickers.map((ticker) => quote(ticker, at, session)),
      ),
      await writeRowsTo(
        root,
        sotTables.acoes,
        date,
        tickers.map((ticker) => typed('acoes', ticker, { vlr_cot: at, ...session })),
      ),
      await writeRowsTo(root, sotTables.fiis, date, [typed('fiis', 'HGLG11', { vlr_cot: at })]),
    ];
    if (at === 1) for (const path of paths) await writeFile(path, 'no Parquet');
  }
  return root;
}

let lake: string;
beforeAll(async () => {
  lake = await writeLake();
});

const ask = (...args: string[]) => pynvest(['query', ...args, '--lake', lake]);

const pricesOf = (stdout: string): (string | undefined)[] => {
  const [heading = [], ...rows] = csvLines(stdout);
  return rows.map((row) => `${row[1]} ${row[heading.indexOf('vlr_cot')]}`);
};

describe('a day that cannot be read', () => {
  test.each([
    ['cotacoes PETR4 --last 1', ['PETR4 3']],
    ['cotacoes PETR4 --last 2 --limit 1', ['PETR4 2']],
    ['cotacoes PETR4', undefined],
    ['cotacoes PETR4 --from 2026-11-18', ['PETR4 2', 'PETR4 3']],
    ['indicadores PETR4', ['PETR4 3']],
    [
      'indicadores PETR4 HGLG11 --last 2 --columns vlr_cot',
      ['PETR4 2', 'PETR4 3', 'HGLG11 2', 'HGLG11 3'],
    ],
  ])('and that `query %s` does not need does it no harm', async (line, prices) => {
    const { status, stdout, stderr } = await ask(...line.split(' '));
    if (prices === undefined) {
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toContain('2026-11-17'.replaceAll('-', ''));
      return;
    }
    expect(stderr).toBe('');
    expect({ status, prices: pricesOf(stdout) }).toEqual({ status: 0, prices });
  });

  test.each([
    ['cotacoes --last 2', 0, ['PETR4 2', 'PETR4 3']],
    ['indicadores --last 1', 0, ['PETR4 3', 'HGLG11 3']],
    ['indicadores --last 1 --sort vlr_cot', 0, ['HGLG11 3', 'PETR4 3']],
    ['indicadores PETR4 OLDD3 --columns vlr_cot', 3, ['PETR4 3']],
  ])('is named where `query %s` would have looked at it, too', async (line, status, prices) => {
    const answer = await ask(...line.split(' '));
    expect({ status: answer.status, prices: pricesOf(answer.stdout).sort() }).toEqual({
      status,
      prices: [...prices].sort(),
    });
    expect(answer.stderr).toMatch(
      /! the answer is of the days after 2026-11-17 alone: .*anomesdia_exec=20261117.* cannot be read .*`pynvest doctor --fix --lake /,
    );
  });

  test('is an error where the newest days asked for are among its own', async () => {
    for (const line of ['cotacoes PETR4 --last 3', 'cotacoes --last 3', 'indicadores --last 4']) {
      const { status, stdout, stderr } = await ask(...line.split(' '));
      expect({ line, status, stdout }).toEqual({ line, status: 1, stdout: '' });
      expect(stderr).toContain('anomesdia_exec=20261117');
    }
  });

  test('does not keep a ticker without a row from being named', async () => {
    const { status, stdout, stderr } = await ask(
      'cotacoes',
      'PETR4',
      'OLDD3',
      '--from',
      '2026-11-18',
    );
    expect({ status, prices: pricesOf(stdout) }).toEqual({
      status: 3,
      prices: ['PETR4 2', 'PETR4 3'],
    });
    expect(stderr).toBe('! OLDD3: no row on the days asked for\n');
  });
});

test('the remedy for a file is one sentence in query, dedup, backfill, status and doctor', async () => {
  const root = await newFolder();
  const date = DAYS[3] ?? '';
  await collectDay(root, smallMarket, { partition: day(date) });
  await writeFile(await writeQuotes(root, date, [quote('PETR4', 1)]), 'no Parquet');
  const remedy = getBrokenFileRemedy(specTable).replace(
    '`pynvest doctor --fix`',
    `\`pynvest doctor --fix --lake ${root}\``,
  );
  for (const line of [
    'query cotacoes PETR4',
    `dedup now --date ${date}`,
    `backfill --date ${date}`,
  ]) {
    const { status, stderr } = await pynvest([...line.split(' '), '--lake', root]);
    expect(status, line).toBe(1);
    expect(stderr, line).toContain(remedy);
  }
  for (const command of ['doctor', 'status']) {
    const { stdout } = await pynvest([command, '--no-site', '--format', 'json', '--lake', root]);
    expect(stdout, command).toContain(remedy);
  }
});

test('the remedy for a value of another program that may mean two is that of query, and keeps its other values', async () => {
  const root = await newFolder();
  const date = DAYS[3] ?? '';
  const folder = getPartitionFolder(root, specTable, day(date));
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'a1b2.snappy.parquet');
  await duckdb(
    `COPY (SELECT 'PETR4' AS codigo_ticker_ativo, '1.234' AS vlr_cot, 38.5 AS vlr_min_52_sem)
     TO '${path}' (FORMAT parquet)`,
  );
  const remedy = `\`pynvest doctor --fix --lake ${root}\` creates its rows again from the raw text if the lake has it; without it, correct it`;
  const query = ['query', 'cotacoes', 'PETR4', '--lake', root];
  for (const command of [query, ['dedup', 'now', '--date', date, '--lake', root]]) {
    expect((await pynvest(command)).stderr, command[0]).toContain(remedy);
  }
  const doctor = ['doctor', '--no-site', '--format', 'json', '--lake', root];
  expect((await pynvest(doctor)).stdout).toContain(remedy);
  const fixed = await pynvest([...doctor, '--fix']);
  expect(JSON.parse(fixed.stdout)).toContainEqual(
    expect.objectContaining({ code: 'columns-wrong', status: 'problem' }),
  );
  expect(await readdir(folder)).toEqual(['a1b2.snappy.parquet']);
  const other = ['query', 'cotacoes', 'PETR4', '--columns', 'vlr_min_52_sem', '--lake', root];
  expect((await pynvest(other)).stdout).toContain('PETR4,38.5');
});

test('the remedy for raw text of another type is that of doctor, which leaves it alone', async () => {
  const root = await newFolder();
  const date = DAYS[3] ?? '';
  const raw = sorTables.acoes;
  const folder = getPartitionFolder(root, raw, day(date));
  await mkdir(folder, { recursive: true });
  await duckdb(
    `COPY (SELECT 'PETR4' AS nome_papel, 2.5 AS vlr_cot, '${date}T18:45:00.000-03:00' AS datetime_exec)
     TO '${join(folder, 'a1b2.snappy.parquet')}' (FORMAT parquet)`,
  );
  const remedy = 'correct it with the program that wrote it';
  const backfill = await pynvest(['backfill', '--date', date, '--lake', root]);
  expect(backfill.stderr).toContain(remedy);
  const sql = `SELECT vlr_cot FROM ${raw.database}.${raw.name}`;
  expect((await pynvest(['query', 'sql', sql, '--lake', root])).stderr).toContain(remedy);
  const doctor = await pynvest(['doctor', '--no-site', '--format', 'json', '--lake', root]);
  expect(doctor.stdout).toContain(remedy);
  expect(backfill.stderr + doctor.stdout).not.toContain('_quarantine');
});

import { spawnSync } from 'node:child_process';
import { lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseDestination } from '../../../src/cli/output/file.ts';
import { UsageError } from '../../../src/errors.ts';
import { commandFile, startProgram, startPynvest } from '../../support/command.ts';
import { duckdb } from '../../support/duckdb.ts';
import { fakeTerminal } from '../../support/fake-terminal.ts';
import { newFolder } from '../../support/folders.ts';
import { pynvest } from '../../support/in-process.ts';
import { quote, writeQuotes } from '../../support/made-up-lake.ts';
import { mountSmallDisk } from '../../support/small-disk.ts';

const disk = mountSmallDisk();

let lake: string;
beforeAll(async () => {
  lake = await newFolder();
  const rest = { dt_ult_cot: '2026-11-20', nome_ativo: 'Tucanaré "ON"' };
  await writeQuotes(lake, '2026-11-20', [quote('VALE3', 23), quote('PETR4', 13, rest)]);
});

const cotacoes = (...args: string[]) => pynvest(['query', 'cotacoes', '--lake', lake, ...args]);
/** So many rows that it takes a while to write them. */
const many = (rows: number) => `SELECT range AS n, repeat('x', 100) AS texto FROM range(${rows})`;

describe('the destination', () => {
  test('takes its format from the option, else from the name of the file', () => {
    const { terminal } = fakeTerminal({ columns: 80 });
    const format = (output?: string, format?: 'csv' | 'csv-br' | 'parquet') =>
      parseDestination(terminal, { ...(output && { output }), ...(format && { format }) }).format;
    expect(format()).toBe('table');
    expect(format('x.parquet')).toBe('parquet');
    expect(format('x.JSON')).toBe('json');
    expect(format('x')).toBe('csv');
    expect(format('x.XLSX')).toBe('xlsx');
    expect(() => format('x.xlsx', 'csv')).toThrow('its name says xlsx');
    expect(() => format('x.ods')).toThrow(UsageError);
    expect(() => format('x.parquet', 'csv')).toThrow('its name says parquet');
    expect(format('x.csv', 'csv-br')).toBe('csv-br');
    expect(format('x.txt', 'csv')).toBe('csv');
    expect(() => parseDestination(terminal, { output: ' ' })).toThrow(UsageError);
  });

  test.each(['parquet', 'xlsx'] as const)('of %s is a file or a pipe, not a terminal', (format) => {
    expect(() => parseDestination(fakeTerminal({ columns: 80 }).terminal, { format })).toThrow(
      `${format} cannot be shown on a terminal`,
    );
    expect(parseDestination(fakeTerminal().terminal, { format }).path).toBeUndefined();
    expect(parseDestination(fakeTerminal().terminal, { output: '-' }).path).toBeUndefined();
  });
});

describe('--output', () => {
  test.each(['csv', 'json', 'table'])('has as %s what stdout would have', async (format) => {
    const path = join(await newFolder(), 'answer');
    const printed = await cotacoes('--format', format);
    const { status, stdout, stderr } = await cotacoes('--format', format, '-o', path);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toBe(`Wrote 2 rows to ${path} as ${format}\n`);
    expect(await readFile(path, 'utf8')).toBe(printed.stdout);
  });

  test('says what it wrote, of one row and of none too, but not with --quiet', async () => {
    const path = join(await newFolder(), 'answer.csv');
    const said = async (...args: string[]) => (await cotacoes(...args, '-o', path)).stderr;
    expect(await said('--ticker', 'PETR4')).toBe(`Wrote 1 row to ${path}\n`);
    expect(await said('--where', 'vlr_cot < 0')).toBe(
      `No row matches --where.\nWrote 0 rows to ${path}\n`,
    );
    expect(await readFile(path, 'utf8')).toMatch(/^anomesdia_exec,[^\n]*\n$/);
    expect(await said('--quiet')).toBe('');
    // What came short is a problem, and is said all the same.
    expect(await said('--ticker', 'PETR4,XXXX11', '--quiet')).toMatch(/^! XXXX11: no row/);
  });

  test('writes Parquet with the types of the catalog, which a pipe takes, too', async () => {
    const path = join(await newFolder(), 'quotes.parquet');
    expect(await cotacoes('-o', path)).toMatchObject({ status: 0, stdout: '' });
    const { types, rows } = await duckdb(`SELECT * FROM '${path}'`);
    expect(types).toMatchObject({
      anomesdia_exec: 'INTEGER',
      codigo_ticker_ativo: 'VARCHAR',
      vlr_cot: 'DOUBLE',
      dt_ult_cot: 'DATE',
    });
    expect(rows[0]).toMatchObject({
      anomesdia_exec: 20261120,
      codigo_ticker_ativo: 'PETR4',
      vlr_cot: 13,
      dt_ult_cot: '2026-11-20',
      pct_var_dia: null,
    });
    const piped = join(await newFolder(), 'piped.parquet');
    const shell = `'${process.execPath}' '${commandFile}' query cotacoes --lake '${lake}' --format parquet > '${piped}'`;
    expect((await startProgram('bash', ['-c', shell]).result).status).toBe(0);
    expect((await readFile(piped)).equals(await readFile(path))).toBe(true);
  });

  test('of SQL keeps whole numbers whole, sums and lists too', async () => {
    const path = join(await newFolder(), 'sql.parquet');
    const sql = `SELECT count(*) AS n, sum(anomesdia_exec) AS soma, 9007199254740993 AS grande,
      [1, 2] AS lista, 1.5 AS decimal FROM tbspec_fundamentus_cotacao_ativos`;
    expect(
      await pynvest(['query', 'sql', sql, '--dialect', 'duckdb', '--lake', lake, '-o', path]),
    ).toMatchObject({
      status: 0,
    });
    const { rows } = await duckdb(`SELECT * FROM '${path}'`);
    expect(rows).toEqual([
      { n: 2n, soma: 40522240n, grande: 9007199254740993n, lista: '[1,2]', decimal: 1.5 },
    ]);
  });

  test('replaces a file, and what a link leads to, with nothing left beside it', async () => {
    const folder = await newFolder();
    await writeFile(join(folder, 'old.csv'), 'old');
    await symlink(join(folder, 'old.csv'), join(folder, 'link.csv'));
    const { stdout } = await cotacoes();
    await cotacoes('-o', join(folder, 'link.csv'));
    expect((await readdir(folder)).sort()).toEqual(['link.csv', 'old.csv']);
    expect(await readFile(join(folder, 'old.csv'), 'utf8')).toBe(stdout);
  });

  test('leaves the old file as it was where the query or the format fails', async () => {
    const folder = await newFolder();
    const path = join(folder, 'a.parquet');
    await writeFile(path, 'old');
    for (const sql of [
      `SELECT CASE WHEN range < 60000 THEN 1 ELSE error('halfway') END AS n FROM range(70000)`,
      `SELECT 12345678901234567.891 AS n`,
      'SELECT nothing',
    ]) {
      const failed = await pynvest([
        'query',
        'sql',
        sql,
        '--dialect',
        'duckdb',
        '--lake',
        lake,
        '-o',
        path,
      ]);
      expect(failed.status, failed.stderr).toBe(1);
    }
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['a.parquet']);
  });

  test('leaves the old file as it was where the command is killed, and nothing beside it where it is asked to end', async () => {
    const folder = await newFolder();
    const path = join(folder, 'a.csv');
    await writeFile(path, 'old');
    for (const signal of ['SIGKILL', 'SIGINT', 'SIGTERM'] as const) {
      const args = [
        'query',
        'sql',
        many(50_000_000),
        '--dialect',
        'duckdb',
        '--lake',
        lake,
        '-o',
        path,
      ];
      const { process, result } = startPynvest(args);
      const before = await readdir(folder);
      while ((await readdir(folder)).length === before.length) await sleep(10);
      process.kill(signal);
      await result;
      expect(await readFile(path, 'utf8')).toBe('old');
      expect(await readdir(folder)).toHaveLength(2);
    }
    const [part] = (await readdir(folder)).filter((name) => name !== 'a.csv');
    expect(part).toMatch(/^\.a\.csv\..*\.part$/);
  });

  test('keeps the permissions of a file that it replaces, and a link to it', async () => {
    const folder = await newFolder();
    const [file, link, later] = ['private.csv', 'link.csv', 'later.csv'].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    await writeFile(file, 'old', { mode: 0o600 });
    await symlink(file, link);
    await symlink('made.csv', later);
    for (const path of [file, link, later]) {
      expect(await cotacoes('-o', path)).toMatchObject({ status: 0 });
    }
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect((await lstat(later)).isSymbolicLink()).toBe(true);
    const texts = [file, join(folder, 'made.csv')].map((path) => readFile(path, 'utf8'));
    const [written, made] = await Promise.all(texts);
    expect(written).toContain('codigo_ticker_ativo');
    expect(made).toBe(written);
  });

  test('refuses links that lead in a circle', async () => {
    const folder = await newFolder();
    await symlink('b.csv', join(folder, 'a.csv'));
    await symlink('a.csv', join(folder, 'b.csv'));
    const { status, stderr } = await cotacoes('-o', join(folder, 'a.csv'));
    expect(status).toBe(1);
    expect(stderr).toContain('its links lead in a circle');
    expect((await readdir(folder)).sort()).toEqual(['a.csv', 'b.csv']);
  });

  test('says the format of a file whose name does not', async () => {
    const path = join(await newFolder(), 'x');
    expect((await cotacoes('-o', path)).stderr).toMatch(/^Wrote 2 rows to .* as csv\n$/);
  });

  test('writes into a device without taking its place', async () => {
    const before = spawnSync('ls', ['-l', '/dev/null']).stdout.toString();
    expect(await cotacoes('-o', '/dev/null')).toMatchObject({ status: 0, stderr: '' });
    expect(spawnSync('ls', ['-l', '/dev/null']).stdout.toString()).toBe(before);
  });

  test('says why a file cannot be written', async () => {
    const folder = await newFolder();
    await mkdir(join(folder, 'sub'));
    await writeFile(join(folder, 'file'), '');
    for (const [path, reason] of [
      [join(folder, 'sub'), 'it is a folder'],
      [join(folder, 'no', 'x.csv'), 'there is no such folder'],
      [join(folder, 'file', 'x.csv'), 'a part of the path is a file, not a folder'],
    ] as const) {
      for (const result of [
        await cotacoes('-o', path),
        await pynvest(['report', 'TUCA3', '-o', path, '--lake', folder]),
      ]) {
        expect(result.status).toBe(2);
        expect(result.stderr).toContain(`error: cannot write ${path}: ${reason}\nName a file in `);
      }
    }
  });

  test.runIf(disk !== undefined)('leaves nothing on a disk that is full', async () => {
    const path = join(disk ?? '', 'big.csv');
    const args = [
      'query',
      'sql',
      many(1_000_000),
      '--dialect',
      'duckdb',
      '--lake',
      lake,
      '-o',
      path,
    ];
    const { status, stderr } = await pynvest(args);
    expect(status).toBe(1);
    expect(stderr).toContain(
      `cannot write ${path}: the disk is full\n` +
        'Free some space, or name a file on another disk: --output FILE.\n',
    );
    expect((await readdir(disk ?? '')).filter((name) => name.includes('big'))).toEqual([]);
  });

  test('is for scrape and tickers, too, and refuses an empty name', async () => {
    for (const args of [
      ['tickers'],
      ['scrape', 'PETR4'],
      ['query', 'cotacoes'],
      ['watch', 'list'],
    ]) {
      const { status, stderr } = await pynvest([...args, '--output', ' ']);
      expect(status).toBe(2);
      expect(stderr).toContain('--output takes the path of a file');
    }
  });
});

describe('a pipe whose reader goes away', () => {
  test.each(['csv', 'json', 'table', 'parquet'])('ends the command quietly: %s', async (format) => {
    // A table is laid out whole before its first line: a megabyte, where a pipe holds some sixty kilobytes.
    const rows = format === 'table' ? 10_000 : 1_000_000;
    const shell = `set -o pipefail; '${process.execPath}' '${commandFile}' query sql "${many(rows)}" --dialect duckdb --lake '${lake}' --format ${format} | head -c 20 > /dev/null`;
    expect(await startProgram('bash', ['-c', shell]).result).toMatchObject({
      status: 0,
      stderr: '',
    });
  });
});

test.runIf(process.platform === 'linux')(
  'a file behind > that takes no more is said in one line',
  async () => {
    const shell = `'${process.execPath}' '${commandFile}' query sql "${many(10)}" --dialect duckdb --lake '${lake}' > /dev/full`;
    expect(await startProgram('bash', ['-c', shell]).result).toMatchObject({
      status: 1,
      stderr: 'error: cannot write the output: the disk is full\n',
    });
  },
);

describe('an answer without rows', () => {
  test('is said on stderr, with its heading on stdout', async () => {
    const args = ['query', 'sql', 'SELECT 1 AS a WHERE false', '--lake', lake];
    expect(await pynvest(args)).toEqual({
      status: 0,
      stdout: 'a\n',
      stderr: 'The answer has no rows.\n',
    });
  });
});

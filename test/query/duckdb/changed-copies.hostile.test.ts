/** Copies of past periods answer as the daily files do, whatever is done to either. */
import { randomBytes } from 'node:crypto';
import { cp, mkdir, open, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Row } from '../../../src/catalog/column.ts';
import { BrokenFileError, QueryError } from '../../../src/errors.ts';
import { formatState, sealText } from '../../../src/lake/local/checked-files.ts';
import { computePeriodFingerprint } from '../../../src/lake/local/copied-periods.ts';
import { createLocalInspector } from '../../../src/lake/local/lake.ts';
import { getPartitionFolder } from '../../../src/lake/local/layout.ts';
import {
  findCopyFault,
  findPeriodCopies,
  getCopiesFolder,
  getCopyPath,
} from '../../../src/lake/local/period-copies.ts';
import { encodeRows } from '../../../src/lake/parquet/encode.ts';
import { assertSameRows } from '../../../src/query/duckdb/copy-period.ts';
import { openDuckDb } from '../../../src/query/duckdb/engine.ts';
import { updatePeriodCopies } from '../../../src/query/duckdb/update-copies.ts';
import { readAll } from '../../../src/query/read-rows.ts';
import { jsonRows } from '../../support/answers.ts';
import { duckdb } from '../../support/duckdb.ts';
import { ask, selectQuotes } from '../../support/engines.ts';
import { filesBelow, newFolder } from '../../support/folders.ts';
import { pynvest } from '../../support/in-process.ts';
import {
  day,
  olderEdition,
  quote,
  typed,
  writeQuotes,
  writeRowsTo,
} from '../../support/made-up-lake.ts';
import {
  answerText,
  copiedPeriods,
  copyPeriods,
  expectSameAnswers as expectSameAnswersTo,
  plainAnswerText,
  replaceLake,
} from '../../support/period-copies.ts';
import { sorTables, sotTables, specTable } from '../../support/tables.ts';

const TABLE = 'db_pynvest_spec.tbspec_fundamentus_cotacao_ativos';
const { sql: everyQuote } = selectQuotes([], {});
const PRICES = `SELECT anomesdia_exec, codigo_ticker_ativo, vlr_cot FROM ${TABLE} ORDER BY ALL`;

/** With its copies. */
let model: string;
let root: string;
let january: string;

beforeAll(async () => {
  [model, root] = [await newFolder(), await newFolder()];
  const path = await writeQuotes(model, '2024-01-02', [quote('VALE3', 1), quote('PETR4', 2)]);
  january = join(root, relative(model, path));
  await writeQuotes(model, '2024-03-28', [quote('PETR4', 3), quote('HGLG11', null)]);
  await writeQuotes(model, '2025-06-02', [quote('PETR4', 4, { dt_ult_cot: '2025-05-30' })]);
  await writeQuotes(model, '2026-11-20', [quote('PETR4', 5)]);
  await copyPeriods(model);
});

// In the same folder: to open the engine of another one takes as long as the questions of a test.
beforeEach(() => replaceLake(root, model));

const removeCopies = (): Promise<void> => rm(join(root, '_quarters'), { recursive: true });

/** With the copies and without. */
async function expectSameAnswers(): Promise<void> {
  const rows = `SELECT * FROM ${TABLE} WHERE vlr_cot >= 2`;
  await expectSameAnswersTo(root, [everyQuote, `DESCRIBE ${TABLE}`, rows]);
}

const prices = async (): Promise<unknown[]> => (await ask(root, PRICES)).rows.map(([, , p]) => p);

/** What is inside a file, for DuckDB, which else takes a column from the name of its folder. */
const rowsIn = (path: string): string => `read_parquet('${path}', hive_partitioning = false)`;

/** Puts other rows where the copy of 2024-q1 is, under the name that the lake takes for the copy's. */
async function forgeCopy(rows: readonly Row[]): Promise<void> {
  const elsewhere = await writeQuotes(await newFolder(), '2024-01-02', rows);
  const forged = join(getCopiesFolder(root, specTable), 'forged');
  const select = `SELECT *, 20240102 AS anomesdia_exec FROM ${rowsIn(elsewhere)}`;
  await duckdb(`COPY (${select}) TO '${forged}' (FORMAT parquet)`);
  const stamp = computePeriodFingerprint(root, specTable, '2024-q1');
  if (stamp === undefined) throw new Error('no 2024-q1');
  const path = getCopyPath(root, specTable, '2024-q1', stamp, await stat(forged, { bigint: true }));
  for (const old of findPeriodCopies(root, specTable).values()) {
    if (old.includes('/2024-q1-')) await rm(old);
  }
  await rename(forged, path);
}

describe('the copies', () => {
  test('are made of every quarter before the newest day’s, once', async () => {
    await removeCopies();
    expect(await copyPeriods(root)).toEqual(['2024-q1', '2025-q2']);
    expect(copiedPeriods(root)).toEqual(['2024-q1', '2025-q2']);
    const files = await filesBelow(root);
    expect(files.filter((path) => path.startsWith('_'))).toHaveLength(2);
    expect(await copyPeriods(root)).toEqual([]);
    expect(await filesBelow(root)).toEqual(files);
    await expectSameAnswers();
  });

  test('are made of each table that is asked over time, and of no raw text', async () => {
    await removeCopies();
    const typedStock = (price: number): Row => typed('acoes', 'PETR4', { vlr_cot: price });
    const { acoes, fiis } = sotTables;
    await writeRowsTo(root, sorTables.acoes, '2024-01-02', [{ nome_papel: 'PETR4' }]);
    await writeRowsTo(root, acoes, '2024-01-02', [typedStock(1)]);
    await writeRowsTo(root, acoes, '2026-11-20', [typedStock(2)]);
    await writeRowsTo(root, fiis, '2024-01-02', [typed('fiis', 'HGLG11', { vlr_cot: 3 })]);
    await writeRowsTo(root, fiis, '2026-11-20', [typed('fiis', 'HGLG11', { vlr_cot: 4 })]);
    expect(await updatePeriodCopies(root)).toEqual([]);
    const copied = (await filesBelow(join(root, '_quarters'))).map((path) => path.split('-q')[0]);
    expect(copied.sort()).toEqual(
      [
        `${acoes.name}/2024`,
        `${fiis.name}/2024`,
        `${specTable.name}/2024`,
        `${specTable.name}/2025`,
      ].sort(),
    );
    for (const { database, name } of [acoes, fiis]) {
      const sql = `SELECT * FROM ${database}.${name} ORDER BY anomesdia_exec`;
      expect(await answerText(root, sql)).toEqual(await plainAnswerText(root, sql));
      expect((await ask(root, sql)).rows).toHaveLength(2);
    }
  });

  test('answer in place of the daily files', async () => {
    await forgeCopy([quote('FORGED3', 99)]);
    expect((await ask(root, PRICES)).rows).toEqual([
      [20240102, 'FORGED3', 99],
      [20250602, 'PETR4', 4],
      [20261120, 'PETR4', 5],
    ]);
  });

  test('answer by themselves where the newest quarter has lost its files', async () => {
    await rm(getPartitionFolder(root, specTable, day('2026-11-20')), { recursive: true });
    expect(copiedPeriods(root)).toEqual(['2024-q1', '2025-q2']);
    await expectSameAnswers();
    expect(await prices()).toEqual([2, 1, null, 3, 4]);
  });

  test('hold rows that stand twice, and numbers at their limits', async () => {
    const extremes = [-0, 0, 5e-324, 1.7976931348623157e308, -1e-7, null];
    const rows = extremes.flatMap((value) => [quote('PETR4', value), quote('PETR4', value)]);
    const many = Array.from({ length: 500 }, () => rows).flat();
    await writeQuotes(root, '2024-03-04', many);
    await writeRowsTo(root, specTable, '2024-03-04', rows, 'acoes-1.cotacao');
    await copyPeriods(root);
    expect(copiedPeriods(root)).toEqual(['2024-q1', '2025-q2']);
    await expectSameAnswers();
  });

  test('hold NaN and -0.0 as another program wrote them, a thousand times each', async () => {
    const folder = getPartitionFolder(root, specTable, day('2024-02-05'));
    await mkdir(folder);
    const values = "unnest(['NaN', '-0.0', '0.0'])::DOUBLE";
    const rows = `SELECT PETR4.* REPLACE (${values} AS vlr_cot)
      FROM (FROM ${rowsIn(january)} WHERE codigo_ticker_ativo = 'PETR4') AS PETR4, range(1000)`;
    const options = 'FORMAT parquet, DICTIONARY_SIZE_LIMIT 0';
    await duckdb(`COPY (${rows}) TO '${folder}/other.parquet' (${options})`);
    await copyPeriods(root);
    expect(copiedPeriods(root)).toEqual(['2024-q1', '2025-q2']);
    await expectSameAnswers();
    const signs = `SELECT signbit(vlr_cot), count(*) FROM ${TABLE} WHERE vlr_cot = 0 GROUP BY 1 ORDER BY 1`;
    expect(await answerText(root, signs)).toEqual([
      'signbit(vlr_cot)|count_star()',
      'false|1000',
      'true|1000',
    ]);
  });

  test('are not blamed for infinity, however late it shows: the file that it came from is', async () => {
    const folder = getPartitionFolder(root, specTable, day('2024-02-05'));
    await mkdir(folder);
    const rows = `SELECT PETR4.* REPLACE (if(i < 129999, 1, 'inf'::DOUBLE) AS vlr_cot)
      FROM (FROM ${rowsIn(january)} WHERE codigo_ticker_ativo = 'PETR4') AS PETR4, range(130000) t(i)`;
    await duckdb(`COPY (${rows} ORDER BY i) TO '${folder}/other.parquet' (FORMAT parquet)`);
    await copyPeriods(root);
    expect(copiedPeriods(root)).toEqual(['2024-q1', '2025-q2']);
    const refused = ask(root, `SELECT vlr_cot FROM ${TABLE}`);
    await expect(refused).rejects.toThrow(`${folder}/other.parquet`);
  });

  test('are found in a folder with any name', async () => {
    const lake = join(root, "O'Brien's [lake] *? {a,b} 100%", 'env=prod');
    await writeQuotes(lake, '2024-01-02', [quote('PETR4', 1)]);
    await writeQuotes(lake, '2026-11-20', [quote('PETR4', 5)]);
    await copyPeriods(lake);
    expect(copiedPeriods(lake)).toEqual(['2024-q1']);
    const { rows } = await ask(lake, PRICES);
    expect(rows.map(([, , price]) => price)).toEqual([1, 5]);
  });

  test.each(['2024', '2024-01-02', '20240132', '2024013', '__HIVE_DEFAULT_PARTITION__'])(
    'and the daily files have no rows of a folder that names %s for a day',
    async (name) => {
      const odd = `${dirname(january).slice(0, -8)}${name}`;
      await mkdir(odd);
      await cp(january, join(odd, 'dedup.parquet'));
      expect(copiedPeriods(root)).toEqual(['2024-q1', '2025-q2']);
      await expectSameAnswers();
      expect(await prices()).toEqual([2, 1, null, 3, 4, 5]);
      // Nor has a copy that is made while it stands there.
      await removeCopies();
      await copyPeriods(root);
      expect(copiedPeriods(root)).toEqual(['2024-q1', '2025-q2']);
      await expectSameAnswers();
    },
  );

  test('that were found ahead of their statement are no matter once they are gone, or old', async () => {
    const engine = await openDuckDb(root);
    const askAhead = async (change: () => Promise<unknown>): Promise<unknown[]> => {
      await readAll(engine, { sql: 'SELECT 1', next: { table: specTable, days: {} } });
      await change();
      return (await readAll(engine, { sql: PRICES, days: {} })).map(([, , price]) => price);
    };
    const asked = [2, 1, null, 3, 4, 5];
    expect(await askAhead(async () => undefined)).toEqual(asked);
    expect(await askAhead(removeCopies)).toEqual(asked);
    await copyPeriods(root);
    const later = await askAhead(async () => {
      await writeQuotes(root, '2024-01-02', [quote('PETR4', 7)]);
      await sleep(1100);
    });
    expect(later).toEqual([7, null, 3, 4, 5]);
    engine.close();
  });

  test('can be deleted at any time', async () => {
    await removeCopies();
    await expectSameAnswers();
    expect(await copyPeriods(root)).toEqual(['2024-q1', '2025-q2']);
  });
});

describe('a change to a daily file of a copied quarter', () => {
  const again = async (): Promise<Buffer> => readFile(january);

  test.each<[string, () => Promise<unknown>, readonly unknown[]]>([
    ['edited', () => writeQuotes(root, '2024-01-02', [quote('PETR4', 7)]), [7, null, 3, 4, 5]],
    ['removed', () => rm(january), [null, 3, 4, 5]],
    ['removed with its folder', () => rm(dirname(january), { recursive: true }), [null, 3, 4, 5]],
    [
      'joined by another',
      async () => cp(january, join(dirname(january), 'x.parquet')),
      [2, 2, 1, 1, null, 3, 4, 5],
    ],
    [
      'moved to another day',
      () => rename(dirname(january), `${dirname(january).slice(0, -2)}04`),
      [2, 1, null, 3, 4, 5],
    ],
    [
      'joined by another day',
      () => writeQuotes(root, '2024-02-01', [quote('PETR4', 6)]),
      [2, 1, 6, null, 3, 4, 5],
    ],
    [
      'replaced by one of the same size and time of writing',
      async () => {
        const { atime, mtime, size } = await stat(january);
        await writeQuotes(root, '2024-01-02', [quote('VALE3', 8), quote('PETR4', 9)]);
        expect((await stat(january)).size).toBe(size);
        await utimes(january, atime, mtime);
      },
      [9, 8, null, 3, 4, 5],
    ],
    ['broken', async () => writeFile(january, (await again()).subarray(0, 99)), []],
  ])('that is %s shows at once', async (_, change, expected) => {
    await change();
    expect(copiedPeriods(root)).toEqual(['2025-q2']);
    await expectSameAnswers();
    if (expected.length > 0) expect(await prices()).toEqual(expected);
    else await expect(prices()).rejects.toThrow(january);
  });

  test('makes the next command copy that quarter alone, and remove the old copy', async () => {
    await writeQuotes(root, '2024-01-02', [quote('PETR4', 7)]);
    expect(await copyPeriods(root)).toEqual(['2024-q1']);
    expect(copiedPeriods(root)).toEqual(['2024-q1', '2025-q2']);
    expect(await filesBelow(join(root, '_quarters'))).toHaveLength(2);
    await expectSameAnswers();
  });

  test('that comes while the copy is made leaves no copy', async () => {
    await removeCopies();
    const { writePeriodCopy } = await import('../../../src/lake/local/period-copies.ts');
    await writePeriodCopy(root, specTable, '2024-q1', async (temporary) => {
      await writeFile(temporary, encodeRows(specTable, [quote('PETR4', 1)]));
      await writeQuotes(root, '2024-01-02', [quote('PETR4', 7)]);
      return 'written';
    });
    expect((await filesBelow(root)).filter((path) => path.startsWith('_'))).toEqual([]);
  });

  test('that takes all files of a quarter away takes its copy, too', async () => {
    await rm(getPartitionFolder(root, specTable, day('2025-06-02')), { recursive: true });
    await expectSameAnswers();
    expect(await copyPeriods(root)).toEqual([]);
    expect(await filesBelow(join(root, '_quarters'))).toHaveLength(1);
  });
});

describe('a quarter is copied', () => {
  test.each([
    ['some', ['2024-02-06']],
    ['all', ['2024-01-02', '2024-02-06']],
  ])('where %s of its files are of editions before its newest columns', async (_, dates) => {
    for (const [at, date] of dates.entries()) {
      await writeRowsTo(root, olderEdition(specTable, at + 1), date, [quote('PETR4', 7)]);
    }
    await copyPeriods(root);
    expect(copiedPeriods(root)).toEqual(['2024-q1', '2025-q2']);
    await expectSameAnswers();
  });
});

describe('a quarter is not copied', () => {
  const without = (name: string) => ({
    ...specTable,
    columns: specTable.columns.filter((column) => column.name !== name),
  });
  const wholeNumbers = {
    ...specTable,
    columns: specTable.columns.map((column) =>
      column.name === 'vlr_cot' ? { ...column, type: 'bigint' as const } : column,
    ),
  };
  const wider = {
    ...specTable,
    columns: [...specTable.columns, { name: 'novo', type: 'string', description: '' } as const],
  };
  test.each([
    ['lacks a column before the last', without('vlr_cot')],
    ['has one more', wider],
    ['has whole numbers for decimals', wholeNumbers],
  ])('where a file %s', async (_, table) => {
    await writeRowsTo(root, table, '2024-02-06', [quote('PETR4', 7)]);
    await copyPeriods(root);
    expect(copiedPeriods(root)).toEqual(['2025-q2']);
    await expectSameAnswers();
  });

  test('where a column hides in another', async () => {
    const folder = getPartitionFolder(root, specTable, day('2024-02-05'));
    await mkdir(folder);
    const select = `SELECT * EXCLUDE vlr_cot, {'vlr_cot': 1.5::DOUBLE} AS s FROM ${rowsIn(january)}`;
    await duckdb(`COPY (${select}) TO '${folder}/other.parquet' (FORMAT parquet)`);
    await copyPeriods(root);
    expect(copiedPeriods(root)).toEqual(['2025-q2']);
    await expectSameAnswers();
  });
});

describe('a file of another kind in the newest quarter', () => {
  test.each([
    ['lacks a column', 'SELECT * EXCLUDE pct_var_ano_a5 FROM SOURCE'],
    ['has decimals', 'SELECT * REPLACE (7.25::DECIMAL(9,2) AS vlr_cot) FROM SOURCE'],
    ['has text for numbers', "SELECT * REPLACE ('1.234' AS vlr_cot) FROM SOURCE"],
  ])('that %s answers as without copies, before and after the others', async (_, select) => {
    for (const date of ['2026-11-01', '2026-11-30']) {
      const folder = getPartitionFolder(root, specTable, day(date));
      await mkdir(folder);
      const query = select.replace('SOURCE', rowsIn(january));
      await duckdb(`COPY (${query}) TO '${folder}/other.parquet' (FORMAT parquet)`);
      expect(copiedPeriods(root)).toEqual(['2024-q1', '2025-q2']);
      await expectSameAnswers();
      // Of two that do not fit either may be named first.
      await rm(folder, { recursive: true });
    }
  });
});

describe('a copy that is broken', () => {
  const pathOfFirst = (): string => [...findPeriodCopies(root, specTable).values()][0] ?? '';

  test.each<[string, (whole: Buffer) => Buffer]>([
    ['cut short', (whole) => whole.subarray(0, whole.length / 2)],
    ['empty', () => Buffer.alloc(0)],
    ['other bytes of the same length', (whole) => Buffer.alloc(whole.length, 'x')],
  ])('by being %s is passed over, and made again', async (_, broken) => {
    const path = pathOfFirst();
    await writeFile(path, broken(await readFile(path)));
    expect(copiedPeriods(root)).toEqual(['2025-q2']);
    await expectSameAnswers();
    expect(await copyPeriods(root)).toEqual(['2024-q1']);
    expect(copiedPeriods(root)).toEqual(['2024-q1', '2025-q2']);
    await expectSameAnswers();
  });

  test('without a sign of it from outside is passed over', async () => {
    const path = pathOfFirst();
    const { atime, mtime, size } = await stat(path);
    const zeros = Buffer.alloc(size);
    await forgeBytes(path, zeros, atime, mtime);
    expect(copiedPeriods(root)).toEqual(['2024-q1', '2025-q2']);
    await expectSameAnswers();
    expect(await prices()).toEqual([2, 1, null, 3, 4, 5]);
  });

  test('far behind its first rows never passes for a whole answer', async () => {
    // It has three groups of rows, and the names of this copy are more bytes than are verified for each query.
    const many = Array.from({ length: 17_000 }, (_, at) =>
      quote(`ABCD${at}`, at, { nome_ativo: randomBytes(270).toString('hex') }),
    );
    await writeQuotes(root, '2024-01-03', many);
    await copyPeriods(root);
    const path = pathOfFirst();
    const bytes = await readFile(path);
    expect(bytes.length).toBeGreaterThan(4_000_000);
    const { atime, mtime } = await stat(path);
    const [from, to] = [0.6, 0.8].map((share) => Math.trunc(bytes.length * share));
    const forged = await forgeBytes(path, bytes.fill(255, from, to), atime, mtime);
    expect(copiedPeriods(root)).toEqual(['2024-q1', '2025-q2']);
    expect((await ask(root, `SELECT * FROM ${TABLE}`)).rows).toHaveLength(many.length + 6);

    // As if the disk had damaged it after it was verified.
    const state = formatState(await stat(forged, { bigint: true }));
    const record = ['1', [Date.now(), state, relative(root, forged)].join('\t')].join('\n');
    await mkdir(join(root, '_checked'), { recursive: true });
    await writeFile(join(root, '_checked', 'verified.txt'), sealText(record));
    // Rows may have gone out before the broken ones come to be read: then it fails, and says what to do.
    const outcome = await ask(root, `SELECT * FROM ${TABLE}`).catch((error: unknown) => {
      expect(error).toBeInstanceOf(QueryError);
      expect(error).toMatchObject({ hint: expect.stringContaining(join(root, '_quarters')) });
      return undefined;
    });
    if (outcome !== undefined) expect(outcome.rows).toHaveLength(many.length + 6);
  });

  test('is no matter where it is a folder', async () => {
    const path = pathOfFirst();
    await rm(path);
    await mkdir(path);
    await expectSameAnswers();
    expect(await copyPeriods(root)).toEqual(['2024-q1']);
    await expectSameAnswers();
  });

  /** Puts bytes in place of a copy's, and gives them the name that fits their time. */
  async function forgeBytes(
    path: string,
    bytes: Buffer,
    atime: Date,
    mtime: Date,
  ): Promise<string> {
    await writeFile(path, bytes);
    await utimes(path, atime, mtime);
    const stamp = computePeriodFingerprint(root, specTable, '2024-q1');
    if (stamp === undefined) throw new Error('no such quarter');
    const name = getCopyPath(root, specTable, '2024-q1', stamp, await stat(path, { bigint: true }));
    await rename(path, name);
    return name;
  }
});

describe('a damaged disk', () => {
  const flipInPlace = async (path: string, at: number): Promise<void> => {
    const handle = await open(path, 'r+');
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, at);
    buffer.writeUInt8(buffer.readUInt8(0) ^ 1, 0);
    await handle.write(buffer, 0, 1, at);
    await handle.close();
  };
  const findDamaged = (settings = {}) =>
    createLocalInspector(root, settings).findDamagedCopies?.(specTable);

  test('no damaged row is copied', async () => {
    await flipInPlace(january, 150);
    const [error, ...others] = await updatePeriodCopies(root);
    expect(error).toBeInstanceOf(BrokenFileError);
    expect(String(error)).toContain(january);
    expect(others).toEqual([]);
    expect(copiedPeriods(root)).toEqual(['2025-q2']);
  });

  test('a copy must have the rows of its daily files, each as often', async () => {
    const select = (from: string) => `SELECT *, 20240102 AS anomesdia_exec FROM ${from}`;
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const copy = join(root, 'copy.parquet');
    const compare = async (sql: string) => {
      await connection.run(`COPY (${sql}) TO '${copy}' (FORMAT parquet)`);
      const columns = specTable.columns.length;
      await assertSameRows(connection, specTable, [{ columns, paths: [january] }], copy);
    };
    const own = `read_parquet('${january}', hive_partitioning = false)`;
    await compare(`${select(own)} ORDER BY vlr_cot DESC`);
    await expect(compare(`${select(own)} LIMIT 1`)).rejects.toThrow('has 1 rows');
    await expect(compare(`${select(own)} UNION ALL ${select(own)}`)).rejects.toThrow('4 rows');
    const changed = `(SELECT * REPLACE (NULL::DOUBLE AS vlr_cot) FROM ${own})`;
    await expect(compare(select(changed))).rejects.toThrow('other values');
    connection.closeSync();
    instance.closeSync();
  });

  test('a copy that any byte of is damaged is found, and removed by doctor --fix', async () => {
    expect(await findDamaged()).toEqual([]);
    const path = [...findPeriodCopies(root, specTable).values()][0] ?? '';
    const bytes = await readFile(path);
    for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 100)) {
      const damaged = Uint8Array.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      expect(findCopyFault(damaged), `byte ${at}`).toBeDefined();
    }
    await flipInPlace(path, 100);
    // A disk that damages a file leaves its time; here the name follows from the new one.
    const fingerprint = computePeriodFingerprint(root, specTable, '2024-q1');
    if (fingerprint === undefined) throw new Error('the quarter has no files');
    const stats = await stat(path, { bigint: true });
    const damaged = getCopyPath(root, specTable, '2024-q1', fingerprint, stats);
    await rename(path, damaged);
    expect(copiedPeriods(root)).toContain('2024-q1');
    await expectSameAnswers();
    expect(await findDamaged({ rereads: true })).toEqual([
      { path: damaged, reason: 'its checksum does not match its bytes' },
    ]);
    const args = ['doctor', '--all', '--no-site', '--lake', root, '--format', 'json'];
    const found = await pynvest(args);
    expect(jsonRows(found.stdout).filter(({ code }) => code === 'copy-damaged')).toMatchObject([
      { status: 'problem', subject: damaged, fixable: true },
    ]);
    const fixed = await pynvest([...args, '--fix']);
    expect(jsonRows(fixed.stdout).filter(({ code }) => code === 'copy-damaged')).toMatchObject([
      { status: 'mended', subject: damaged },
    ]);
    expect(await findDamaged({ rereads: true })).toEqual([]);
    expect(copiedPeriods(root)).toContain('2024-q1');
    await expectSameAnswers();
  });
});

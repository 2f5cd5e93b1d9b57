/** What a query verifies of the files that it reads, and what it remembers of them. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { formatState, sealText } from '../../../src/lake/local/checked-files.ts';
import { openVerifiedFiles } from '../../../src/lake/local/verified-files.ts';
import { openDuckDb } from '../../../src/query/duckdb/engine.ts';
import { readAll } from '../../../src/query/read-rows.ts';
import { duckdb } from '../../support/duckdb.ts';
import { newFolder } from '../../support/folders.ts';
import { pynvest } from '../../support/in-process.ts';
import { day, quote, writeQuotes } from '../../support/made-up-lake.ts';
import { flipBit } from '../../support/random-bits.ts';
import { specTable } from '../../support/tables.ts';

const DAY_MS = 86_400_000;
/** Later than every file, so that none counts as just written. */
const later = (): number => Date.now() + 60_000;

let root: string;
beforeEach(async () => {
  root = await newFolder();
});

const recordPath = (): string => join(root, '_checked', 'verified.txt');

/** Writes a day whose file is larger than what is verified without a record. */
async function writeLargeDay(date: string): Promise<string> {
  const rows = Array.from({ length: 400 }, (_, at) =>
    quote(`ABCD${at}`, at, { nome_ativo: randomBytes(6_000).toString('hex') }),
  );
  const path = await writeQuotes(root, date, rows);
  expect((await stat(path)).size).toBeGreaterThan(4_000_000);
  return path;
}

/** Changes a bit in the midst of a file, and keeps its size and its time of writing. */
async function damage(path: string): Promise<void> {
  const { atime, mtime } = await stat(path);
  const bytes = await readFile(path);
  await writeFile(path, flipBit(bytes, bytes.byteLength * 4));
  await utimes(path, atime, mtime);
}

/** Records that the file, as it is now, was verified. */
async function record(path: string, verifiedAt: number): Promise<void> {
  const state = formatState(await stat(path, { bigint: true }));
  const text = ['1', [verifiedAt, state, relative(root, path)].join('\t')].join('\n');
  await mkdir(dirname(recordPath()), { recursive: true });
  await writeFile(recordPath(), sealText(text));
}

describe('a file that a query is about to read', () => {
  test('is verified, also where it was changed while the process runs', async () => {
    const [first, second] = [
      await writeQuotes(root, '2026-11-19', [quote('PETR4', 1)]),
      await writeQuotes(root, '2026-11-20', [quote('PETR4', 2)]),
    ];
    const verified = openVerifiedFiles(root, later);
    expect(await verified.findDamaged([first, second])).toEqual(new Set());
    await damage(second);
    expect(await verified.findDamaged([first, second])).toEqual(new Set([second]));
    await writeQuotes(root, '2026-11-20', [quote('PETR4', 3)]);
    expect(await verified.findDamaged([first, second])).toEqual(new Set());
    await expect(stat(recordPath())).rejects.toThrow('ENOENT');
  });

  test('is left to its reader if it has no checksum, is no file, or is not there', async () => {
    const foreign = join(root, 'foreign.parquet');
    await duckdb(`COPY (SELECT 1 AS x) TO '${foreign}' (FORMAT parquet)`);
    const text = join(root, 'text.parquet');
    await writeFile(text, 'no Parquet');
    const endless = join(root, 'endless.parquet');
    await writeFile(endless, Buffer.alloc(100, 0xff));
    const paths = [foreign, text, endless, root, join(root, 'absent.parquet')];
    expect(await openVerifiedFiles(root).findDamaged(paths)).toEqual(new Set());
  });

  test('is not read again by the next process, until it changes or some weeks have passed', async () => {
    const path = await writeLargeDay('2026-11-20');
    expect(await openVerifiedFiles(root, later).findDamaged([path])).toEqual(new Set());
    const [, version, line = ''] = (await readFile(recordPath(), 'utf8')).split('\n');
    const state = formatState(await stat(path, { bigint: true }));
    expect([version, ...line.split('\t').slice(1)]).toEqual(['1', state, relative(root, path)]);

    await damage(path);
    const damaged = new Set([path]);
    expect(await openVerifiedFiles(root, later).findDamaged([path])).toEqual(damaged);
    // What a disk does to a file leaves its state: the record is believed.
    const now = later();
    await record(path, now);
    const afterDays = (days: number) => openVerifiedFiles(root, () => now + days * DAY_MS);
    expect(await afterDays(29).findDamaged([path])).toEqual(new Set());
    expect(await afterDays(31).findDamaged([path])).toEqual(damaged);
    expect(await afterDays(-1).findDamaged([path])).toEqual(damaged);
    // A damaged record is not.
    await record(path, now);
    await writeFile(recordPath(), (await readFile(recordPath(), 'utf8')).replace('dedup', 'dedux'));
    expect(await afterDays(1).findDamaged([path])).toEqual(damaged);
  });

  test('is verified again if it was written just before', async () => {
    const path = await writeLargeDay('2026-11-20');
    await openVerifiedFiles(root).findDamaged([path]);
    expect(await readFile(recordPath(), 'utf8')).not.toContain('dedup');
  });

  test('is found by doctor, and named by a query with its remedy', async () => {
    await writeQuotes(root, '2026-11-19', [quote('PETR4', 1)]);
    const path = await writeQuotes(root, '2026-11-20', [quote('PETR4', 46.48)]);
    const engine = await openDuckDb(root);
    const sql = `SELECT vlr_cot FROM ${specTable.database}.${specTable.name} ORDER BY vlr_cot`;
    expect(await readAll(engine, { sql })).toEqual([[1], [46.48]]);
    await damage(path);
    await expect(readAll(engine, { sql })).rejects.toMatchObject({
      message: `${path} is damaged: its checksum does not match its bytes`,
      partition: 20261120,
      hint: expect.stringContaining('pynvest doctor --fix'),
    });
    // The days before it can still be asked.
    expect(await readAll(engine, { sql, days: { to: day('2026-11-19') } })).toEqual([[1]]);
    engine.close();
    const asked = await pynvest(['query', 'cotacoes', '--ticker', 'PETR4', '--lake', root]);
    expect(asked).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining(path) });
    const doctor = await pynvest(['doctor', '--no-site', '--lake', root, '--format', 'json']);
    expect(doctor.stdout).toContain('file-unreadable');
  });
});

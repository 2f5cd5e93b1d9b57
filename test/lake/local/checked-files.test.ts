/** The record of what `doctor` has read: only files that changed since then are read again. */
import { mkdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Row } from '../../../src/catalog/column.ts';
import { parsePartition } from '../../../src/catalog/partition.ts';
import { BrokenFileError } from '../../../src/errors.ts';
import type { LakeInspector } from '../../../src/lake/inspector.ts';
import { createLocalInspector } from '../../../src/lake/local/lake.ts';
import { getPartitionFolder } from '../../../src/lake/local/layout.ts';
import { encodeRows } from '../../../src/lake/parquet/encode.ts';
import { newFolder } from '../../support/folders.ts';
import { quote } from '../../support/made-up-lake.ts';
import { specTable } from '../../support/tables.ts';

const DAYS = 500;
/** Later than every file, so that none counts as just written. */
const later = (): number => Date.now() + 60_000;

let root: string;
const pathOf = (index: number): string => {
  const date = new Date(Date.UTC(2020, 0, 1 + index)).toISOString().slice(0, 10);
  return join(getPartitionFolder(root, specTable, parsePartition(date)), 'dedup.parquet');
};
const bytesOf = (...rows: Row[]): Uint8Array => encodeRows(specTable, rows);

beforeAll(async () => {
  root = await newFolder();
  const bytes = bytesOf(quote('PETR4', 1), quote('VALE3', 2));
  for (let index = 0; index < DAYS; index += 1) {
    await mkdir(dirname(pathOf(index)), { recursive: true });
    await writeFile(pathOf(index), bytes);
  }
});

/** The number of rows of each file, or `broken`. */
async function look(inspector: LakeInspector): Promise<(number | 'broken')[]> {
  const { files } = await inspector.contents(specTable);
  const rows: (number | 'broken')[] = [];
  for (const file of files) {
    rows.push(
      await inspector.shape(file).then(
        (shape) => shape.rows,
        (error: unknown) => {
          expect(error).toBeInstanceOf(BrokenFileError);
          return 'broken' as const;
        },
      ),
    );
  }
  await inspector.saveChecks?.();
  return rows;
}

/** Changes a bit of a file, and keeps its size and its time of writing. */
async function damage(index: number): Promise<void> {
  const path = pathOf(index);
  const before = await stat(path, { bigint: true });
  const bytes = await readFile(path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  await writeFile(path, bytes);
  await utimes(path, new Date(), Number(before.mtimeNs) / 1e9);
}

describe('files that were read before', () => {
  test('are read again only if they have changed', async () => {
    expect(await look(createLocalInspector(root, { now: later() }))).toEqual(Array(DAYS).fill(2));
    const record = join(root, '_checked', 'files.json');
    const [, text = ''] = (await readFile(record, 'utf8')).split('\n');
    expect(JSON.parse(text).files).toHaveLength(DAYS);

    // Three rows in the record, which no file has: so many are reported of those that are not read.
    const forged = text.replaceAll(',2,0]', ',3,0]');
    const { createHash } = await import('node:crypto');
    await writeFile(record, `${createHash('sha256').update(forged).digest('hex')}\n${forged}`);
    await writeFile(pathOf(7), bytesOf(quote('PETR4', 1)));
    await damage(9);
    const seen = await look(createLocalInspector(root, { now: later() }));
    expect(seen[7]).toBe(1);
    expect(seen[9]).toBe('broken');
    expect(seen.filter((rows) => rows === 3)).toHaveLength(DAYS - 2);

    const all = await look(createLocalInspector(root, { rereads: true, now: later() }));
    expect(all.filter((rows) => rows === 2)).toHaveLength(DAYS - 2);
    expect(all[9]).toBe('broken');
    expect((await look(createLocalInspector(root, { now: later() })))[9]).toBe('broken');
  });

  test('are all read if the record is damaged', async () => {
    const record = join(root, '_checked', 'files.json');
    const text = await readFile(record, 'utf8');
    await writeFile(record, text.replaceAll(',2,0]', ',3,0]'));
    expect(await look(createLocalInspector(root, { now: later() }))).not.toContain(3);
    await writeFile(record, 'no record');
    expect(await look(createLocalInspector(root, { now: later() }))).not.toContain(3);
  });

  test('are read again if they were written just before they were read', async () => {
    const fresh = await newFolder();
    const other = createLocalInspector(fresh);
    const folder = getPartitionFolder(fresh, specTable, parsePartition('2026-11-20'));
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'dedup.parquet'), bytesOf(quote('PETR4', 1)));
    expect(await look(other)).toEqual([1]);
    await expect(stat(join(fresh, '_checked'))).rejects.toThrow('ENOENT');
  });
});

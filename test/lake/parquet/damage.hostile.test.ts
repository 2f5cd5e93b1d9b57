/** Files that were damaged on a disk: found before a value of them is used, and never read without end. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import type { Row } from '../../../src/catalog/column.ts';
import type { Table } from '../../../src/catalog/dataset.ts';
import { tables } from '../../../src/catalog/datasets.ts';
import { BrokenFileError, LakeError } from '../../../src/errors.ts';
import { createLocalInspector, createLocalLake } from '../../../src/lake/local/lake.ts';
import { sealChecksum, verifyChecksum } from '../../../src/lake/parquet/checksum.ts';
import { decodeRows } from '../../../src/lake/parquet/decode.ts';
import { createSchema, encodeRows } from '../../../src/lake/parquet/encode.ts';
import { duckdb } from '../../support/duckdb.ts';
import { newFolder } from '../../support/folders.ts';
import { bytesInFolder, pathOf } from '../../support/lake-bytes.ts';
import { day, writeRowsTo } from '../../support/made-up-lake.ts';
import { sampleRow } from '../../support/rows.ts';
import { specTable } from '../../support/tables.ts';

/** Rows with values that repeat, values that do not, and absent ones. */
function rowsFor(table: Table, count: number): Row[] {
  return Array.from({ length: count }, (_, at) => {
    const columns = table.columns.map(({ name, type }, column) => {
      if ((at + column) % 7 === 0) return [name, null];
      if (type === 'double') return [name, at % 3 === 0 ? 1.5 : (at * 46.48) / (column + 1)];
      if (type === 'bigint') return [name, at * 10 ** (column % 12)];
      if (type === 'date') return [name, `2026-11-${String(10 + (at % 20))}`];
      return [name, at % 4 === 0 ? 'Bancos' : `texto ${at} ${column}`];
    });
    return sampleRow(table, { ...Object.fromEntries(columns), [table.tickerColumn]: `AB${at}3` });
  });
}

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  const at = Math.floor(bit / 8);
  flipped[at] = (flipped[at] ?? 0) ^ (1 << (bit % 8));
  return flipped;
}

/** Whole numbers below `bound`, the same ones in each run. */
function* randomBelow(bound: number, count: number): Generator<number> {
  let state = 0x2026_1120;
  for (let at = 0; at < count; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield Math.floor((state / 2 ** 32) * bound);
  }
}

/** The rows in a file without a checksum, as another program writes it. */
function encodeWithoutChecksum(table: Table, rows: readonly Row[]): Uint8Array {
  const writer = new ByteWriter();
  const file = new ParquetWriter({ writer, schema: createSchema(table.columns) });
  const columnData = table.columns.map(({ name, type }) => ({
    name,
    data: rows.map((row) => {
      const value = row[name] ?? null;
      if (value === null) return null;
      if (type === 'bigint') return BigInt(value);
      return type === 'date' ? new Date(`${value}T00:00:00Z`) : value;
    }),
  }));
  void file.write({ columnData });
  void file.finish();
  return new Uint8Array(writer.getBytes());
}

describe.each(tables.map((table) => [table.name, table] as const))('a file of %s', (_, table) => {
  const rows = rowsFor(table, 40);
  const bytes = encodeRows(table, rows);

  test('is read where it is as it was written', async () => {
    expect(verifyChecksum(bytes)).toBe('valid');
    expect(await decodeRows(table, bytes, 'a file')).toEqual(rows);
  });

  test('is refused after any of 1,000 flipped bits, and of those at its end', async () => {
    const last = Array.from({ length: 400 }, (_, at) => bytes.byteLength * 8 - 1 - at);
    for (const bit of [...randomBelow(bytes.byteLength * 8, 1_000), ...last]) {
      const reading = decodeRows(table, flip(bytes, bit), `bit ${bit}`);
      await expect(reading, `bit ${bit}`).rejects.toThrow(BrokenFileError);
    }
  });

  test('is refused where it is cut short, or has lost a part', async () => {
    for (const at of randomBelow(bytes.byteLength, 100)) {
      const short = decodeRows(table, bytes.subarray(0, at), 'a file');
      await expect(short).rejects.toThrow(BrokenFileError);
      const without = Uint8Array.from(bytes).fill(0, at, at + 512);
      if (Buffer.compare(without, bytes) === 0) continue;
      await expect(decodeRows(table, without, 'a file')).rejects.toThrow(BrokenFileError);
    }
  });
});

test('damage is seen by the doctor’s look at a file, and by whatever would replace it', async () => {
  const root = await newFolder();
  await writeRowsTo(root, specTable, '2026-11-20', rowsFor(specTable, 40));
  const lake = createLocalLake(root);
  const inspector = createLocalInspector(root);
  const path = pathOf(specTable, day('2026-11-20'));
  const bytes = await bytesInFolder(root).get(path);
  const [file] = (await inspector.contents(specTable)).files;
  if (file === undefined) throw new Error('the file is not listed');
  expect(await inspector.shape(file)).toMatchObject({ rows: 40 });
  for (const bit of randomBelow(bytes.byteLength * 8, 200)) {
    await bytesInFolder(root).put(path, flip(bytes, bit));
    await expect(inspector.shape(file), `bit ${bit}`).rejects.toThrow(BrokenFileError);
    await expect(lake.read(file, { rejectUnknownColumns: true })).rejects.toThrow(LakeError);
  }
});

describe('a file without a checksum', () => {
  const rows = rowsFor(specTable, 40);
  const outcome = (bytes: Uint8Array): Promise<unknown> =>
    decodeRows(specTable, bytes, 'a file').catch((error: unknown) => error);

  test('of hyparquet is read or refused, whatever bit is flipped', async () => {
    const bytes = encodeWithoutChecksum(specTable, rows);
    expect(verifyChecksum(bytes)).toBe('absent');
    expect(await decodeRows(specTable, bytes, 'a file')).toEqual(rows);
    const first = Array.from({ length: 1_200 }, (_, bit) => bit);
    for (const bit of [...first, ...randomBelow(bytes.byteLength * 8, 1_000)]) {
      const read = await outcome(flip(bytes, bit));
      if (Array.isArray(read)) expect(read, `bit ${bit}`).toHaveLength(rows.length);
      else expect(read, `bit ${bit}`).toBeInstanceOf(BrokenFileError);
    }
  });

  test.each([
    ['snappy', 'V1'],
    ['uncompressed', 'V1'],
    ['zstd', 'V2'],
    ['uncompressed', 'V2'],
  ])('of DuckDB, %s with pages of %s, is read or refused', async (codec, version) => {
    const folder = await newFolder();
    const path = join(folder, 'other.parquet');
    await writeRowsTo(folder, specTable, '2026-11-20', rows);
    const own = join(folder, pathOf(specTable, day('2026-11-20')));
    const select = `SELECT * FROM read_parquet('${own}', hive_partitioning = false)`;
    const options = `FORMAT parquet, COMPRESSION ${codec}, PARQUET_VERSION ${version}`;
    await duckdb(`COPY (${select}) TO '${path}' (${options})`);
    const bytes = await readFile(path);
    expect(await decodeRows(specTable, bytes, 'a file')).toEqual(rows);
    for (const bit of randomBelow(bytes.byteLength * 8, 1_000)) {
      const read = await outcome(flip(bytes, bit));
      if (!Array.isArray(read)) expect(read, `bit ${bit}`).toBeInstanceOf(LakeError);
    }
  });
});

test('a checksum needs its place', () => {
  const bytes = encodeWithoutChecksum(specTable, rowsFor(specTable, 1));
  expect(() => sealChecksum(bytes)).toThrow('no place');
});

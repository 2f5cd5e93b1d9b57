/** Files that were damaged on a disk: found before a value of them is used, and never read without end. */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetMetadata } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Row } from '../../../src/catalog/column.ts';
import type { Table } from '../../../src/catalog/dataset.ts';
import { tables } from '../../../src/catalog/datasets.ts';
import { BrokenFileError, LakeError, PynvestError } from '../../../src/errors.ts';
import { createLocalInspector, createLocalLake } from '../../../src/lake/local/lake.ts';
import { getFilePath } from '../../../src/lake/local/layout.ts';
import { parsePartitionFolder } from '../../../src/lake/names.ts';
import { sealChecksum, verifyChecksum } from '../../../src/lake/parquet/checksum.ts';
import { decodeRows } from '../../../src/lake/parquet/decode.ts';
import { createSchema, encodeRows } from '../../../src/lake/parquet/encode.ts';
import { openDuckDb } from '../../../src/query/duckdb/engine.ts';
import type { QueryEngine } from '../../../src/query/engine.ts';
import { readAll } from '../../../src/query/read-rows.ts';
import { duckdb } from '../../support/duckdb.ts';
import { newFolder } from '../../support/folders.ts';
import { pynvest } from '../../support/in-process.ts';
import { pathOf } from '../../support/lake-bytes.ts';
import { day, writeRowsTo } from '../../support/made-up-lake.ts';
import { flipBit, randomBelow } from '../../support/random-bits.ts';
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
      if (type === 'boolean') return [name, at % 3 === 0];
      return [name, at % 4 === 0 ? 'Bancos' : `texto ${at} ${column}`];
    });
    return sampleRow(table, { ...Object.fromEntries(columns), [table.tickerColumn]: `AB${at}3` });
  });
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

/** The bits after whose flip a file is not refused as broken. One `expect` for each would take as long as the reading. */
async function findAccepted(
  bits: readonly number[],
  read: (bit: number) => Promise<unknown>,
): Promise<number[]> {
  const accepted: number[] = [];
  for (const bit of bits) {
    const outcome = await read(bit).catch((error: unknown) => error);
    if (!(outcome instanceof BrokenFileError)) accepted.push(bit);
  }
  return accepted;
}

/**
 * Calls `use` after each of the bits was flipped in the file, which is as before in the end. Only the byte is written:
 * to write the whole file would take as long as to verify it.
 */
async function flipInFile(
  path: string,
  bits: readonly number[],
  use: (bit: number) => Promise<unknown>,
): Promise<void> {
  const bytes = await readFile(path);
  const descriptor = openSync(path, 'r+');
  try {
    for (const bit of bits) {
      const at = Math.floor(bit / 8);
      writeSync(descriptor, flipBit(bytes, bit), at, 1, at);
      await use(bit);
      writeSync(descriptor, bytes, at, 1, at);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** A lake of one file a table, and what asks it: to open that takes as long as tens of queries. */
let root: string;
let engine: QueryEngine;
beforeAll(async () => {
  root = await newFolder();
  engine = await openDuckDb(root);
});
afterAll(() => engine.close());

describe.each(tables.map((table) => [table.name, table] as const))('a file of %s', (_, table) => {
  const rows = rowsFor(table, 40);
  const bytes = encodeRows(table, rows);

  test('is read where it is as it was written', async () => {
    expect(verifyChecksum(bytes)).toBe('valid');
    expect(await decodeRows(table, bytes, 'a file')).toEqual(rows);
  });

  test('is refused after any of 1,000 flipped bits, and of those at its end', async () => {
    const last = Array.from({ length: 400 }, (_, at) => bytes.byteLength * 8 - 1 - at);
    const bits = [...randomBelow(bytes.byteLength * 8, 1_000), ...last];
    expect(
      await findAccepted(bits, (bit) => decodeRows(table, flipBit(bytes, bit), 'a file')),
    ).toEqual([]);
  });

  test('is refused by a query after any of 200 flipped bits', async () => {
    const text = table.partition.grain === 'day' ? '20261120' : '2026';
    const partition = parsePartitionFolder(table, `${table.partition.column}=${text}`);
    if (partition === undefined) throw new Error(`${text} is no partition of ${table.name}`);
    const file = { table, partition, name: 'dedup' };
    await createLocalLake(root).write(file, rows);
    const path = getFilePath(root, file);
    expect(await readFile(path)).toEqual(Buffer.from(bytes));
    const statement = { sql: `SELECT * FROM ${engine.nameOf(table)}` };
    expect(await readAll(engine, statement)).toHaveLength(rows.length);
    const last = Array.from({ length: 64 }, (_, at) => bytes.byteLength * 8 - 1 - at);
    const accepted: number[] = [];
    await flipInFile(path, [...randomBelow(bytes.byteLength * 8, 200), ...last], async (bit) => {
      accepted.push(...(await findAccepted([bit], () => readAll(engine, statement))));
    });
    expect(accepted).toEqual([]);
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
  const path = join(root, pathOf(specTable, day('2026-11-20')));
  const { byteLength } = await readFile(path);
  const [file] = (await inspector.contents(specTable)).files;
  if (file === undefined) throw new Error('the file is not listed');
  expect(await inspector.shape(file)).toMatchObject({ rows: 40 });
  await flipInFile(path, [...randomBelow(byteLength * 8, 200)], async (bit) => {
    await expect(inspector.shape(file), `bit ${bit}`).rejects.toThrow(BrokenFileError);
    await expect(lake.read(file, { rejectUnknownColumns: true })).rejects.toThrow(LakeError);
  });
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
      const read = await outcome(flipBit(bytes, bit));
      if (Array.isArray(read) && read.length === rows.length) continue;
      expect(read, `bit ${bit}`).toBeInstanceOf(BrokenFileError);
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
      const read = await outcome(flipBit(bytes, bit));
      if (!Array.isArray(read) && !(read instanceof LakeError)) expect.fail(`bit ${bit}: ${read}`);
    }
    // DuckDB's reader ends, too.
    const engine = await openDuckDb(folder);
    const statement = { sql: `SELECT * FROM ${engine.nameOf(specTable)}` };
    await writeFile(own, bytes);
    await flipInFile(own, [...randomBelow(bytes.byteLength * 8, 20)], async (bit) => {
      const answer = await readAll(engine, statement).catch((error: unknown) => error);
      if (!Array.isArray(answer)) expect(answer, `bit ${bit}`).toBeInstanceOf(PynvestError);
    });
    engine.close();
  });
});

test('a checksum needs its place', () => {
  const bytes = encodeWithoutChecksum(specTable, rowsFor(specTable, 1));
  expect(() => sealChecksum(bytes)).toThrow('no place');
});

function toArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/** The first place of the bytes in a file. */
function indexOf(bytes: Uint8Array, part: readonly number[]): number {
  const at = Buffer.from(bytes).indexOf(Buffer.from(part));
  if (at < 0) throw new Error('the file has no such bytes');
  return at;
}

describe('a file that would keep the reader busy without end', () => {
  const rows = rowsFor(specTable, 40);
  const refuse = async (bytes: Uint8Array): Promise<unknown> => {
    const startedAt = performance.now();
    const error = await decodeRows(specTable, bytes, 'a file').catch((each: unknown) => each);
    expect(error).toBeInstanceOf(BrokenFileError);
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    return error;
  };
  /** The header of the first page is of 40 values, of which none is null. */
  const withOtherHeader = (): Uint8Array => {
    const bytes = encodeWithoutChecksum(specTable, rows);
    const at = indexOf(bytes, [0x15, 0x50, 0x15, 0x00]);
    // The count of nulls becomes a number of 8 bytes: what follows is read at other places.
    return flipBit(bytes, 8 * (at + 2) + 1);
  };

  test('by one bit in the header of a page', async () => {
    await refuse(withOtherHeader());
  });

  const reference = process.env['PYNVEST_REFERENCE'];
  test.runIf(reference)('as one that was found', async () => {
    await refuse(await readFile(join(reference ?? '', 'cases', 'hangs.parquet')));
  });

  test('is named by every command, and moved aside by doctor --fix', async () => {
    const root = await newFolder();
    const path = await writeRowsTo(root, specTable, '2026-11-19', rows);
    await writeFile(path, withOtherHeader());
    const lake = ['--lake', root];
    const query = await pynvest(['query', 'sql', `SELECT * FROM ${specTable.name}`, ...lake]);
    expect([query.status, query.stderr]).toEqual([1, expect.stringContaining(path)]);
    const status = await pynvest(['status', ...lake, '--format', 'json']);
    expect(status.stdout).toContain('file-unreadable');
    const doctor = await pynvest(['doctor', '--no-site', ...lake, '--format', 'json']);
    expect(doctor.stdout).toContain('file-unreadable');
    const dedup = await pynvest(['dedup', 'now', '--date', '2026-11-19', ...lake]);
    expect([dedup.status, dedup.stderr]).toEqual([1, expect.stringContaining(path)]);
    const fixed = await pynvest(['doctor', '--no-site', '--fix', ...lake, '--format', 'json']);
    expect(fixed.stdout).toContain('_quarantine');
    expect((await readFile(path).catch((error: unknown) => error)) as Error).toBeInstanceOf(Error);
  });

  test('by a number of a megabyte, in the header of a page or in the footer', async () => {
    const bytes = encodeWithoutChecksum(specTable, rows);
    const endless = new Uint8Array(1_000_000).fill(0xff);
    const tail = Buffer.from(bytes.subarray(-8));
    tail.writeUInt32LE(endless.length + 1, 0);
    await refuse(Buffer.concat([bytes.subarray(0, -8), Buffer.from([0x16]), endless, tail]));

    // In place of the type of a page, whose values are as long.
    const longTexts = rows.map((row) => ({
      ...row,
      nome_ativo: randomBytes(20_000).toString('hex'),
    }));
    const long = encodeWithoutChecksum(specTable, longTexts);
    const { row_groups: groups } = parquetMetadata(toArrayBuffer(long));
    const chunk = groups[0]?.columns.find(
      (each) => each.meta_data?.path_in_schema[0] === 'nome_ativo',
    );
    const { data_page_offset: start = 0n, total_compressed_size: size = 0n } =
      chunk?.meta_data ?? {};
    expect(Number(size)).toBeGreaterThan(700_000);
    long
      .fill(0xff, Number(start), Number(start + size))
      .fill(0x16, Number(start), Number(start) + 1);
    await refuse(long);
  });

  test('by a count of rows that its bytes cannot hold', async () => {
    const path = join(await newFolder(), 'many.parquet');
    const { tickerColumn } = specTable;
    const select = `SELECT 'AB13' AS ${tickerColumn} FROM range(5_000_000)`;
    await duckdb(`COPY (${select}) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`);
    const bytes = await readFile(path);
    expect(bytes.byteLength).toBeLessThan(5_000_000);
    expect(String(await refuse(bytes))).toContain('5000000 rows in');
  });

  test('by a negative count of the parts in a block of differences', async () => {
    const folder = await newFolder();
    const path = join(folder, 'deltas.parquet');
    const columns = `'AB' || i AS ${specTable.tickerColumn}, DATE '2026-01-01' + i::INT AS dt_ult_cot`;
    await duckdb(
      `COPY (SELECT ${columns} FROM range(400) t(i)) TO '${path}' ` +
        `(FORMAT parquet, COMPRESSION uncompressed, PARQUET_VERSION V2, DICTIONARY_SIZE_LIMIT 0)`,
    );
    const bytes = await readFile(path);
    expect(await decodeRows(specTable, bytes, 'a file')).toHaveLength(400);
    // Blocks of 2048 in 8 parts, 400 values: as 5 bytes, the count of parts is negative.
    const at = indexOf(bytes, [0x80, 0x10, 0x08, 0x90, 0x03]);
    const changed = Buffer.from(bytes);
    changed.set([0x80, 0x10, 0xfb, 0xff, 0xff, 0xff, 0x0f, 0x90, 0x03], at);
    await refuse(changed);
    changed.set(bytes.subarray(at, at + 9), at);
    changed.set([0x80, 0x10, 0x08, 0x91, 0x03], at);
    await refuse(changed);
  });
});

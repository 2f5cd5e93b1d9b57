/** Parquet files as other programs pack them. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { duckdb } from './duckdb.ts';
import { newFolder } from './folders.ts';

/** The rows of a SELECT as a file packed with `codec`. */
export async function packedRows(select: string, codec: string): Promise<Buffer> {
  const path = join(await newFolder(), 'other.parquet');
  await duckdb(`COPY (${select}) TO '${path}' (FORMAT parquet, COMPRESSION ${codec})`);
  return readFile(path);
}

/** A file's rows packed in a way that nobody knows: as zstd whose frames lack their mark. Its footer is whole. */
export async function packedUnreadably(bytes: Uint8Array): Promise<Buffer> {
  const path = join(await newFolder(), 'ours.parquet');
  await writeFile(path, bytes);
  const packed = await packedRows(`SELECT * FROM '${path}'`, 'zstd');
  const mark = Buffer.from('28b52ffd', 'hex');
  for (let at = packed.indexOf(mark); at >= 0; at = packed.indexOf(mark))
    packed.fill(0, at, at + 4);
  return packed;
}

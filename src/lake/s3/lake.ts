/**
 * The lake in S3, with its partitions in the Glue catalog: its files, what the doctor looks at, and the reports of
 * runs.
 */

import { createLakeError, getAwsErrorCode, getAwsErrorStatus } from '../../aws/errors.ts';
import { listObjects, readObjectText, type S3Access, writeObject } from '../../aws/objects.ts';
import type { Table } from '../../catalog/dataset.ts';
import type { Partition } from '../../catalog/partition.ts';
import {
  classifyPaths,
  type FileShape,
  type LakeInspector,
  type StoredFile,
} from '../inspector.ts';
import {
  type ColumnarLake,
  formatReport,
  formatReportName,
  REPORTS_FOLDER,
  type ReportFile,
  type StoredReport,
  selectNewestNames,
} from '../lake.ts';
import { assertIntact } from '../parquet/checksum.ts';
import { decodeRows } from '../parquet/decode.ts';
import { encodeRows } from '../parquet/encode.ts';
import { FOOTER_BYTES, readShape, toAsyncBuffer } from '../parquet/structure.ts';
import { GlueCatalog } from './glue-catalog.ts';
import { formatS3Uri, type S3LakeLocation } from './layout.ts';
import { S3Objects } from './objects.ts';

/**
 * The lake behind the same interface as the local one. An object appears whole or not at all. Its partition is
 * registered after it, so that Athena never finds an empty partition; a writer that dies in between completes both
 * when it runs again.
 */
export function createS3Lake(location: S3LakeLocation): ColumnarLake {
  const objects = new S3Objects(location);
  const catalog = new GlueCatalog(location);
  return {
    mayHoldRawBatches: true,
    partitions: (table) => catalog.days(table),
    files: (table, partition) => objects.listFiles(table, partition),
    read: (file, options) => objects.read(file, options),
    async write(file, rows, condition) {
      if (rows.length === 0) return 0;
      const bytes = encodeRows(file.table, rows);
      await objects.write(file, bytes, condition);
      await catalog.register(file.table, file.partition);
      return bytes.byteLength;
    },
    async readColumns(file, names, options) {
      const { decodeColumns } = await import('../parquet/decode-columns.ts');
      const bytes = await objects.bytes(file);
      return decodeColumns(file.table, bytes, objects.uri(file), names, options);
    },
    async writeColumns(file, batch, condition) {
      if (batch.rowCount === 0) return 0;
      // The functions read and write rows alone: their bundles stay small.
      const { encodeColumns } = await import('../parquet/encode-columns.ts');
      const bytes = encodeColumns(file.table, batch);
      await objects.write(file, bytes, condition);
      await catalog.register(file.table, file.partition);
      return bytes.byteLength;
    },
    async countRows(table) {
      const counts = new Map<Partition, number>();
      for (const file of classifyPaths(table, await objects.listTable(table)).files) {
        const { rows } = await readShapeByFooter(objects, file);
        counts.set(file.partition, (counts.get(file.partition) ?? 0) + rows);
      }
      return counts;
    },
    register: (table, partition) => catalog.register(table, partition),
    remove: (files) => objects.remove(files),
  };
}

/**
 * Removes every object of a partition, then its entry in the catalog: a failure in between leaves an entry without
 * rows, which a second call removes.
 * @returns how many objects there were
 */
export async function deletePartition(
  location: S3LakeLocation,
  table: Table,
  partition: Partition,
): Promise<number> {
  const removed = await new S3Objects(location).removePartition(table, partition);
  await new GlueCatalog(location).forget(table, partition);
  return removed;
}

/**
 * An object that is older is read whole only on demand. S3 verifies what it stores and repairs it, so an object is
 * damaged when it is written, if at all; and to read ten years of days from S3 whenever `doctor` is called costs money.
 */
const RECENT_MS = 7 * 24 * 60 * 60 * 1000;

interface InspectorSettings {
  /** Whether `shape` reads every object whole, and not only those of the last days. */
  readonly rereads?: boolean | undefined;
  /** In milliseconds since 1970. */
  readonly now?: number;
}

/**
 * So many bytes of whole objects are kept, several times what the newest days have: of more, an object is read for its
 * checksum, and again for its rows. A larger object is no file of a day: the rows of a year of prices are not read,
 * and its bytes would take the place of those of the days.
 */
const MAX_BYTES_KEPT = 64 * 2 ** 20;
const MAX_BYTES_KEPT_OF_ONE = 2 ** 20;

/**
 * An object of one version never changes. So each is read once, however often the lake is examined: after a repair,
 * only what that has written.
 */
export function createS3Inspector(
  location: S3LakeLocation,
  { rereads = false, now = Date.now() }: InspectorSettings = {},
): LakeInspector {
  const objects = new S3Objects(location);
  const shapes = new Map<string, FileShape>();
  const kept = new Map<string, Uint8Array>();
  let bytesKept = 0;
  const isReadWhole = ({ size, modifiedAt }: StoredFile): boolean =>
    size > 0 && (rereads || modifiedAt === undefined || now - modifiedAt.getTime() < RECENT_MS);
  const keyOf = (file: StoredFile): string => `${objects.uri(file)} ${file.version}`;

  async function readWhole(file: StoredFile): Promise<Uint8Array> {
    const known = kept.get(keyOf(file));
    if (known !== undefined) return known;
    const bytes = await objects.bytes(file);
    const size = bytes.byteLength;
    const isKept = size <= MAX_BYTES_KEPT_OF_ONE && bytesKept + size <= MAX_BYTES_KEPT;
    if (file.version !== undefined && isKept) {
      kept.set(keyOf(file), bytes);
      bytesKept += size;
    }
    return bytes;
  }

  async function readFileShape(file: StoredFile): Promise<FileShape> {
    if (!isReadWhole(file)) return readShapeByFooter(objects, file);
    const bytes = await readWhole(file);
    assertIntact(bytes, objects.uri(file));
    return readShape(toAsyncBuffer(bytes), objects.uri(file));
  }

  return {
    catalog: new GlueCatalog(location),
    locationOf: (file) => objects.uri(file),
    contents: async (table) => classifyPaths(table, await objects.listTable(table)),
    quarantine: (file) => objects.quarantine(file),
    rows: async (file) => decodeRows(file.table, await readWhole(file), objects.uri(file)),

    async shape(file) {
      const known = shapes.get(keyOf(file));
      if (known !== undefined) return known;
      const shape = await readFileShape(file);
      if (file.version !== undefined) shapes.set(keyOf(file), shape);
      return shape;
    },
  };
}

async function readShapeByFooter(objects: S3Objects, file: StoredFile): Promise<FileShape> {
  const { size } = file;
  // S3 rejects a range of an empty object.
  const tail = size === 0 ? new Uint8Array() : await objects.bytes(file, `bytes=-${FOOTER_BYTES}`);
  const tailStart = size - tail.byteLength;
  const slice = async (start: number, end = size): Promise<ArrayBuffer> => {
    const bytes =
      start >= tailStart
        ? tail.subarray(start - tailStart, end - tailStart)
        : await objects.bytes(file, `bytes=${start}-${end - 1}`);
    return new Uint8Array(bytes).buffer;
  };
  return readShape({ byteLength: size, slice }, objects.uri(file));
}

const REPORTS_PREFIX = `${REPORTS_FOLDER}/`;

export async function writeS3Report(
  s3: S3Access['s3'],
  bucket: string,
  report: StoredReport,
): Promise<void> {
  const key = `${REPORTS_PREFIX}${formatReportName(report)}`;
  try {
    const options = { contentType: 'application/json' };
    await writeObject({ s3 }, { bucket, key }, formatReport(report), options);
  } catch (error) {
    throw createLakeError(`cannot write the report ${formatS3Uri(bucket, key)}`, error);
  }
}

/**
 * Among the reports, as in a local lake; but a note in a folder of its own, which is a table of Glue, is beside them:
 * Athena takes what begins with an underscore for hidden.
 */
function formatNoteKey(name: string): string {
  return name.includes('/') ? name : `${REPORTS_PREFIX}${name}`;
}

/** Keeps a small text. */
export async function writeS3Note(
  s3: S3Access['s3'],
  bucket: string,
  name: string,
  text: string,
): Promise<void> {
  const key = formatNoteKey(name);
  try {
    await writeObject({ s3 }, { bucket, key }, text, { contentType: 'text/plain' });
  } catch (error) {
    throw createLakeError(`cannot write ${formatS3Uri(bucket, key)}`, error);
  }
}

/** Undefined if there is none. */
export async function readS3Note(
  s3: S3Access['s3'],
  bucket: string,
  name: string,
): Promise<string | undefined> {
  const key = formatNoteKey(name);
  try {
    return await readObjectText({ s3 }, { bucket, key });
  } catch (error) {
    if (getAwsErrorCode(error) === 'NoSuchKey' || getAwsErrorStatus(error) === 404)
      return undefined;
    throw createLakeError(`cannot read ${formatS3Uri(bucket, key)}`, error);
  }
}

/** The last `most` of the reports, the newest first. */
export async function readNewestS3Reports(
  s3: S3Access['s3'],
  bucket: string,
  most: number,
): Promise<ReportFile[]> {
  try {
    const objects = await listObjects({ s3 }, bucket, REPORTS_PREFIX);
    const names = objects.map(({ key }) => key.slice(REPORTS_PREFIX.length));
    return await Promise.all(
      selectNewestNames(names, most).map(async (name) => {
        const key = `${REPORTS_PREFIX}${name}`;
        return { name, text: await readObjectText({ s3 }, { bucket, key }) };
      }),
    );
  } catch (error) {
    throw createLakeError(
      `cannot read the reports in ${formatS3Uri(bucket, REPORTS_PREFIX)}`,
      error,
    );
  }
}

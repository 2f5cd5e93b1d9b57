/**
 * B3's price files as they are found: on this machine or at an address, plain or in a zip archive, one or several in
 * it. Their bytes are streamed, so that a year of 750 MB needs no memory.
 */
import { type FileHandle, open, readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { crc32, createInflateRaw } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import { createFolder } from '../../atomic-file.ts';
import { formatIsoDate, type Partition } from '../../catalog/partition.ts';
import {
  describeDiskError,
  getErrorCode,
  InvalidFileError,
  LayoutChangedError,
  SiteError,
  UsageError,
} from '../../errors.ts';
import type { HttpClient } from '../http/client.ts';
import { defaultPace, type HttpSettings } from '../http/settings.ts';

/** B3 asks for nothing but files: one at a time. */
export const defaultB3Settings: HttpSettings = {
  baseUrl: 'https://bvmf.bmfbovespa.com.br',
  urlVariable: 'PYNVEST_B3_URL',
  headers: { accept: '*/*', 'accept-language': 'pt-BR' },
  ...defaultPace,
  concurrency: 1,
  pauseMs: 1_000,
  timeoutMs: 60_000,
  backoffMs: 2_000,
};

/** The first year of B3's files. */
export const FIRST_YEAR = 1986;

/** A file to be imported. */
export interface PriceFile {
  /** Its path or address, as messages name it. */
  readonly name: string;
  readonly kind: 'local' | 'remote';
  /** The path of a local one, or the path or address that the client asks for. */
  readonly location: string;
  /** Its size; undefined before it is fetched. */
  readonly bytes: number | undefined;
  /** Of a file that is asked for by its year: that year. */
  readonly wholeYear?: number;
  /** Of a file that is asked for by its session: that day. */
  readonly session?: Partition;
  /** The year that its name has, where it is named as B3 names it. */
  readonly year: number | undefined;
}

const FOLDER = 'InstDados/SerHist';

/** Records of a whole year: those of 2018 and of 2025 are B3's counts, the others are orders of magnitude. */
const RECORDS_BY_YEAR: readonly (readonly [fromYear: number, records: number])[] = [
  [2024, 3_100_000],
  [2021, 2_000_000],
  [2018, 580_000],
  [2012, 350_000],
  [2000, 150_000],
  [FIRST_YEAR, 80_000],
];
const RECORDS_OF_A_DAY = 12_000;

/** What a record takes in a plain file, and in an archive. */
const PLAIN_RECORD_BYTES = 247;
const ZIPPED_RECORD_BYTES = 30;

/** About how large a file is, and how many records it has, before it is read. */
export function estimateSize(file: PriceFile): {
  readonly bytes: number;
  readonly records: number;
} {
  const { name, bytes, wholeYear } = file;
  if (bytes !== undefined) {
    const recordBytes = /\.zip$/i.test(name) ? ZIPPED_RECORD_BYTES : PLAIN_RECORD_BYTES;
    return { bytes, records: Math.round(bytes / recordBytes) };
  }
  const known = RECORDS_BY_YEAR.find(([from]) => (wholeYear ?? 0) >= from);
  const records = wholeYear === undefined ? RECORDS_OF_A_DAY : (known?.[1] ?? 0);
  return { bytes: records * ZIPPED_RECORD_BYTES, records };
}

/** The file of a whole year. */
export function createYearFile(year: number): PriceFile {
  const name = `COTAHIST_A${year}.ZIP`;
  return {
    ...{ name, kind: 'remote', location: `${FOLDER}/${name}` },
    ...{ bytes: undefined, wholeYear: year, year },
  };
}

/** The file of one session. */
export function createDayFile(day: Partition): PriceFile {
  const [year, month, date] = formatIsoDate(day).split('-');
  const name = `COTAHIST_D${date}${month}${year}.ZIP`;
  return {
    ...{ name, kind: 'remote', location: `${FOLDER}/${name}` },
    ...{ bytes: undefined, session: day, year: Number(year) },
  };
}

/** What a file of prices is called in a folder: COTAHIST_A2024.ZIP, COTAHIST.A1986, or any text or archive. */
const PRICE_FILE_NAME = /^cotahist[._]|\.(?:txt|zip)$/i;

/** Such as COTAHIST_A2024.ZIP, COTAHIST_M082024.TXT and COTAHIST_D08112024.ZIP. */
function findYearInName(name: string): number | undefined {
  const year = /cotahist[._][amd]\d{0,4}(\d{4})(?!\d)/i.exec(name)?.[1];
  return year === undefined ? undefined : Number(year);
}

/**
 * The file at a path or an address, or those in a folder, in the order of their names.
 * @throws UsageError where there is none
 */
export async function findPriceFiles(place: string): Promise<PriceFile[]> {
  if (/^https?:\/\//i.test(place)) {
    if (!URL.canParse(place)) throw new UsageError(`${JSON.stringify(place)} is not an address`);
    const name = basename(new URL(place).pathname) || place;
    const year = findYearInName(name);
    return [{ name, kind: 'remote', location: place, bytes: undefined, year }];
  }
  const stats = await stat(place).catch((error: unknown) => {
    const reason =
      getErrorCode(error) === 'ENOENT' ? 'there is no such file' : describeDiskError(error);
    throw new UsageError(`${place}: ${reason}`, {
      hint: 'Name a file or a folder of B3, an address, --year or --date.',
    });
  });
  if (!stats.isDirectory()) {
    const year = findYearInName(basename(place));
    return [{ name: place, kind: 'local', location: place, bytes: stats.size, year }];
  }
  const names = (await readdir(place)).filter((name) => PRICE_FILE_NAME.test(name)).sort();
  if (names.length === 0) {
    throw new UsageError(`${place} has no file of prices`, {
      hint: 'B3 names them as COTAHIST_A2024.ZIP; *.txt and *.zip are taken, too.',
    });
  }
  const found = await Promise.all(
    names.map(async (name): Promise<PriceFile | undefined> => {
      const path = join(place, name);
      const { size, isFile } = await stat(path).then((each) => ({
        size: each.size,
        isFile: each.isFile(),
      }));
      const year = findYearInName(name);
      return isFile ? { name: path, kind: 'local', location: path, bytes: size, year } : undefined;
    }),
  );
  return found.flatMap((file) => file ?? []);
}

/**
 * Fetches a file into a folder, and returns its path there.
 * @param onBytes called with the number of bytes of each part
 * @throws SiteError; LayoutChangedError where B3 has no such file
 */
export async function fetchPriceFile(
  client: HttpClient,
  file: PriceFile,
  folder: string,
  onBytes: (bytes: number) => void,
): Promise<string> {
  const { name, location } = file;
  await createFolder(folder);
  const path = join(folder, `${process.pid}-${basename(name).replace(/[^\w.-]/g, '_')}`);
  try {
    await client.getStream({ path: location, subject: name }, async (chunks) => {
      const handle = await open(path, 'w');
      try {
        for await (const chunk of chunks) {
          await handle.write(chunk);
          onBytes(chunk.byteLength);
        }
      } finally {
        await handle.close();
      }
    });
  } catch (error) {
    await rm(path, { force: true });
    if (!(error instanceof LayoutChangedError)) throw error;
    throw new SiteError(`${name}: B3 has no such file`, {
      hint: explainAbsence(file),
      cause: error,
    });
  }
  return path;
}

function explainAbsence({ session, wholeYear }: PriceFile): string {
  if (session !== undefined) {
    return 'There was no session, or it is not published yet: B3 does so in the evening.';
  }
  return wholeYear === undefined
    ? 'Check the address.'
    : 'It has a file of each year from 1986 on, of this one after its first session: try again later.';
}

/** A plain file, or one of those in an archive. */
interface PriceFileContent {
  readonly name: string;
  /** Each chunk is valid until the next one is asked for. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * What a local file contains, one after another.
 * @param name what messages call it
 * @param onBytes called with the number of the file's own bytes that have been read
 * @throws InvalidFileError if it is a damaged archive, or cannot be read
 */
export async function* readContents(
  path: string,
  name: string,
  onBytes: (bytes: number) => void = () => undefined,
): AsyncGenerator<PriceFileContent> {
  const handle = await open(path).catch((error: unknown) => {
    throw new InvalidFileError(name, describeDiskError(error), undefined, { cause: error });
  });
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    const isZip = bytesRead === 4 && ZIP_SIGNATURES.has(buffer.readUInt32LE());
    if (isZip) yield* readArchive(path, name, onBytes);
    else yield { name, chunks: readChunks(handle, name, onBytes) };
  } finally {
    await handle.close();
  }
}

/** Of an archive with files, and of one without. */
const ZIP_SIGNATURES: ReadonlySet<number> = new Set([0x04034b50, 0x06054b50]);

const CHUNK_BYTES = 1024 ** 2;

/** While a chunk is parsed, the next one is read. */
async function* readChunks(
  handle: FileHandle,
  name: string,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const buffers = [new Uint8Array(CHUNK_BYTES), new Uint8Array(CHUNK_BYTES)] as const;
  let position = 0;
  const readInto = async (buffer: Uint8Array): Promise<Uint8Array> => {
    const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, position);
    position += bytesRead;
    return buffer.subarray(0, bytesRead);
  };
  let next = readInto(buffers[0]);
  try {
    for (let at = 1; ; at += 1) {
      const chunk = await next;
      if (chunk.byteLength === 0) return;
      next = readInto(at % 2 === 0 ? buffers[0] : buffers[1]);
      onBytes(chunk.byteLength);
      yield chunk;
    }
  } catch (error) {
    throw new InvalidFileError(name, describeDiskError(error), undefined, { cause: error });
  } finally {
    // The file is closed only after what is read from it.
    await next.catch(() => undefined);
  }
}

async function* readArchive(
  path: string,
  name: string,
  onBytes: (bytes: number) => void,
): AsyncGenerator<PriceFileContent> {
  let count = 0;
  const { default: yauzl } = await import('yauzl');
  const zip = await withZipErrors(name, () => yauzl.openPromise(path, { lazyEntries: true }));
  try {
    const entries = zip.eachEntry()[Symbol.asyncIterator]();
    for (;;) {
      const { value: entry, done } = await withZipErrors(name, () => entries.next());
      if (done === true || entry === undefined) break;
      if (entry.fileName.endsWith('/') || entry.fileName.startsWith('__MACOSX/')) continue;
      count += 1;
      yield { name: `${name}/${entry.fileName}`, chunks: inflate(zip, entry, name, onBytes) };
    }
  } finally {
    zip.close();
  }
  if (count === 0) throw new InvalidFileError(name, 'the archive has no files');
}

/** The library throws plain errors about whatever an archive has wrong. */
async function withZipErrors<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toArchiveError(name, error);
  }
}

function toArchiveError(name: string, error: unknown): InvalidFileError {
  const reason = error instanceof Error ? error.message : String(error);
  return new InvalidFileError(name, `the archive cannot be read: ${reason}`, undefined, {
    cause: error,
  });
}

/** The methods of compression: ZIP, section 4.4.5. */
const STORED = 0;
const DEFLATED = 8;

/** The bytes of a file in an archive, with its size and its checksum verified at the end. */
async function* inflate(
  zip: ZipFile,
  entry: Entry,
  name: string,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const { compressionMethod: method } = entry;
  if (entry.isEncrypted() || (method !== STORED && method !== DEFLATED)) {
    const fault = entry.isEncrypted() ? 'encrypted' : `compressed by the method ${method}`;
    throw new InvalidFileError(name, `${entry.fileName} is ${fault}`);
  }
  const raw = await withZipErrors(name, () =>
    zip.openReadStreamPromise(entry, { decodeFileData: false }),
  );
  raw.on('data', ({ byteLength }: Buffer) => onBytes(byteLength));
  const inflated = method === STORED ? raw : createInflateRaw({ chunkSize: CHUNK_BYTES });
  if (inflated !== raw) {
    raw.on('error', (error) => inflated.destroy(error));
    raw.pipe(inflated as ReturnType<typeof createInflateRaw>);
  }
  let size = 0;
  let checksum = 0;
  try {
    for await (const chunk of inflated as AsyncIterable<Buffer>) {
      size += chunk.byteLength;
      checksum = crc32(chunk, checksum);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof InvalidFileError ? error : toArchiveError(name, error);
  } finally {
    raw.destroy();
    inflated.destroy();
  }
  if (size !== entry.uncompressedSize || checksum !== entry.crc32) {
    throw new InvalidFileError(name, `the checksum of ${entry.fileName} does not match its bytes`);
  }
}

/** What lies in the lake in a folder, as it lies there. */
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import pMap from 'p-map';
import { BrokenFileError, MissingFileError } from '../errors.ts';
import { cannotWrite } from './atomic-file.ts';
import { partitionOfFolder, type SeenPath, sortContents } from './foreign.ts';
import { filePath, partitionFolder, tableFolder } from './local-lake.ts';
import { readShape } from './shape.ts';
import type { LakeStore } from './store.ts';

const AT_ONCE = { concurrency: 32 };

/** Where files that cannot be read are kept. */
export function quarantineFolder(root: string): string {
  return join(root, '_quarantine');
}

export function createLocalStore(root: string): LakeStore {
  return {
    catalog: undefined,
    placeOf: (file) => filePath(root, file),

    async contents(table) {
      const folder = tableFolder(root, table);
      const entries = await entriesIn(folder);
      const seen = await pMap(entries, (entry) => seenAt(folder, entry), AT_ONCE);
      return sortContents(table, seen.flat());
    },

    async shape(file) {
      const path = filePath(root, file);
      const handle = await open(path, 'r').catch((error: unknown) => {
        throw cannotRead(path, error);
      });
      try {
        const read = async (start: number, end: number): Promise<ArrayBuffer> => {
          const bytes = new Uint8Array(end - start);
          await handle.read(bytes, 0, bytes.length, start);
          return bytes.buffer;
        };
        const head = Buffer.from(await read(0, 4)).toString('latin1');
        if (file.size >= 4 && head !== 'PAR1') {
          throw new BrokenFileError(`${path} is no whole Parquet file: it does not begin as one`);
        }
        const slice = (start: number, end = file.size) => read(start, end);
        return await readShape({ byteLength: file.size, slice }, path);
      } finally {
        await handle.close();
      }
    },

    async setAside(file) {
      const from = filePath(root, file);
      const bytes = await readFile(from).catch((error: unknown) => {
        throw cannotRead(from, error);
      });
      const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
      const folder = relative(root, partitionFolder(root, file.table, file.partition));
      const to = join(quarantineFolder(root), folder, `${file.name}-${hash}.parquet.broken`);
      try {
        await mkdir(dirname(to), { recursive: true });
        await rename(from, to);
      } catch (error) {
        throw cannotWrite(to, error);
      }
      return to;
    },
  };
}

interface Entry {
  readonly name: string;
  isDirectory(): boolean;
}

async function entriesIn(folder: string): Promise<readonly Entry[]> {
  return readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw cannotRead(folder, error);
  });
}

/** What an entry of the table's folder holds; a folder that is no partition's is not looked into. */
async function seenAt(folder: string, entry: Entry): Promise<SeenPath[]> {
  if (!entry.isDirectory()) return [{ path: entry.name, size: 0 }];
  if (partitionOfFolder(entry.name) === undefined) return [{ path: `${entry.name}/`, size: 0 }];
  const seen: SeenPath[] = [];
  for (const inner of await entriesIn(join(folder, entry.name))) {
    const path = `${entry.name}/${inner.name}`;
    if (inner.isDirectory()) seen.push({ path: `${path}/`, size: 0 });
    else seen.push({ path, size: (await sizeOf(join(folder, path))) ?? 0 });
  }
  return seen;
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}

function cannotRead(path: string, error: unknown): BrokenFileError {
  const Failure = codeOf(error) === 'ENOENT' ? MissingFileError : BrokenFileError;
  const reason = error instanceof Error ? error.message : String(error);
  return new Failure(`${path} cannot be read: ${reason}`, { cause: error });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

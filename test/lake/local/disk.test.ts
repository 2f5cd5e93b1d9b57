import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LakeError } from '../../../src/errors.ts';
import { toWriteError, writeLakeFile } from '../../../src/lake/local/disk.ts';
import { filesBelow, newFolder } from '../../support/folders.ts';
import { mountSmallDisk, remount } from '../../support/small-disk.ts';

const disk = mountSmallDisk();
const isRoot = process.getuid?.() === 0;

test('a file appears with what was written, in folders that are made for it', async () => {
  const root = await newFolder();
  const path = join(root, 'a', 'b', 'c.txt');
  await writeLakeFile(root, path, 'conteúdo');
  expect(await readFile(path, 'utf8')).toBe('conteúdo');
  expect(await filesBelow(root)).toEqual([join('a', 'b', 'c.txt')]);
});

test('a file that is there is replaced', async () => {
  const root = await newFolder();
  const path = join(root, 'c.bin');
  await writeLakeFile(root, path, new Uint8Array(10_000).fill(1));
  await writeLakeFile(root, path, new Uint8Array([2]));
  expect([...(await readFile(path))]).toEqual([2]);
});

test('a reader sees one whole file or the other while it is replaced over and over', async () => {
  const root = await newFolder();
  const path = join(root, 'c.bin');
  const write = (byte: number): Promise<void> =>
    writeLakeFile(root, path, new Uint8Array(200_000).fill(byte));
  await write(1);
  let writing = true;
  const writer = (async () => {
    for (let at = 0; at < 60; at += 1) await write(1 + (at % 2));
    writing = false;
  })();
  let reads = 0;
  while (writing) {
    const bytes = await readFile(path);
    reads += 1;
    expect(bytes.byteLength).toBe(200_000);
    expect(bytes.equals(Buffer.alloc(200_000, bytes[0]))).toBe(true);
  }
  await writer;
  expect(reads).toBeGreaterThan(0);
});

describe('a write that fails leaves nothing behind and says why', () => {
  const failures = {
    'a file in the way of a folder': {
      async prepare(root: string) {
        await writeFile(join(root, 'a'), 'in the way');
        return join(root, 'a', 'b', 'c.txt');
      },
      says: /a part of the path is a file, not a folder/,
    },
    'a file in the place of the folder': {
      async prepare(root: string) {
        await writeFile(join(root, 'a'), 'in the way');
        return join(root, 'a', 'c.txt');
      },
      says: /a part of the path is a file, not a folder/,
    },
    'a folder in the place of the file': {
      async prepare(root: string) {
        await mkdir(join(root, 'a', 'c.txt', 'full'), { recursive: true });
        return join(root, 'a', 'c.txt');
      },
      says: /EISDIR|ENOTEMPTY|EPERM|permission denied|not a folder/,
    },
  };

  test.each(Object.entries(failures))('%s', async (_, { prepare, says }) => {
    const root = await newFolder();
    const path = await prepare(root);
    const before = await filesBelow(root);
    const writing = writeLakeFile(root, path, 'x');
    await expect(writing).rejects.toThrow(LakeError);
    await expect(writing).rejects.toThrow(`cannot write ${path}: `);
    await expect(writing).rejects.toThrow(says);
    expect(await readdir(join(root, '_tmp'))).toEqual([]);
    expect(await filesBelow(root)).toEqual(before);
  });

  test.skipIf(isRoot)('a folder that one may not write', async () => {
    const root = await newFolder();
    await mkdir(join(root, 'closed'), { mode: 0o500 });
    const writing = writeLakeFile(root, join(root, 'closed', 'c.txt'), 'x');
    await expect(writing).rejects.toThrow(/permission denied/);
    await chmod(join(root, 'closed'), 0o700);
    expect(await filesBelow(root)).toEqual([]);
  });
});

describe.runIf(disk)('on a disk that is full', () => {
  test('the file that was there stays as it was, and no half of the new one', async () => {
    const root = String(disk);
    const path = join(root, 'c.bin');
    await writeLakeFile(root, path, 'small');
    const { mtimeMs } = await stat(path);
    const writing = writeLakeFile(root, path, new Uint8Array(100_000).fill(7));
    await expect(writing).rejects.toThrow(`cannot write ${path}: the disk is full`);
    await expect(writing).rejects.toMatchObject({
      hint: 'Free some space and run the command again.',
      cause: { code: 'ENOSPC' },
    });
    expect(await readFile(path, 'utf8')).toBe('small');
    expect((await stat(path)).mtimeMs).toBe(mtimeMs);
    expect(await filesBelow(root)).toEqual(['c.bin']);
    // What it took is given back: there is room for a smaller one.
    await writeLakeFile(root, path, new Uint8Array(30_000));
  });

  test('that is read-only it says so', async () => {
    const path = join(String(disk), 'd.bin');
    remount(String(disk), 'ro');
    try {
      const writing = writeLakeFile(String(disk), path, 'x');
      await expect(writing).rejects.toThrow(`cannot write ${path}: the disk is read-only`);
    } finally {
      remount(String(disk), 'rw');
    }
  });
});

test.each([
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EROFS', 'the disk is read-only'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['ENOTDIR', 'a part of the path is a file, not a folder'],
])('%s means: %s', (code, reason) => {
  const cause = Object.assign(new Error(`${code}: as Node says it`), { code });
  const error = toWriteError('/lake/x', cause);
  expect(error).toBeInstanceOf(LakeError);
  expect(error.message).toBe(`cannot write /lake/x: ${reason}`);
  expect(error.hint).toMatch(/\.$/);
  expect(error.cause).toBe(cause);
});

test('any other failure is said in its own words', () => {
  const cause = Object.assign(new Error('EIO: i/o error, write'), { code: 'EIO' });
  expect(toWriteError('/lake/x', cause).message).toBe(
    'cannot write /lake/x: EIO: i/o error, write',
  );
  expect(toWriteError('/lake/x', 'odd').message).toBe('cannot write /lake/x: odd');
});

import { stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createFolder } from '../src/atomic-file.ts';
import { newFolder } from './support/folders.ts';

describe('making a folder', () => {
  test('makes those above it, and answers the first that it made', async () => {
    const root = await newFolder();
    expect(await createFolder(join(root, 'a', 'b', 'c'))).toBe(join(root, 'a'));
    expect((await stat(join(root, 'a', 'b', 'c'))).isDirectory()).toBe(true);
    expect(await createFolder(join(root, 'a', 'b', 'd'))).toBe(join(root, 'a', 'b', 'd'));
  });

  test('that is there, or is made by another meanwhile, makes nothing', async () => {
    const root = await newFolder();
    expect(await createFolder(root)).toBeUndefined();
    expect(await createFolder('/')).toBeUndefined();
    const path = join(root, 'x', 'y');
    await Promise.all(Array.from({ length: 20 }, () => createFolder(path)));
    expect((await stat(path)).isDirectory()).toBe(true);
  });

  test('follows a link to a folder, as the system does', async () => {
    const [root, elsewhere] = [await newFolder(), await newFolder()];
    await symlink(elsewhere, join(root, 'link'));
    expect(await createFolder(join(root, 'link'))).toBeUndefined();
    await createFolder(join(root, 'link', 'a'));
    expect((await stat(join(elsewhere, 'a'))).isDirectory()).toBe(true);
  });

  test('fails where a file is in the way', async () => {
    const root = await newFolder();
    await writeFile(join(root, 'file'), '');
    await expect(createFolder(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(createFolder(join(root, 'file', 'a', 'b'))).rejects.toMatchObject({
      code: 'ENOTDIR',
    });
  });

  test.runIf(process.platform === 'linux')('fails in /proc, and comes to an end', async () => {
    for (const path of ['/proc/pynvest', '/proc/pynvest/a/b']) {
      await expect(createFolder(path)).rejects.toMatchObject({ code: 'ENOENT' });
    }
  });
});

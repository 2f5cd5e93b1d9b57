import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { isBuildCurrent, recordBuild } from '../../scripts/build-record.ts';
import { newFolder } from '../support/folders.ts';

const FILES = {
  'package.json': '{}',
  'src/main.ts': 'export {};',
  'lambda-src/handler.ts': 'export {};',
  'scripts/build.mjs': '',
  'cloudformation/template.yaml': '{}',
  'dist/main.js': '0',
  'node_modules/package/index.js': '1',
};
const INPUTS = ['src/main.ts', 'node_modules/package/index.js'];

let root: string;
beforeEach(async () => {
  root = await newFolder();
  for (const [path, text] of Object.entries(FILES)) await write(path, text);
  await recordBuild(root, INPUTS);
});

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

test('a build is current while nothing changes', async () => {
  expect(await isBuildCurrent(root)).toBe(true);
});

test.each(Object.keys(FILES))('another text of %s needs a build', async (path) => {
  await write(path, '2');
  expect(await isBuildCurrent(root)).toBe(false);
  await write(path, FILES[path as keyof typeof FILES]);
  expect(await isBuildCurrent(root)).toBe(true);
});

test.each(['src/new.ts', 'dist/chunks/new.js', 'scripts/new.mjs'])(
  'so does a new %s',
  async (path) => {
    await write(path, '');
    expect(await isBuildCurrent(root)).toBe(false);
  },
);

test.each(['dist/main.js', 'node_modules/package/index.js', 'dist', 'node_modules/.cache'])(
  'and one without %s',
  async (path) => {
    await rm(join(root, path), { recursive: true });
    expect(await isBuildCurrent(root)).toBe(false);
  },
);

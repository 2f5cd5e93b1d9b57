/** `kill -9` at every change that `doctor --fix` makes to a lake in a folder: the next one completes it. */
import { join } from 'node:path';
import pMap from 'p-map';
import { beforeAll, expect, test } from 'vitest';
import { createLocalInspector, createLocalLake } from '../../src/lake/local/lake.ts';
import { withLock } from '../../src/lake/local/lock.ts';
import { newFolder } from '../support/folders.ts';
import {
  type CopiedKills,
  copyAtEachChange,
  copyOf,
  expectKillsToLeaveTheCopies,
  type KilledLake,
  lastingContents,
  takeOverEach,
} from '../support/kills.ts';
import { bytesInFolder, pathOf } from '../support/lake-bytes.ts';
import { collectDays, repairAll, spoil, wednesday } from '../support/spoilt-days.ts';
import { sorTables } from '../support/tables.ts';

const FIX = ['doctor', '--fix', '--no-site', '--quiet'];

let good: string;
let spoilt: string;
let kills: CopiedKills;
let mended: Record<string, string>;

beforeAll(async () => {
  good = join(await newFolder(), 'lake');
  await collectDays(good);
  spoilt = await copyOf(good);
  await spoil(bytesInFolder(spoilt));
  const root = await copyOf(spoilt);
  kills = await copyAtEachChange(root, FIX);
  expect(kills.result.status, kills.result.stderr).toBe(0);
  mended = await bytesInFolder(root).contents();
});

test('undisturbed it leaves two files aside and the good lake', async () => {
  const whole = await bytesInFolder(good).contents();
  const aside = Object.keys(mended).filter((path) => path.startsWith('_quarantine'));
  expect(aside).toHaveLength(2);
  delete whole[pathOf(sorTables.fiis, wednesday)];
  expect(Object.keys(mended).filter((path) => !aside.includes(path))).toEqual(Object.keys(whole));
  for (const path of Object.keys(whole)) expect(mended[path]).toBe(whole[path]);
});

test('what a kill leaves is what was on the disk', async () => {
  await expectKillsToLeaveTheCopies(spoilt, kills, FIX, {}, lastingContents);
});

test('killed before or after any of its changes, the next completes it', async () => {
  expect(kills.lakes.length).toBeGreaterThan(kills.changes.length);
  const complete = async ({ at, when, root }: KilledLake): Promise<void> => {
    const tools = { lake: createLocalLake(root), store: createLocalInspector(root) };
    await withLock(root, 'pynvest test', () => repairAll(tools));
    expect(await bytesInFolder(root).contents(), `${when} ${at}`).toEqual(mended);
  };
  await pMap(await takeOverEach(kills.lakes), complete, { concurrency: 4 });
});

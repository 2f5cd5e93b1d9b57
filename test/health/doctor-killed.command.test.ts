/** `kill -9` at every change that `doctor --fix` makes to a lake in a folder: the next one completes it. */
import { cp, readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import pMap from 'p-map';
import { beforeAll, expect, test } from 'vitest';
import { createLocalInspector } from '../../src/lake/local/inspector.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { withLock } from '../../src/lake/local/lock.ts';
import { type CommandResult, pynvest } from '../support/command.ts';
import { newFolder } from '../support/folders.ts';
import { bytesInFolder, pathOf } from '../support/lake-bytes.ts';
import { collectDays, repairAll, spoil, wednesday } from '../support/spoilt-days.ts';
import { sorTables } from '../support/tables.ts';

const PRELOAD = new URL('../support/die-at.mjs', import.meta.url);

let good: string;
let spoilt: string;
let changes: readonly string[];
let mended: Record<string, string>;

async function copyOf(lake: string): Promise<string> {
  const root = join(await newFolder(), 'lake');
  await cp(lake, root, { recursive: true, preserveTimestamps: true });
  return root;
}

const fix = (root: string, env: Readonly<Record<string, string>>): Promise<CommandResult> =>
  pynvest(['doctor', '--fix', '--no-site', '--quiet'], {
    preload: [PRELOAD],
    env: { ...env, PYNVEST_LAKE: root },
  });

beforeAll(async () => {
  good = join(await newFolder(), 'lake');
  await collectDays(good);
  spoilt = await copyOf(good);
  await spoil(bytesInFolder(spoilt));
  const root = await copyOf(spoilt);
  const counted = join(await newFolder(), 'changes.json');
  const { status, stderr } = await fix(root, { COUNT_FILE: counted });
  expect(status, stderr).toBe(0);
  changes = JSON.parse(await readFile(counted, 'utf8')) as string[];
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

test.each(['before', 'after'])(
  'killed %s any of its changes, the next completes it',
  async (when) => {
    const deaths = changes.map((_, index) => index + 1);
    await pMap(
      deaths,
      async (at) => {
        const root = await copyOf(spoilt);
        const { signal, stderr } = await fix(root, { DIE_AT: String(at), DIE_WHEN: when });
        expect(signal, stderr).toBe('SIGKILL');
        // The lock of a dead holder is taken over when it has not been touched for long: now, here.
        const long = new Date(Date.now() - 60_000);
        await utimes(join(root, '_lock'), long, long).catch(() => undefined);
        const tools = { lake: createLocalLake(root), store: createLocalInspector(root) };
        await withLock(root, 'pynvest test', () => repairAll(tools));
        expect(await bytesInFolder(root).contents(), `${when} ${at}`).toEqual(mended);
      },
      { concurrency: 3 },
    );
  },
  240_000,
);

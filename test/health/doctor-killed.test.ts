/** `kill -9` at every change that `doctor --fix` makes to a lake, in a folder and in AWS: the next completes it. */
import { cp, readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import pMap from 'p-map';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sorTables, sotTables, specTable, tables } from '../../src/catalog/tables.ts';
import { repairLake } from '../../src/health/doctor.ts';
import { examineLake } from '../../src/health/examine-lake.ts';
import type { RepairTools } from '../../src/health/repair.ts';
import { createLocalInspector } from '../../src/lake/local/inspector.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { withLock } from '../../src/lake/local/lock.ts';
import { createS3Inspector } from '../../src/lake/s3/inspector.ts';
import { createS3Lake } from '../../src/lake/s3/lake.ts';
import { type AwsLake, clientsOf, makeAwsLake } from '../support/aws-lake.ts';
import { type CommandResult, pynvest } from '../support/command.ts';
import { collectDay } from '../support/days.ts';
import { newFolder } from '../support/folders.ts';
import { bytesInBuckets, bytesInFolder, type LakeBytes, pathOf } from '../support/lake-bytes.ts';
import { day } from '../support/made-up-lake.ts';
import { smallMarket } from '../support/small-market.ts';
import { type StandIn, standInAvailable, startStandIn } from '../support/stand-in.ts';
import { copyLake } from '../support/twin-lakes.ts';

const PRELOAD = new URL('../support/die-at.mjs', import.meta.url);
const days = [day('2026-11-18'), day('2026-11-19'), day('2026-11-20')] as const;
const [wednesday, thursday, friday] = days;

/** A fault of each kind that `--fix` mends by changing the lake. */
async function spoil(lake: LakeBytes): Promise<void> {
  const cutShort = async (path: string): Promise<void> =>
    lake.put(path, (await lake.get(path)).subarray(0, -9));
  await cutShort(pathOf(sotTables.acoes, wednesday));
  await cutShort(pathOf(sorTables.fiis, wednesday));
  const again = pathOf(sorTables.acoes, thursday, 'again.parquet');
  await lake.put(again, await lake.get(pathOf(sorTables.acoes, thursday)));
  await lake.remove(pathOf(sotTables.fiis, thursday));
  await lake.put(
    pathOf(specTable, friday, 'acoes-01.cotacao.parquet'),
    await lake.get(pathOf(specTable, friday)),
  );
}

function mendAll(tools: RepairTools) {
  const bounds = { from: undefined, to: undefined };
  const today = day('2026-11-23');
  return repairLake(
    () => examineLake({ ...tools, bounds, everyValue: false, today, mayBeAtWork: false }),
    tools,
  );
}

let good: string;
beforeAll(async () => {
  good = join(await newFolder(), 'lake');
  for (const partition of days) await collectDay(good, smallMarket, { partition });
});

describe('in a folder', () => {
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
          await withLock(root, 'pynvest test', () => mendAll(tools));
          expect(await bytesInFolder(root).contents(), `${when} ${at}`).toEqual(mended);
        },
        { concurrency: 3 },
      );
    },
    240_000,
  );
});

class Death extends Error {}

describe.runIf(await standInAvailable())('in AWS', () => {
  const WRITES = [
    ...['PutObjectCommand', 'CopyObjectCommand', 'DeleteObjectsCommand'],
    ...['CreatePartitionCommand', 'UpdatePartitionCommand', 'DeletePartitionCommand'],
  ];
  let standIn: StandIn;
  let aws: AwsLake;
  let lake: LakeBytes;
  let spoilt: Map<string, Buffer>;

  beforeAll(async () => {
    standIn = await startStandIn();
    aws = await makeAwsLake(standIn);
    lake = bytesInBuckets(aws);
    await copyLake(createLocalLake(good), createS3Lake(aws));
    await spoil(lake);
    spoilt = new Map();
    for (const path of Object.keys(await lake.contents())) spoilt.set(path, await lake.get(path));
  }, 120_000);
  afterAll(() => standIn?.stop());

  /** The lake as it was spoilt, one of its days unknown to the catalog. */
  async function restore(): Promise<void> {
    for (const path of Object.keys(await lake.contents())) {
      await lake.remove(path.replace(/^_quarantine\/(sor|sot|spec)/, '$1/_quarantine'));
    }
    for (const [path, held] of spoilt) await lake.put(path, held);
    const { catalog } = createS3Inspector(aws);
    for (const table of tables) {
      for (const partition of days) await catalog?.register(table, partition);
    }
    await catalog?.forget(specTable, friday);
  }

  /** Mends, and dies at one write, before AWS has it or after; none at 0. Answers how many there were. */
  async function mendAndDie(dieAt: number, when: string): Promise<number> {
    let writes = 0;
    let dead = false;
    const mortal = async <Answer>(name = '', send: () => Promise<Answer>): Promise<Answer> => {
      if (dead) throw new Death();
      if (!WRITES.includes(name)) return send();
      writes += 1;
      dead = writes === dieAt;
      if (dead && when === 'before') throw new Death();
      const answer = await send();
      if (dead) throw new Death();
      return answer;
    };
    const { s3, glue } = clientsOf(standIn);
    const step = { step: 'initialize' } as const;
    s3.middlewareStack.add(
      (next, { commandName }) =>
        (call) =>
          mortal(commandName, () => next(call)),
      step,
    );
    glue.middlewareStack.add(
      (next, { commandName }) =>
        (call) =>
          mortal(commandName, () => next(call)),
      step,
    );
    const places = { ...aws, s3, glue };
    const treated = mendAll({ lake: createS3Lake(places), store: createS3Inspector(places) });
    await treated.catch((error: unknown) => {
      if (!dead) throw error;
    });
    expect(dead).toBe(dieAt > 0);
    return writes;
  }

  test('dead before or after any of its writes, the next completes it', async () => {
    await restore();
    const writes = await mendAndDie(0, 'before');
    expect(writes).toBeGreaterThan(8);
    const mended = [await lake.contents(), await lake.catalog()];
    for (const when of ['before', 'after']) {
      for (let at = 1; at <= writes; at += 1) {
        await restore();
        await mendAndDie(at, when);
        await mendAndDie(0, when);
        expect([await lake.contents(), await lake.catalog()], `${when} ${at}`).toEqual(mended);
      }
    }
  }, 240_000);
});

/** `doctor --fix` of a lake in AWS that dies at any of its writes: the next one completes it. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { tables } from '../../src/catalog/datasets.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { createS3Inspector, createS3Lake } from '../../src/lake/s3/lake.ts';
import { type AwsAccount, hasAws, newAccount } from '../support/aws-account.ts';
import { type AwsLake, clientsOf, makeAwsLake } from '../support/aws-lake.ts';
import { newFolder } from '../support/folders.ts';
import { bytesInBuckets, type LakeBytes } from '../support/lake-bytes.ts';
import { collectDays, days, friday, repairAll, spoil } from '../support/spoilt-days.ts';
import { specTable } from '../support/tables.ts';
import { copyLake } from '../support/twin-lakes.ts';

class Death extends Error {}

describe.runIf(hasAws)('in AWS', () => {
  const WRITES = [
    ...['PutObjectCommand', 'CopyObjectCommand', 'DeleteObjectsCommand'],
    ...['CreatePartitionCommand', 'UpdatePartitionCommand', 'DeletePartitionCommand'],
  ];
  let account: AwsAccount;
  let aws: AwsLake;
  let lake: LakeBytes;
  let spoilt: Map<string, Buffer>;

  beforeAll(async () => {
    const good = join(await newFolder(), 'lake');
    await collectDays(good);
    account = newAccount();
    aws = await makeAwsLake(account);
    lake = bytesInBuckets(aws);
    await copyLake(createLocalLake(good), createS3Lake(aws));
    await spoil(lake);
    spoilt = new Map();
    for (const path of Object.keys(await lake.contents())) spoilt.set(path, await lake.get(path));
  }, 120_000);

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
    const { s3, glue } = clientsOf(account);
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
    const treated = repairAll({ lake: createS3Lake(places), store: createS3Inspector(places) });
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
  }, 600_000);
});

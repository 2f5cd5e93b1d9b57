/** `doctor --fix` of a lake in AWS that dies at any of its writes: the next one completes it. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createS3Inspector, createS3Lake } from '../../src/lake/s3/lake.ts';
import { type AwsAccount, hasAws, newAccount } from '../support/aws-account.ts';
import { callAws } from '../support/aws-calls.ts';
import { type AwsLake, clientsOf, makeAwsLake } from '../support/aws-lake.ts';
import { newFolder } from '../support/folders.ts';
import { bytesInBuckets, type LakeBytes } from '../support/lake-bytes.ts';
import { collectDays, friday, repairAll, spoil } from '../support/spoilt-days.ts';
import { specTable } from '../support/tables.ts';
import { copyLake } from '../support/twin-lakes.ts';

class Death extends Error {}

/** What AWS holds of the lake. */
interface State {
  /** The hash of every file by its path. */
  readonly contents: Readonly<Record<string, string>>;
  readonly catalog: string;
}

describe.runIf(hasAws)('in AWS', () => {
  const WRITES = [
    ...['PutObjectCommand', 'CopyObjectCommand', 'DeleteObjectsCommand'],
    ...['CreatePartitionCommand', 'UpdatePartitionCommand', 'DeletePartitionCommand'],
  ];
  let account: AwsAccount;
  let aws: AwsLake;
  let lake: LakeBytes;
  let watchedClients: Pick<AwsLake, 's3' | 'glue'>;

  beforeAll(async () => {
    const good = join(await newFolder(), 'lake');
    await collectDays(good);
    account = newAccount();
    aws = await makeAwsLake(account);
    lake = bytesInBuckets(aws);
    watchedClients = watchWrites();
    await copyLake(good, aws);
    await spoil(lake);
    // One of its days is unknown to the catalog.
    await createS3Inspector(aws).catalog?.forget(specTable, friday);
  }, 120_000);

  async function read(): Promise<State> {
    const [contents, catalog] = await Promise.all([lake.contents(), lake.catalog()]);
    return { contents, catalog };
  }

  /** All that the account holds, with its times: the stand-in keeps it under the id that is answered. */
  async function keep(): Promise<string> {
    const { Kept: id } = await callAws(account, 'AWSGlue.KeepDay', { Prefix: '' });
    return String(id);
  }

  async function restore(kept: string): Promise<void> {
    await callAws(account, 'AWSGlue.PutDay', { Prefix: '', Kept: kept });
  }

  /** Sends a write, or does not. */
  type Write = (send: () => Promise<unknown>) => Promise<unknown>;
  let nextWrite: Write;

  /** Clients, the same for every repair, whose writes are `nextWrite`'s, one after the other. */
  function watchWrites(): Pick<AwsLake, 's3' | 'glue'> {
    let last: Promise<unknown> = Promise.resolve();
    const inTurn = <Answer>(name = '', send: () => Promise<Answer>): Promise<Answer> => {
      if (!WRITES.includes(name)) return send();
      const write = nextWrite;
      const answer = last.then(() => write(send)) as Promise<Answer>;
      last = answer.catch(() => undefined);
      return answer;
    };
    const { s3, glue } = clientsOf(account);
    const step = { step: 'initialize' } as const;
    s3.middlewareStack.add(
      (next, { commandName }) =>
        (call) =>
          inTurn(commandName, () => next(call)),
      step,
    );
    glue.middlewareStack.add(
      (next, { commandName }) =>
        (call) =>
          inTurn(commandName, () => next(call)),
      step,
    );
    return { s3, glue };
  }

  /** Mends the lake as a process of its own, which knows of no file yet; `write` is called in place of each write. */
  async function mend(write: Write): Promise<void> {
    nextWrite = write;
    const places = { ...aws, ...watchedClients };
    await repairAll({ lake: createS3Lake(places), store: createS3Inspector(places) });
  }

  /** Mends, and dies at one write, before AWS has it or after: nothing is written any more. */
  async function mendAndDie(dieAt: number, when: string): Promise<void> {
    let writes = 0;
    let dead = false;
    const mended = mend(async (send) => {
      if (dead) throw new Death();
      writes += 1;
      dead = writes === dieAt;
      if (dead && when === 'before') throw new Death();
      const answer = await send();
      if (dead) throw new Death();
      return answer;
    });
    await mended.catch((error: unknown) => {
      if (!dead) throw error;
    });
    expect(dead).toBe(true);
  }

  // What a death after a write leaves is what a death before the next finds.
  test('dead before or after any of its writes, the next completes it', async () => {
    const spoilt = { state: await read(), kept: await keep() };
    const states = [spoilt];
    await mend(async (send) => {
      const answer = await send();
      states.push({ state: await read(), kept: await keep() });
      return answer;
    });
    const writes = states.length - 1;
    expect(writes).toBeGreaterThan(8);
    const { state: mended } = states.at(-1) ?? spoilt;
    // The spoilt lake itself was mended above.
    for (const [at, { state, kept }] of states.entries()) {
      await restore(kept);
      expect(await read(), `restored ${at}`).toEqual(state);
      if (at === 0) continue;
      await mend((send) => send());
      expect(await read(), `after ${at}`).toEqual(mended);
    }

    for (const at of [1, writes >> 1, writes]) {
      for (const when of ['before', 'after']) {
        await restore(spoilt.kept);
        await mendAndDie(at, when);
        const { state: left } = states[when === 'before' ? at - 1 : at] ?? spoilt;
        expect(await read(), `${when} ${at}`).toEqual(left);
      }
    }
  }, 600_000);
});

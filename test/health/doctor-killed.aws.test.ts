/** `doctor --fix` of a lake in AWS that dies at any of its writes: the next one completes it. */
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Table } from '../../src/catalog/dataset.ts';
import { dailyTables as tables } from '../../src/catalog/datasets.ts';
import type { Partition } from '../../src/catalog/partition.ts';
import { createS3Inspector, createS3Lake } from '../../src/lake/s3/lake.ts';
import { type AwsAccount, hasAws, newAccount } from '../support/aws-account.ts';
import { type AwsLake, clientsOf, makeAwsLake } from '../support/aws-lake.ts';
import { newFolder } from '../support/folders.ts';
import { bytesInBuckets, type LakeBytes } from '../support/lake-bytes.ts';
import { collectDays, days, friday, repairAll, spoil } from '../support/spoilt-days.ts';
import { specTable } from '../support/tables.ts';
import { copyLake } from '../support/twin-lakes.ts';

class Death extends Error {}

/** What AWS holds of the lake. */
interface State {
  /** The hash of every file by its path, in the order in which they were written. */
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
  let spoilt: State;
  let watchedClients: Pick<AwsLake, 's3' | 'glue'>;
  /** What the files hold, by their hashes. */
  const bytes = new Map<string, Buffer>();

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
    await change('forget', specTable, [friday]);
    spoilt = await read({ contents: {}, catalog: '' });
  }, 120_000);

  async function change(
    how: 'register' | 'forget',
    table: Table,
    partitions: readonly Partition[],
  ): Promise<void> {
    const { catalog } = createS3Inspector(aws);
    for (const partition of partitions) await catalog?.[how](table, partition);
  }

  /** Where the bytes of a file are, given its path in the contents. */
  const placeOf = (path: string): string =>
    path.replace(/^_quarantine\/(sor|sot|spec)/, '$1/_quarantine');

  /** What there is now, of which `last` was there before. */
  async function read(last: State): Promise<State> {
    const now = await lake.contents();
    for (const [path, hash] of Object.entries(now)) {
      if (!bytes.has(hash)) bytes.set(hash, await lake.get(placeOf(path)));
    }
    const isOld = ([path, hash]: readonly [string, string]): boolean => now[path] === hash;
    const contents = Object.fromEntries([
      ...Object.entries(last.contents).filter(isOld),
      ...Object.entries(now).filter(([path, hash]) => last.contents[path] !== hash),
    ]);
    return { contents, catalog: await lake.catalog() };
  }

  /** Makes the lake, which is as in `from`, as it is in `to`: of S3, all files of each folder that differs. */
  async function restore(from: State, to: State): Promise<void> {
    const differing = new Set<string>();
    for (const path of Object.keys({ ...from.contents, ...to.contents })) {
      if (from.contents[path] !== to.contents[path]) differing.add(dirname(path));
    }
    for (const path of Object.keys(from.contents)) {
      if (!(path in to.contents)) await lake.remove(placeOf(path));
    }
    for (const [path, hash] of Object.entries(to.contents)) {
      if (!differing.has(dirname(path))) continue;
      await lake.put(placeOf(path), bytes.get(hash) ?? Buffer.alloc(0));
    }
    await Promise.all(
      tables.map(async (table) => {
        const isListed = ({ catalog }: State, day: Partition): boolean =>
          catalog.includes(`${table.name} ${day} `);
        const changed = days.filter((day) => isListed(from, day) !== isListed(to, day));
        await change(
          'register',
          table,
          changed.filter((day) => isListed(to, day)),
        );
        await change(
          'forget',
          table,
          changed.filter((day) => isListed(from, day)),
        );
      }),
    );
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

  /** Mends the lake; `write` is called in place of each write. */
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
    const states = [spoilt];
    await mend(async (send) => {
      const answer = await send();
      states.push(await read(states.at(-1) ?? spoilt));
      return answer;
    });
    const writes = states.length - 1;
    expect(writes).toBeGreaterThan(8);
    const mended = states.at(-1) ?? spoilt;
    for (const [at, state] of states.entries()) {
      await restore(mended, state);
      if (at === 0) expect(await read(state)).toEqual(state);
      await mend((send) => send());
      expect(await read(mended), `after ${at}`).toEqual(mended);
    }

    let now = mended;
    for (const at of [1, writes >> 1, writes]) {
      for (const when of ['before', 'after']) {
        await restore(now, spoilt);
        await mendAndDie(at, when);
        now = states[when === 'before' ? at - 1 : at] ?? spoilt;
        expect(await read(now), `${when} ${at}`).toEqual(now);
      }
    }
  }, 600_000);
});

import { mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { LakeError, LakeLockedError } from '../../../src/errors.ts';
import {
  findLockOwner,
  readOwnIdentity,
  readStartTime,
  withLock,
} from '../../../src/lake/local/lock.ts';
import { pynvest, type RunningCommand, startProgram, startPynvest } from '../../support/command.ts';
import { filesBelow, newFolder } from '../../support/folders.ts';
import { startTestSite, type TestSite } from '../../support/site.ts';
import { smallMarket } from '../../support/small-market.ts';

/** Does `work` while this process holds the lake. */
async function whileHeld(root: string, work: () => Promise<void>): Promise<void> {
  await withLock(root, 'pynvest test', work);
}

describe('in one process', () => {
  test('the work is done once the lake is held, and its answer comes back', async () => {
    const root = join(await newFolder(), 'not', 'there', 'yet');
    const held = await withLock(root, 'pynvest test', () => findLockOwner(root));
    expect(held?.isDead).toBe(false);
    expect(held?.description).toContain(
      `process ${process.pid} on ${hostname()} (pynvest test), since 20`,
    );
  });

  test('since when it is held is said as in São Paulo', async () => {
    const root = await newFolder();
    const holder = { pid: process.pid, host: hostname(), command: 'pynvest run' };
    for (const [since, said] of [
      ['2026-11-25T00:48:37.633Z', '2026-11-24T21:48:37.633-03:00'],
      ['then', 'then'],
    ]) {
      await writeFile(join(root, '_lock.json'), JSON.stringify({ ...holder, since }));
      expect((await findLockOwner(root))?.description).toMatch(new RegExp(`, since ${said}$`));
    }
  });

  test('nothing is left of the lock, after work that ends well and after work that fails', async () => {
    const root = await newFolder();
    await whileHeld(root, async () => undefined);
    expect(await filesBelow(root)).toEqual([]);
    await expect(
      whileHeld(root, () => Promise.reject(new Error('the work failed'))),
    ).rejects.toThrow('the work failed');
    expect(await filesBelow(root)).toEqual([]);
    expect(await findLockOwner(root)).toBeUndefined();
    // It can be held again at once.
    await whileHeld(root, async () => undefined);
  });

  test('the second run gets an error that names the owner and the remedy; the first goes on', async () => {
    const root = await newFolder();
    let workOfSecond = false;
    await whileHeld(root, async () => {
      const second = withLock(root, 'pynvest second', async () => {
        workOfSecond = true;
      });
      await expect(second).rejects.toThrow(LakeLockedError);
      await expect(second).rejects.toThrow(
        `the lake at ${root} is in use by process ${process.pid} on ${hostname()} (pynvest test)`,
      );
      await expect(second).rejects.toMatchObject({ hint: expect.stringContaining('--lake DIR') });
      expect((await findLockOwner(root))?.description).toContain('(pynvest test)');
    });
    expect(workOfSecond).toBe(false);
  });

  test('of many that come at once exactly one works at a time', async () => {
    const root = await newFolder();
    let working = 0;
    let worked = 0;
    const refused: unknown[] = [];
    await Promise.all(
      Array.from({ length: 8 }, () =>
        whileHeld(root, async () => {
          working += 1;
          worked += 1;
          expect(working).toBe(1);
          // The work lasts until each of the others has had its answer.
          await vi.waitFor(() => expect(refused).toHaveLength(7), 30_000);
          working -= 1;
        }).catch((reason: unknown) => refused.push(reason)),
      ),
    );
    expect(worked).toBe(1);
    expect(refused.every((reason) => reason instanceof LakeLockedError)).toBe(true);
  });

  test('what a dead writer left half-written is cleared away, and nothing else', async () => {
    const root = await newFolder();
    await mkdir(join(root, '_tmp', 'deep'), { recursive: true });
    await writeFile(join(root, '_tmp', 'half'), 'PAR1');
    await writeFile(join(root, '_tmp', 'deep', 'half'), 'PAR1');
    await writeFile(join(root, 'note.txt'), 'mine');
    await whileHeld(root, async () => {
      expect((await filesBelow(root)).filter((path) => path.startsWith('_tmp'))).toEqual([]);
    });
    expect(await filesBelow(root)).toEqual(['note.txt']);
  });

  test('one that is refused clears nothing away: the holder may be writing it', async () => {
    const root = await newFolder();
    await whileHeld(root, async () => {
      await writeFile(join(root, '_tmp', 'being-written'), 'PAR1');
      await expect(whileHeld(root, async () => undefined)).rejects.toThrow(LakeLockedError);
      expect(await readFile(join(root, '_tmp', 'being-written'), 'utf8')).toBe('PAR1');
    });
  });

  test('a lake that cannot be made says why', async () => {
    const root = await newFolder();
    const file = join(root, 'file');
    await writeFile(file, 'in the way');
    for (const lake of [file, join(file, 'lake')]) {
      const holding = whileHeld(lake, async () => undefined);
      await expect(holding).rejects.toThrow(LakeError);
      await expect(holding).rejects.toThrow(/is a file, not a folder/);
    }
    expect(await readFile(file, 'utf8')).toBe('in the way');
  });

  test('a lock whose holder left no name is taken over when it has not been touched for long', async () => {
    const root = await newFolder();
    await mkdir(join(root, '_lock'));
    const long = new Date(Date.now() - 60_000);
    await utimes(join(root, '_lock'), long, long);
    await whileHeld(root, async () => undefined);
    expect(await filesBelow(root)).toEqual([]);
  });

  test('an owner on another machine counts as alive: it cannot be checked from here', async () => {
    const root = await newFolder();
    const holder = { pid: 2 ** 30, host: 'elsewhere', command: 'pynvest run', since: 'today' };
    await mkdir(join(root, '_lock'));
    await writeFile(join(root, '_lock.json'), JSON.stringify(holder));
    const who = `process ${2 ** 30} on elsewhere (pynvest run), since today`;
    expect(await findLockOwner(root)).toEqual({ description: who, isDead: false });
    await expect(whileHeld(root, async () => undefined)).rejects.toThrow(who);
    await rm(join(root, '_lock'), { recursive: true });
  });

  test('an owner file that is garbage, or left without a lock, blocks no run', async () => {
    const root = await newFolder();
    await writeFile(join(root, '_lock.json'), '{"pid":');
    expect(await findLockOwner(root)).toBeUndefined();
    await whileHeld(root, async () => undefined);
    const gone = { pid: 2 ** 30, host: hostname(), command: 'pynvest run', since: 'today' };
    await writeFile(join(root, '_lock.json'), JSON.stringify(gone));
    expect((await findLockOwner(root))?.isDead).toBe(true);
    await whileHeld(root, async () => undefined);
    expect(await filesBelow(root)).toEqual([]);
  });
});

/** A lake whose lock was last touched so long ago by whom these fields tell. */
async function lockedBy(fields: Readonly<Record<string, unknown>>, secondsAgo: number) {
  const root = await newFolder();
  const holder = { host: hostname(), command: 'pynvest run', since: new Date().toISOString() };
  await mkdir(join(root, '_lock'));
  const then = new Date(Date.now() - secondsAgo * 1000);
  await utimes(join(root, '_lock'), then, then);
  await writeFile(join(root, '_lock.json'), JSON.stringify({ ...holder, ...fields }));
  return root;
}

const before = '2026-01-02T12:00:00.000Z';

describe('a holder whose number another process bears by now', () => {
  test('is dead where it is our own, and held the lake before we began', async () => {
    const root = await lockedBy({ pid: process.pid, since: before }, 60);
    expect(await findLockOwner(root)).toMatchObject({ isDead: true });
    await whileHeld(root, async () => undefined);
    expect(await filesBelow(root)).toEqual([]);
  });

  test('is believed where nothing tells it from the one that lives', async () => {
    const root = await lockedBy({ pid: process.ppid, since: before }, 60);
    expect(await findLockOwner(root)).toMatchObject({ isDead: false });
    await expect(whileHeld(root, async () => undefined)).rejects.toThrow(LakeLockedError);
    await rm(join(root, '_lock'), { recursive: true });
  });
});

const mark = await readOwnIdentity();

describe.runIf(mark !== undefined)(
  'where the system tells processes apart by more than numbers',
  () => {
    test('the owner of the lake is found by its file', async () => {
      const root = await newFolder();
      await whileHeld(root, async () => {
        const written: unknown = JSON.parse(await readFile(join(root, '_lock.json'), 'utf8'));
        expect(written).toMatchObject({ pid: process.pid, process: mark });
        expect(await findLockOwner(root)).toMatchObject({ isDead: false });
      });
    });

    test('a holder that began at another time than the process of its number is dead', async () => {
      for (const pid of [process.pid, process.ppid]) {
        const root = await lockedBy({ pid, process: { ...mark, start: '1' } }, 60);
        expect(await findLockOwner(root)).toMatchObject({ isDead: true });
        await whileHeld(root, async () => undefined);
        expect(await filesBelow(root)).toEqual([]);
      }
    });

    test('a living holder is believed, however long it has been asleep', async () => {
      const holder = startProgram(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
      try {
        const { pid = 0 } = holder.process;
        const start = await readStartTime(pid);
        expect(start).toMatch(/^\d+$/);
        const root = await lockedBy({ pid, process: { ...mark, start } }, 3_600);
        expect(await findLockOwner(root)).toMatchObject({ isDead: false });
        const second = whileHeld(root, async () => undefined);
        await expect(second).rejects.toThrow(`in use by process ${pid} on`);
        await rm(join(root, '_lock'), { recursive: true });
      } finally {
        holder.process.kill('SIGKILL');
        await holder.result;
      }
    });

    test('an owner from before the machine started is dead, also where its process id is in use again', async () => {
      const root = await lockedBy({ pid: process.ppid, process: { ...mark, boot: 'before' } }, 60);
      expect(await findLockOwner(root)).toMatchObject({ isDead: true });
      await whileHeld(root, async () => undefined);
      expect(await filesBelow(root)).toEqual([]);
    });

    describe('a holder in another container, of which only its touches tell', () => {
      const fields = { pid: process.pid, process: { ...mark, namespace: 'pid:[1]', start: '1' } };

      test('is waited for, and taken over when they have ended', async () => {
        const root = await lockedBy(fields, 8);
        expect(await findLockOwner(root)).toMatchObject({ isDead: false });
        await whileHeld(root, async () => undefined);
        expect(await filesBelow(root)).toEqual([]);
      });

      test('keeps the lake as long as they go on', async () => {
        const root = await lockedBy(fields, 0);
        const touching = setInterval(() => {
          void utimes(join(root, '_lock'), new Date(), new Date());
        }, 500);
        const second = whileHeld(root, async () => undefined);
        await expect(second).rejects.toThrow(`in use by process ${process.pid} on`);
        clearInterval(touching);
        await rm(join(root, '_lock'), { recursive: true });
      });
    });
  },
);

describe('between processes', () => {
  let slow: TestSite;
  let quick: TestSite;

  beforeAll(async () => {
    slow = await startTestSite(smallMarket, { fault: () => 'hang' });
    quick = await startTestSite(smallMarket);
  });

  afterAll(async () => {
    await Promise.all([slow.close(), quick.close()]);
  });

  /** A run that holds the lake, waiting for a site that never answers. */
  async function holderOf(root: string): Promise<RunningCommand> {
    const env = { PYNVEST_LAKE: root, PYNVEST_FUNDAMENTUS_URL: slow.url };
    const holder = startPynvest(['run'], { env });
    await holder.says('Collecting');
    return holder;
  }

  const asQuick = (root: string) => ({
    env: { PYNVEST_LAKE: root, PYNVEST_FUNDAMENTUS_URL: quick.url },
  });

  test('a second run names the process and the command that hold the lake, and fails', async () => {
    const root = await newFolder();
    const holder = await holderOf(root);
    const before = await filesBelow(root);
    const { status, stdout, stderr } = await pynvest(['run'], asQuick(root));
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(
      `is in use by process ${holder.process.pid} on ${hostname()} (pynvest run)`,
    );
    expect(await filesBelow(root)).toEqual(before);
    holder.process.kill('SIGKILL');
    expect((await holder.result).signal).toBe('SIGKILL');
  });

  test('a run that was killed while it held the lake is taken over without a word', async () => {
    const root = await newFolder();
    const holder = await holderOf(root);
    holder.process.kill('SIGKILL');
    await holder.result;
    expect(await findLockOwner(root)).toMatchObject({ isDead: true });
    const { status, stderr } = await pynvest(['run'], asQuick(root));
    expect(status).toBe(0);
    expect(stderr).not.toContain('in use');
    expect(await findLockOwner(root)).toBeUndefined();
  });

  test('of two runs that race exactly one gets it, over and over', async () => {
    for (let round = 0; round < 3; round += 1) {
      const root = await newFolder();
      const env = { PYNVEST_LAKE: root, PYNVEST_FUNDAMENTUS_URL: slow.url };
      const racers = [startPynvest(['run'], { env }), startPynvest(['run'], { env })];
      const loser = await Promise.race(racers.map(({ result }) => result));
      expect(loser.status).toBe(1);
      const winner = racers.find(({ process: { pid } }) =>
        loser.stderr.includes(`in use by process ${pid} `),
      );
      expect(winner).toBeDefined();
      await winner?.says('Collecting');
      winner?.process.kill('SIGTERM');
      expect((await winner?.result)?.status).toBe(143);
      expect(await filesBelow(root)).toEqual([]);
    }
  });
});

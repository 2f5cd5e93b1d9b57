/** One run at a time on a local lake. */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import lockfile from 'proper-lockfile';
import { LakeLockedError } from '../../errors.ts';
import { createFolder, toWriteError } from './atomic-file.ts';
import { temporaryFolder } from './layout.ts';
import {
  formatLockOwner,
  getOwnerState,
  type LockOwner,
  type OwnerState,
  readLockOwner,
  removeLockOwner,
  writeLockOwner,
} from './lock-owner.ts';

const HEARTBEAT_MS = 2_000;

/** Without a touch for so long a holder is dead, where nothing else tells. */
const STALE_AFTER_MS = 10_000;

/** A holder shows that it lives by touching the lock; after how long without it is taken over, by its life. */
const STALE_MS_BY_STATE: Readonly<Record<OwnerState, number>> = {
  // It may only be asleep, with the machine or by Ctrl-Z.
  alive: 24 * 3_600_000,
  elsewhere: STALE_AFTER_MS,
  contained: STALE_AFTER_MS,
  // Another machine of the same name may see the touches late.
  'before-boot': STALE_AFTER_MS,
  // A process on this machine that is gone is dead without further proof.
  dead: 2_000,
};

/**
 * Runs `work` as the only writer of the lake at `root`; makes the folder where it is missing, and
 * clears away what a writer that died left half-written.
 *
 * @throws LakeLockedError where another process holds the lake, saying which: at once where it is known to
 *   live or is on another machine, after its touches have been watched for a while where it may be dead
 */
export async function withLock<T>(
  root: string,
  command: string,
  work: () => Promise<T>,
): Promise<T> {
  const release = await acquire(root);
  try {
    await clearTemporaryFolder(root);
    await writeLockOwner(root, command);
    return await work();
  } finally {
    await removeLockOwner(root).catch(() => undefined);
    await release().catch(() => undefined);
  }
}

async function acquire(root: string): Promise<() => Promise<void>> {
  try {
    await createFolder(root);
  } catch (error) {
    throw toWriteError(root, error);
  }
  const giveUpAt = Date.now() + STALE_AFTER_MS + HEARTBEAT_MS;
  for (;;) {
    const holder = await readLockOwner(root);
    const life = holder && (await getOwnerState(holder));
    try {
      return await lockfile.lock(root, {
        lockfilePath: join(root, '_lock'),
        realpath: false,
        stale: life === undefined ? STALE_AFTER_MS : STALE_MS_BY_STATE[life],
        update: HEARTBEAT_MS / 2,
        onCompromised: (error) => {
          // Going on could mix two runs. What is on the disk is whole, and the next run completes it.
          throw new LakeLockedError(`the lock of the lake at ${root} was lost: ${error.message}`, {
            hint: 'Run the command again.',
          });
        },
      });
    } catch (error) {
      const locked = error instanceof Error && 'code' in error && error.code === 'ELOCKED';
      if (!locked) throw toWriteError(root, error);
      // A lock whose holder cannot be named is either about to be, or left by one that died.
      if (life === 'alive' || life === 'elsewhere' || Date.now() > giveUpAt)
        throw createLockedError(root, holder);
      await sleep(200);
    }
  }
}

async function clearTemporaryFolder(root: string): Promise<void> {
  const folder = temporaryFolder(root);
  await rm(folder, { recursive: true, force: true }).catch((error: unknown) => {
    throw toWriteError(folder, error);
  });
}

function createLockedError(root: string, holder: LockOwner | undefined): LakeLockedError {
  const who = holder === undefined ? 'another process' : formatLockOwner(holder);
  return new LakeLockedError(`the lake at ${root} is in use by ${who}`, {
    hint: 'Wait until it ends, or name another lake with --lake DIR.',
  });
}

/** The lock of a local lake: one writer at a time. */

import { setTimeout as sleep } from 'node:timers/promises';
import lockfile from 'proper-lockfile';
import { createFolder } from '../../atomic-file.ts';
import { getErrorCode } from '../../disk-errors.ts';
import { LakeLockedError } from '../../errors.ts';
import { removePath, temporaryFolder, toWriteError } from './disk.ts';
import {
  formatLockOwner,
  getOwnerState,
  type LockOwner,
  lockPath,
  type OwnerState,
  readLockOwner,
  removeLockOwner,
  STALE_AFTER_MS,
  writeLockOwner,
} from './lock-owner.ts';

const HEARTBEAT_MS = 2_000;
const RETRY_MS = 200;

/** The owner touches its lock as long as it lives; the time without a touch after which another may take it over. */
const STALE_MS_BY_STATE: Readonly<Record<OwnerState, number>> = {
  // It may be suspended, with the machine or by Ctrl-Z.
  running: 24 * 3_600_000,
  exited: HEARTBEAT_MS,
  remote: STALE_AFTER_MS,
  unknown: STALE_AFTER_MS,
};

/**
 * Runs `work` as the only writer of the lake at `root`; creates the folder if it is missing, and removes incomplete
 * files that a dead writer left.
 *
 * @throws LakeLockedError naming the process that has the lock: at once if it runs or is on another machine; if it
 *   may be dead, after its lock has been watched for a while
 */
export async function withLock<T>(
  root: string,
  command: string,
  work: () => Promise<T>,
): Promise<T> {
  const release = await acquire(root);
  try {
    await removePath(temporaryFolder(root), { recursive: true });
    await writeLockOwner(root, command);
    return await work();
  } finally {
    await removeLockOwner(root).catch(() => undefined);
    await release().catch(() => undefined);
  }
}

async function acquire(root: string): Promise<() => Promise<void>> {
  await createFolder(root).catch((error: unknown) => {
    throw toWriteError(root, error);
  });
  const deadline = Date.now() + STALE_AFTER_MS + HEARTBEAT_MS;
  for (;;) {
    const owner = await readLockOwner(root);
    // A lock without an owner was either created just now, or left by a process that died.
    const state = owner === undefined ? 'unknown' : await getOwnerState(root, owner);
    try {
      return await lockfile.lock(root, {
        lockfilePath: lockPath(root),
        realpath: false,
        stale: STALE_MS_BY_STATE[state],
        update: HEARTBEAT_MS / 2,
        onCompromised: (error) => {
          // To continue could mix two runs. Every file on the disk is complete, and the next run finishes the day.
          throw new LakeLockedError(`the lock of the lake at ${root} was lost: ${error.message}`, {
            hint: 'Run the command again.',
          });
        },
      });
    } catch (error) {
      if (getErrorCode(error) !== 'ELOCKED') throw toWriteError(root, error);
      if (state === 'running' || state === 'remote' || Date.now() > deadline) {
        throw createLockedError(root, owner);
      }
      await sleep(RETRY_MS);
    }
  }
}

function createLockedError(root: string, owner: LockOwner | undefined): LakeLockedError {
  const description = owner === undefined ? 'another process' : formatLockOwner(owner);
  return new LakeLockedError(`the lake at ${root} is in use by ${description}`, {
    hint: 'Wait until it ends, or name another lake with --lake DIR.',
  });
}

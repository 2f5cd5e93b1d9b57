/**
 * The process that owns the lock of a local lake, as `_lock.json` names it, and whether it still runs. Process
 * numbers are reused, so a process is also identified by its start time, and the boot and namespace it runs in.
 */

import { readFile, readlink, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFolder } from '../../atomic-file.ts';
import { formatInSaoPaulo } from '../../catalog/partition.ts';
import { getErrorCode, LakeLockedError } from '../../errors.ts';
import { getTemporaryFolder, removePath, toWriteError, writeLakeFile } from './disk.ts';

interface LockOwner {
  readonly pid: number;
  readonly host: string;
  readonly command: string;
  readonly since: string;
  /** Absent if the system does not provide it. */
  readonly process?: ProcessIdentity | undefined;
}

/** Linux provides these; other systems do not. */
interface ProcessIdentity {
  /** The id of this boot of the machine. */
  readonly boot: string;
  /** The namespace of its number: each container numbers its processes from 1. */
  readonly namespace: string;
  /** When it started, in ticks since the boot. */
  readonly start: string;
}

/**
 * `running` and `exited` are certain. `remote`: on another machine. `unknown`: in another container, perhaps the
 * one that this container replaces, or on a machine of the same name.
 */
type OwnerState = 'running' | 'exited' | 'remote' | 'unknown';

/** An owner that does not touch its lock for so long is dead, unless it is known to run. */
const STALE_AFTER_MS = 10_000;

/** A folder, which proper-lockfile creates, touches and removes. */
function getLockPath(root: string): string {
  return join(root, '_lock');
}

function getLockOwnerPath(root: string): string {
  return join(root, '_lock.json');
}

async function getOwnerState(root: string, owner: LockOwner): Promise<OwnerState> {
  if (owner.host !== hostname()) return 'remote';
  const own = await readOwnIdentity();
  const identity = owner.process;
  if (identity !== undefined && own !== undefined) {
    if (identity.boot !== own.boot) return (await isTouched(root)) ? 'unknown' : 'exited';
    if (identity.namespace !== own.namespace) return 'unknown';
    if (owner.pid === process.pid) return identity.start === own.start ? 'running' : 'exited';
  }
  // The same number before this process started: an earlier process.
  if (owner.pid === process.pid && Date.parse(owner.since) < performance.timeOrigin) {
    return 'exited';
  }
  if (!isProcessRunning(owner.pid)) return 'exited';
  const start = identity && (await readStartTime(owner.pid));
  return start === undefined || start === identity?.start ? 'running' : 'exited';
}

/** Whether the owner has touched the lock lately. One from another boot either died, or is on another machine. */
async function isTouched(root: string): Promise<boolean> {
  const stats = await stat(getLockPath(root)).catch(() => undefined);
  return stats !== undefined && Date.now() - stats.mtimeMs < STALE_AFTER_MS;
}

function isProcessRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return getErrorCode(error) !== 'ESRCH';
  }
}

async function writeLockOwner(root: string, command: string): Promise<void> {
  const owner: LockOwner = {
    pid: process.pid,
    host: hostname(),
    command,
    since: new Date().toISOString(),
    process: await readOwnIdentity(),
  };
  await writeLakeFile(root, getLockOwnerPath(root), JSON.stringify(owner));
}

async function removeLockOwner(root: string): Promise<void> {
  await rm(getLockOwnerPath(root), { force: true });
}

async function readLockOwner(root: string): Promise<LockOwner | undefined> {
  try {
    return JSON.parse(await readFile(getLockOwnerPath(root), 'utf8')) as LockOwner;
  } catch {
    return undefined;
  }
}

function formatLockOwner({ pid, host, command, since }: LockOwner): string {
  const instant = new Date(since);
  // The text of another program is shown as it is.
  const time = Number.isNaN(instant.getTime()) ? since : formatInSaoPaulo(instant);
  return `process ${pid} on ${host} (${command}), since ${time}`;
}

export interface LockOwnerSummary {
  /** Such as `process 123 on host (pynvest run), since 2026-11-24T21:48:37.633-03:00`. */
  readonly description: string;
  readonly isDead: boolean;
}

/** The owner of the lock; undefined if the lake is not locked. */
export async function findLockOwner(root: string): Promise<LockOwnerSummary | undefined> {
  const owner = await readLockOwner(root);
  if (owner === undefined) return undefined;
  const state = await getOwnerState(root, owner);
  return { description: formatLockOwner(owner), isDead: state === 'exited' };
}

/** Undefined if the system does not provide it. */
export async function readOwnIdentity(): Promise<ProcessIdentity | undefined> {
  try {
    const [boot, namespace, status] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      readlink('/proc/self/ns/pid'),
      readFile('/proc/self/stat', 'utf8'),
    ]);
    const start = parseStartTime(status);
    return start === undefined ? undefined : { boot: boot.trim(), namespace, start };
  } catch {
    return undefined;
  }
}

/** When the process of this number started; undefined if there is none, or the system does not provide it. */
export async function readStartTime(pid: number): Promise<string | undefined> {
  try {
    // A container may see the /proc of another namespace, where the numbers belong to other processes.
    if ((await readlink('/proc/self')) !== String(process.pid)) return undefined;
    return parseStartTime(await readFile(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The 22nd field. The second is the program's name in parentheses, which may contain spaces and parentheses. */
function parseStartTime(status: string): string | undefined {
  return status.slice(status.lastIndexOf(')') + 2).split(' ')[22 - 3];
}

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
    await removePath(getTemporaryFolder(root), { recursive: true });
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
  // It takes over SIGINT and SIGTERM once it is loaded, which only a command that takes the lock must put up with.
  const { default: lockfile } = await import('proper-lockfile');
  // It would also end the process at a limit of the size of files, where Node lets the write fail.
  if (!process.listeners('SIGXFSZ').includes(ignoreSignal)) process.on('SIGXFSZ', ignoreSignal);
  const deadline = Date.now() + STALE_AFTER_MS + HEARTBEAT_MS;
  for (;;) {
    const owner = await readLockOwner(root);
    // A lock without an owner was either created just now, or left by a process that died.
    const state = owner === undefined ? 'unknown' : await getOwnerState(root, owner);
    try {
      return await lockfile.lock(root, {
        lockfilePath: getLockPath(root),
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

function ignoreSignal(): void {}

function createLockedError(root: string, owner: LockOwner | undefined): LakeLockedError {
  const description = owner === undefined ? 'another process' : formatLockOwner(owner);
  return new LakeLockedError(`the lake at ${root} is in use by ${description}`, {
    hint: 'Wait until it ends, or name another lake with --lake DIR.',
  });
}

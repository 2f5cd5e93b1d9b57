/**
 * The process that owns the lock of a local lake, as `_lock.json` names it, and whether it still runs. Process
 * numbers are reused, so a process is identified by its start time and the boot and namespace it runs in, too.
 */

import { readFile, readlink, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { formatInSaoPaulo } from '../../catalog/partition.ts';
import { writeAtomically } from './atomic-file.ts';
import { temporaryFolder } from './layout.ts';

export interface LockOwner {
  readonly pid: number;
  readonly host: string;
  readonly command: string;
  readonly since: string;
  /** Absent where the system tells none. */
  readonly process?: ProcessIdentity | undefined;
}

/**
 * What can be told of a holder from here. `elsewhere`: it is on another machine. `contained`: it is in
 * another container, perhaps one that ours takes the place of. `before-boot`: it began before this machine
 * started, or on another of the same name.
 */
export type OwnerState = 'alive' | 'dead' | 'before-boot' | 'contained' | 'elsewhere';

export async function getOwnerState({
  pid,
  host,
  since,
  process: mark,
}: LockOwner): Promise<OwnerState> {
  if (host !== hostname()) return 'elsewhere';
  const own = await readOwnIdentity();
  if (mark !== undefined && own !== undefined) {
    if (mark.boot !== own.boot) return 'before-boot';
    if (mark.namespace !== own.namespace) return 'contained';
    if (pid === process.pid) return mark.start === own.start ? 'alive' : 'dead';
  }
  // Whoever held the lake before we began, under our number, is another, and gone.
  if (pid === process.pid && Date.parse(since) < performance.timeOrigin) return 'dead';
  if (!isProcessRunning(pid)) return 'dead';
  const start = mark && (await readStartTime(pid));
  return start === undefined || start === mark?.start ? 'alive' : 'dead';
}

function isProcessRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

export async function writeLockOwner(root: string, command: string): Promise<void> {
  const holder: LockOwner = {
    pid: process.pid,
    host: hostname(),
    command,
    since: new Date().toISOString(),
    process: await readOwnIdentity(),
  };
  await writeAtomically(lockOwnerPath(root), JSON.stringify(holder), temporaryFolder(root));
}

export async function removeLockOwner(root: string): Promise<void> {
  await rm(lockOwnerPath(root), { force: true });
}

export async function readLockOwner(root: string): Promise<LockOwner | undefined> {
  try {
    return JSON.parse(await readFile(lockOwnerPath(root), 'utf8')) as LockOwner;
  } catch {
    return undefined;
  }
}

function lockOwnerPath(root: string): string {
  return join(root, '_lock.json');
}

export function formatLockOwner({ pid, host, command, since }: LockOwner): string {
  const instant = new Date(since);
  // Another program's text stays as it is.
  const when = Number.isNaN(instant.getTime()) ? since : formatInSaoPaulo(instant);
  return `process ${pid} on ${host} (${command}), since ${when}`;
}

/** Who holds the lake, as far as that can be told; undefined where nobody does. */
export async function findLockOwner(
  root: string,
): Promise<{ readonly who: string; readonly dead: boolean } | undefined> {
  const holder = await readLockOwner(root);
  if (holder === undefined) return undefined;
  const life = await getOwnerState(holder);
  return { who: formatLockOwner(holder), dead: life === 'dead' || life === 'before-boot' };
}

/** Linux tells these; other systems do not. */
interface ProcessIdentity {
  /** Which start of the machine it is. */
  readonly boot: string;
  /** Where its number counts: each container numbers its processes from 1. */
  readonly namespace: string;
  /** When it began, in ticks since the machine's start. */
  readonly start: string;
}

/** The mark of this process; undefined where the system does not tell. */
export async function readOwnIdentity(): Promise<ProcessIdentity | undefined> {
  try {
    const [boot, namespace, stat] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      readlink('/proc/self/ns/pid'),
      readFile('/proc/self/stat', 'utf8'),
    ]);
    const start = parseStartTime(stat);
    return start === undefined ? undefined : { boot: boot.trim(), namespace, start };
  } catch {
    return undefined;
  }
}

/** When the process of this number began; undefined where there is none, or the system does not tell. */
export async function readStartTime(pid: number): Promise<string | undefined> {
  try {
    // A container may see the /proc of another, where the numbers are other processes'.
    if ((await readlink('/proc/self')) !== String(process.pid)) return undefined;
    return parseStartTime(await readFile(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Its 22nd field. The second is the program's name in parentheses, which may hold spaces and parentheses. */
function parseStartTime(stat: string): string | undefined {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[22 - 3];
}

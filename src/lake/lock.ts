/** One run at a time on a local lake. */
import { readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import lockfile from 'proper-lockfile';
import { isoInSaoPaulo } from '../catalog/partition.ts';
import { LakeLockedError } from '../errors.ts';
import { cannotWrite, writeAtomically } from './atomic-file.ts';
import { temporaryFolder } from './local-lake.ts';
import { makeFolder } from './make-folder.ts';

/** A holder shows that it lives by touching the lock; one that has not for so long is dead. */
const STALE_MS = 10_000;
const TOUCH_MS = 2_000;
/** A holder on this machine whose process is gone is dead without further proof. */
const DEAD_HOLDER_STALE_MS = 2_000;
/** One whose process is there may only be asleep, with the machine or by Ctrl-Z. Pids come again. */
const LIVING_HOLDER_STALE_MS = 24 * 3_600_000;

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly command: string;
  readonly since: string;
}

/**
 * Runs `work` as the only writer of the lake at `root`; makes the folder where it is missing, and
 * clears away what a writer that died left half-written.
 *
 * @throws LakeLockedError at once where a living process holds the lake, saying which
 */
export async function withLock<T>(
  root: string,
  command: string,
  work: () => Promise<T>,
): Promise<T> {
  const release = await acquire(root);
  try {
    await clearTemporaryFolder(root);
    await writeHolder(root, command);
    return await work();
  } finally {
    await rm(holderPath(root), { force: true }).catch(() => undefined);
    await release().catch(() => undefined);
  }
}

async function acquire(root: string): Promise<() => Promise<void>> {
  try {
    await makeFolder(root);
  } catch (error) {
    throw cannotWrite(root, error);
  }
  const giveUpAt = Date.now() + STALE_MS + TOUCH_MS;
  for (;;) {
    const holder = await readHolder(root);
    const dead = holder !== undefined && isDead(holder);
    try {
      return await lockfile.lock(root, {
        lockfilePath: join(root, '_lock'),
        realpath: false,
        stale: staleAfter(holder),
        update: TOUCH_MS / 2,
        onCompromised: (error) => {
          // Going on could mix two runs. What is on the disk is whole, and the next run completes it.
          throw new LakeLockedError(`the lock of the lake at ${root} was lost: ${error.message}`, {
            hint: 'Run the command again.',
          });
        },
      });
    } catch (error) {
      const locked = error instanceof Error && 'code' in error && error.code === 'ELOCKED';
      if (!locked) throw cannotWrite(root, error);
      // A lock whose holder cannot be named is either about to be, or left by one that died.
      if ((holder !== undefined && !dead) || Date.now() > giveUpAt) throw heldBy(root, holder);
      await sleep(200);
    }
  }
}

async function clearTemporaryFolder(root: string): Promise<void> {
  const folder = temporaryFolder(root);
  await rm(folder, { recursive: true, force: true }).catch((error: unknown) => {
    throw cannotWrite(folder, error);
  });
}

function holderPath(root: string): string {
  return join(root, '_lock.json');
}

async function writeHolder(root: string, command: string): Promise<void> {
  const holder: Holder = {
    pid: process.pid,
    host: hostname(),
    command,
    since: new Date().toISOString(),
  };
  await writeAtomically(holderPath(root), JSON.stringify(holder), temporaryFolder(root));
}

async function readHolder(root: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(holderPath(root), 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function isDead({ pid, host }: Holder): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

function nameOf({ pid, host, command, since }: Holder): string {
  const instant = new Date(since);
  // Another program's text stays as it is.
  const when = Number.isNaN(instant.getTime()) ? since : isoInSaoPaulo(instant);
  return `process ${pid} on ${host} (${command}), since ${when}`;
}

/** Who holds the lake, as far as that can be told; undefined where nobody does. */
export async function describeHolder(
  root: string,
): Promise<{ readonly who: string; readonly dead: boolean } | undefined> {
  const holder = await readHolder(root);
  return holder && { who: nameOf(holder), dead: isDead(holder) };
}

function staleAfter(holder: Holder | undefined): number {
  if (holder === undefined || holder.host !== hostname()) return STALE_MS;
  return isDead(holder) ? DEAD_HOLDER_STALE_MS : LIVING_HOLDER_STALE_MS;
}

function heldBy(root: string, holder: Holder | undefined): LakeLockedError {
  const who = holder === undefined ? 'another process' : nameOf(holder);
  return new LakeLockedError(`the lake at ${root} is in use by ${who}`, {
    hint: 'Wait until it ends, or name another lake with --lake DIR.',
  });
}

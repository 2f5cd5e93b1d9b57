/** Keeps a copy of a past quarter beside the lake's layers, whole or not at all. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Table } from '../catalog/tables.ts';
import { cannotWrite, moveIntoPlace } from './atomic-file.ts';
import { temporaryFolder } from './local-lake.ts';
import { copyPath, staleCopies } from './quarter-copies.ts';
import { stampOfQuarter } from './quarter-files.ts';
import type { Quarter } from './quarters.ts';

/** A file changed again so soon may carry the same time: file systems count in ticks of some milliseconds. */
const SETTLED_AFTER_MS = 50;

/**
 * Lets `write` make the copy of a quarter in a temporary file and gives it its name, unless `write` answers
 * that the quarter is not to be copied, or another program has changed the quarter meanwhile. For whoever holds
 * the lake's lock.
 *
 * @throws LakeError where the copy cannot be made; nothing is left of it then
 */
export async function keepQuarterCopy(
  root: string,
  table: Table,
  quarter: Quarter,
  write: (temporary: string) => Promise<'written' | 'not to be copied'>,
): Promise<void> {
  const temporary = join(temporaryFolder(root), randomUUID());
  try {
    const stamp = stampOfQuarter(root, table, quarter);
    if (stamp === undefined) return;
    const age = Date.now() - Number(stamp.changedAt / 1_000_000n);
    if (age < SETTLED_AFTER_MS) await sleep(SETTLED_AFTER_MS);
    await mkdir(temporaryFolder(root), { recursive: true });
    if ((await write(temporary)) === 'not to be copied') return;
    await syncFile(temporary);
    if (stampOfQuarter(root, table, quarter)?.text !== stamp.text) return;
    const copy = await stat(temporary, { bigint: true });
    await moveIntoPlace(temporary, copyPath(root, table, quarter, stamp, copy));
  } catch (error) {
    throw cannotWrite(`a copy of ${quarter}`, error);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** Removes the copies that hold no longer what their quarters hold. For whoever holds the lake's lock. */
export async function removeStaleCopies(root: string, table: Table): Promise<void> {
  for (const path of staleCopies(root, table)) {
    await rm(path, { force: true, recursive: true }).catch((error: unknown) => {
      throw cannotWrite(path, error);
    });
  }
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Loaded before the command (`node --import`): counts its changes to the lake on the disk (lake-changes.mjs), and at
 * one of them kills the process or lets the disk be full, or at each of them copies what a kill would leave.
 *
 *     PYNVEST_LAKE   only changes below it count
 *     DIE_AT=N       SIGKILL at change number N, from 1 …
 *     DIE_WHEN       … `before` it (a write is half done then) or `after` it
 *     COPY_TO        a folder: at each change the lake is copied to N-before and N-after in it, as a kill
 *                    there would leave it
 *     FAIL_AT=N      from change number N on, whatever needs room fails with ENOSPC
 *     COUNT_FILE     where the list of the changes is written at the end, as JSON
 */
import fs, { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { copyAround, copyLake, failFrom, watchChanges } from './lake-changes.mjs';

const {
  PYNVEST_LAKE = '',
  DIE_AT,
  DIE_WHEN = 'before',
  COPY_TO,
  FAIL_AT,
  COUNT_FILE,
} = process.env;
const lake = resolve(PYNVEST_LAKE);

/** Nothing of this process runs after it. */
function die() {
  process.kill(process.pid, 'SIGKILL');
  for (;;);
}

async function dieAround({ number, whole, half }) {
  if (number !== Number(DIE_AT)) return whole();
  if (DIE_WHEN === 'before') {
    await half();
    die();
  }
  await whole();
  die();
}

function chooseWork() {
  if (COPY_TO !== undefined) {
    return copyAround((number, when) => copyLake(lake, join(COPY_TO, `${number}-${when}`)));
  }
  if (DIE_AT !== undefined) return dieAround;
  return FAIL_AT === undefined ? ({ whole }) => whole() : failFrom(Number(FAIL_AT));
}

const { changes } = watchChanges(lake, chooseWork(), fs);

if (COUNT_FILE !== undefined) {
  process.on('exit', () => writeFileSync(COUNT_FILE, JSON.stringify(changes)));
}

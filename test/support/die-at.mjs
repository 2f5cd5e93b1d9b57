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
import { AsyncLocalStorage } from 'node:async_hooks';
import fs, {
  copyFileSync,
  mkdirSync,
  readdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { failFrom, watchChanges } from './lake-changes.mjs';

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

let lastChange = Promise.resolve();
const within = new AsyncLocalStorage();

/**
 * Waits for the changes before it: a copy that is made during one may miss a file that is being replaced. A change that
 * is a part of another, as Node's `rm` of a folder removes it by `rmdir`, does not wait for that.
 */
function inTurn(work) {
  if (within.getStore()) return work();
  const done = lastChange.then(() => within.run(true, work));
  lastChange = done.catch(() => undefined);
  return done;
}

/**
 * Copies the lake, synchronously and in turn: this process changes nothing meanwhile. Files are ordered by their times,
 * so these are kept.
 */
function copyLake(name) {
  const to = join(COPY_TO, name);
  mkdirSync(to);
  for (const entry of readdirSync(lake, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const copy = join(to, relative(lake, path));
    if (entry.isDirectory()) {
      mkdirSync(copy, { recursive: true });
    } else {
      copyFileSync(path, copy);
      const { atimeMs, mtimeMs } = statSync(path);
      utimesSync(copy, atimeMs / 1000, mtimeMs / 1000);
    }
  }
}

const copyAround = ({ number, half, rest }) =>
  inTurn(async () => {
    await half();
    copyLake(`${number}-before`);
    try {
      return await rest();
    } finally {
      // Of two writers that make one folder at once, one fails.
      copyLake(`${number}-after`);
    }
  });

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
  if (COPY_TO !== undefined) return copyAround;
  if (DIE_AT !== undefined) return dieAround;
  return FAIL_AT === undefined ? ({ whole }) => whole() : failFrom(Number(FAIL_AT));
}

const { changes } = watchChanges(lake, chooseWork(), fs);

if (COUNT_FILE !== undefined) {
  process.on('exit', () => writeFileSync(COUNT_FILE, JSON.stringify(changes)));
}

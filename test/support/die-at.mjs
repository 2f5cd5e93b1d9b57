/**
 * Loaded before the command (`node --import`): counts its changes to the lake on the disk, and at one
 * of them kills the process or lets the disk be full, or at each of them copies what a kill would leave.
 *
 *     PYNVEST_LAKE   only changes below it count
 *     DIE_AT=N       SIGKILL at change number N, from 1 …
 *     DIE_WHEN       … `before` it (a write is half done then) or `after` it
 *     COPY_TO        a folder: at each change the lake is copied to N-before and N-after in it, as a kill
 *                    there would leave it
 *     FAIL_AT=N      from change number N on, whatever needs room fails with ENOSPC
 *     COUNT_FILE     where the list of the changes is written at the end, as JSON
 *
 * Changes: making a folder that is not there, creating a file, writing to it, renaming, removing what
 * is there, through `node:fs/promises`; and the folder that is the lock, made and removed through
 * `node:fs`.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import fs, {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join, relative, resolve, sep } from 'node:path';

const {
  PYNVEST_LAKE = '',
  DIE_AT,
  DIE_WHEN = 'before',
  COPY_TO,
  FAIL_AT,
  COUNT_FILE,
} = process.env;
const lake = resolve(PYNVEST_LAKE);
const dieAt = Number(DIE_AT ?? 0);
const failAt = Number(FAIL_AT ?? 0);
const changes = [];

function isInLake(path) {
  const whole = resolve(String(path));
  return whole === lake || whole.startsWith(lake + sep);
}

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

function diskFull(what) {
  const error = new Error(`ENOSPC: no space left on device, ${what}`);
  return Object.assign(error, { code: 'ENOSPC', errno: -28, syscall: what });
}

/**
 * Around one change: `half` is what has happened of it when the process dies, or fails, on the way, and `rest` does
 * what is left of it then.
 */
async function change(what, needsRoom, whole, half = async () => undefined, rest = whole) {
  const number = changes.push(what);
  if (COPY_TO !== undefined) {
    return inTurn(async () => {
      await half();
      copyLake(`${number}-before`);
      try {
        return await rest();
      } finally {
        // Of two writers that make one folder at once, one fails.
        copyLake(`${number}-after`);
      }
    });
  }
  if (number === dieAt && DIE_WHEN === 'before') {
    await half();
    die();
  }
  if (failAt > 0 && number >= failAt && needsRoom) {
    await half();
    throw diskFull(what);
  }
  const answer = await whole();
  if (number === dieAt && DIE_WHEN === 'after') die();
  return answer;
}

const { mkdir, open, rename, rm, unlink } = promises;

promises.mkdir = (path, ...rest) =>
  isInLake(path) && !existsSync(path)
    ? change('mkdir', true, () => mkdir(path, ...rest))
    : mkdir(path, ...rest);

promises.rename = (from, to) =>
  isInLake(to) ? change('rename', true, () => rename(from, to)) : rename(from, to);

promises.rm = (path, ...rest) =>
  isInLake(path) && existsSync(path)
    ? change('rm', false, () => rm(path, ...rest))
    : rm(path, ...rest);

promises.unlink = (path) =>
  isInLake(path) ? change('unlink', false, () => unlink(path)) : unlink(path);

promises.open = async (path, flags = 'r', ...rest) => {
  if (flags === 'r' || !isInLake(path)) return open(path, flags, ...rest);
  const handle = await change('open', true, () => open(path, flags, ...rest));
  const writeFile = handle.writeFile.bind(handle);
  handle.writeFile = (data) => {
    const bytes = Buffer.from(data);
    const middle = bytes.length >> 1;
    const half = () => writeFile(bytes.subarray(0, middle));
    // The handle goes on where it is.
    const rest = () => writeFile(bytes.subarray(middle));
    return change('write', true, () => writeFile(bytes), half, rest);
  };
  return handle;
};

// Whatever else could write is not used by the lake; if it comes to be, these tests must know of it.
for (const name of ['writeFile', 'appendFile', 'copyFile', 'cp', 'truncate', 'rmdir', 'link']) {
  const original = promises[name];
  promises[name] = (path, ...rest) => {
    if (isInLake(path)) throw new Error(`die-at.mjs does not know fs.promises.${name}`);
    return original(path, ...rest);
  };
}

for (const [name, needsRoom] of [
  ['mkdir', true],
  ['rmdir', false],
]) {
  const original = fs[name];
  fs[name] = (path, ...rest) => {
    const callback = rest.at(-1);
    // proper-lockfile tries a folder that is there, to learn that it is: no change.
    const changesIt = isInLake(path) && existsSync(path) === (name === 'rmdir');
    if (!changesIt || typeof callback !== 'function') return original(path, ...rest);
    const whole = () =>
      new Promise((done, fail) => {
        original(path, ...rest.slice(0, -1), (error) => (error ? fail(error) : done()));
      });
    change(name, needsRoom, whole).then(() => callback(null), callback);
  };
}

syncBuiltinESMExports();

if (COUNT_FILE !== undefined) {
  process.on('exit', () => writeFileSync(COUNT_FILE, JSON.stringify(changes)));
}

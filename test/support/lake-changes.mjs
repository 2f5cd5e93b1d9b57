/**
 * The changes that this process makes to a lake on the disk, counted, with something to do at each of them.
 *
 * Changes: making a folder that is not there, creating a file, writing to it, renaming, removing what is there, through
 * `node:fs/promises`; and the folder that is the lock, made and removed by the functions of `node:fs`.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync, utimesSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join, relative, resolve, sep } from 'node:path';

/** What is watched, by the folder of its lake. */
const watches = new Map();

/** The folders that are being removed with what is in them. */
const removals = new Set();

/** What the functions were before the first watch. */
let originals = [];

/**
 * Counts the changes below `root` until `stop` is called.
 * @param around does a change, or whatever is to happen at it
 * @param lockFiles whose `mkdir` and `rmdir` the lock is made and removed by
 */
export function watchChanges(root, around, lockFiles) {
  const lake = resolve(root);
  const changes = [];
  if (watches.size === 0) install(lockFiles);
  watches.set(lake, (part) => around({ number: changes.push(part.what), ...part }));
  const stop = () => {
    watches.delete(lake);
    if (watches.size === 0) restore();
  };
  return { changes, stop };
}

/**
 * Does each change in turn, and calls `copy` with its number and a side of it: `before`, when it is half done, and
 * `after`. A copy that is made during another change may miss a file that is being replaced. A change that is a part of
 * another, as Node's `rm` of a folder removes it by `rmdir`, does not wait for that.
 * @param copy works synchronously: this process changes nothing meanwhile
 */
export function copyAround(copy) {
  let lastChange = Promise.resolve();
  const inTurn = (work) => {
    const done = lastChange.then(work);
    lastChange = done.catch(() => undefined);
    return done;
  };
  return ({ number, isPart, half, rest }) => {
    const work = async () => {
      await half();
      copy(number, 'before');
      try {
        return await rest();
      } finally {
        // Of two writers that make one folder at once, one fails.
        copy(number, 'after');
      }
    };
    return isPart ? work() : inTurn(work);
  };
}

/** Copies a lake as it is on the disk, with the times of its files, by which they are ordered. */
export function copyLake(lake, to) {
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

/** From change `first` on, whatever needs room finds none. */
export function failFrom(first) {
  return async ({ number, what, needsRoom, whole, half }) => {
    if (number < first || !needsRoom) return whole();
    await half();
    throw diskFull(what);
  };
}

function diskFull(what) {
  const error = new Error(`ENOSPC: no space left on device, ${what}`);
  return Object.assign(error, { code: 'ENOSPC', errno: -28, syscall: what });
}

/** What is to be done at a change of the lake that the path is in; undefined in none that is watched. */
function findWatch(path) {
  const whole = resolve(String(path));
  for (const [lake, change] of watches) if (isIn(lake, whole)) return change;
  return undefined;
}

function isIn(folder, path) {
  return path === folder || path.startsWith(folder + sep);
}

function replace(owner, name, create) {
  const original = owner[name];
  originals.push(() => {
    owner[name] = original;
  });
  owner[name] = create(original);
}

function restore() {
  for (const putBack of originals) putBack();
  originals = [];
  syncBuiltinESMExports();
}

/** `half` is what has happened of a change in its middle, and `rest` does what is left of it then. */
const change = (watch, what, needsRoom, whole, half = async () => undefined, rest = whole) =>
  watch({ what, needsRoom, isPart: false, whole, half, rest });

function install(lockFiles) {
  replace(promises, 'mkdir', (mkdir) => (path, ...rest) => {
    const watch = findWatch(path);
    const whole = () => mkdir(path, ...rest);
    return watch && !existsSync(path) ? change(watch, 'mkdir', true, whole) : whole();
  });
  replace(promises, 'rename', (rename) => (from, to) => {
    const watch = findWatch(to);
    const whole = () => rename(from, to);
    return watch ? change(watch, 'rename', true, whole) : whole();
  });
  replace(promises, 'rm', (rm) => (path, ...rest) => {
    const watch = findWatch(path);
    if (!watch || !existsSync(path)) return rm(path, ...rest);
    const folder = resolve(String(path));
    const whole = async () => {
      removals.add(folder);
      try {
        return await rm(path, ...rest);
      } finally {
        removals.delete(folder);
      }
    };
    return change(watch, 'rm', false, whole);
  });
  replace(promises, 'unlink', (unlink) => (path) => {
    const watch = findWatch(path);
    const whole = () => unlink(path);
    return watch ? change(watch, 'unlink', false, whole) : whole();
  });
  replace(promises, 'open', (open) => async (path, flags = 'r', ...rest) => {
    const watch = flags === 'r' ? undefined : findWatch(path);
    if (watch === undefined) return open(path, flags, ...rest);
    const handle = await change(watch, 'open', true, () => open(path, flags, ...rest));
    const writeFile = handle.writeFile.bind(handle);
    handle.writeFile = (data) => {
      const bytes = Buffer.from(data);
      const middle = bytes.length >> 1;
      const half = () => writeFile(bytes.subarray(0, middle));
      // The handle goes on where it is.
      const end = () => writeFile(bytes.subarray(middle));
      return change(watch, 'write', true, () => writeFile(bytes), half, end);
    };
    return handle;
  });
  // Whatever else could write is not used by the lake; if it comes to be, these tests must know of it.
  for (const name of ['writeFile', 'appendFile', 'copyFile', 'cp', 'truncate', 'rmdir', 'link']) {
    replace(promises, name, (original) => (path, ...rest) => {
      if (findWatch(path)) throw new Error(`lake-changes.mjs does not know fs.promises.${name}`);
      return original(path, ...rest);
    });
  }
  for (const [name, needsRoom] of [
    ['mkdir', true],
    ['rmdir', false],
  ]) {
    replace(lockFiles, name, (original) => (path, ...rest) => {
      const watch = findWatch(path);
      const callback = rest.at(-1);
      // proper-lockfile tries a folder that is there, to learn that it is: no change.
      const changesIt = watch && existsSync(path) === (name === 'rmdir');
      if (!changesIt || typeof callback !== 'function') return original(path, ...rest);
      const whole = () =>
        new Promise((done, fail) => {
          original(path, ...rest.slice(0, -1), (error) => (error ? fail(error) : done()));
        });
      const [half, folder] = [async () => undefined, resolve(String(path))];
      const isPart = [...removals].some((removed) => isIn(removed, folder));
      const about = { what: name, needsRoom, isPart, whole, half, rest: whole };
      watch(about).then(() => callback(null), callback);
    });
  }
  syncBuiltinESMExports();
}

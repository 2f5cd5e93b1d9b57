/**
 * What `kill -9` leaves of a lake in a folder, at every change that a command makes to it. A killed process leaves the
 * files that are on the disk at that moment, so one process that copies them at each change shows what as many killed
 * processes would leave. Some are killed all the same, to show that they leave just that.
 */
import { cpSync, statSync } from 'node:fs';
import { readFile, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect } from 'vitest';
import { withLock } from '../../src/lake/local/lock.ts';
import { type CommandResult, pynvest } from './command.ts';
import { contentsBelow, filesBelow, foldersBelow, newFolder } from './folders.ts';
import { pynvest as pynvestInProcess } from './in-process.ts';
import { type Around, copyAround, copyLake, failFrom, watchChanges } from './lake-changes.mjs';

const PRELOAD = new URL('./die-at.mjs', import.meta.url);

export interface Kill {
  /** The number of the change, from 1. */
  readonly at: number;
  /** Halfway through it where it writes into a file, and not yet begun where it does not; or done. */
  readonly when: 'before' | 'after';
}

export interface KilledLake extends Kill {
  readonly root: string;
}

export interface CopiedKills {
  /** The changes that the command makes to the lake, in order: `mkdir`, `open`, `write` … */
  readonly changes: readonly string[];
  readonly result: CommandResult;
  /** What a kill would leave, in order; one that would leave the same bytes as the kill before it is left out. */
  readonly lakes: readonly KilledLake[];
}

export async function copyOf(lake: string): Promise<string> {
  const root = join(await newFolder(), 'lake');
  cpSync(lake, root, { recursive: true, preserveTimestamps: true });
  return root;
}

/** The lock of a dead holder is taken over when it has not been touched for long: now, after this. */
export async function letLockGrowOld(root: string): Promise<void> {
  const long = new Date(Date.now() - 60_000);
  await utimes(join(root, '_lock'), long, long).catch(() => undefined);
}

/** Runs the command, as a process, on the lake at `root`. */
export function runOn(
  root: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<CommandResult> {
  return pynvest(args, { preload: [PRELOAD], env: { ...env, PYNVEST_LAKE: root } });
}

/** proper-lockfile's own copy of `node:fs`, by which it makes and removes the lock. */
function requireLockFiles(): object {
  const lockfile = createRequire(import.meta.url).resolve('proper-lockfile');
  return createRequire(lockfile)('graceful-fs') as object;
}

/** Runs the command in this process, on a disk that is full from one of its changes to the lake on. */
export function runOnFullDisk(
  root: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  at: number,
): Promise<CommandResult> {
  return runWatched(root, args, env, failFrom(at));
}

/** Kills the command, as a process, at one of its changes to the lake, and answers that lake. */
export async function killAtChange(
  root: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { at, when }: Kill,
): Promise<string> {
  const { signal, stderr } = await runOn(root, args, {
    ...env,
    DIE_AT: String(at),
    DIE_WHEN: when,
  });
  expect(signal, stderr).toBe('SIGKILL');
  return root;
}

/** Runs the command in this process, and answers a lake as a kill at one of its changes would have left it. */
export async function copyAtChange(
  root: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { at, when }: Kill,
): Promise<string> {
  const copy = join(await newFolder(), 'lake');
  let isCopied = false;
  const copyThere = copyAround((number, side) => {
    if (number !== at || side !== when) return;
    copyLake(root, copy);
    isCopied = true;
  });
  await runWatched(root, args, env, copyThere);
  expect(isCopied, `${when} ${at}`).toBe(true);
  await letOwnerDie(copy);
  return copy;
}

/** The lock of this process becomes that of an earlier one, which had the same number. */
async function letOwnerDie(root: string): Promise<void> {
  const path = join(root, '_lock.json');
  const text = await readFile(path, 'utf8').catch(() => '');
  if (text === '') return;
  const owner = JSON.parse(text) as { readonly process?: object };
  const process = owner.process && { ...owner.process, start: '1' };
  await writeFile(path, JSON.stringify({ ...owner, since: '2026-01-01T00:00:00.000Z', process }));
}

async function runWatched(
  root: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  around: Around,
): Promise<CommandResult> {
  const { stop } = watchChanges(root, around, requireLockFiles());
  try {
    return await pynvestInProcess(args, { env: { ...env, PYNVEST_LAKE: root } });
  } finally {
    stop();
  }
}

/** Lets the command do its work at `root`, and answers what a kill would have left at each of its changes. */
export async function copyAtEachChange(
  root: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CopiedKills> {
  const folder = await newFolder();
  const counted = join(await newFolder(), 'changes.json');
  // The process has ended when its copies are used: they carry the lock of a holder that is dead.
  const result = await runOn(root, args, { ...env, COPY_TO: folder, COUNT_FILE: counted });
  const changes = JSON.parse(await readFile(counted, 'utf8')) as string[];
  const lakes: KilledLake[] = [];
  let last = '';
  for (const [index] of changes.entries()) {
    for (const when of ['before', 'after'] as const) {
      const copy = join(folder, `${index + 1}-${when}`);
      const bytes = JSON.stringify([await foldersBelow(copy), await contentsBelow(copy)]);
      if (bytes !== last) lakes.push({ at: index + 1, when, root: copy });
      last = bytes;
    }
  }
  return { changes, result, lakes };
}

/**
 * Kills the command at the first of its changes, in the middle and at the last, and compares what is left with the
 * copies of these moments.
 * @param contentsOf what to compare beside the names of files and folders
 */
export async function expectKillsToLeaveTheCopies(
  before: string,
  { lakes }: CopiedKills,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  contentsOf: (root: string) => Promise<unknown>,
): Promise<void> {
  const middle = lakes.length >> 1;
  for (const lake of [lakes[0], lakes[middle], lakes[middle + 1], lakes.at(-1)]) {
    if (lake === undefined) throw new Error('the command changes too little');
    const { at, when } = lake;
    const root = await killAtChange(await copyOf(before), args, env, lake);
    const seen = async (folder: string) => [await namesBelow(folder), await contentsOf(folder)];
    expect(await seen(root), `${when} ${at}`).toEqual(await seen(lake.root));
  }
}

/** The hash of every file, as `contentsBelow`, without those that name the process, or are random. */
export async function lastingContents(root: string): Promise<Record<string, string>> {
  const all = Object.entries(await contentsBelow(root));
  return Object.fromEntries(all.filter(([path]) => !/^_(lock\.json|tmp|runs)/.test(path)));
}

/**
 * Takes the lock of each lake, as the next command does at first, and answers those that differ then. Most kills differ
 * in the lock and the temporary file alone; whoever takes the lock removes these and leaves all else. What comes of two
 * lakes that are the same from there on is the same.
 * @param expectReadable called with each of those that are answered, before anyone has taken its lock
 */
export async function takeOverEach(
  lakes: readonly KilledLake[],
  expectReadable: (lake: KilledLake) => Promise<void> = async () => undefined,
): Promise<readonly KilledLake[]> {
  const states = new Map<KilledLake, readonly string[]>();
  // The last of those that differ in no more: most of them have a whole temporary file, which is not yet renamed.
  const distinct = new Map<string, KilledLake>();
  for (const lake of lakes) {
    const left = await lastingState(lake.root);
    states.set(lake, left);
    distinct.set(left.join('\n'), lake);
  }
  for (const lake of distinct.values()) await expectReadable(lake);
  for (const [{ root, at, when }, left] of states) {
    await letLockGrowOld(root);
    await withLock(root, 'pynvest test', async () => {
      expect(await lastingState(root), `${when} ${at}`).toEqual(left);
      const files = await filesBelow(root);
      expect(files.filter((path) => path.startsWith('_tmp'))).toEqual([]);
    });
  }
  return [...distinct.values()];
}

/** Every folder, and every file with its time and its hash, but for the lock and what its owner has not finished. */
async function lastingState(root: string): Promise<readonly string[]> {
  const files = Object.entries(await contentsBelow(root)).map(
    ([path, hash]) => `${path} ${statSync(join(root, path), { bigint: true }).mtimeNs} ${hash}`,
  );
  const all = [...(await foldersBelow(root)), ...files];
  return all.filter((each) => !/^_(lock|tmp)\b/.test(each));
}

/** Every file and folder, without the random parts of names. */
async function namesBelow(root: string): Promise<string[]> {
  const all = [...(await foldersBelow(root)), ...Object.keys(await contentsBelow(root))];
  return all
    .map((path) => path.replace(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/, 'random'))
    .map((path) => path.replace(/^(_runs.)[^/\\]*$/, '$1report'))
    .sort();
}

/** Who holds a local lake, as its `_lock.json` says, and whether that process still lives. */
import { readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isoInSaoPaulo } from '../catalog/partition.ts';
import { writeAtomically } from './atomic-file.ts';
import { temporaryFolder } from './local-lake.ts';
import { ownMark, type ProcessMark, startOf } from './process-mark.ts';

export interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly command: string;
  readonly since: string;
  /** Absent where the system tells none. */
  readonly process?: ProcessMark | undefined;
}

/**
 * What can be told of a holder from here. `elsewhere`: it is on another machine. `contained`: it is in
 * another container, perhaps one that ours takes the place of. `before-boot`: it began before this machine
 * started, or on another of the same name.
 */
export type Life = 'alive' | 'dead' | 'before-boot' | 'contained' | 'elsewhere';

export async function lifeOf({ pid, host, since, process: mark }: Holder): Promise<Life> {
  if (host !== hostname()) return 'elsewhere';
  const own = await ownMark();
  if (mark !== undefined && own !== undefined) {
    if (mark.boot !== own.boot) return 'before-boot';
    if (mark.namespace !== own.namespace) return 'contained';
    if (pid === process.pid) return mark.start === own.start ? 'alive' : 'dead';
  }
  // Whoever held the lake before we began, under our number, is another, and gone.
  if (pid === process.pid && Date.parse(since) < performance.timeOrigin) return 'dead';
  if (!isRunning(pid)) return 'dead';
  const start = mark && (await startOf(pid));
  return start === undefined || start === mark?.start ? 'alive' : 'dead';
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

export async function writeHolder(root: string, command: string): Promise<void> {
  const holder: Holder = {
    pid: process.pid,
    host: hostname(),
    command,
    since: new Date().toISOString(),
    process: await ownMark(),
  };
  await writeAtomically(holderPath(root), JSON.stringify(holder), temporaryFolder(root));
}

export async function removeHolder(root: string): Promise<void> {
  await rm(holderPath(root), { force: true });
}

export async function readHolder(root: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(holderPath(root), 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function holderPath(root: string): string {
  return join(root, '_lock.json');
}

export function nameOf({ pid, host, command, since }: Holder): string {
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
  if (holder === undefined) return undefined;
  const life = await lifeOf(holder);
  return { who: nameOf(holder), dead: life === 'dead' || life === 'before-boot' };
}

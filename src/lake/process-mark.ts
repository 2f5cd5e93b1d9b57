/** What tells a process from every other that bears its number, now or before: numbers come again. */
import { readFile, readlink } from 'node:fs/promises';

/** Linux tells these; other systems do not. */
export interface ProcessMark {
  /** Which start of the machine it is. */
  readonly boot: string;
  /** Where its number counts: each container numbers its processes from 1. */
  readonly namespace: string;
  /** When it began, in ticks since the machine's start. */
  readonly start: string;
}

/** The mark of this process; undefined where the system does not tell. */
export async function ownMark(): Promise<ProcessMark | undefined> {
  try {
    const [boot, namespace, stat] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      readlink('/proc/self/ns/pid'),
      readFile('/proc/self/stat', 'utf8'),
    ]);
    const start = startIn(stat);
    return start === undefined ? undefined : { boot: boot.trim(), namespace, start };
  } catch {
    return undefined;
  }
}

/** When the process of this number began; undefined where there is none, or the system does not tell. */
export async function startOf(pid: number): Promise<string | undefined> {
  try {
    // A container may see the /proc of another, where the numbers are other processes'.
    if ((await readlink('/proc/self')) !== String(process.pid)) return undefined;
    return startIn(await readFile(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Its 22nd field. The second is the program's name in parentheses, which may hold spaces and parentheses. */
function startIn(stat: string): string | undefined {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[22 - 3];
}

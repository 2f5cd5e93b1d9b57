/** A disk of 64 KB, where this process may make one (root on Linux). */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterFile } from './cleanup.ts';

/** The folder that it is mounted at; undefined where that cannot be. It is gone after the test file. */
export function mountSmallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'pynvest-disk-'));
  try {
    const options = ['-t', 'tmpfs', '-o', 'size=64k', 'pynvest-test', folder];
    execFileSync('mount', options, { stdio: 'ignore' });
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  afterFile(() => {
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** Lets nothing be written to a disk of `mountSmallDisk`, or lets it again. */
export function remount(folder: string, mode: 'ro' | 'rw'): void {
  execFileSync('mount', ['-o', `remount,${mode}`, folder]);
}

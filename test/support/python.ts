/** Python with pyarrow, pandas and openpyxl, where PYNVEST_PYTHON names one. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const python = process.env['PYNVEST_PYTHON'] ?? '';
export const hasPython = python !== '';
/** One of earlier tests may lack it. */
export const hasOpenpyxl = hasPython && spawnSync(python, ['-c', 'import openpyxl']).status === 0;

/** Runs a script; answers what it prints, which must be JSON. */
export async function fromPython(script: string, ...args: string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(python, ['-c', script, ...args]);
  return JSON.parse(stdout);
}

/** A Python, of PYNVEST_PYTHON or `python3`, that has this release of a package; undefined where neither has. */
export function findPython(name: string, version: string): string | undefined {
  const script =
    'import sys, importlib.metadata as m; sys.exit(m.version(sys.argv[1]) != sys.argv[2])';
  return [python, 'python3'].find(
    (each) => each !== '' && spawnSync(each, ['-c', script, name, version]).status === 0,
  );
}

/** Python with pyarrow and pandas, where PYNVEST_PYTHON names one. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const python = process.env['PYNVEST_PYTHON'] ?? '';
export const hasPython = python !== '';

/** Runs a script; answers what it prints, which must be JSON. */
export async function fromPython(script: string, ...args: string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(python, ['-c', script, ...args]);
  return JSON.parse(stdout);
}

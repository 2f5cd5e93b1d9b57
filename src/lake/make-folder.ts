/** Making a folder where it is missing. */
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { diskCode } from '../disk-errors.ts';

/**
 * Makes a folder and those above it that are missing; answers the first that it made, undefined where the
 * folder was there. Node's own recursive mkdir never comes to an end where the system answers that a parent
 * that is there is not (as in /proc): this one fails.
 *
 * @throws the system's own error
 */
export async function makeFolder(path: string): Promise<string | undefined> {
  const error = await tryToMake(path);
  if (error === undefined) return path;
  if (await isFolder(path)) return undefined;
  if (diskCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
  const first = await makeFolder(dirname(path));
  const again = await tryToMake(path);
  // Another process may have made it meanwhile.
  if (again !== undefined && !(await isFolder(path))) throw again;
  return first ?? path;
}

async function tryToMake(path: string): Promise<unknown> {
  return mkdir(path).then(
    () => undefined,
    (error: unknown) => error,
  );
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

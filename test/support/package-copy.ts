/** The package as somebody else's clone has it: the same files with other code in some of them. */
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newFolder } from './folders.ts';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));
const COPIED = ['bin', 'dist', 'lambda-src', 'src', 'cloudformation', 'package.json'];

/** Makes a copy that differs as told; answers the file that starts its command. */
export async function copyOfPackage(
  edits: Readonly<Record<string, (source: string) => string>>,
): Promise<string> {
  const root = await newFolder();
  for (const name of COPIED) {
    await cp(join(projectRoot, name), join(root, name), { recursive: true });
  }
  await symlink(join(projectRoot, 'node_modules'), join(root, 'node_modules'));
  for (const [path, edit] of Object.entries(edits)) {
    const before = await readFile(join(root, path), 'utf8');
    const after = edit(before);
    if (after === before) throw new Error(`nothing was changed in ${path}`);
    await writeFile(join(root, path), after);
  }
  return join(root, 'bin', 'pynvest.js');
}

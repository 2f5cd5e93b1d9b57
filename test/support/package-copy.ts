/** The package as somebody else's clone has it: the same files with other code in some of them. */
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFunctionBundles } from '../../scripts/bundle-functions.ts';
import { newFolder } from './folders.ts';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));
const COPIED = ['bin', 'dist', 'lambda-src', 'scripts', 'src', 'cloudformation', 'package.json'];

/** Edits of files, each by its path in the package. */
export type Edits = Readonly<Record<string, (source: string) => string>>;

/**
 * Makes a copy with these edits, of the template or of the functions, which are bundled anew where they change. Answers the
 * file that starts its command.
 */
export async function copyOfPackage(edits: Edits): Promise<string> {
  const root = await newFolder();
  for (const name of COPIED) {
    await cp(join(projectRoot, name), join(root, name), { recursive: true });
  }
  await symlink(join(projectRoot, 'node_modules'), join(root, 'node_modules'));
  await editFiles(root, edits);
  if (Object.keys(edits).some((path) => path.startsWith('lambda-src/'))) {
    await writeFunctionBundles(root);
  }
  return join(root, 'bin', 'pynvest.js');
}

/** @throws where an edit changes nothing */
export async function editFiles(root: string, edits: Edits): Promise<void> {
  for (const [path, edit] of Object.entries(edits)) {
    const before = await readFile(join(root, path), 'utf8');
    const after = edit(before);
    if (after === before) throw new Error(`nothing was changed in ${path}`);
    await writeFile(join(root, path), after);
  }
}

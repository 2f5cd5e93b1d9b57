/** The package as somebody else's clone has it: the same files with other code in some of them. */
import { execFile } from 'node:child_process';
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { newFolder } from './folders.ts';

const run = promisify(execFile);
const projectRoot = fileURLToPath(new URL('../..', import.meta.url));
const COPIED = ['bin', 'dist', 'lambda-src', 'scripts', 'src', 'cloudformation', 'package.json'];

/** Edits of files, each by its path in the package. */
export type Edits = Readonly<Record<string, (source: string) => string>>;

/** Makes a copy with these edits, built where they change the code. Answers the file that starts its command. */
export async function copyOfPackage(edits: Edits): Promise<string> {
  const root = await newFolder();
  for (const name of COPIED) {
    await cp(join(projectRoot, name), join(root, name), { recursive: true });
  }
  await symlink(join(projectRoot, 'node_modules'), join(root, 'node_modules'));
  await editFiles(root, edits);
  if (Object.keys(edits).some((path) => /^(?:lambda-)?src\//.test(path))) {
    await run(process.execPath, ['scripts/build.mjs'], { cwd: root });
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

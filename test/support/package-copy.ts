/** The package as somebody else's clone has it: the same files with other code in some of them. */
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFunctions } from '../../scripts/bundle-functions.ts';
import { functionNames } from '../../src/aws/resource-names.ts';
import { BUNDLES_FOLDER, hashBytes, SOURCES_FILE } from '../../src/deploy/artifacts.ts';
import { newFolder } from './folders.ts';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));
const COPIED = ['bin', 'dist', 'lambda-src', 'scripts', 'src', 'cloudformation', 'package.json'];

/** Edits of files, each by its path in the package. */
export type Edits = Readonly<Record<string, (source: string) => string>>;

/**
 * Makes a copy with these edits, of the template or of functions' own files. A function whose file is edited is bundled
 * anew; that all others would have the same bytes again is a test of the bundles. Answers the file that starts its
 * command.
 */
export async function copyOfPackage(edits: Edits): Promise<string> {
  const root = await newFolder();
  for (const name of COPIED) {
    await cp(join(projectRoot, name), join(root, name), { recursive: true });
  }
  await symlink(join(projectRoot, 'node_modules'), join(root, 'node_modules'));
  await editFiles(root, edits);
  await bundleEdited(root, edits);
  return join(root, 'bin', 'pynvest.js');
}

async function bundleEdited(root: string, edits: Edits): Promise<void> {
  const pathOf = (name: string): string => `lambda-src/${name}.ts`;
  const names = functionNames.filter((name) => edits[pathOf(name)] !== undefined);
  const sources = Object.keys(edits).filter((path) => path.startsWith('lambda-src/'));
  if (sources.length > names.length) throw new Error('some edits are of what functions share');
  if (names.length === 0) return;
  const folder = join(root, BUNDLES_FOLDER);
  const { bundles } = await bundleFunctions(root, names);
  for (const { name, zip } of bundles) await writeFile(join(folder, `${name}.zip`), zip);
  const hashes = JSON.parse(await readFile(join(folder, SOURCES_FILE), 'utf8'));
  for (const path of sources) hashes[path] = hashBytes(await readFile(join(root, path)));
  await writeFile(join(folder, SOURCES_FILE), JSON.stringify(hashes));
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

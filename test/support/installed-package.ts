/** The package as npm installs it for its users: what `npm pack` packs, and its dependencies beside it. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { newFolder } from './folders.ts';

const run = promisify(execFile);
const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

export interface InstalledPackage {
  /** The file that starts its command. */
  readonly command: string;
  /** The folder `node_modules` that holds it and all that it needs. */
  readonly modules: string;
}

interface Dependent {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Packs the package as it is built now, and installs it into a new folder, without a registry. */
export async function installPackage(): Promise<InstalledPackage> {
  const folder = await newFolder();
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const { stdout } = await run('npm', args, { cwd: projectRoot });
  const [{ filename }] = JSON.parse(stdout) as [{ readonly filename: string }];
  const modules = join(folder, 'node_modules');
  const installed = join(modules, 'pynvest');
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', join(folder, filename), '-C', installed, '--strip-components=1']);
  await installDependencies(installed, modules);
  return { command: join(installed, 'bin', 'pynvest.js'), modules };
}

/** Copies what a package depends on; of its optional dependencies those that this platform has. */
async function installDependencies(dependent: string, modules: string): Promise<void> {
  const text = await readFile(join(dependent, 'package.json'), 'utf8');
  const { dependencies, optionalDependencies } = JSON.parse(text) as Dependent;
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const source = join(projectRoot, 'node_modules', name);
    const target = join(modules, name);
    if (existsSync(target) || !existsSync(source)) continue;
    await cp(source, target, { recursive: true });
    await installDependencies(target, modules);
  }
}

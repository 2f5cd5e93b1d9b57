/** Installs a library, and bundles a program that uses it. */

import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { formatValue } from './readers.mjs';

const run = promisify(execFile);

async function filesIn(folder) {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  return names.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
}

export async function install(folder, packages) {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...packages], {
    cwd: folder,
    shell: process.platform === 'win32',
  });
  const lock = JSON.parse(await readFile(join(folder, 'node_modules/.package-lock.json'), 'utf8'));
  const sizes = await Promise.all(
    (await filesIn(join(folder, 'node_modules'))).map(async (file) => (await stat(file)).size),
  );
  const versions = packages.map((name) => {
    const found = lock.packages[`node_modules/${name}`];
    return `${name} ${found.version.replace(/^v/, '')}`;
  });
  const direct = lock.packages[`node_modules/${packages[0]}`];
  return {
    versions: versions.join(', '),
    // Types are not code that runs.
    packages: Object.keys(lock.packages).filter((path) => !path.includes('@types/')).length,
    bytes: sizes.reduce((a, b) => a + b, 0),
    node: direct.engines?.node ?? 'not said',
  };
}

const SHIM =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

/** Bundles a program that writes one file, runs it, and says whether it did. */
export async function checkBundle({ esbuild, zipSync }, candidate, folder) {
  const entry = join(folder, 'entry.mjs');
  await writeFile(
    entry,
    `import { write } from './writer.mjs';
     void (async () => {
       const bytes = await write([{ name: 'c', type: 'double' }], [{ c: -0.5 }, { c: null }]);
       process.stdout.write(Buffer.from(bytes.slice(0, 4)).toString());
     })();`,
  );
  const build = async (name, format, banner) => {
    const outfile = join(folder, name);
    try {
      await esbuild.build({
        entryPoints: [entry],
        outfile,
        bundle: true,
        minify: true,
        format,
        banner: { js: banner },
        platform: 'node',
        target: 'node20',
        external: candidate.native === undefined ? [] : ['@duckdb/node-bindings'],
        logLevel: 'silent',
        ...(format === 'cjs' && {
          define: { 'import.meta.url': '__url' },
          banner: { js: "const __url=require('node:url').pathToFileURL(__filename).href;" },
        }),
      });
      const { stdout } = await run(process.execPath, [outfile], { timeout: 20_000 });
      return stdout === 'PAR1' ? 'yes' : `no (it printed ${formatValue(stdout)})`;
    } catch (error) {
      const text = String(error.stderr ?? error.message);
      return `**no** (${(/(\w*Error: .*)/.exec(text)?.[1] ?? text.split('\n')[0]).slice(0, 70)})`;
    }
  };
  const plain = await build('bundle.mjs', 'esm', '');
  const shimmed = await build('bundle-shim.mjs', 'esm', SHIM);
  const cjs = await build('bundle.cjs', 'cjs', '');
  const parts = {
    'index.js': await readFile(join(folder, 'bundle.mjs')).catch(() => new Uint8Array()),
  };
  if (candidate.asset) parts.asset = await readFile(join(folder, candidate.asset));
  if (candidate.native) {
    for (const file of await filesIn(join(folder, candidate.native))) {
      if (/\.(node|so|dylib|dll)(\.\d+)*$/.test(file))
        parts[file.replaceAll('/', '_')] = await readFile(file);
    }
  }
  return { plain, shimmed, cjs, zipped: zipSync(parts, { level: 9 }).length };
}

/**
 * `npm run bench [-- job…] [--quick]`: bundles the bench, as the command itself is bundled, and runs it.
 * Everything that it makes stays below node_modules/.cache/pynvest-bench.
 */
import { spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const project = fileURLToPath(new URL('..', import.meta.url));
process.chdir(project);
const cache = join(project, 'node_modules', '.cache', 'pynvest-bench');
const code = join(cache, 'code');

await rm(code, { recursive: true, force: true });
await build({
  entryPoints: ['bench/main.ts', 'bench/site-process.ts', 'bench/bare-client.ts'],
  outdir: code,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  external: ['@duckdb/node-api', 'esbuild', 'puppeteer-core'],
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

const { status } = spawnSync(process.execPath, [join(code, 'main.mjs'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, PYNVEST_BENCH_CACHE: cache },
});
process.exitCode = status ?? 1;

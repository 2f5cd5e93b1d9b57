/** Bundles the command into dist/: one small entry, and a chunk that is loaded only when it is used. */
import { chmod, rm } from 'node:fs/promises';
import { build } from 'esbuild';

await rm('dist', { recursive: true, force: true });
await build({
  entryPoints: ['src/cli/main.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minify: true,
  keepNames: true,
  legalComments: 'none',
  chunkNames: 'chunks/[name]-[hash]',
  // DuckDB is native code and stays where npm puts it; the rest travels inside the bundle.
  external: ['@duckdb/node-api'],
  banner: {
    // Some dependencies are CommonJS and ask for Node's own modules with require.
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
await chmod('bin/pynvest.js', 0o755);

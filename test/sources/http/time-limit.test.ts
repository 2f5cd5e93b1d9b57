/** The time limit of a request holds while memory is collected: Node 20 forgets a signal that nobody holds. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newFolder } from '../../support/folders.ts';

const run = promisify(execFile);
const server = createServer(() => undefined);
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => server.closeAllConnections());

it('ends a request that is never answered, whatever is collected meanwhile', async () => {
  const { port } = server.address() as AddressInfo;
  const outfile = join(await newFolder(), 'ask.mjs');
  await build({
    stdin: {
      contents: `
        import { createSite } from './src/sources/fundamentus/site.ts';
        import { defaultSiteSettings } from './src/sources/fundamentus/site.ts';
        setInterval(() => globalThis.gc(), 20).unref();
        const settings = { ...defaultSiteSettings, baseUrl: process.argv[2], timeoutMs: 500, retries: 0 };
        await createSite(settings, new AbortController().signal)
          .details('PETR4')
          .catch((error) => console.log(error.name));`,
      resolveDir: join(import.meta.dirname, '..', '..', '..'),
      loader: 'ts',
    },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
  });
  const url = `http://127.0.0.1:${port}`;
  const { stdout } = await run(process.execPath, ['--expose-gc', outfile, url], {
    timeout: 30_000,
  });
  expect(stdout).toBe('SiteUnavailableError\n');
});

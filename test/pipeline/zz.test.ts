import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'vitest';
import { runCommand } from '../support/built-command.ts';
import { newFolder, filesBelow } from '../support/folders.ts';
import { startTestSite } from '../support/site.ts';
import { smallMarket, priced } from '../support/small-market.ts';
test('x', async () => {
  const site = await startTestSite(smallMarket);
  const root = await newFolder(); const c = join(await newFolder(), 'n');
  for (let i = 0; i < 3; i++) {
    const t = performance.now();
    const e = await runCommand(['run', '--quiet'], { preload: [new URL('../support/die-at.mjs', import.meta.url)], env: { PYNVEST_LAKE: root, PYNVEST_FUNDAMENTUS_URL: site.url, COUNT_FILE: c } });
    console.log(e, performance.now() - t, await readFile(c, 'utf8'), await filesBelow(root));
  }
  await site.close();
});

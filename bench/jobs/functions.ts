/** How soon a function can begin: the import of the largest bundle, against Node that does nothing. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { bundleFunctions } from '../../scripts/bundle-functions.ts';
import type { Context } from '../context.ts';
import type { Findings } from '../figures.ts';
import { interleave } from '../measure.ts';
import { bareNode, runNode } from '../processes.ts';

/** Prints how long the import alone took, in milliseconds. */
const SCRIPT = `
  const start = performance.now();
  require(process.argv[1]);
  console.log(performance.now() - start);`;

export async function functionsJob({ cache, project, rounds }: Context): Promise<Findings> {
  const { bundles } = await bundleFunctions(project);
  const [largest] = bundles.toSorted((a, b) => b.zip.byteLength - a.zip.byteLength);
  if (largest === undefined) throw new Error('there is no function to bundle');
  const folder = join(cache, 'bundle');
  await mkdir(folder, { recursive: true });
  for (const [file, bytes] of Object.entries(unzipSync(largest.zip))) {
    await writeFile(join(folder, file), bytes);
  }
  const samples = await interleave(rounds(21), {
    load: async () => Number((await runNode(['-e', SCRIPT, folder])).stdout),
    bare: bareNode,
  });
  return {
    figures: [
      {
        job: 'import of the largest bundle',
        ours: samples.load,
        peer: { name: 'node -e 0', sample: samples.bare },
        note: `${largest.name}, ${Math.round(largest.zip.byteLength / 1000)} KB`,
        target: { ms: 200 },
      },
    ],
    remarks: [],
  };
}

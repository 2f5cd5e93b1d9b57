/** Writes the catalog's tables into cloudformation/pynvest.yaml, between its marks. */
import { readFile, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const template = new URL('../cloudformation/pynvest.yaml', import.meta.url);

const { outputFiles } = await build({
  entryPoints: ['scripts/glue-tables.ts'],
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
});
const code = Buffer.from(outputFiles[0].contents).toString('base64');
const { withTables } = await import(`data:text/javascript;base64,${code}`);

const before = await readFile(template, 'utf8');
const after = withTables(before);
if (after === before) {
  console.log('cloudformation/pynvest.yaml follows the catalog already');
} else {
  await writeFile(template, after);
  console.log('cloudformation/pynvest.yaml: the tables are written anew');
}

/** Writes the catalog's tables into cloudformation/pynvest.yaml, between its marks. */
import { readFile, writeFile } from 'node:fs/promises';
import { importTypeScript } from './import-typescript.mjs';

const template = new URL('../cloudformation/pynvest.yaml', import.meta.url);

const { withTables } = await importTypeScript('scripts/glue-tables.ts');
const before = await readFile(template, 'utf8');
const after = withTables(before);
if (after === before) {
  console.log('cloudformation/pynvest.yaml follows the catalog already');
} else {
  await writeFile(template, after);
  console.log('cloudformation/pynvest.yaml: the tables are updated');
}

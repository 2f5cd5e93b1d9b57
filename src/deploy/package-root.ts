/** Where pynvest itself is installed: its functions' sources travel with it. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The nearest folder above this file, bundled or not, that holds the functions' sources: the clone, or
 * `node_modules/pynvest`.
 */
export function findPackageRoot(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'lambda-src'))) {
      return folder;
    }
    if (dirname(folder) === folder) {
      throw new Error(`pynvest's own files are not complete: no lambda-src above ${start}`);
    }
  }
}

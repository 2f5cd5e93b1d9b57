/** The script and the styles of a report's page, as the build makes them of `src/report/page`. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Relative to the package. */
const PAGE_FOLDER = 'dist/report';

/** @throws Error where the package has not been built */
export async function readPageCode(): Promise<PageCode> {
  const folder = findPageFolder();
  const [script, styles] = await Promise.all(
    ['page.js', 'page.css'].map((name) => readFile(join(folder, name), 'utf8')),
  );
  return { script: script ?? '', styles: styles ?? '' };
}

/** The nearest one above this file, bundled or not. */
function findPageFolder(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = dirname(folder)) {
    const found = join(folder, PAGE_FOLDER);
    if (existsSync(join(found, 'page.js'))) return found;
    if (dirname(folder) === folder) {
      throw new Error(
        `pynvest's own files are incomplete: no ${PAGE_FOLDER} above ${start}; in a clone \`npm run build\` makes it`,
      );
    }
  }
}

/** What the build makes of `src/report/page`. */
export interface PageCode {
  readonly script: string;
  readonly styles: string;
}

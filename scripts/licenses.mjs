/** The licenses of the packages inside a bundle, which ask to travel with their code. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The text for a bundle made of `inputs` (paths relative to the project): each package once, with its
 * version and its license as it stands in its own folder.
 */
export function licensesOf(inputs) {
  const folders = new Set(
    inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []),
  );
  const sections = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    );
    const file = readdirSync(folder).find((each) => /^(licen[cs]e|copying)/i.test(each));
    const text =
      file !== undefined && existsSync(join(folder, file))
        ? readFileSync(join(folder, file), 'utf8').trim()
        : `License: ${license}`;
    return `${name} ${version}\n${'-'.repeat(72)}\n${text}\n`;
  });
  return `Packages inside this bundle, and their licenses.\n\n${sections.join('\n')}`;
}

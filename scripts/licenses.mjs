/** The licenses of the packages inside the bundles, which ask to travel with their code. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const RULE = '-'.repeat(72);

/**
 * The text for bundles made of `inputs` (paths relative to the project). Each package is named once, with
 * its version; packages whose licenses are the same to the letter share one copy of it.
 */
export async function formatLicenses(inputs) {
  const folders = new Set(
    inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []),
  );
  const packagesByLicense = new Map();
  for (const folder of [...folders].sort()) {
    const { name, text } = await readLicense(folder);
    packagesByLicense.set(text, [...(packagesByLicense.get(text) ?? []), name]);
  }
  const sections = [...packagesByLicense].map(
    ([text, names]) => `${[...new Set(names)].join('\n')}\n${RULE}\n${text}\n`,
  );
  return `Packages inside pynvest's bundles, and their licenses.\n\n${sections.join('\n')}`;
}

async function readLicense(folder) {
  const { name, version, license } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  );
  const file = (await readdir(folder)).find((each) => /^(licen[cs]e|copying)/i.test(each));
  const text =
    file === undefined
      ? `License: ${license}`
      : (await readFile(join(folder, file), 'utf8')).replaceAll('\r\n', '\n').trim();
  return { name: `${name} ${version}`, text };
}

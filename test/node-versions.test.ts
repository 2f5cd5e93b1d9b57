/** The versions of Node that the package allows, and those that the AWS SDK in it needs. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

interface Manifest {
  readonly engines: { readonly node: string };
  readonly devDependencies: Readonly<Record<string, string>>;
}
const readManifest = (path: string): Manifest => JSON.parse(read(path)) as Manifest;

/** The oldest major version of a range such as `>=20.19`. */
function getOldest({ engines: { node } }: Manifest): number {
  const [, major] = /^>= ?(\d+)/.exec(node) ?? [];
  if (major === undefined) throw new Error(`${node} is no range with a lower bound alone`);
  return Number(major);
}

const own = readManifest('package.json');
const ofAws = Object.keys(own.devDependencies).filter((name) => /^@(aws-sdk|smithy)\//.test(name));

test.each(ofAws)('%s runs on every Node that `engines` allows', (name) => {
  const installed = readManifest(`node_modules/${name}/package.json`);
  expect(getOldest(installed)).toBeLessThanOrEqual(getOldest(own));
});

test('Dependabot does not raise the AWS SDK while `engines` allows a Node that it will not run on', () => {
  expect(ofAws.length).toBeGreaterThan(5);
  const isIgnored = /dependency-name: "@aws-sdk\/\*"\n\s+update-types: .*semver-minor/.test(
    read('.github/dependabot.yml'),
  );
  expect(isIgnored).toBe(getOldest(own) < 22);
});

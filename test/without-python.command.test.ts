/** The suite aws on a machine that has no python3, by which the stand-in for AWS runs: real vitest, another PATH. */
import { execFile } from 'node:child_process';
import { readdir, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { newFolder } from './support/folders.ts';

const projectRoot = fileURLToPath(new URL('..', import.meta.url));
const vitest = join(projectRoot, 'node_modules', 'vitest', 'vitest.mjs');

interface Report {
  readonly numTotalTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly { readonly name: string; readonly status: string }[];
}

test('leaves out every file, and says why', async () => {
  const folder = await newFolder();
  await symlink(process.execPath, join(folder, 'node'));
  const env = {
    ...{ PATH: folder, HOME: folder, STAND_IN_VENV: join(folder, 'venv') },
    // No test of it runs: to load the modules once for all files saves most of the time. The option of the same name
    // gives way to what vitest.config.ts says of all suites.
    VITEST_MAX_WORKERS: '1',
  };
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [vitest, 'run', '--project', 'aws', '--reporter=json'],
    { cwd: projectRoot, env, maxBuffer: 2 ** 26 },
  );
  const report = JSON.parse(stdout) as Report;
  const files = (await readdir(join(projectRoot, 'test'), { recursive: true })).filter((name) =>
    name.endsWith('.aws.test.ts'),
  );
  expect(
    report.testResults.map(({ name }) => relative(join(projectRoot, 'test'), name)).sort(),
  ).toEqual(files.sort());
  expect(report.numTotalTests).toBeGreaterThan(files.length);
  expect(report.numPendingTests).toBe(report.numTotalTests);
  const reasons = stderr.match(/^The suite aws is left out, .*$/gm);
  const reason = expect.stringMatching(
    /for want of a stand-in for AWS on this machine: python3 .*ENOENT/,
  );
  expect(reasons).toEqual([reason]);
});

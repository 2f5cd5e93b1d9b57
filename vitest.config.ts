import {
  accessSync,
  constants,
  lstatSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

/** More than the folders of all suites take at once. */
const MIN_MEMORY_BYTES = 2 ** 30;

type ProjectSettings = NonNullable<TestProjectInlineConfiguration['test']>;

/** What is the same for all suites. */
const shared: ProjectSettings = {
  // The files of a suite share their modules, which they leave as they were: to load them for each file would take as
  // long as its tests. The functions are the exception (test/support/setup.ts).
  isolate: false,
  setupFiles: ['test/support/setup.ts'],
  // Whole commands run as processes: allow for a slow machine, and never time anything here.
  testTimeout: 180_000,
  hookTimeout: 180_000,
  // Most code of a test runs a few times: to optimize it as early as V8 does by default takes a tenth of the CPU. The
  // option is of Node 20; a later one refuses it.
  execArgv: process.version.startsWith('v20.') ? ['--interrupt-budget=1000000'] : [],
};

/** What the tests of AWS need; all others leave it alone. */
const withAws: ProjectSettings = {
  globalSetup: ['test/support/aws-suite.ts'],
  // To look costs the time that is waited for.
  expect: { poll: { interval: 500 } },
};

/**
 * The name of a test file says which suite it belongs to:
 *
 *     x.test.ts           unit      in this process alone
 *     x.hostile.test.ts   hostile   the same, with damaged files, random orders and conditions, whole markets, Trino's texts
 *     x.command.test.ts   command   starts the built command as a process; and all of test/cli, which runs it in this one
 *     x.aws.test.ts       aws       asks the stand-in for AWS of test/aws/stand-in
 *
 * Each is a project. `npm test` runs them as one (`--mode all`), by the same workers: to load the modules takes each
 * worker seconds of a core, and those of a project serve that alone.
 */
export default defineConfig(({ mode }) => ({
  test: {
    ...(mode === 'all'
      ? { ...shared, ...withAws, include: ['test/**/*.test.ts'] }
      : { projects: createSuites() }),
    // The AWS SDK warns once a process that it will need a newer Node.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', ...inMemory() },
    // What the suites share is compiled once, and again where its text has changed.
    experimental: { fsModuleCache: true },
    // Most of the time a test of a command or of AWS waits for processes and servers of its own, not for a core.
    maxWorkers: 4,
  },
}));

function createSuites(): TestProjectInlineConfiguration[] {
  const others = ['hostile', 'command', 'aws'].map((suite) => `test/**/*.${suite}.test.ts`);
  const suite = (name: string, settings: ProjectSettings): TestProjectInlineConfiguration => ({
    extends: true,
    test: { ...shared, name, ...settings },
  });
  // These wait for little but a core, and each worker loads all modules.
  const inThisProcess: ProjectSettings = { maxWorkers: 3, sequence: { groupOrder: 1 } };
  return [
    suite('unit', {
      include: ['test/**/*.test.ts'],
      exclude: [...configDefaults.exclude, ...others, 'test/cli/**'],
      ...inThisProcess,
    }),
    suite('hostile', { include: ['test/**/*.hostile.test.ts'], ...inThisProcess }),
    suite('command', {
      include: ['test/**/*.command.test.ts', 'test/cli/**/*.test.ts'],
      exclude: [...configDefaults.exclude, ...others.filter((each) => !each.includes('command'))],
    }),
    suite('aws', { include: ['test/**/*.aws.test.ts'], ...withAws }),
  ];
}

/**
 * Where the tests make their folders: in memory, if the system has a place for that. Each write of a lake waits for its
 * disk, and the tests of several workers for each other's. TMPDIR takes another place.
 */
function inMemory(): Record<string, string> {
  const folder = '/dev/shm';
  if (process.env['TMPDIR'] !== undefined) return {};
  try {
    removeLeftOvers(folder);
    const { bavail, bsize } = statfsSync(folder);
    const isFit = bavail * bsize >= MIN_MEMORY_BYTES && holdsPrograms(folder);
    return isFit ? { TMPDIR: folder } : {};
  } catch {
    return {};
  }
}

/** What runs that were killed have left would take memory until the system starts again. */
function removeLeftOvers(folder: string): void {
  const yesterday = Date.now() - 24 * 3_600_000;
  for (const name of readdirSync(folder).filter((each) => each.startsWith('pynvest-test-'))) {
    try {
      const path = join(folder, name);
      if (lstatSync(path).mtimeMs < yesterday) rmSync(path, { recursive: true });
    } catch {
      // Another run removes it, or it is another user's.
    }
  }
}

/** Some tests install the package and start it; in a container, what is in memory often may not be started. */
function holdsPrograms(folder: string): boolean {
  const own = mkdtempSync(join(folder, 'pynvest-test-'));
  try {
    const program = join(own, 'program');
    writeFileSync(program, '', { mode: 0o700 });
    accessSync(program, constants.X_OK);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(own, { recursive: true });
  }
}

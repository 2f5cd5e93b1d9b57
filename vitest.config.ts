import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

/**
 * The name of a test file says which suite it belongs to:
 *
 *     x.test.ts           unit      in this process alone
 *     x.hostile.test.ts   hostile   the same, with damaged files, random orders, functions of DuckDB, Trino's texts
 *     x.command.test.ts   command   starts the built command as a process
 *     x.aws.test.ts       aws       asks the stand-in for AWS of test/aws/stand-in
 */
export default defineConfig({
  test: {
    projects: [
      suite('unit', {
        // These leave nothing behind in a module: to load the modules once saves a third of the time.
        isolate: false,
        include: ['test/**/*.test.ts'],
        exclude: [...configDefaults.exclude, 'test/**/*.{hostile,command,aws}.test.ts'],
      }),
      suite('hostile', { isolate: false, include: ['test/**/*.hostile.test.ts'] }),
      suite('command', { include: ['test/**/*.command.test.ts'] }),
      suite('aws', {
        include: ['test/**/*.aws.test.ts'],
        globalSetup: ['test/support/aws-suite.ts'],
      }),
    ],
    // The AWS SDK warns once a process that it will need a newer Node.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    setupFiles: ['test/support/setup.ts'],
    // Most of the time a test of a command or of AWS waits for processes and servers of its own, not for a core.
    maxWorkers: 4,
  },
});

function suite(
  name: string,
  files: NonNullable<TestProjectInlineConfiguration['test']>,
): TestProjectInlineConfiguration {
  // Whole commands run as processes: allow for a slow machine, and never time anything here.
  return { extends: true, test: { name, testTimeout: 180_000, hookTimeout: 180_000, ...files } };
}

/**
 * Runs before each test file. A property that fails prints the seed of its random values: with PYNVEST_TEST_SEED each
 * property has the same values again.
 */
import { afterAll, afterEach, expect, inject, vi } from 'vitest';

// A function keeps its connections for as long as its process lives: here, for as long as a test file. Where the suite
// is left out, none has any.
if (
  /[\\/]lambda[\\/].*\.aws\.test/.test(expect.getState().testPath ?? '') &&
  inject('standInUrl') !== undefined
) {
  vi.resetModules();
  // What is to be done last is said first: the clean-ups below still have their modules.
  afterAll(() => {
    vi.resetModules();
  });
}
const { runCleanups } = await import('./cleanup.ts');

const seed = process.env['PYNVEST_TEST_SEED'];
if (seed !== undefined) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ seed: Number(seed) });
}

afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(runCleanups);

/**
 * Runs before each test file. A property that fails prints the seed of its random values: with PYNVEST_TEST_SEED each
 * property has the same values again.
 */
import { afterAll, afterEach, vi } from 'vitest';
import { runCleanups } from './cleanup.ts';

const seed = process.env['PYNVEST_TEST_SEED'];
if (seed !== undefined) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ seed: Number(seed) });
}

afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(runCleanups);

/** Runs before each test file. */
import { afterAll, afterEach, vi } from 'vitest';
import { runCleanups } from './cleanup.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(runCleanups);

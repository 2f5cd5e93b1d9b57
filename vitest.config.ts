import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Most of the time a test waits for processes and servers of its own, not for a core.
    maxWorkers: 4,
    // Whole commands run as processes: allow for a slow machine, and never time anything here.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});

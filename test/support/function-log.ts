/** What the functions log, taken off the standard output of the tests. */
import { afterEach, beforeEach, vi } from 'vitest';

export type LogLine = Readonly<Record<string, unknown>> & {
  readonly level: string;
  readonly message: string;
};

/** Keeps the lines of each test's functions from the output, and answers them. */
export function captureLog(): () => LogLine[] {
  const lines: LogLine[] = [];
  beforeEach(() => {
    lines.length = 0;
    const write = process.stdout.write.bind(process.stdout);
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk, ...rest) => {
      const text = String(chunk);
      if (!text.startsWith('{"level":')) return write(chunk, ...(rest as []));
      lines.push(JSON.parse(text) as LogLine);
      return true;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
  return () => [...lines];
}

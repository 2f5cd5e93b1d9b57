import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  createByteProgress,
  createProgress,
  createSpinner,
  formatBytes,
  formatTimeLeft,
  startStatusLine,
  withSpinner,
} from '../../../src/cli/terminal/progress.ts';
import { fakeTerminal } from '../../support/fake-terminal.ts';

beforeEach(() => {
  vi.stubEnv('TERM', 'xterm');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the time left', () => {
  test.each([
    [0, 100, 0, '…'],
    [7, 100, 2, '…'],
    [8, 100, 2, '23s'],
    [50, 100, 59, '59s'],
    [50, 100, 61, '1m10s'],
    [100, 1000, 60, '9m00s'],
    [2, 2, 1, '0s'],
  ])('of %i done of %i in %d s: %s', (done, total, seconds, text) => {
    expect(formatTimeLeft(done, total, seconds)).toBe(text);
  });

  test('does not grow while pages come in bursts of the same pace', () => {
    // Four pages at once, then none for two seconds.
    let before = Number.POSITIVE_INFINITY;
    for (let burst = 2; burst <= 20; burst += 1) {
      for (let page = 1; page <= 4; page += 1) {
        const left = Number.parseInt(formatTimeLeft(burst * 4 - 4 + page, 84, burst * 2), 10);
        if (page === 4) {
          expect(left).toBeLessThan(before);
          before = left;
        }
      }
    }
  });
});

describe('bytes', () => {
  test.each([
    [0, '0,0 kB', '0.0 kB'],
    [1_234, '1,2 kB', '1.2 kB'],
    [123_456, '123 kB', '123 kB'],
    [4_123_456, '4,1 MB', '4.1 MB'],
    [755_000_000, '755 MB', '755 MB'],
    [9_600_000_000, '9,6 GB', '9.6 GB'],
  ])('%i are %s, in English %s', (bytes, text, english) => {
    expect([formatBytes(bytes, 'pt-BR'), formatBytes(bytes, 'en')]).toEqual([text, english]);
  });

  test('their progress has the bytes, the rate and the time left; an estimate may be exceeded', () => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const { terminal, stderr } = fakeTerminal();
    const progress = createByteProgress(terminal, 'Prices', 100_000_000);
    progress.add(5_000_000);
    now = 4_000;
    progress.add(15_000_000);
    // Less than a tenth later there is no line.
    progress.add(5_000_000);
    now = 40_000;
    progress.add(95_000_000);
    progress.stop();
    expect(stderr()).toBe(
      'Prices: 20 MB of 100 MB, 5,0 MB/s, 16s left\n' +
        'Prices: 120 MB of 120 MB, 3,0 MB/s, 0s left\n',
    );
    vi.restoreAllMocks();
  });

  test('of a file that is read at once there is no line', () => {
    const { terminal, stderr } = fakeTerminal();
    createByteProgress(terminal, 'Prices', 1_000).add(1_000);
    expect(stderr()).toBe('');
  });
});

test('with --verbose a terminal has lines, which a bar would tear', () => {
  const { terminal, stderr } = fakeTerminal({ verbose: true });
  makeInteractive(terminal.stderr);
  const progress = createProgress(terminal, 'Pages', 2);
  progress.step(true);
  progress.step(false);
  progress.stop();
  expect(stderr()).toBe('Pages: 1 of 2\nPages: 2 of 2, 1 failed\n');
});

test.each([
  [40, 'Pages 0/90, 0 failed'],
  [60, 'Pages ░░░░░░ 0/90, 0 failed'],
  [200, `Pages ${'░'.repeat(24)} 0/90, 0 failed`],
])('on a terminal of %i columns the counts have room beside the bar', (columns, text) => {
  const { terminal, stderr } = fakeTerminal();
  makeInteractive(terminal.stderr, columns);
  createProgress(terminal, 'Pages', 90).stop();
  expect(stderr()).toContain(text);
  // The cursor is shown again.
  expect(stderr().lastIndexOf('\u001b[?25h')).toBeGreaterThan(stderr().lastIndexOf('\u001b[?25l'));
});

test.each([40, 60, 200])('on a terminal of %i columns the line never wraps', (columns) => {
  const { terminal, stderr } = fakeTerminal();
  makeInteractive(terminal.stderr, columns);
  const stop = startStatusLine(terminal, 'Deploying pynvest', () => 'CREATE_COMPLETE '.repeat(20));
  stop();
  const drawn =
    stderr()
      .split('\u001b')
      .find((part) => part.includes('Deploying')) ?? '';
  expect(drawn.replace(/^\[\?2026h/, '').length).toBeLessThan(columns);
});

describe('a spinner', () => {
  test('is shown on an interactive terminal, above it what else is printed', async () => {
    const { terminal, stderr } = fakeTerminal();
    makeInteractive(terminal.stderr);
    const answer = await withSpinner(terminal, 'Waiting for Athena', async () => {
      terminal.notice('A notice.');
      return 42;
    });
    expect(answer).toBe(42);
    expect(stderr()).toContain('Waiting for Athena');
    expect(stderr()).toContain('A notice.\n');
  });

  test.each([
    ['where stderr is not a terminal', {}, false, 80],
    ['with --quiet', { quiet: true }, true, 80],
    ['with --verbose', { verbose: true }, true, 80],
    ['on a terminal of unknown width', {}, true, 0],
  ])('is not shown %s', async (_, options, isTerminal, columns) => {
    const { terminal, stderr } = fakeTerminal(options);
    if (isTerminal) makeInteractive(terminal.stderr, columns);
    await withSpinner(terminal, 'Waiting for Athena', async () => undefined);
    expect(stderr()).toBe('');
  });

  test('is shared by works that overlap, and ends with the last, a failed one too', async () => {
    const { terminal, stderr } = fakeTerminal();
    makeInteractive(terminal.stderr);
    const spin = createSpinner(terminal, 'Waiting');
    const works = [spin(async () => 1), spin(() => Promise.reject(new Error('no')))];
    expect((await Promise.allSettled(works)).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
    ]);
    expect(stderr().split('\u001b[?25l')).toHaveLength(2);
    expect(stderr().split('\u001b[?25h')).toHaveLength(2);
  });
});

/** Makes a stream look like a terminal to what draws on it. */
function makeInteractive(stream: NodeJS.WriteStream, columns = 80): void {
  const done = (): boolean => true;
  Object.assign(stream, { isTTY: true, columns });
  Object.assign(stream, { cursorTo: done, moveCursor: done, clearLine: done });
}

import { describe, expect, test } from 'vitest';
import { createProgress, formatTimeLeft } from '../../../src/cli/terminal/progress.ts';
import { fakeTerminal } from '../../support/fake-terminal.ts';

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

test('with --verbose a terminal has lines and no bar, which they would tear', () => {
  const { terminal, stderr } = fakeTerminal({ verbose: true });
  Object.assign(terminal.stderr, { isTTY: true });
  const progress = createProgress(terminal, 'Pages', 2);
  progress.step(true);
  progress.step(false);
  progress.stop();
  expect(stderr()).toBe('Pages: 1 of 2\nPages: 2 of 2, 1 failed\n');
});

test.each([
  [40, 'Pages  0/90, 0 failed'],
  [60, 'Pages ░░░░░░░░ 0/90, 0 failed'],
  [200, `Pages ${'░'.repeat(24)} 0/90, 0 failed`],
])('on a terminal of %i columns the counts have room beside the bar', (columns, text) => {
  const { terminal, stderr } = fakeTerminal();
  Object.assign(terminal.stderr, { isTTY: true, columns });
  createProgress(terminal, 'Pages', 90).stop();
  expect(stderr()).toContain(text);
  // The cursor and the wrapping of lines come back.
  expect(stderr().lastIndexOf('\u001b[?25h')).toBeGreaterThan(stderr().lastIndexOf('\u001b[?25l'));
  expect(stderr().lastIndexOf('\u001b[?7h')).toBeGreaterThan(stderr().lastIndexOf('\u001b[?7l'));
});

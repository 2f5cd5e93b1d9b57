import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readSiteSettings } from '../../src/cli/site-settings.ts';
import { UsageError } from '../../src/errors.ts';
import { defaultSiteSettings } from '../../src/sources/fundamentus/site.ts';
import type { HttpSettings } from '../../src/sources/http/settings.ts';

beforeEach(() => {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('PYNVEST_')) vi.stubEnv(name, undefined);
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** How requests go through a proxy has tests of its own. */
const readSettings = (...options: Parameters<typeof readSiteSettings>): Partial<HttpSettings> => {
  const { proxy, slowerBy, ...settings } = readSiteSettings(...options);
  expect(proxy).toBeDefined();
  expect(slowerBy).toBe('--pause, --concurrency');
  return settings;
};

describe('the settings of the site', () => {
  test('are the defaults where nothing is said, or nothing but spaces', () => {
    expect(readSettings()).toEqual(defaultSiteSettings);
    vi.stubEnv('PYNVEST_CONCURRENCY', ' ');
    vi.stubEnv('PYNVEST_FUNDAMENTUS_URL', '');
    expect(readSettings()).toEqual(defaultSiteSettings);
  });

  test('come from the environment, and from the options before it', () => {
    vi.stubEnv('PYNVEST_CONCURRENCY', '2');
    vi.stubEnv('PYNVEST_PAUSE_MS', '0');
    vi.stubEnv('PYNVEST_TIMEOUT_MS', ' 300 ');
    vi.stubEnv('PYNVEST_RETRIES', '0');
    vi.stubEnv('PYNVEST_BACKOFF_MS', '7');
    vi.stubEnv('PYNVEST_USER_AGENT', 'Mozilla/5.0 test');
    vi.stubEnv('PYNVEST_FUNDAMENTUS_URL', 'http://localhost:8080/espelho');
    const fromEnvironment = {
      ...defaultSiteSettings,
      baseUrl: 'http://localhost:8080/espelho',
      concurrency: 2,
      pauseMs: 0,
      timeoutMs: 300,
      retries: 0,
      backoffMs: 7,
      userAgent: 'Mozilla/5.0 test',
    };
    expect(readSettings()).toEqual(fromEnvironment);
    const options = { concurrency: '64', pause: '5', timeout: '1', retries: '20' };
    expect(readSettings(options)).toEqual({
      ...fromEnvironment,
      concurrency: 64,
      pauseMs: 5,
      timeoutMs: 1,
      retries: 20,
    });
  });

  test.each([
    ['PYNVEST_CONCURRENCY', '0'],
    ['PYNVEST_CONCURRENCY', '65'],
    ['PYNVEST_CONCURRENCY', 'many'],
    ['PYNVEST_PAUSE_MS', '-1'],
    ['PYNVEST_PAUSE_MS', '1.5'],
    ['PYNVEST_TIMEOUT_MS', '0'],
    ['PYNVEST_TIMEOUT_MS', '1e3'],
    ['PYNVEST_RETRIES', '21'],
    ['PYNVEST_BACKOFF_MS', '0x10'],
    ['PYNVEST_FUNDAMENTUS_URL', 'fundamentus.com.br'],
    ['PYNVEST_FUNDAMENTUS_URL', 'ftp://fundamentus.com.br'],
    ['PYNVEST_FUNDAMENTUS_URL', 'file:///etc/passwd'],
  ])('refuse %s where it is %s, and name it', (name, value) => {
    vi.stubEnv(name, value);
    expect(() => readSiteSettings()).toThrow(UsageError);
    expect(() => readSiteSettings()).toThrow(`${name} is ${JSON.stringify(value)}`);
  });

  test.each([
    ['--concurrency', { concurrency: '0' }],
    ['--pause', { pause: 'x' }],
    ['--timeout', { timeout: '-1' }],
    ['--retries', { retries: '99' }],
  ])('refuse a wrong %s, and say what it takes', (name, options) => {
    vi.stubEnv('PYNVEST_CONCURRENCY', '2');
    expect(() => readSiteSettings(options)).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(
          new RegExp(`^${name} is .*: it takes a whole number from \\d+ to \\d+$`),
        ),
        hint: expect.stringMatching(/^Such as \d+\.$/),
      }),
    );
  });
});

test('a number out of its bounds is an error that names them', () => {
  expect(() => readSiteSettings({ concurrency: '0' })).toThrow(
    /--concurrency is "0": it takes a whole number from 1 to 64$/,
  );
});

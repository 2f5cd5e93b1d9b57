import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { findLakeFolder, parseDays, parseKinds, readSiteSettings } from '../../src/cli/settings.ts';
import { UsageError } from '../../src/errors.ts';
import { defaultSiteSettings } from '../../src/sources/fundamentus/settings.ts';

beforeEach(() => {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('PYNVEST_')) vi.stubEnv(name, undefined);
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the settings of the site', () => {
  test('are the defaults where nothing is said, or nothing but spaces', () => {
    expect(readSiteSettings()).toEqual(defaultSiteSettings);
    vi.stubEnv('PYNVEST_CONCURRENCY', ' ');
    vi.stubEnv('PYNVEST_FUNDAMENTUS_URL', '');
    expect(readSiteSettings()).toEqual(defaultSiteSettings);
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
    expect(readSiteSettings()).toEqual(fromEnvironment);
    const options = { concurrency: '64', pause: '5', timeout: '1', retries: '20' };
    expect(readSiteSettings(options)).toEqual({
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

describe('the lake’s folder', () => {
  test('is the one named by --lake, else by PYNVEST_LAKE, as an absolute path', async () => {
    vi.stubEnv('PYNVEST_LAKE', 'from-environment');
    expect(await findLakeFolder({})).toBe(resolve('from-environment'));
    expect(await findLakeFolder({ lake: 'named' })).toBe(resolve('named'));
  });

  test('is in the platform’s data folder where none is named', async () => {
    vi.stubEnv('PYNVEST_LAKE', ' ');
    const folder = await findLakeFolder({});
    expect(folder.endsWith(join('pynvest', 'lake')) || folder.includes('pynvest')).toBe(true);
    expect(folder).toBe(resolve(folder));
  });

  test('is refused where --lake is empty', async () => {
    await expect(findLakeFolder({ lake: ' ' })).rejects.toBeInstanceOf(UsageError);
  });
});

describe('the days', () => {
  test('are dates in either notation, and a number of days', () => {
    expect(parseDays({})).toEqual({});
    expect(parseDays({ from: '2026-11-01', to: '20261120', last: '3' })).toEqual({
      from: 20261101,
      to: 20261120,
      last: 3,
    });
    expect(parseDays({ from: '2026-11-20', to: '2026-11-20' })).toMatchObject({ from: 20261120 });
  });

  test.each([
    [{ from: '2026-02-30' }, '"2026-02-30" is not a date'],
    [{ to: 'ontem' }, '"ontem" is not a date'],
    [{ from: '2026-11-20', to: '2026-11-19' }, '--from 2026-11-20 comes after --to 2026-11-19'],
    [{ last: '0' }, '--last is "0"'],
    [{ last: 'all' }, '--last is "all"'],
  ])('refuse %o', (options, message) => {
    expect(() => parseDays(options)).toThrow(UsageError);
    expect(() => parseDays(options)).toThrow(message);
  });
});

describe('the kinds of asset', () => {
  test('are both where none is named, and one by its word in any case', () => {
    expect(parseKinds(undefined)).toEqual(['acoes', 'fiis']);
    expect(parseKinds('FIIS')).toEqual(['fiis']);
    expect(() => parseKinds('etfs')).toThrow(UsageError);
    expect(() => parseKinds('')).toThrow('"" is no kind of asset');
  });
});

describe('a lake below ~ that no shell has made the home folder of', () => {
  test.each([
    ['~', homedir()],
    ['~/lago', join(homedir(), 'lago')],
    ['~lago', resolve('~lago')],
    ['./~/lago', resolve('~/lago')],
  ])('%s', async (lake, folder) => {
    expect(await findLakeFolder({ lake })).toBe(folder);
    vi.stubEnv('PYNVEST_LAKE', lake);
    expect(await findLakeFolder({})).toBe(folder);
  });
});

test('a number out of its bounds is told which they are', () => {
  expect(() => readSiteSettings({ concurrency: '0' })).toThrow(
    /--concurrency is "0": it takes a whole number from 1 to 64$/,
  );
});

import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { chooseTarget, findLakeFolder } from '../../src/cli/target.ts';
import { UsageError } from '../../src/errors.ts';
import { newFolder } from '../support/folders.ts';
import { pynvest } from '../support/in-process.ts';

beforeEach(() => {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('PYNVEST_')) vi.stubEnv(name, undefined);
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const deployment = { stackName: 'pynvest', region: 'sa-east-1' };

describe('which lake', () => {
  test.each([
    [{}, undefined, undefined, 'local'],
    [{}, undefined, deployment, 'aws'],
    [{}, 'local', deployment, 'local'],
    [{}, 'aws', undefined, 'aws'],
    [{ target: 'local' }, 'aws', deployment, 'local'],
    [{ lake: '/lake' }, 'aws', deployment, 'local'],
    [{ region: 'sa-east-1' }, 'local', undefined, 'aws'],
  ] as const)('%j, PYNVEST_TARGET=%s, deployed: %j', (options, environment, known, target) => {
    expect(chooseTarget(options, { target: environment }, known).target).toBe(target);
  });

  test('a folder that PYNVEST_LAKE names is meant, unless AWS is said', () => {
    const lake = '/lake';
    expect(chooseTarget({}, { lake }, deployment)).toEqual({
      target: 'local',
      reason: 'set by PYNVEST_LAKE',
    });
    expect(chooseTarget({}, { lake, target: 'aws' }, deployment).target).toBe('aws');
    expect(chooseTarget({ target: 'aws' }, { lake }, deployment).target).toBe('aws');
    expect(chooseTarget({}, { lake: ' ' }, deployment).target).toBe('aws');
  });

  test.each([
    [{ lake: '/lake', target: 'aws' }, undefined],
    [{ lake: '/lake', profile: 'mine' }, undefined],
    [{ target: 'local', stackName: 'mine' }, undefined],
    [{}, 'azure'],
  ] as const)('refuses %j, PYNVEST_TARGET=%s', (options, environment) => {
    expect(() => chooseTarget(options, { target: environment }, undefined)).toThrow(UsageError);
  });
});

test('where AWS was not chosen, missing credentials are an error with the way around it', async () => {
  const config = await newFolder();
  await mkdir(join(config, 'pynvest'));
  await writeFile(join(config, 'pynvest', 'deployment.json'), JSON.stringify(deployment));
  const env = {
    XDG_CONFIG_HOME: config,
    AWS_CONFIG_FILE: '/nonexistent',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ACCESS_KEY_ID: '',
    AWS_PROFILE: '',
  };
  const { status, stderr } = await pynvest(['run', '--quiet'], { env });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^error: no AWS credentials/);
  expect(stderr).toMatch(/This machine deployed, .*--target local or PYNVEST_TARGET=local/);
  const asked = await pynvest(['run', '--quiet', '--target', 'aws'], { env });
  expect(asked.stderr).toMatch(/^error: no AWS credentials/);
  expect(asked.stderr).not.toContain('--target local');
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

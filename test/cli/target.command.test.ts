import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chooseTarget } from '../../src/cli/target.ts';
import { UsageError } from '../../src/errors.ts';
import { pynvest } from '../support/command.ts';
import { newFolder } from '../support/folders.ts';

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
      reason: 'PYNVEST_LAKE says so',
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

test('where nobody chose AWS, missing credentials are said with the way around it', async () => {
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

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  forgetDeployment,
  rememberDeployment,
  rememberedDeployment,
} from '../../src/deploy/remembered.ts';
import { filesBelow, newFolder } from '../support/folders.ts';

describe('what was deployed from this machine', () => {
  const deployment = { stackName: 'pynvest', region: 'sa-east-1' };
  let folder: string;

  beforeEach(async () => {
    folder = await newFolder();
    process.env['XDG_CONFIG_HOME'] = folder;
  });

  test('is nothing at first', async () => {
    expect(await rememberedDeployment()).toBeUndefined();
    await forgetDeployment(deployment);
  });

  test('is the last one', async () => {
    await rememberDeployment({ stackName: 'old', region: 'us-east-1' });
    await rememberDeployment(deployment);
    expect(await rememberedDeployment()).toEqual(deployment);
    expect(await filesBelow(folder)).toEqual([join('pynvest', 'deployment.json')]);
  });

  test('is forgotten when that one goes, not when another does', async () => {
    await rememberDeployment(deployment);
    await forgetDeployment({ ...deployment, region: 'us-east-1' });
    expect(await rememberedDeployment()).toEqual(deployment);
    await forgetDeployment(deployment);
    expect(await rememberedDeployment()).toBeUndefined();
  });

  test('holds no secret, and nothing is known of a broken note', async () => {
    await rememberDeployment({ ...deployment, ...{ secret: 'x' } });
    const path = join(folder, 'pynvest', 'deployment.json');
    expect(Object.keys(JSON.parse(await readFile(path, 'utf8')))).toEqual(['stackName', 'region']);
    await writeFile(path, '{"stackName":');
    expect(await rememberedDeployment()).toBeUndefined();
  });
});

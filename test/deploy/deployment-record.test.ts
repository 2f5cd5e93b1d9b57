import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  deleteDeploymentRecord,
  readDeploymentRecord,
  writeDeploymentRecord,
} from '../../src/deploy/deployment-record.ts';
import { filesBelow, newFolder } from '../support/folders.ts';

describe('what was deployed from this machine', () => {
  const deployment = { stackName: 'pynvest', region: 'sa-east-1' };
  let folder: string;

  beforeEach(async () => {
    folder = await newFolder();
    vi.stubEnv('XDG_CONFIG_HOME', folder);
  });

  test('is nothing at first', async () => {
    expect(await readDeploymentRecord()).toBeUndefined();
    await deleteDeploymentRecord(deployment);
  });

  test('is the last one', async () => {
    await writeDeploymentRecord({ stackName: 'old', region: 'us-east-1' });
    await writeDeploymentRecord(deployment);
    expect(await readDeploymentRecord()).toEqual(deployment);
    expect(await filesBelow(folder)).toEqual([join('pynvest', 'deployment.json')]);
  });

  test('is forgotten when that one goes, not when another does', async () => {
    await writeDeploymentRecord(deployment);
    await deleteDeploymentRecord({ ...deployment, region: 'us-east-1' });
    expect(await readDeploymentRecord()).toEqual(deployment);
    await deleteDeploymentRecord(deployment);
    expect(await readDeploymentRecord()).toBeUndefined();
  });

  test('holds no secret, and nothing is known of a broken note', async () => {
    await writeDeploymentRecord({ ...deployment, ...{ secret: 'x' } });
    const path = join(folder, 'pynvest', 'deployment.json');
    expect(Object.keys(JSON.parse(await readFile(path, 'utf8')))).toEqual(['stackName', 'region']);
    await writeFile(path, '{"stackName":');
    expect(await readDeploymentRecord()).toBeUndefined();
  });
});

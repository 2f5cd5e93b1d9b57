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

  test('is the one before it once the last one is destroyed', async () => {
    const first = { ...deployment, account: '123456789012', parameters: { NamePrefix: 'one' } };
    const second = { ...deployment, stackName: 'two' };
    await writeDeploymentRecord(first);
    await writeDeploymentRecord(second);
    expect(await readDeploymentRecord({ stackName: 'pynvest' })).toEqual(first);
    expect(await readDeploymentRecord({ account: '210987654321' })).toEqual(second);
    await deleteDeploymentRecord(second);
    expect(await readDeploymentRecord()).toEqual(first);
  });

  test('is another one in another account, also with the same stack and region', async () => {
    const [mine, theirs] = ['123456789012', '210987654321'].map((account) => {
      return { ...deployment, account, parameters: { NamePrefix: `of-${account}` } };
    });
    if (mine === undefined || theirs === undefined) throw new Error('there are two');
    await writeDeploymentRecord(mine);
    await writeDeploymentRecord(theirs);
    expect(await readDeploymentRecord({ account: mine.account })).toEqual(mine);
    await deleteDeploymentRecord(theirs);
    expect(await readDeploymentRecord()).toEqual(mine);
    expect(await readDeploymentRecord({ account: theirs.account })).toBeUndefined();
  });

  test('takes the place of a record without its account', async () => {
    await writeDeploymentRecord(deployment);
    const known = { ...deployment, account: '123456789012' };
    await writeDeploymentRecord(known);
    await deleteDeploymentRecord(known);
    expect(await readDeploymentRecord()).toBeUndefined();
  });

  test('is read from the record of an earlier version', async () => {
    const path = join(folder, 'pynvest', 'deployment.json');
    await writeDeploymentRecord(deployment);
    await writeFile(path, JSON.stringify(deployment));
    expect(await readDeploymentRecord()).toEqual(deployment);
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
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ deployments: [deployment] });
    await writeFile(path, '{"stackName":');
    expect(await readDeploymentRecord()).toBeUndefined();
  });
});

/**
 * The last deployment from this machine, from which the other commands know that there is a lake in AWS.
 */

import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import envPaths from 'env-paths';

export interface DeploymentRecord {
  readonly stackName: string;
  readonly region: string;
}

function getRecordPath(): string {
  return join(envPaths('pynvest', { suffix: '' }).config, 'deployment.json');
}

/** Undefined where nothing was deployed from here, or what was noted cannot be read. */
export async function readDeploymentRecord(): Promise<DeploymentRecord | undefined> {
  try {
    const noted: unknown = JSON.parse(await readFile(getRecordPath(), 'utf8'));
    return isDeploymentRecord(noted) ? noted : undefined;
  } catch {
    return undefined;
  }
}

export async function writeDeploymentRecord({
  stackName,
  region,
}: DeploymentRecord): Promise<void> {
  await mkdir(dirname(getRecordPath()), { recursive: true });
  const temporary = `${getRecordPath()}.${process.pid}`;
  await writeFile(temporary, `${JSON.stringify({ stackName, region }, null, 2)}\n`);
  await rename(temporary, getRecordPath());
}

/** Forgets the deployment where it is the one that is remembered. */
export async function deleteDeploymentRecord({
  stackName,
  region,
}: DeploymentRecord): Promise<void> {
  const noted = await readDeploymentRecord();
  if (noted?.stackName === stackName && noted.region === region)
    await rm(getRecordPath(), { force: true });
}

function isDeploymentRecord(value: unknown): value is DeploymentRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'stackName' in value &&
    typeof value.stackName === 'string' &&
    'region' in value &&
    typeof value.region === 'string'
  );
}

/**
 * The record of the last deployment from this machine, by which the other commands find the lake in AWS.
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

/** Undefined when nothing was deployed from this machine, or the record cannot be read. */
export async function readDeploymentRecord(): Promise<DeploymentRecord | undefined> {
  try {
    const record: unknown = JSON.parse(await readFile(getRecordPath(), 'utf8'));
    return isDeploymentRecord(record) ? record : undefined;
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

/** Deletes the record if it is of this deployment. */
export async function deleteDeploymentRecord({
  stackName,
  region,
}: DeploymentRecord): Promise<void> {
  const record = await readDeploymentRecord();
  if (record?.stackName === stackName && record.region === region) {
    await rm(getRecordPath(), { force: true });
  }
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

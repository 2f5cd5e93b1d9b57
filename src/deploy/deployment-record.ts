/**
 * The record of the deployments from this machine, by which the other commands find the lake in AWS and its names.
 */

import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import envPaths from 'env-paths';
import type { StackValues } from '../aws/stack.ts';
import { toFields } from './fields.ts';

/** What identifies a deployment. */
export interface DeploymentId {
  readonly stackName: string;
  readonly region: string;
  /** Undefined in records of earlier versions. */
  readonly account?: string;
}

export interface DeploymentRecord extends DeploymentId {
  /** Those that differ from the template's defaults, without the address for alarms; undefined like the account. */
  readonly parameters?: StackValues;
}

function getRecordPath(): string {
  return join(envPaths('pynvest', { suffix: '' }).config, 'deployment.json');
}

/**
 * The last deployment from this machine, or the last one of this stack, region or account; undefined where there is
 * none, or the record cannot be read.
 */
export async function readDeploymentRecord({
  stackName,
  region,
  account,
}: {
  readonly stackName?: string | undefined;
  readonly region?: string | undefined;
  readonly account?: string | undefined;
} = {}): Promise<DeploymentRecord | undefined> {
  return (await readRecords()).find(
    (record) =>
      (stackName ?? record.stackName) === record.stackName &&
      (region ?? record.region) === record.region &&
      (account ?? record.account) === (record.account ?? account),
  );
}

/** Puts the deployment before all others, and replaces an earlier record of it. */
export async function writeDeploymentRecord(record: DeploymentRecord): Promise<void> {
  const { stackName, region, account, parameters } = record;
  const others = (await readRecords()).filter((each) => !isSameDeployment(each, record));
  const added = {
    ...{ stackName, region },
    ...(account !== undefined && { account }),
    ...(parameters !== undefined && { parameters }),
  };
  await writeRecords([added, ...others]);
}

/** Deletes the record of this deployment; those of others remain. */
export async function deleteDeploymentRecord(deployment: DeploymentId): Promise<void> {
  const records = await readRecords();
  const others = records.filter((each) => !isSameDeployment(each, deployment));
  if (others.length === records.length) return;
  if (others.length > 0) await writeRecords(others);
  else await rm(getRecordPath(), { force: true });
}

/** Newest first. */
async function readRecords(): Promise<DeploymentRecord[]> {
  try {
    const file = toFields(JSON.parse(await readFile(getRecordPath(), 'utf8')));
    // Earlier versions stored the last deployment alone.
    const records = Array.isArray(file['deployments']) ? file['deployments'] : [file];
    return records.flatMap((each) => parseRecord(toFields(each)) ?? []);
  } catch {
    return [];
  }
}

async function writeRecords(deployments: readonly DeploymentRecord[]): Promise<void> {
  await mkdir(dirname(getRecordPath()), { recursive: true });
  const temporary = `${getRecordPath()}.${process.pid}`;
  await writeFile(temporary, `${JSON.stringify({ deployments }, null, 2)}\n`);
  await rename(temporary, getRecordPath());
}

/** Two accounts may have stacks of one name. A record without its account is taken for that of any. */
export function isSameDeployment(one: DeploymentId, other: DeploymentId): boolean {
  return (
    one.stackName === other.stackName &&
    one.region === other.region &&
    (one.account ?? other.account) === (other.account ?? one.account)
  );
}

function parseRecord({
  stackName,
  region,
  account,
  parameters,
}: Readonly<Record<string, unknown>>): DeploymentRecord | undefined {
  if (typeof stackName !== 'string' || typeof region !== 'string') return undefined;
  const values = Object.entries(toFields(parameters)).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  );
  return {
    ...{ stackName, region },
    ...(typeof account === 'string' && { account }),
    ...(parameters !== undefined && { parameters: Object.fromEntries(values) }),
  };
}

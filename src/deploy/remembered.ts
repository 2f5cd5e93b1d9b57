/** What this machine deployed last, by which the other commands know that there is a lake in AWS. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import envPaths from 'env-paths';

export interface Deployment {
  readonly stackName: string;
  readonly region: string;
}

function place(): string {
  return join(envPaths('pynvest', { suffix: '' }).config, 'deployment.json');
}

/** Undefined where nothing was deployed from here, or what was noted cannot be read. */
export async function rememberedDeployment(): Promise<Deployment | undefined> {
  try {
    const noted: unknown = JSON.parse(await readFile(place(), 'utf8'));
    return isDeployment(noted) ? noted : undefined;
  } catch {
    return undefined;
  }
}

export async function rememberDeployment({ stackName, region }: Deployment): Promise<void> {
  await mkdir(dirname(place()), { recursive: true });
  const temporary = `${place()}.${process.pid}`;
  await writeFile(temporary, `${JSON.stringify({ stackName, region }, null, 2)}\n`);
  await rename(temporary, place());
}

/** Forgets the deployment where it is the one that is remembered. */
export async function forgetDeployment({ stackName, region }: Deployment): Promise<void> {
  const noted = await rememberedDeployment();
  if (noted?.stackName === stackName && noted.region === region) await rm(place(), { force: true });
}

function isDeployment(value: unknown): value is Deployment {
  return (
    typeof value === 'object' &&
    value !== null &&
    'stackName' in value &&
    typeof value.stackName === 'string' &&
    'region' in value &&
    typeof value.region === 'string'
  );
}

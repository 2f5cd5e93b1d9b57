/**
 * Which lake a command works on, the folder on this machine or the one in AWS: the options that select it, and the
 * choice where they leave it open.
 */

import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { DeploymentRecord } from '../deploy/deployment-record.ts';
import { UsageError } from '../errors.ts';
import { type OptionValues, option } from './option.ts';

export const awsOptions = {
  region: option(
    '--region <region>',
    "AWS region, such as sa-east-1 (default: the AWS chain's own)",
    { group: 'aws' },
  ),
  profile: option('--profile <name>', 'AWS profile (AWS_PROFILE does the same)', { group: 'aws' }),
};

export type AwsOptions = OptionValues<typeof awsOptions>;

const targets = ['local', 'aws'] as const;

export const lakeOptions = {
  target: option(
    '--target <lake>',
    'the lake in AWS or on this machine (PYNVEST_TARGET; default: aws once deployed from here)',
    { choices: targets },
  ),
  lake: option(
    '--lake <dir>',
    "the folder of the lake on this machine (PYNVEST_LAKE; default: in the platform's data folder)",
  ),
  stackName: option(
    '--stack-name <name>',
    'the stack in AWS (default: the one last deployed from here)',
    { group: 'aws' },
  ),
  ...awsOptions,
};

export type LakeOptions = OptionValues<typeof lakeOptions>;

/** Of commands that ask the site and no lake, so that a script can pass the same options to all commands. */
export const ignoredTargetOption = {
  target: option('--target <lake>', 'changes nothing: the site is asked, and no lake', {
    choices: targets,
  }),
};

/** The lake's folder: `--lake`, else PYNVEST_LAKE, else the platform's data folder. @throws UsageError */
export async function findLakeFolder({ lake }: Pick<LakeOptions, 'lake'>): Promise<string> {
  const folder = lake ?? process.env['PYNVEST_LAKE'];
  if (folder !== undefined && folder.trim() !== '') return resolve(expandHome(folder));
  if (lake !== undefined) throw new UsageError('--lake takes the path of a folder');
  const { default: envPaths } = await import('env-paths');
  return resolve(envPaths('pynvest', { suffix: '' }).data, 'lake');
}

/** A quoted `~` arrives as it is: no shell has replaced it. */
function expandHome(path: string): string {
  return /^~(?=$|[/\\])/.test(path) ? `${homedir()}${path.slice(1)}` : path;
}

/** The choice, and the reason for it where no option makes it. */
export interface TargetChoice {
  readonly target: 'local' | 'aws';
  /** What to tell the person; undefined where an option selects it, or nothing was ever deployed. */
  readonly reason?: string;
  /** No option and no variable selects it: it follows from a deployment from this machine. */
  readonly isFromDeployment?: true;
}

/** The values of PYNVEST_TARGET and PYNVEST_LAKE. */
interface TargetEnvironment {
  readonly target?: string | undefined;
  readonly lake?: string | undefined;
}

export function readTargetEnvironment(): TargetEnvironment {
  return { target: process.env['PYNVEST_TARGET'], lake: process.env['PYNVEST_LAKE'] };
}

/**
 * `--target`; else what the other options are about; else PYNVEST_TARGET; else the folder where PYNVEST_LAKE
 * names one; else AWS where this machine has deployed. Pure.
 * @throws UsageError where options contradict each other
 */
export function chooseTarget(
  options: LakeOptions,
  environment: TargetEnvironment,
  deployment: DeploymentRecord | undefined,
): TargetChoice {
  const { target, lake } = options;
  const awsOption = (['stackName', 'region', 'profile'] as const).find((name) => options[name]);
  if (lake !== undefined && (target === 'aws' || awsOption !== undefined)) {
    const other = target === 'aws' ? '--target aws' : AWS_OPTION_NAMES[awsOption ?? 'region'];
    throw new UsageError(`--lake names a folder on this machine, ${other} the lake in AWS`, {
      hint: 'Leave one of them out.',
    });
  }
  if (target === 'local' && awsOption !== undefined) {
    throw new UsageError(`${AWS_OPTION_NAMES[awsOption]} has no effect with --target local`, {
      hint: 'Leave it out, or pass --target aws.',
    });
  }
  if (target !== undefined) return { target };
  if (lake !== undefined) return { target: 'local' };
  if (awsOption !== undefined) return { target: 'aws' };
  const variable = environment.target?.trim();
  if (variable) {
    if (variable !== 'local' && variable !== 'aws') {
      throw new UsageError(`PYNVEST_TARGET is ${JSON.stringify(variable)}: it takes local or aws`);
    }
    return { target: variable, reason: 'set by PYNVEST_TARGET' };
  }
  if (deployment === undefined) return { target: 'local' };
  if (environment.lake?.trim()) return { target: 'local', reason: 'set by PYNVEST_LAKE' };
  return {
    target: 'aws',
    reason: 'deployed from this machine; --target local selects the folder',
    isFromDeployment: true,
  };
}

const AWS_OPTION_NAMES = {
  stackName: '--stack-name',
  region: '--region',
  profile: '--profile',
} as const;

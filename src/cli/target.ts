/**
 * Decides which lake a command works on: the local folder or the one in AWS.
 */

import type { DeploymentRecord } from '../deploy/deployment-record.ts';
import { UsageError } from '../errors.ts';
import type { LakeOptions } from './options.ts';

/** The choice, and where it comes from where nobody said it in so many words. */
export interface TargetChoice {
  readonly target: 'local' | 'aws';
  /** What to tell the person; undefined where an option says it, or nothing was ever deployed. */
  readonly reason?: string;
  /** Nobody chose: it follows from a deployment from this machine. */
  readonly isFromDeployment?: true;
}

/** What the environment says: PYNVEST_TARGET and PYNVEST_LAKE. */
interface TargetEnvironment {
  readonly target?: string | undefined;
  readonly lake?: string | undefined;
}

/** This process's. */
export function readTargetEnvironment(): TargetEnvironment {
  return { target: process.env['PYNVEST_TARGET'], lake: process.env['PYNVEST_LAKE'] };
}

/**
 * `--target`; else what the other options are about; else PYNVEST_TARGET; else the folder where PYNVEST_LAKE
 * names one; else AWS where this machine has deployed. Pure.
 * @throws UsageError where options contradict one another
 */
export function chooseTarget(
  options: LakeOptions,
  environment: TargetEnvironment,
  deployment: DeploymentRecord | undefined,
): TargetChoice {
  const { target, lake } = options;
  const ofAws = (['stackName', 'region', 'profile'] as const).find((name) => options[name]);
  if (lake !== undefined && (target === 'aws' || ofAws !== undefined)) {
    const other = target === 'aws' ? '--target aws' : OPTION_NAMES[ofAws ?? 'region'];
    throw new UsageError(`--lake names a folder on this machine, ${other} the lake in AWS`, {
      hint: 'Leave one of them out.',
    });
  }
  if (target === 'local' && ofAws !== undefined) {
    throw new UsageError(`${OPTION_NAMES[ofAws]} says nothing of the lake on this machine`, {
      hint: 'Leave it out, or say --target aws.',
    });
  }
  if (target !== undefined) return { target };
  if (lake !== undefined) return { target: 'local' };
  if (ofAws !== undefined) return { target: 'aws' };
  const named = environment.target?.trim();
  if (named) {
    if (named !== 'local' && named !== 'aws') {
      throw new UsageError(`PYNVEST_TARGET is ${JSON.stringify(named)}: it takes local or aws`);
    }
    return { target: named, reason: 'PYNVEST_TARGET says so' };
  }
  if (deployment === undefined) return { target: 'local' };
  if (environment.lake?.trim()) return { target: 'local', reason: 'PYNVEST_LAKE says so' };
  return {
    target: 'aws',
    reason: 'deployed from this machine; --target local asks the folder',
    isFromDeployment: true,
  };
}

const OPTION_NAMES = {
  stackName: '--stack-name',
  region: '--region',
  profile: '--profile',
} as const;

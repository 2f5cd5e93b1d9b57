/** The system in AWS, for the commands that are about nothing else. */
import { rememberedDeployment } from '../deploy/remembered.ts';
import { UsageError } from '../errors.ts';
import { type RunningSystem, runningSystem, systemPlace } from '../operate/running-system.ts';
import { systemOf } from './deploy-settings.ts';
import type { LakeOptions } from './options.ts';
import { chooseTarget, targetEnvironment } from './target.ts';
import type { Terminal } from './terminal.ts';

/**
 * The system that the options and the environment mean; says on stderr which, where it was not said.
 * @param what the command as it was called, such as `pynvest logs`
 * @throws UsageError where they mean the lake on this machine
 */
export async function openSystem(
  terminal: Terminal,
  options: LakeOptions,
  what: string,
): Promise<RunningSystem> {
  const choice = chooseTarget(options, targetEnvironment(), await rememberedDeployment());
  if (choice.target === 'local') {
    throw new UsageError(
      `\`${what}\` is for the lake in AWS, and this is the one on this machine`,
      {
        hint: '--target aws, or --stack-name, names the one in AWS; `pynvest deploy` makes it.',
      },
    );
  }
  const { aws, stackName } = await systemOf(options);
  const system = await runningSystem(aws, stackName);
  if (choice.because !== undefined)
    terminal.notice(`System: ${systemPlace(system)} (${choice.because})`);
  return system;
}

/** `pynvest destroy`: takes the system in AWS down; its data stays unless it is asked for. */
import { destroy as destroySystem } from '../deploy/destroy.ts';
import { type Deployment, forgetDeployment, rememberedDeployment } from '../deploy/remembered.ts';
import { checkParameters, parseAssignments } from '../deploy/settings.ts';
import { DeployError, UsageError } from '../errors.ts';
import { createDeployHost } from './deploy-host.ts';
import { checkRoleArn, ownTemplate, systemOf } from './deploy-settings.ts';
import { ExitStatus } from './exit.ts';
import type { AwsOptions, StackOptions } from './options.ts';
import type { Terminal, TerminalOptions } from './terminal.ts';

export interface DestroyOptions extends TerminalOptions, AwsOptions, StackOptions {
  readonly roleArn?: string;
  readonly yes?: boolean;
  readonly deleteData?: boolean;
  readonly confirm?: string;
}

export async function destroy(terminal: Terminal, options: DestroyOptions): Promise<ExitStatus> {
  const { deleteData = false, confirm: confirmed } = options;
  if (confirmed !== undefined && !deleteData) {
    throw new UsageError('--confirm goes with --delete-data', {
      hint: '--yes takes the stack down without asking; its data stays.',
    });
  }
  const template = await ownTemplate();
  const given = parseAssignments('--parameter', options.parameter ?? []);
  const parameters = checkParameters(given, template, new Set());
  const roleArn = checkRoleArn(options.roleArn);
  const { aws, stackName } = await systemOf(options);
  const host = createDeployHost(terminal, options);
  const request = { stackName, deleteData, confirmed, roleArn, template, parameters };
  const outcome = await destroySystem(host, aws, request);
  const known = await rememberedDeployment();
  switch (outcome.kind) {
    case 'absent': {
      const elsewhere = known !== undefined && known.region !== aws.region;
      await forget(terminal, { stackName, region: aws.region }, known);
      if (outcome.removed !== undefined) {
        terminal.notice(`Removed the bucket ${outcome.removed}. Nothing else was there.`);
        return ExitStatus.done;
      }
      throw new DeployError(
        `there is no stack ${stackName} in account ${aws.account}, ${aws.region}`,
        {
          hint: whereToLook(outcome.owner, elsewhere ? known : undefined),
        },
      );
    }
    case 'declined':
      terminal.stderr.write('Nothing was taken down.\n');
      return host.wasAnswered() ? ExitStatus.done : ExitStatus.failed;
    case 'destroyed':
      if (outcome.kept.length > 0) {
        terminal.notice('Gone. The data is kept, and a new `pynvest deploy` takes it into use:');
        for (const line of outcome.kept) terminal.notice(`  ${line}`);
      } else {
        terminal.notice('Gone.');
      }
      await forget(terminal, { stackName, region: aws.region }, known);
      return ExitStatus.done;
  }
}

function whereToLook(owner: string | undefined, elsewhere: Deployment | undefined): string {
  if (owner !== undefined) return `There is one called ${owner}: --stack-name ${owner}.`;
  if (elsewhere === undefined) return 'Check --stack-name, --region and --profile.';
  const { stackName, region } = elsewhere;
  return `This machine deployed ${stackName} in ${region}: --region ${region}.`;
}

/** Forgets the deployment, and says what follows where it was the one that the commands worked on. */
async function forget(
  terminal: Terminal,
  gone: Deployment,
  known: Deployment | undefined,
): Promise<void> {
  await forgetDeployment(gone);
  if (known?.stackName !== gone.stackName || known.region !== gone.region) return;
  if (process.env['PYNVEST_TARGET']) return;
  terminal.notice(
    "From now on pynvest's commands work on the folder on this machine again (--lake, PYNVEST_LAKE).",
  );
}

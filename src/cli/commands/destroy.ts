/**
 * `pynvest destroy`: deletes the system in AWS; its data is kept unless asked otherwise.
 */

import {
  type DeploymentRecord,
  deleteDeploymentRecord,
  readDeploymentRecord,
} from '../../deploy/deployment-record.ts';
import { destroy as destroySystem } from '../../deploy/destroy.ts';
import { assertParameters, parseAssignments } from '../../deploy/parameters.ts';
import { DeployError, UsageError } from '../../errors.ts';
import { ExitStatus } from '../exit.ts';
import { connectToStack, parseRoleArn, readPackagedTemplate } from '../open-system.ts';
import type { AwsOptions, StackOptions } from '../options.ts';
import { createTerminalHost } from '../terminal/host.ts';
import type { Terminal, TerminalOptions } from '../terminal/terminal.ts';

interface DestroyOptions extends TerminalOptions, AwsOptions, StackOptions {
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
  const template = await readPackagedTemplate();
  const given = parseAssignments('--parameter', options.parameter ?? []);
  const parameters = assertParameters(given, template, new Set());
  const roleArn = parseRoleArn(options.roleArn);
  const { aws, stackName } = await connectToStack(options);
  const host = createTerminalHost(terminal, options);
  const request = { stackName, deleteData, confirmed, roleArn, template, parameters };
  const outcome = await destroySystem(host, aws, request);
  const known = await readDeploymentRecord();
  switch (outcome.kind) {
    case 'absent': {
      const elsewhere = known !== undefined && known.region !== aws.region;
      await forgetAndNotify(terminal, { stackName, region: aws.region }, known);
      if (outcome.removed !== undefined) {
        terminal.notice(`Removed the bucket ${outcome.removed}. Nothing else was there.`);
        return ExitStatus.done;
      }
      throw new DeployError(
        `there is no stack ${stackName} in account ${aws.account}, ${aws.region}`,
        {
          hint: formatStackHint(outcome.owner, elsewhere ? known : undefined),
        },
      );
    }
    case 'declined':
      terminal.stderr.write('Nothing was taken down.\n');
      return host.wasAnswered() ? ExitStatus.done : ExitStatus.failed;
    case 'destroyed':
      if (outcome.retained.length > 0) {
        terminal.notice('Gone. The data is kept, and a new `pynvest deploy` takes it into use:');
        for (const line of outcome.retained) terminal.notice(`  ${line}`);
      } else {
        terminal.notice('Gone.');
      }
      await forgetAndNotify(terminal, { stackName, region: aws.region }, known);
      return ExitStatus.done;
  }
}

function formatStackHint(
  owner: string | undefined,
  elsewhere: DeploymentRecord | undefined,
): string {
  if (owner !== undefined) return `There is one called ${owner}: --stack-name ${owner}.`;
  if (elsewhere === undefined) return 'Check --stack-name, --region and --profile.';
  const { stackName, region } = elsewhere;
  return `This machine deployed ${stackName} in ${region}: --region ${region}.`;
}

/** Forgets the deployment, and says what follows where it was the one that the commands worked on. */
async function forgetAndNotify(
  terminal: Terminal,
  gone: DeploymentRecord,
  known: DeploymentRecord | undefined,
): Promise<void> {
  await deleteDeploymentRecord(gone);
  if (known?.stackName !== gone.stackName || known.region !== gone.region) return;
  if (process.env['PYNVEST_TARGET']) return;
  terminal.notice(
    "From now on pynvest's commands work on the folder on this machine again (--lake, PYNVEST_LAKE).",
  );
}

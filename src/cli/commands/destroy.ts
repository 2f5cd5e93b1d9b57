/**
 * `pynvest destroy`: deletes the system in AWS; its data is kept unless asked otherwise.
 */

import {
  type DeploymentId,
  type DeploymentRecord,
  deleteDeploymentRecord,
  isSameDeployment,
  readDeploymentRecord,
} from '../../deploy/deployment-record.ts';
import { type DestroyOptions, destroy as destroySystem } from '../../deploy/destroy.ts';
import { readPackagedTemplate } from '../../deploy/packaged-template.ts';
import { assertParameters, parseAssignments } from '../../deploy/parameters.ts';
import { DeployError, UsageError } from '../../errors.ts';
import { defineCommand } from '../command.ts';
import { ExitStatus } from '../exit.ts';
import { connectToStack, parseRoleArn, stackChangeOptions, stackOptions } from '../open-system.ts';
import { option, terminalOptions } from '../option.ts';
import { awsOptions } from '../target.ts';
import { createTerminalHost } from '../terminal/host.ts';
import type { Terminal } from '../terminal/terminal.ts';

export const destroyCommand = defineCommand({
  name: 'destroy',
  description: 'take the lake in AWS down; its data stays',
  options: {
    ...terminalOptions,
    ...awsOptions,
    ...stackOptions,
    ...stackChangeOptions,
    deleteData: option('--delete-data', 'the data too, for good; asks for the name of the stack'),
    confirm: option(
      '--confirm <stack>',
      'the name of the stack, for --delete-data without a terminal',
    ),
  },

  async handler({ terminal, options }) {
    const { deleteData = false, confirm: confirmation } = options;
    if (confirmation !== undefined && !deleteData) {
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
    const request: DestroyOptions = {
      stackName,
      deleteData,
      confirmation,
      roleArn,
      template,
      parameters,
    };
    const outcome = await destroySystem(host, aws, request);
    const recorded = await readDeploymentRecord();
    const destroyed = { stackName, region: aws.region, account: aws.account };
    switch (outcome.kind) {
      case 'absent': {
        const other = recorded?.region === aws.region ? undefined : recorded;
        await deleteRecord(terminal, destroyed, recorded);
        if (outcome.removed !== undefined) {
          terminal.notice(
            `Removed the bucket ${outcome.removed}. Nothing else was left to delete.`,
          );
          return ExitStatus.done;
        }
        throw new DeployError(
          `there is no stack ${stackName} in account ${aws.account}, ${aws.region}`,
          { hint: formatStackHint(outcome.owner, other) },
        );
      }
      case 'declined':
        terminal.stderr.write('Nothing was changed.\n');
        return host.wasAnswered() ? ExitStatus.done : ExitStatus.failed;
      case 'destroyed':
        if (outcome.retained.length > 0) {
          terminal.notice(
            'The stack is deleted. The data is kept, and a new `pynvest deploy` uses it again:',
          );
          for (const line of outcome.retained) terminal.notice(`  ${line}`);
        } else {
          terminal.notice('The stack is deleted.');
        }
        await deleteRecord(terminal, destroyed, recorded);
        return ExitStatus.done;
    }
  },
});

function formatStackHint(owner: string | undefined, other: DeploymentRecord | undefined): string {
  if (owner !== undefined) return `There is one called ${owner}: --stack-name ${owner}.`;
  if (other === undefined) return 'Check --stack-name, --region and --profile.';
  const { stackName, region } = other;
  return `This machine deployed ${stackName} in ${region}: --region ${region}.`;
}

/** Deletes the record of the deployment, and prints which lake the commands work on without it. */
async function deleteRecord(
  terminal: Terminal,
  destroyed: DeploymentId,
  recorded: DeploymentRecord | undefined,
): Promise<void> {
  await deleteDeploymentRecord(destroyed);
  if (recorded === undefined || !isSameDeployment(recorded, destroyed)) return;
  if (process.env['PYNVEST_TARGET']) return;
  const next = await readDeploymentRecord();
  terminal.notice(
    next === undefined
      ? "From now on pynvest's commands work on the folder on this machine again (--lake, PYNVEST_LAKE)."
      : `From now on pynvest's commands work on the stack ${next.stackName} in ${next.region}, deployed earlier from this machine.`,
  );
}

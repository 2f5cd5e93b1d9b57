/**
 * `pynvest plan`: shows what `pynvest deploy` would change.
 */

import { readFunctionBundles } from '../../deploy/artifacts.ts';
import { readPackagedTemplate } from '../../deploy/packaged-template.ts';
import {
  assertParameters,
  assertTags,
  formatCollectionSchedule,
  managedParameters,
  parseAssignments,
} from '../../deploy/parameters.ts';
import { type DeploymentPlan, planDeployment } from '../../deploy/plan.ts';
import { formatPreview } from '../../deploy/preview.ts';
import { escapeControls } from '../../text.ts';
import { defineCommand } from '../command.ts';
import { formatCommandLine } from '../command-line.ts';
import { ExitStatus } from '../exit.ts';
import {
  connectToStack,
  parseRoleArn,
  roleOption,
  stackOptions,
  tagOption,
} from '../open-system.ts';
import { outputOptions, resolveFormat, writeRows } from '../output/rows.ts';
import { awsOptions } from '../target.ts';
import { createTerminalHost } from '../terminal/host.ts';
import { wrapLines } from '../terminal/terminal.ts';
import { NO_CHANGES, warnMissingResources } from './deploy.ts';

export const planCommand = defineCommand({
  name: 'plan',
  description: 'what deploy would add, change, replace and remove, and which data is at risk',
  options: { ...outputOptions, ...awsOptions, ...stackOptions, ...tagOption, ...roleOption },

  async handler({ terminal, options }) {
    const template = await readPackagedTemplate();
    const given = parseAssignments('--parameter', options.parameter ?? []);
    const parameters = assertParameters(given, template, managedParameters);
    const tags = assertTags(parseAssignments('--tag', options.tag ?? []));
    const roleArn = parseRoleArn(options.roleArn);
    const { aws, stackName } = await connectToStack(options);
    terminal.notice(`Account ${aws.account}, ${aws.region}, stack ${stackName}`);
    terminal.notice('Comparing with what is deployed');
    const bundles = await readFunctionBundles();
    const request = { stackName, template, bundles, parameters, tags, roleArn };
    const plan = await planDeployment(createTerminalHost(terminal, {}), aws, request);
    if (resolveFormat(terminal, options.format) !== 'table') {
      await writeRows(terminal, options.format, { columns: COLUMNS, rows: createRows(plan) });
    } else if (plan.kind !== 'unchanged') {
      const text = formatPreview(plan.changes, { ...plan.details, everything: terminal.verbose });
      terminal.stdout.write(`${wrapLines(escapeControls(text), terminal.stdout)}\n`);
    }
    if (plan.kind === 'unchanged') {
      if (plan.missingResources.length === 0) terminal.notice(NO_CHANGES);
      else warnMissingResources(terminal, plan.missingResources);
      return plan.missingResources.length === 0 ? ExitStatus.done : ExitStatus.failed;
    }
    const schedule = formatCollectionSchedule(plan.parameters);
    if (plan.kind === 'new' && schedule !== undefined)
      terminal.notice(`${schedule}, once deployed.`);
    terminal.notice(
      `Nothing was changed. This applies it:\n  ${formatCommandLine('deploy', options)}`,
    );
    return ExitStatus.done;
  },
});

const COLUMNS = ['action', 'type', 'name', 'logical_id', 'properties', 'data_at_risk'] as const;

function createRows(plan: DeploymentPlan): string[][] {
  const { newBucket: bucket, moves = [] } = plan.kind === 'unchanged' ? {} : plan.details;
  return [
    ...(bucket === undefined ? [] : [['add', 'AWS::S3::Bucket', bucket, '', '', '']]),
    ...moves.map(({ type, from, to, consequence }) => {
      return ['move', type, from, '', `to ${to}`, consequence];
    }),
    ...plan.changes.map(({ action, type, name, logicalId, properties, atRisk }) => {
      return [action, type, name, logicalId, properties.join(', '), atRisk];
    }),
  ];
}

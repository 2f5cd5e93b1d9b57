/**
 * `pynvest plan`: what `pynvest deploy` would change.
 */

import { readFunctionBundles } from '../../deploy/package-files.ts';
import {
  assertParameters,
  assertTags,
  formatCollectionSchedule,
  managedParameters,
  parseAssignments,
} from '../../deploy/parameters.ts';
import { planDeployment as planSystem } from '../../deploy/plan.ts';
import { formatPreview } from '../../deploy/preview.ts';
import { formatCommandLine } from '../command-line.ts';
import { ExitStatus } from '../exit.ts';
import { connectToStack, parseRoleArn, readPackagedTemplate } from '../open-system.ts';
import type { AwsOptions, OutputOptions, StackOptions } from '../options.ts';
import {
  createPlanRows,
  NO_CHANGES,
  PLAN_COLUMNS,
  warnMissingResources,
} from '../output/deployment.ts';
import { resolveFormat, writeRows } from '../output/rows.ts';
import { createTerminalHost } from '../terminal/host.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface PlanOptions extends OutputOptions, AwsOptions, StackOptions {
  readonly tag?: readonly string[];
  readonly roleArn?: string;
}

export async function plan(terminal: Terminal, options: PlanOptions): Promise<ExitStatus> {
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
  const planned = await planSystem(createTerminalHost(terminal, {}), aws, request);
  if (resolveFormat(terminal, options.format) !== 'table') {
    await writeRows(terminal, options.format, {
      columns: PLAN_COLUMNS,
      rows: createPlanRows(planned),
    });
  } else if (planned.kind !== 'unchanged') {
    const text = formatPreview(planned.changes, { ...planned.facts, everything: terminal.verbose });
    terminal.stdout.write(`${text}\n`);
  }
  if (planned.kind === 'unchanged') {
    if (planned.missingResources.length === 0) terminal.notice(NO_CHANGES);
    else warnMissingResources(terminal, planned.missingResources);
    return planned.missingResources.length === 0 ? ExitStatus.done : ExitStatus.failed;
  }
  const when = formatCollectionSchedule(planned.parameters);
  if (planned.kind === 'new' && when !== undefined) terminal.notice(`${when}, once deployed.`);
  terminal.notice(`Nothing was changed. This does it:\n  ${formatCommandLine('deploy', options)}`);
  return ExitStatus.done;
}

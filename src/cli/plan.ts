/** `pynvest plan`: what `pynvest deploy` would change. */
import { bundleFunctions } from '../deploy/bundle.ts';
import { plan as planSystem } from '../deploy/deploy.ts';
import { previewText } from '../deploy/preview-text.ts';
import { ownParameters } from '../deploy/project.ts';
import { checkParameters, checkTags, parseAssignments } from '../deploy/settings.ts';
import { createDeployHost } from './deploy-host.ts';
import { checkRoleArn, ownTemplate, systemOf } from './deploy-settings.ts';
import { ExitStatus } from './exit.ts';
import type { AwsOptions, OutputOptions, StackOptions } from './options.ts';
import { chosenFormat, writeRows } from './output.ts';
import type { Terminal } from './terminal.ts';

export interface PlanOptions extends OutputOptions, AwsOptions, StackOptions {
  readonly tag?: readonly string[];
  readonly roleArn?: string;
}

export async function plan(terminal: Terminal, options: PlanOptions): Promise<ExitStatus> {
  const template = await ownTemplate();
  const given = parseAssignments('--parameter', options.parameter ?? []);
  const parameters = checkParameters(given, template, ownParameters);
  const tags = checkTags(parseAssignments('--tag', options.tag ?? []));
  const roleArn = checkRoleArn(options.roleArn);
  const { aws, stackName } = await systemOf(options);
  terminal.notice(`Account ${aws.account}, ${aws.region}, stack ${stackName}`);
  const bundles = await bundleFunctions();
  const request = { stackName, template, bundles, parameters, tags, roleArn };
  const { kind, changes } = await planSystem(createDeployHost(terminal, {}), aws, request);
  if (kind === 'unchanged') terminal.notice('No changes: all is as it should be.');
  if (chosenFormat(terminal, options.format) !== 'table') {
    await writeRows(terminal, options.format, {
      columns: ['action', 'type', 'name', 'logical_id', 'properties', 'data_at_risk'],
      rows: changes.map(({ action, type, name, logicalId, properties, atRisk }) => {
        return [action, type, name, logicalId, properties.join(', '), atRisk];
      }),
    });
  } else if (kind !== 'unchanged') {
    terminal.stdout.write(`${previewText(changes, { everything: terminal.verbose })}\n`);
  }
  if (kind !== 'unchanged') terminal.notice('Nothing was changed; `pynvest deploy` does it.');
  return ExitStatus.done;
}

/** `pynvest plan`: what `pynvest deploy` would change. */
import { bundleFunctions } from '../deploy/bundle.ts';
import { type Plan, plan as planSystem } from '../deploy/plan.ts';
import { previewText } from '../deploy/preview-text.ts';
import { ownParameters } from '../deploy/project.ts';
import { whenItCollects } from '../deploy/schedule-text.ts';
import { checkParameters, checkTags, parseAssignments } from '../deploy/settings.ts';
import { createDeployHost } from './deploy-host.ts';
import { checkRoleArn, ownTemplate, systemOf } from './deploy-settings.ts';
import { ExitStatus } from './exit.ts';
import { ALL_WELL, sayGone } from './gone-text.ts';
import type { AwsOptions, OutputOptions, StackOptions } from './options.ts';
import { chosenFormat, writeRows } from './output.ts';
import { pynvestLine } from './shell-line.ts';
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
  terminal.notice('Bundling the functions, and comparing with what is there');
  const bundles = await bundleFunctions();
  const request = { stackName, template, bundles, parameters, tags, roleArn };
  const planned = await planSystem(createDeployHost(terminal, {}), aws, request);
  if (chosenFormat(terminal, options.format) !== 'table') {
    await writeRows(terminal, options.format, { columns: COLUMNS, rows: rowsOf(planned) });
  } else if (planned.kind !== 'unchanged') {
    const text = previewText(planned.changes, { ...planned.facts, everything: terminal.verbose });
    terminal.stdout.write(`${text}\n`);
  }
  if (planned.kind === 'unchanged') {
    if (planned.gone.length === 0) terminal.notice(ALL_WELL);
    else sayGone(terminal, planned.gone);
    return planned.gone.length === 0 ? ExitStatus.done : ExitStatus.failed;
  }
  const when = whenItCollects(planned.parameters);
  if (planned.kind === 'new' && when !== undefined) terminal.notice(`${when}, once deployed.`);
  terminal.notice(`Nothing was changed. This does it:\n  ${pynvestLine('deploy', options)}`);
  return ExitStatus.done;
}

const COLUMNS = ['action', 'type', 'name', 'logical_id', 'properties', 'data_at_risk'] as const;

function rowsOf(planned: Plan): string[][] {
  const { bucketToMake: bucket, moves = [] } = planned.kind === 'unchanged' ? {} : planned.facts;
  return [
    ...(bucket === undefined ? [] : [['add', 'AWS::S3::Bucket', bucket, '', '', '']]),
    ...moves.map(({ type, from, to, loss }) => ['move', type, from, '', `to ${to}`, loss]),
    ...planned.changes.map(({ action, type, name, logicalId, properties, atRisk }) => {
      return [action, type, name, logicalId, properties.join(', '), atRisk];
    }),
  ];
}

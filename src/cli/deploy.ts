/** `pynvest deploy`: builds the system in AWS, or brings it to this version and these parameters. */
import { bundleFunctions } from '../deploy/bundle.ts';
import { deploy as deploySystem } from '../deploy/deploy.ts';
import { previewText } from '../deploy/preview-text.ts';
import { ownParameters } from '../deploy/project.ts';
import { rememberDeployment } from '../deploy/remembered.ts';
import { checkParameters, checkTags, parseAssignments, type Values } from '../deploy/settings.ts';
import { createDeployHost } from './deploy-host.ts';
import { checkRoleArn, keepCount, ownTemplate, type System, systemOf } from './deploy-settings.ts';
import { ExitStatus } from './exit.ts';
import type { AwsOptions, OutputOptions, StackOptions } from './options.ts';
import { chosenFormat, writeRows } from './output.ts';
import type { Terminal } from './terminal.ts';

export interface DeployOptions extends OutputOptions, AwsOptions, StackOptions {
  readonly tag?: readonly string[];
  readonly roleArn?: string;
  readonly yes?: boolean;
  readonly keep?: string;
  /** False for `--no-termination-protection`. */
  readonly terminationProtection?: boolean;
}

export async function deploy(terminal: Terminal, options: DeployOptions): Promise<ExitStatus> {
  const template = await ownTemplate();
  const given = parseAssignments('--parameter', options.parameter ?? []);
  const parameters = checkParameters(given, template, ownParameters);
  const tags = checkTags(parseAssignments('--tag', options.tag ?? []));
  const roleArn = checkRoleArn(options.roleArn);
  const keep = keepCount(options.keep);
  const host = createDeployHost(terminal, options);
  const system = await systemOf(options);
  const { aws, stackName } = system;
  terminal.notice(`Account ${aws.account}, ${aws.region}, stack ${stackName}`);
  const bundles = await bundleFunctions();
  const outcome = await deploySystem(host, aws, {
    stackName,
    template,
    bundles,
    parameters,
    tags,
    roleArn,
    keep,
    terminationProtection: options.terminationProtection ?? true,
    show: (changes) => {
      const text = previewText(changes, { everything: terminal.verbose });
      // Who is asked has to see what for.
      if (options.yes === true) terminal.notice(text);
      else terminal.stderr.write(`${text}\n`);
    },
  });
  if (outcome.kind === 'declined') {
    terminal.stderr.write(
      'Nothing was changed. `pynvest plan` shows it again; --yes applies it.\n',
    );
    return ExitStatus.failed;
  }
  await rememberDeployment({ stackName, region: aws.region });
  terminal.notice(outcome.kind === 'unchanged' ? 'No changes: all is as it should be.' : 'Done.');
  await writeOutputs(terminal, options, outcome.outputs);
  if (outcome.kind === 'deployed' && outcome.isNew) sayNext(terminal, system, outcome.outputs);
  return ExitStatus.done;
}

/** On a terminal as lines: a table would cut the values, which are there to be copied. */
async function writeOutputs(
  terminal: Terminal,
  { format }: OutputOptions,
  outputs: Values,
): Promise<void> {
  const rows = Object.entries(outputs);
  if (chosenFormat(terminal, format) !== 'table') {
    return writeRows(terminal, format, { columns: ['output', 'value'], rows });
  }
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) terminal.stdout.write(`${name.padEnd(width)}  ${value}\n`);
}

function sayNext(terminal: Terminal, { stackName }: System, outputs: Values): void {
  terminal.notice(`
It collects by itself every day. To collect now:
  pynvest run --remote
Athena answers queries in the workgroup ${outputs['WorkGroup'] ?? ''}.
To change a parameter:  pynvest deploy --parameter AlarmEmail=you@example.com
To take it down:        pynvest destroy --stack-name ${stackName}`);
}

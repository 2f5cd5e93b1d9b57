/** `pynvest deploy`: builds the system in AWS, or brings it to this version and these parameters. */
import { bundleFunctions } from '../deploy/bundle.ts';
import { deploy as deploySystem } from '../deploy/deploy.ts';
import type { ParameterChange } from '../deploy/parameter-changes.ts';
import { previewText } from '../deploy/preview-text.ts';
import { ownParameters } from '../deploy/project.ts';
import { rememberDeployment, rememberedDeployment } from '../deploy/remembered.ts';
import { whenItCollects } from '../deploy/schedule-text.ts';
import { checkParameters, checkTags, parseAssignments, type Values } from '../deploy/settings.ts';
import { createDeployHost } from './deploy-host.ts';
import { checkRoleArn, keepCount, ownTemplate, systemOf } from './deploy-settings.ts';
import { ExitStatus } from './exit.ts';
import { ALL_WELL, sayGone } from './gone-text.ts';
import type { AwsOptions, OutputOptions, StackOptions } from './options.ts';
import { chosenFormat, writeRows } from './output.ts';
import { pynvestLine } from './shell-line.ts';
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
  const { aws, stackName } = await systemOf(options);
  terminal.notice(`Account ${aws.account}, ${aws.region}, stack ${stackName}`);
  terminal.notice('Bundling the functions, and comparing with what is there');
  let changed: readonly ParameterChange[] = [];
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
    show: (changes, facts) => {
      changed = facts.parameters;
      const text = previewText(changes, { ...facts, everything: terminal.verbose });
      // Who is asked has to see what for.
      if (options.yes === true) terminal.notice(text);
      else terminal.stderr.write(`${text}\n`);
    },
  });
  if (outcome.kind === 'declined') {
    terminal.stderr.write(
      'Nothing was changed. `pynvest plan` shows it again; --yes applies it.\n',
    );
    return host.wasAnswered() ? ExitStatus.done : ExitStatus.failed;
  }
  const before = await rememberedDeployment();
  await rememberDeployment({ stackName, region: aws.region });
  await writeOutputs(terminal, options, outcome.outputs);
  const when = whenItCollects(outcome.parameters);
  if (outcome.kind === 'unchanged' && outcome.gone.length > 0) {
    sayGone(terminal, outcome.gone);
    return ExitStatus.failed;
  }
  terminal.notice(
    (outcome.kind === 'unchanged' ? ALL_WELL : 'Done.') + (when === undefined ? '' : ` ${when}.`),
  );
  const address = changed.find(({ name }) => name === 'AlarmEmail')?.after;
  if (address) {
    terminal.notice(
      `AWS mails ${address} a question: alarms are mailed there once the link in it is clicked.`,
    );
  }
  if (outcome.kind === 'deployed' && outcome.isNew) sayNext(terminal, options, outcome.parameters);
  const isNews = before?.stackName !== stackName || before.region !== aws.region;
  if (isNews && !process.env['PYNVEST_TARGET']) {
    terminal.notice(
      "From now on pynvest's commands work on the lake in AWS; --target local or PYNVEST_TARGET=local " +
        'is the folder on this machine.',
    );
  }
  return ExitStatus.done;
}

/**
 * What the stack says of itself, where it is asked for. On a terminal as lines: a table would cut the
 * values, which are there to be copied.
 */
async function writeOutputs(
  terminal: Terminal,
  { format }: OutputOptions,
  outputs: Values,
): Promise<void> {
  if (format === undefined && !terminal.verbose) return;
  const rows = Object.entries(outputs);
  if (chosenFormat(terminal, format) !== 'table') {
    return writeRows(terminal, format, { columns: ['output', 'value'], rows });
  }
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) terminal.stdout.write(`${name.padEnd(width)}  ${value}\n`);
}

function sayNext(terminal: Terminal, options: DeployOptions, parameters: Values): void {
  // What comes after finds the stack and its region by itself; a profile it has to be told.
  const { profile } = options;
  const lines: readonly (readonly [string, string])[] = [
    ['To collect now:', pynvestLine('run --remote', { profile })],
    ['To ask it:', pynvestLine('query cotacoes', { profile })],
    ...(parameters['AlarmEmail'] === ''
      ? [
          [
            'To have alarms mailed:',
            pynvestLine('deploy', { parameter: [EMAIL], profile }),
          ] as const,
        ]
      : []),
    ['To see all its names:', pynvestLine('deploy --verbose', { profile })],
    ['To take it down:', pynvestLine('destroy', { profile })],
  ];
  const width = Math.max(...lines.map(([what]) => what.length));
  for (const [what, line] of lines) terminal.notice(`${what.padEnd(width)}  ${line}`);
}

const EMAIL = 'AlarmEmail=you@example.com';

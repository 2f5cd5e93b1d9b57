/**
 * `pynvest deploy`: creates the system in AWS, or updates it to this version and these parameters.
 */

import type { StackValues } from '../../aws/stack.ts';
import { deploy as deploySystem } from '../../deploy/deploy.ts';
import { readDeploymentRecord, writeDeploymentRecord } from '../../deploy/deployment-record.ts';
import { readFunctionBundles } from '../../deploy/package-files.ts';
import {
  assertParameters,
  assertTags,
  formatCollectionSchedule,
  managedParameters,
  type ParameterChange,
  parseAssignments,
} from '../../deploy/parameters.ts';
import { formatPreview } from '../../deploy/preview.ts';
import { formatCommandLine } from '../command-line.ts';
import { ExitStatus } from '../exit.ts';
import {
  connectToStack,
  parseKeepCount,
  parseRoleArn,
  readPackagedTemplate,
} from '../open-system.ts';
import type { AwsOptions, OutputOptions, StackOptions } from '../options.ts';
import { NO_CHANGES, warnMissingResources, writeStackOutputs } from '../output/deployment.ts';
import { createTerminalHost } from '../terminal/host.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface DeployOptions extends OutputOptions, AwsOptions, StackOptions {
  readonly tag?: readonly string[];
  readonly roleArn?: string;
  readonly yes?: boolean;
  readonly keep?: string;
  /** False for `--no-termination-protection`. */
  readonly terminationProtection?: boolean;
}

export async function deploy(terminal: Terminal, options: DeployOptions): Promise<ExitStatus> {
  const template = await readPackagedTemplate();
  const given = parseAssignments('--parameter', options.parameter ?? []);
  const parameters = assertParameters(given, template, managedParameters);
  const tags = assertTags(parseAssignments('--tag', options.tag ?? []));
  const roleArn = parseRoleArn(options.roleArn);
  const keep = parseKeepCount(options.keep);
  const host = createTerminalHost(terminal, options);
  const { aws, stackName } = await connectToStack(options);
  terminal.notice(`Account ${aws.account}, ${aws.region}, stack ${stackName}`);
  terminal.notice('Comparing with what is deployed');
  let changed: readonly ParameterChange[] = [];
  const bundles = await readFunctionBundles();
  const outcome = await deploySystem(host, aws, {
    stackName,
    template,
    bundles,
    parameters,
    tags,
    roleArn,
    artifactsToKeep: keep,
    terminationProtection: options.terminationProtection ?? true,
    show: (changes, facts) => {
      changed = facts.parameters;
      const text = formatPreview(changes, { ...facts, everything: terminal.verbose });
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
  const before = await readDeploymentRecord();
  await writeDeploymentRecord({ stackName, region: aws.region });
  await writeStackOutputs(terminal, options, outcome.outputs);
  const when = formatCollectionSchedule(outcome.parameters);
  if (outcome.kind === 'unchanged' && outcome.missingResources.length > 0) {
    warnMissingResources(terminal, outcome.missingResources);
    return ExitStatus.failed;
  }
  terminal.notice(
    (outcome.kind === 'unchanged' ? NO_CHANGES : 'Done.') + (when === undefined ? '' : ` ${when}.`),
  );
  const address = changed.find(({ name }) => name === 'AlarmEmail')?.after;
  if (address) {
    terminal.notice(
      `AWS mails ${address} a question: alarms are mailed there once the link in it is clicked.`,
    );
  }
  if (outcome.kind === 'deployed' && outcome.isNew)
    printNextSteps(terminal, options, outcome.parameters);
  const isNews = before?.stackName !== stackName || before.region !== aws.region;
  if (isNews && !process.env['PYNVEST_TARGET']) {
    terminal.notice(
      "From now on pynvest's commands work on the lake in AWS; --target local or PYNVEST_TARGET=local " +
        'is the folder on this machine.',
    );
  }
  return ExitStatus.done;
}

function printNextSteps(terminal: Terminal, options: DeployOptions, parameters: StackValues): void {
  // What comes after finds the stack and its region by itself; a profile it has to be told.
  const { profile } = options;
  const lines: readonly (readonly [string, string])[] = [
    ['To collect now:', formatCommandLine('run --remote', { profile })],
    ['To ask it:', formatCommandLine('query cotacoes', { profile })],
    ...(parameters['AlarmEmail'] === ''
      ? [
          [
            'To have alarms mailed:',
            formatCommandLine('deploy', { parameter: [EXAMPLE_EMAIL], profile }),
          ] as const,
        ]
      : []),
    ['To see all its names:', formatCommandLine('deploy --verbose', { profile })],
    ['To take it down:', formatCommandLine('destroy', { profile })],
  ];
  const width = Math.max(...lines.map(([what]) => what.length));
  for (const [what, line] of lines) terminal.notice(`${what.padEnd(width)}  ${line}`);
}

const EXAMPLE_EMAIL = 'AlarmEmail=you@example.com';

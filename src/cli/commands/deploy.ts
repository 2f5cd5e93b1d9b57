/**
 * `pynvest deploy`: creates the system in AWS, or updates it to this version and these parameters.
 */

import { RECREATE_HINT } from '../../aws/resource-names.ts';
import type { StackValues } from '../../aws/stack.ts';
import { readFunctionBundles } from '../../deploy/artifacts.ts';
import { deploy as deploySystem } from '../../deploy/deploy.ts';
import {
  isSameDeployment,
  readDeploymentRecord,
  writeDeploymentRecord,
} from '../../deploy/deployment-record.ts';
import { readPackagedTemplate } from '../../deploy/packaged-template.ts';
import {
  assertParameters,
  assertTags,
  findRecordedParameters,
  formatCollectionSchedule,
  managedParameters,
  type ParameterChange,
  parseAssignments,
} from '../../deploy/parameters.ts';
import { formatPreview } from '../../deploy/preview.ts';
import { UsageError } from '../../errors.ts';
import { escapeControls } from '../../text.ts';
import { defineCommand } from '../command.ts';
import { formatCommandLine } from '../command-line.ts';
import { ExitStatus } from '../exit.ts';
import {
  connectToStack,
  parseRoleArn,
  stackChangeOptions,
  stackOptions,
  tagOption,
} from '../open-system.ts';
import { option } from '../option.ts';
import { type OutputOptions, outputOptions, resolveFormat, writeRows } from '../output/rows.ts';
import { awsOptions } from '../target.ts';
import { createTerminalHost } from '../terminal/host.ts';
import { type Terminal, wrapLines } from '../terminal/terminal.ts';

export const deployCommand = defineCommand({
  name: 'deploy',
  description:
    'build the lake in your AWS account, or bring it to this version and these parameters',
  options: {
    ...outputOptions,
    ...awsOptions,
    ...stackOptions,
    ...stackChangeOptions,
    ...tagOption,
    keep: option('--keep <n>', 'earlier deployments whose code is kept (default 2)'),
    terminationProtection: option(
      '--no-termination-protection',
      'do not protect the stack from being deleted by mistake',
    ),
  },

  async handler({ terminal, options }) {
    const template = await readPackagedTemplate();
    const given = parseAssignments('--parameter', options.parameter ?? []);
    const parameters = assertParameters(given, template, managedParameters);
    const tags = assertTags(parseAssignments('--tag', options.tag ?? []));
    const roleArn = parseRoleArn(options.roleArn);
    const artifactsToKeep = parseKeepCount(options.keep);
    const host = createTerminalHost(terminal, options);
    const { aws, stackName } = await connectToStack(options);
    terminal.notice(`Account ${aws.account}, ${aws.region}, stack ${stackName}`);
    terminal.notice('Comparing with what is deployed');
    let changed: readonly ParameterChange[] = [];
    const bundles = await readFunctionBundles();
    const outcome = await deploySystem(host, aws, {
      ...{ stackName, template, bundles, parameters, tags, roleArn, artifactsToKeep },
      terminationProtection: options.terminationProtection ?? true,
      show: (changes, details) => {
        changed = details.parameters;
        const preview = formatPreview(changes, { ...details, everything: terminal.verbose });
        const text = wrapLines(preview, terminal.stderr);
        // A question follows without --yes: --quiet must not hide what it is about.
        if (options.yes === true) terminal.notice(text);
        else terminal.stderr.write(`${terminal.format(text)}\n`);
      },
    });
    if (outcome.kind === 'declined') {
      terminal.stderr.write(
        'Nothing was changed. `pynvest plan` shows it again; --yes applies it.\n',
      );
      return host.wasAnswered() ? ExitStatus.done : ExitStatus.failed;
    }
    const deployed = { stackName, region: aws.region, account: aws.account };
    const before = await readDeploymentRecord();
    await writeDeploymentRecord({
      ...deployed,
      parameters: findRecordedParameters(template, outcome.parameters),
    });
    await writeStackOutputs(terminal, options, outcome.outputs);
    if (outcome.kind === 'unchanged' && outcome.missingResources.length > 0) {
      warnMissingResources(terminal, outcome.missingResources);
      return ExitStatus.failed;
    }
    const schedule = formatCollectionSchedule(outcome.parameters);
    const result = outcome.kind === 'unchanged' ? NO_CHANGES : 'Done.';
    terminal.notice(schedule === undefined ? result : `${result} ${schedule}.`);
    const address = changed.find(({ name }) => name === 'AlarmEmail')?.after;
    if (address) {
      terminal.notice(
        `AWS sends ${address} a confirmation: alarms are mailed there once the link in it is clicked.`,
      );
    }
    if (outcome.kind === 'deployed' && outcome.isNew)
      printNextSteps(terminal, options.profile, outcome.parameters);
    const isOther = before === undefined || !isSameDeployment(before, deployed);
    if (isOther && !process.env['PYNVEST_TARGET']) {
      terminal.notice(
        "From now on pynvest's commands work on the lake in AWS; --target local or PYNVEST_TARGET=local " +
          'selects the folder on this machine.',
      );
    }
    return ExitStatus.done;
  },
});

/** @throws UsageError */
function parseKeepCount(text: string | undefined): number {
  if (text === undefined) return 2;
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new UsageError(`--keep is ${JSON.stringify(text)}: it takes a whole number`, {
    hint: 'How many earlier deployments to keep the code of, such as 2.',
  });
}

export const NO_CHANGES = 'No changes: the stack is up to date.';

export function warnMissingResources(terminal: Terminal, missing: readonly string[]): void {
  terminal.warn(
    `CloudFormation has no changes to make, and does not see what was removed by hand: ${missing.join(', ')}. ` +
      RECREATE_HINT,
  );
}

/**
 * The outputs of the stack, with --format or --verbose. On a terminal as lines: a table would cut the values, which
 * are there to be copied.
 */
async function writeStackOutputs(
  terminal: Terminal,
  { format }: OutputOptions,
  outputs: StackValues,
): Promise<void> {
  if (format === undefined && !terminal.verbose) return;
  const rows = Object.entries(outputs);
  if (resolveFormat(terminal, format) !== 'table') {
    return writeRows(terminal, format, { columns: ['output', 'value'], rows });
  }
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) {
    terminal.stdout.write(`${escapeControls(`${name.padEnd(width)}  ${value}`)}\n`);
  }
}

/** @param profile the commands find the stack and its region by themselves, and only this has to be passed on */
function printNextSteps(
  terminal: Terminal,
  profile: string | undefined,
  parameters: StackValues,
): void {
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

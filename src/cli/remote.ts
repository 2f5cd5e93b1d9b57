/**
 * `run --remote` and `dedup now --remote`: starts the work in AWS and follows it until it ends.
 */

import { withAwsErrors } from '../aws/errors.ts';
import { RECREATE_HINT } from '../aws/resource-names.ts';
import type { RunningSystem } from '../aws/system.ts';
import { formatIsoDate, getPartition, type Partition } from '../catalog/partition.ts';
import { readPackagedTemplate } from '../deploy/packaged-template.ts';
import { resolveParameters } from '../deploy/parameters.ts';
import { findMissingResources } from '../deploy/retained-resources.ts';
import { parseDuration } from '../duration.ts';
import { DeployError, UsageError } from '../errors.ts';
import { type DeduplicationResult, runRemoteDeduplication } from '../remote/deduplication.ts';
import { type RemoteRunResult, runRemoteCollection } from '../remote/remote-run.ts';
import { countRows } from '../remote/stored-day.ts';
import { formatFirst, formatQuantity } from '../text.ts';
import { ExitStatus } from './exit.ts';
import { type AwsLakeHandle, assertTypedRows, openLake } from './open-lake.ts';
import { type OutputOptions, writeRows } from './output/rows.ts';
import { countRemovedRows, writeDeduplicationRows } from './output/run-report.ts';
import { parseSelection, type SelectionOptions } from './selection.ts';
import type { SiteOptions } from './site-settings.ts';
import type { LakeOptions } from './target.ts';
import { createTerminalHost } from './terminal/host.ts';
import type { Terminal } from './terminal/terminal.ts';

const DEFAULT_WAIT = '30m';

interface RemoteOptions extends OutputOptions, LakeOptions {
  readonly wait?: string;
}

/** @throws UsageError where the options and the environment select the lake on this machine */
async function openRemoteLake(terminal: Terminal, options: LakeOptions): Promise<AwsLakeHandle> {
  const lake = await openLake(terminal, options);
  if (lake.kind === 'aws') return lake;
  throw new UsageError(`--remote is for the lake in AWS, and this is the folder ${lake.place}`, {
    hint: 'Leave --remote out, or pass --target aws; `pynvest deploy` creates the lake in AWS.',
  });
}

/** When to stop following, in milliseconds since 1970. @throws UsageError */
function parseDeadline({ wait = DEFAULT_WAIT }: RemoteOptions): number {
  return Date.now() + parseDuration('--wait', wait);
}

export async function runRemoteDedup(
  terminal: Terminal,
  options: RemoteOptions,
  partition: Partition,
): Promise<ExitStatus> {
  const deadline = parseDeadline(options);
  const handle = await openRemoteLake(terminal, options);
  await assertTypedRows(handle, partition);
  const host = createTerminalHost(terminal, {});
  const outcome = await runRemoteDeduplication(host, handle.system, partition, deadline);
  if (outcome.kind === 'done') {
    await writeDeduplicationRows(terminal, options, partition, outcome.tables);
  }
  return printDedupOutcome(terminal, partition, outcome);
}

/** Prints how the state machine ended. */
function printDedupOutcome(
  terminal: Terminal,
  partition: Partition,
  outcome: DeduplicationResult,
): ExitStatus {
  switch (outcome.kind) {
    case 'done':
      terminal.notice(
        `${formatIsoDate(partition)}: ${formatQuantity(countRemovedRows(outcome.tables), 'duplicate row')} ` +
          `removed in ${outcome.seconds.toFixed(1)} s`,
      );
      return ExitStatus.done;
    case 'failed':
      terminal.warn(
        `The state machine ended as ${outcome.status} after ${outcome.seconds.toFixed(1)} s: ${outcome.cause}`,
      );
      terminal.warn(
        '`pynvest logs --errors` shows the whole error; `pynvest dedup now --target aws` does it from here.',
      );
      return ExitStatus.failed;
    case 'unfinished':
      terminal.warn(`Still running; it goes on in AWS: ${outcome.execution}`);
      return ExitStatus.failed;
  }
}

/** The options that a function takes from a parameter of the stack, and not from the run. */
const STACK_PARAMETERS = {
  concurrency: 'Concurrency',
  pause: 'PauseMs',
  timeout: 'TimeoutMs',
  retries: 'Retries',
} as const;

export async function runRemoteDay(
  terminal: Terminal,
  options: RemoteOptions & SelectionOptions & SiteOptions,
  words: readonly string[],
): Promise<ExitStatus> {
  assertNoLocalOptions(options);
  const selection = await parseSelection(options, words);
  const tickers = 'tickers' in selection ? selection.tickers : undefined;
  const deadline = parseDeadline(options);
  const { system, lake } = await openRemoteLake(terminal, options);
  const host = createTerminalHost(terminal, {});
  // The day is fixed here: a run that crosses midnight stays in one partition.
  const partition = getPartition(new Date());
  if (tickers === undefined) await assertSystemComplete(terminal, system);
  const outcome = await runRemoteCollection(host, { system, lake, partition, tickers, deadline });
  const { stored, requested = 0, failed, withoutPage } = outcome.progress;
  printFailedTickers(terminal, system, outcome);
  if (outcome.kind === 'unfinished') {
    terminal.warn(
      `Not finished within --wait: waiting for ${outcome.waitingFor}. It goes on in AWS; ` +
        '`pynvest logs --follow` shows what it does, `pynvest redrive` what failed for good.',
    );
    return ExitStatus.failed;
  }
  const deduplicated = await runRemoteDeduplication(host, system, partition, deadline);
  const status = printDedupOutcome(terminal, partition, deduplicated);
  await writeRows(terminal, options.format, {
    isReport: true,
    columns: ['anomesdia_exec', 'table', 'rows'],
    rows: (await countRows(lake, partition)).map(({ table, rows }) => [
      partition,
      table.name,
      rows,
    ]),
  });
  terminal.notice(
    `Stored ${stored.size} of ${formatQuantity(requested, 'ticker')} for ${formatIsoDate(partition)}`,
  );
  if (withoutPage.size > 0) {
    terminal.notice(
      `The site has had no page of ${formatFirst([...withoutPage].sort())} for some days: no failure.`,
    );
  }
  if (status !== ExitStatus.done || stored.size === 0) return ExitStatus.failed;
  // A ticker that the person named is missed.
  const lacking = failed.size + (tickers === undefined ? 0 : withoutPage.size);
  return lacking > 0 ? ExitStatus.doneInPart : ExitStatus.done;
}

/** A day is only cleared where it can be collected again. @throws DeployError where a resource is missing */
async function assertSystemComplete(
  terminal: Terminal,
  { aws, stack }: RunningSystem,
): Promise<void> {
  const template = await readPackagedTemplate();
  const { account, region, partition } = aws;
  const parameters = resolveParameters(template, stack.parameters, {});
  const scope = { template, parameters, account, region, partition, stackName: stack.name };
  const missing = await withAwsErrors(() => findMissingResources(terminal, aws, stack.name, scope));
  if (missing.length === 0) return;
  throw new DeployError(
    `a part of the system is missing: ${missing.join(', ')}; the day was not changed`,
    { hint: RECREATE_HINT },
  );
}

function assertNoLocalOptions(options: SelectionOptions & SiteOptions): void {
  for (const [name, parameter] of Object.entries(STACK_PARAMETERS)) {
    if (options[name as keyof typeof STACK_PARAMETERS] === undefined) continue;
    throw new UsageError(`--${name} has no effect with --remote`, {
      hint: `\`pynvest deploy --parameter ${parameter}=…\` sets it for the functions in AWS.`,
    });
  }
  if (options.tipo !== undefined) {
    throw new UsageError('--remote collects both kinds: the day is cleared as a whole', {
      hint: 'Leave --tipo out, or name tickers, which are added to the day.',
    });
  }
}

function formatRetryWait(seconds: number): string {
  return seconds < 60 ? `${seconds} s` : `some ${Math.ceil(seconds / 60)} min`;
}

function printFailedTickers(
  terminal: Terminal,
  { stack }: RunningSystem,
  { progress: { failed }, lost }: RemoteRunResult,
): void {
  for (const [ticker, { reason }] of [...failed].sort(([a], [b]) => (a < b ? -1 : 1))) {
    terminal.warn(reason.startsWith(ticker) ? reason : `${ticker}: ${reason}`);
  }
  if (failed.size === 0) return;
  if (lost.length > 0) {
    terminal.warn(
      `The day had rows of ${lost.join(', ')}, which were removed when it was cleared: until a later attempt ` +
        'succeeds, the day is without them.',
    );
  }
  const wait = Number(stack.parameters['QueueRetryWait'] ?? 0);
  const tries = stack.parameters['QueueMaxReceiveCount'] ?? 'some';
  terminal.notice(
    `What failed is tried again by itself, first after ${formatRetryWait(wait)} and ${tries} times in all; ` +
      '`pynvest redrive` shows what failed for good.',
  );
}

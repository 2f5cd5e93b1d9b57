/**
 * `run --remote` and `dedup now --remote`: starts the work in AWS and follows it until it ends.
 */

import { withAwsErrors } from '../aws/errors.ts';
import { RECREATE_HINT } from '../aws/resource-names.ts';
import type { RunningSystem } from '../aws/system.ts';
import { isoDate, type Partition, partitionOf } from '../catalog/partition.ts';
import { findMissingResources } from '../deploy/missing-resources.ts';
import { resolveParameters } from '../deploy/parameters.ts';
import { parseDuration } from '../duration.ts';
import { DeployError, UsageError } from '../errors.ts';
import { type DeduplicationResult, runRemoteDeduplication } from '../remote/deduplication.ts';
import { countRows, type RemoteRunResult, runRemoteCollection } from '../remote/remote-run.ts';
import { formatQuantity } from '../text.ts';
import { ExitStatus } from './exit.ts';
import { type AwsLakeHandle, assertTypedRows, openLake } from './open-lake.ts';
import { readPackagedTemplate } from './open-system.ts';
import type { DedupOptions, LakeOptions, RunOptions } from './options.ts';
import { writeRows } from './output/rows.ts';
import { writeDeduplicationRows } from './output/run-report.ts';
import { parseSelection } from './settings.ts';
import { createTerminalHost } from './terminal/host.ts';
import type { Terminal } from './terminal/terminal.ts';

const DEFAULT_WAIT = '30m';

/** @throws UsageError where the options and the environment mean the lake on this machine */
async function openRemoteLake(terminal: Terminal, options: LakeOptions): Promise<AwsLakeHandle> {
  const target = await openLake(terminal, options);
  if (target.kind === 'aws') return target;
  throw new UsageError(`--remote is for the lake in AWS, and this is the folder ${target.place}`, {
    hint: 'Leave --remote out, or say --target aws; `pynvest deploy` makes the lake in AWS.',
  });
}

/** Until when it is followed, in milliseconds since 1970. @throws UsageError */
function parseDeadline({ wait }: { readonly wait?: string }): number {
  return Date.now() + parseDuration('--wait', wait ?? DEFAULT_WAIT);
}

export async function runRemoteDedup(
  terminal: Terminal,
  options: DedupOptions,
  partition: Partition,
): Promise<ExitStatus> {
  const deadline = parseDeadline(options);
  const target = await openRemoteLake(terminal, options);
  await assertTypedRows(target, partition);
  const host = createTerminalHost(terminal, {});
  const outcome = await runRemoteDeduplication(host, target.system, partition, deadline);
  if (outcome.kind === 'done') {
    await writeDeduplicationRows(terminal, options, partition, outcome.tables);
  }
  return printDedupOutcome(terminal, partition, outcome);
}

/** Says how the state machine ended. */
function printDedupOutcome(
  terminal: Terminal,
  partition: Partition,
  outcome: DeduplicationResult,
): ExitStatus {
  switch (outcome.kind) {
    case 'done': {
      const removed = outcome.tables.reduce(
        (sum, { rowsBefore, rowsAfter }) => sum + rowsBefore - rowsAfter,
        0,
      );
      terminal.notice(
        `${isoDate(partition)}: ${formatQuantity(removed, 'duplicate row')} removed in ${outcome.seconds.toFixed(1)} s`,
      );
      return ExitStatus.done;
    }
    case 'failed':
      terminal.warn(
        `The state machine ended as ${outcome.status} after ${outcome.seconds.toFixed(1)} s: ${outcome.cause}`,
      );
      terminal.warn(
        '`pynvest logs --errors` has the whole of it; `pynvest dedup now --target aws` does it from here.',
      );
      return ExitStatus.failed;
    case 'unfinished':
      terminal.warn(`Still at work, and goes on in AWS: ${outcome.execution}`);
      return ExitStatus.failed;
  }
}

/** What a function is told by the stack, and not by whoever starts it. */
const STACK_PARAMETERS = {
  concurrency: 'Concurrency',
  pause: 'PauseMs',
  timeout: 'TimeoutMs',
  retries: 'Retries',
} as const;

export async function runRemoteDay(terminal: Terminal, options: RunOptions): Promise<ExitStatus> {
  assertNoLocalOptions(options);
  const selection = await parseSelection(options);
  const tickers = 'tickers' in selection ? selection.tickers : undefined;
  const deadline = parseDeadline(options);
  const { system, lake } = await openRemoteLake(terminal, options);
  const host = createTerminalHost(terminal, {});
  // The day is fixed here: a run that crosses midnight stays in one partition.
  const partition = partitionOf(new Date());
  if (tickers === undefined) await assertSystemComplete(system);
  const outcome = await runRemoteCollection(host, { system, lake, partition, tickers, deadline });
  const { stored, requested: asked = 0, failed } = outcome.progress;
  printFailedTickers(terminal, system, outcome);
  if (!outcome.isComplete) {
    terminal.warn(
      `Not at its end in time: waiting for ${outcome.waitingFor}. It goes on in AWS; ` +
        '`pynvest logs --follow` shows what it does, `pynvest redrive` what failed for good.',
    );
    return ExitStatus.failed;
  }
  const deduplicated = await runRemoteDeduplication(host, system, partition, deadline);
  const status = printDedupOutcome(terminal, partition, deduplicated);
  await writeRows(terminal, options.format, {
    columns: ['anomesdia_exec', 'table', 'rows'],
    rows: (await countRows(lake, partition)).map(({ table, rows }) => [
      partition,
      table.name,
      rows,
    ]),
  });
  terminal.notice(
    `Stored ${stored.size} of ${formatQuantity(asked, 'ticker')} for ${isoDate(partition)}`,
  );
  if (status !== ExitStatus.done || stored.size === 0) return ExitStatus.failed;
  return failed.size > 0 ? ExitStatus.doneInPart : ExitStatus.done;
}

/** A day that is cleared must be one that can be filled again. @throws DeployError where a part is gone */
async function assertSystemComplete({ aws, stack }: RunningSystem): Promise<void> {
  const template = await readPackagedTemplate();
  const { account, region, partition } = aws;
  const parameters = resolveParameters(template, stack.parameters, {});
  const scope = { template, parameters, account, region, partition, stackName: stack.name };
  const gone = await withAwsErrors(() => findMissingResources(aws, stack.name, scope));
  if (gone.length === 0) return;
  throw new DeployError(
    `a part of the system is gone: ${gone.join(', ')}; the day is left as it is`,
    {
      hint: RECREATE_HINT,
    },
  );
}

function assertNoLocalOptions(options: RunOptions): void {
  for (const [name, parameter] of Object.entries(STACK_PARAMETERS)) {
    if (options[name as keyof typeof STACK_PARAMETERS] === undefined) continue;
    throw new UsageError(`--${name} says nothing to the functions in AWS`, {
      hint: `\`pynvest deploy --parameter ${parameter}=…\` sets it for them.`,
    });
  }
  if (options.tipo !== undefined) {
    throw new UsageError('--remote collects both kinds: the day is cleared as a whole', {
      hint: 'Leave --tipo out, or name --tickers, which are added to the day.',
    });
  }
}

function printFailedTickers(
  terminal: Terminal,
  { stack }: RunningSystem,
  { progress: { failed } }: RemoteRunResult,
): void {
  for (const [ticker, { reason }] of [...failed].sort(([a], [b]) => (a < b ? -1 : 1))) {
    terminal.warn(reason.startsWith(ticker) ? reason : `${ticker}: ${reason}`);
  }
  if (failed.size === 0) return;
  const minutes = Math.ceil(Number(stack.parameters['QueueRetryWait'] ?? 0) / 60);
  const tries = stack.parameters['QueueMaxReceiveCount'] ?? 'some';
  terminal.notice(
    `What failed is tried again by itself, first after some ${minutes} min and ${tries} times in all; ` +
      '`pynvest redrive` shows what failed for good.',
  );
}

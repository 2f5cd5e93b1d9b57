/** `pynvest run --remote`: the day collected by the functions in AWS, followed from here. */
import { isoDate, partitionOf } from '../catalog/partition.ts';
import { counted } from '../counted.ts';
import { plainly } from '../deploy/aws.ts';
import { goneResources } from '../deploy/gone.ts';
import { MADE_AGAIN } from '../deploy/made-again.ts';
import { valuesInForce } from '../deploy/settings.ts';
import { DeployError, UsageError } from '../errors.ts';
import { type ChainOutcome, runChain } from '../operate/chain.ts';
import { countRows } from '../operate/day-in-lake.ts';
import type { RunningSystem } from '../operate/running-system.ts';
import { deduplicateRemotely } from '../operate/state-machine.ts';
import { sayDedup } from './dedup-remote.ts';
import { createDeployHost } from './deploy-host.ts';
import { ownTemplate } from './deploy-settings.ts';
import { ExitStatus } from './exit.ts';
import { writeRows } from './output.ts';
import { deadlineIn, openRemoteLake } from './remote-lake.ts';
import { type RunOptions, selectionOf } from './run.ts';
import type { Terminal } from './terminal.ts';

/** What a function is told by the stack, and not by whoever starts it. */
const SET_BY_DEPLOY = {
  concurrency: 'Concurrency',
  pause: 'PauseMs',
  timeout: 'TimeoutMs',
  retries: 'Retries',
} as const;

export async function runRemote(terminal: Terminal, options: RunOptions): Promise<ExitStatus> {
  refuseLocalOptions(options);
  const selection = await selectionOf(options);
  const tickers = 'tickers' in selection ? selection.tickers : undefined;
  const deadline = deadlineIn(options);
  const { system, lake } = await openRemoteLake(terminal, options);
  const host = createDeployHost(terminal, {});
  // The day is fixed here: a run that crosses midnight stays in one partition.
  const partition = partitionOf(new Date());
  if (tickers === undefined) await requireWhole(system);
  const outcome = await runChain(host, { system, lake, partition, tickers, deadline });
  const { stored, asked = 0, failed } = outcome.progress;
  sayFailed(terminal, system, outcome);
  if (!outcome.isComplete) {
    terminal.warn(
      `Not at its end in time: waiting for ${outcome.waitingFor}. It goes on in AWS; ` +
        '`pynvest logs --follow` shows what it does, `pynvest redrive` what failed for good.',
    );
    return ExitStatus.failed;
  }
  const deduplicated = await deduplicateRemotely(host, system, partition, deadline);
  const status = sayDedup(terminal, partition, deduplicated);
  await writeRows(terminal, options.format, {
    columns: ['anomesdia_exec', 'table', 'rows'],
    rows: (await countRows(lake, partition)).map(({ table, rows }) => [
      partition,
      table.name,
      rows,
    ]),
  });
  terminal.notice(`Stored ${stored.size} of ${counted(asked, 'ticker')} for ${isoDate(partition)}`);
  if (status !== ExitStatus.done || stored.size === 0) return ExitStatus.failed;
  return failed.size > 0 ? ExitStatus.doneInPart : ExitStatus.done;
}

/** A day that is cleared must be one that can be filled again. @throws DeployError where a part is gone */
async function requireWhole({ aws, stack }: RunningSystem): Promise<void> {
  const template = await ownTemplate();
  const { account, region, partition } = aws;
  const parameters = valuesInForce(template, stack.parameters, {});
  const scope = { template, parameters, account, region, partition, stackName: stack.name };
  const gone = await plainly(() => goneResources(aws, stack.name, scope));
  if (gone.length === 0) return;
  throw new DeployError(
    `a part of the system is gone: ${gone.join(', ')}; the day is left as it is`,
    {
      hint: MADE_AGAIN,
    },
  );
}

function refuseLocalOptions(options: RunOptions): void {
  for (const [name, parameter] of Object.entries(SET_BY_DEPLOY)) {
    if (options[name as keyof typeof SET_BY_DEPLOY] === undefined) continue;
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

function sayFailed(
  terminal: Terminal,
  { stack }: RunningSystem,
  { progress: { failed } }: ChainOutcome,
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

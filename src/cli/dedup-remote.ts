/** `pynvest dedup now --remote`: the state machine in AWS, started and followed. */

import { isoDate, type Partition } from '../catalog/partition.ts';
import { counted } from '../counted.ts';
import { type DedupOutcome, deduplicateRemotely } from '../operate/state-machine.ts';
import { assertTyped, type DedupOptions, writeDeduplications } from './dedup.ts';
import { createDeployHost } from './deploy-host.ts';
import { ExitStatus } from './exit.ts';
import { deadlineIn, openRemoteLake } from './remote-lake.ts';
import type { Terminal } from './terminal.ts';

export async function dedupRemote(
  terminal: Terminal,
  options: DedupOptions,
  partition: Partition,
): Promise<ExitStatus> {
  const deadline = deadlineIn(options);
  const target = await openRemoteLake(terminal, options);
  await assertTyped(target, partition);
  const host = createDeployHost(terminal, {});
  const outcome = await deduplicateRemotely(host, target.system, partition, deadline);
  if (outcome.kind === 'done') {
    await writeDeduplications(terminal, options, partition, outcome.tables);
  }
  return sayDedup(terminal, partition, outcome);
}

/** Says how the state machine ended. */
export function sayDedup(
  terminal: Terminal,
  partition: Partition,
  outcome: DedupOutcome,
): ExitStatus {
  switch (outcome.kind) {
    case 'done': {
      const removed = outcome.tables.reduce(
        (sum, { rowsBefore, rowsAfter }) => sum + rowsBefore - rowsAfter,
        0,
      );
      terminal.notice(
        `${isoDate(partition)}: ${counted(removed, 'duplicate row')} removed in ${outcome.seconds.toFixed(1)} s`,
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

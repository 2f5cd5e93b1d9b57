/**
 * `pynvest logs`: the logs of the functions in AWS.
 */

import { formatInSaoPaulo, partitionOf } from '../../catalog/partition.ts';
import { parseTicker } from '../../catalog/ticker.ts';
import { parseSince } from '../../duration.ts';
import type { LogLine } from '../../remote/log-line.ts';
import {
  findLogGroups,
  followLogs,
  type LogQuery,
  readLogs,
  selectLogGroups,
} from '../../remote/logs.ts';
import { ExitStatus } from '../exit.ts';
import { openSystem } from '../open-system.ts';
import type { LakeOptions, OutputOptions } from '../options.ts';
import { writeLogLines } from '../output/log-lines.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface LogsOptions extends OutputOptions, LakeOptions {
  readonly since?: string;
  readonly follow?: boolean;
  readonly ticker?: string;
  readonly errors?: boolean;
}

export async function logs(
  terminal: Terminal,
  functionName: string | undefined,
  options: LogsOptions,
): Promise<ExitStatus> {
  const now = new Date();
  const from = parseSince('--since', options.since ?? '1h', now);
  const ticker = options.ticker === undefined ? undefined : parseTicker(options.ticker);
  const system = await openSystem(terminal, options, 'pynvest logs');
  const question: LogQuery = {
    groups: selectLogGroups(await findLogGroups(system), functionName),
    from,
    ticker,
    errorsOnly: options.errors,
    includePlatform: terminal.verbose,
  };
  const { follow = false } = options;
  const stopped = new AbortController();
  let count = 0;
  const counted = async function* (): AsyncIterable<LogLine> {
    const lines = follow
      ? followLogs(system.aws, question, stopped.signal)
      : readLogs(system.aws, question);
    for await (const line of lines) {
      count += 1;
      yield line;
    }
  };
  if (follow) stopOnInterrupt(stopped);
  const withDay = partitionOf(from) !== partitionOf(now);
  await writeLogLines(terminal, options, counted(), withDay);
  if (follow) return ExitStatus.interrupted;
  if (count === 0) terminal.notice(`No lines since ${formatInSaoPaulo(from).slice(0, 19)}.`);
  return ExitStatus.done;
}

/** As `tail -f` ends: at once and without a word. */
function stopOnInterrupt(stopped: AbortController): void {
  const stop = (): void => {
    if (stopped.signal.aborted) process.exit(ExitStatus.interrupted);
    stopped.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

/**
 * `pynvest logs`: the logs of the functions in AWS.
 */

import { formatInSaoPaulo, getPartition } from '../../catalog/partition.ts';
import { parseNamedTicker } from '../../catalog/ticker.ts';
import { parseSince } from '../../duration.ts';
import type { OutputValue } from '../../query/engine.ts';
import type { LogLine } from '../../remote/log-line.ts';
import {
  findLogGroups,
  followLogs,
  type LogQuery,
  readLogs,
  selectLogGroups,
} from '../../remote/logs.ts';
import { escapeControls, truncate } from '../../text.ts';
import { defineCommand } from '../command.ts';
import { ExitStatus, getSignalStatus } from '../exit.ts';
import { openSystem } from '../open-system.ts';
import { argument, option } from '../option.ts';
import {
  type OutputOptions,
  outputOptions,
  resolveFormat,
  withCount,
  write,
  writeRows,
} from '../output/rows.ts';
import { lakeOptions } from '../target.ts';
import { type Terminal, wrapLines } from '../terminal/terminal.ts';

export const logsCommand = defineCommand({
  name: 'logs',
  description: 'what the functions in AWS report of their work',
  args: {
    function: argument('[function]', 'one of them, such as get-tickers; all without it'),
  },
  options: {
    ...outputOptions,
    ...lakeOptions,
    since: option(
      '--since <when>',
      'how far back: 90s, 15m, 1h, 2d, or a date or time (default 1h)',
    ),
    follow: option('-f, --follow', 'print new lines as they arrive, until Ctrl-C'),
    ticker: option('--ticker <ticker>', 'only lines about it, such as PETR4'),
    errors: option('--errors', 'only errors, time-outs among them'),
  },

  async handler({ terminal, args, options }) {
    const now = new Date();
    const from = parseSince('--since', options.since ?? '1h', now);
    const ticker = options.ticker === undefined ? undefined : parseNamedTicker(options.ticker);
    const system = await openSystem(terminal, options, 'pynvest logs');
    const query: LogQuery = {
      groups: selectLogGroups(await findLogGroups(system), args.function),
      from,
      ticker,
      errorsOnly: options.errors,
      includePlatform: terminal.verbose,
    };
    const { follow = false } = options;
    const stop = follow ? stopOnInterrupt() : undefined;
    const lines =
      stop === undefined ? readLogs(system.aws, query) : followLogs(system.aws, query, stop);
    const { items, getCount } = withCount(lines);
    await writeLogLines(terminal, options, items, getPartition(from) !== getPartition(now));
    if (stop !== undefined) return stop.reason as ExitStatus;
    if (getCount() === 0) {
      terminal.notice(`No lines since ${formatInSaoPaulo(from).slice(0, 19)}.`);
    }
    return ExitStatus.done;
  },
});

/** A signal that an interruption aborts, with the exit status. As `tail -f`, the command ends without a message. */
function stopOnInterrupt(): AbortSignal {
  const controller = new AbortController();
  const stop = (signal: NodeJS.Signals): void => {
    const status = getSignalStatus(signal);
    if (controller.signal.aborted) process.exit(status);
    controller.abort(status);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return controller.signal;
}

interface LogsOutput extends OutputOptions {
  /** Whether lines arrive now and then, each to be written at once. */
  readonly follow?: boolean;
}

/**
 * Writes lines as they arrive, in any format; the next is asked for when the reader has taken those before.
 * @param withDay whether a person sees the day before the time
 */
export async function writeLogLines(
  terminal: Terminal,
  { format, follow = false }: LogsOutput,
  lines: AsyncIterable<LogLine>,
  withDay: boolean,
): Promise<void> {
  if (resolveFormat(terminal, format) === 'table') {
    for await (const line of lines) {
      await write(terminal.stdout, `${formatLogLine(line, { withDay, terminal })}\n`);
    }
    return;
  }
  await writeRows(terminal, format, { columns: COLUMNS, rows: createRows(lines), live: follow });
}

const COLUMNS = [
  ...['time', 'level', 'function', 'request_id'],
  ...['ticker', 'partition', 'message', 'fields'],
];

async function* createRows(lines: AsyncIterable<LogLine>): AsyncIterable<readonly OutputValue[]> {
  for await (const line of lines) {
    yield [
      formatInSaoPaulo(new Date(line.time)),
      line.level,
      line.source,
      line.requestId ?? null,
      line.ticker ?? null,
      line.partition ?? null,
      line.message,
      JSON.stringify(line.fields),
    ];
  }
}

interface LogTextOptions {
  readonly withDay: boolean;
  readonly terminal: Pick<Terminal, 'verbose' | 'colors' | 'stdout'>;
}

/** These fields come first, and are cut only where they are endless. */
const MAIN_FIELDS = ['kind', 'reason', 'hint'];
const MAX_VALUE_LENGTH = 80;

/** A longer value is no message: a page in place of a word. The rows of --format json have it whole. */
const MAX_LENGTH = 4_000;

function formatLogLine(line: LogLine, { withDay, terminal }: LogTextOptions): string {
  const iso = formatInSaoPaulo(new Date(line.time));
  const time = withDay ? `${iso.slice(5, 10)} ${iso.slice(11, 19)}` : iso.slice(11, 19);
  const { ticker, partition } = line;
  const visible = Object.entries(line.fields).filter(
    ([name]) => terminal.verbose || (name !== 'stack' && name !== 'messageId'),
  );
  const main = visible.filter(([name]) => MAIN_FIELDS.includes(name));
  const rest = visible.filter(([name]) => !MAIN_FIELDS.includes(name));
  const maxLength = terminal.verbose ? MAX_LENGTH : MAX_VALUE_LENGTH;
  const formatField = (name: string, value: unknown, most: number): string =>
    `${formatValue(name, MAX_VALUE_LENGTH)}=${formatValue(value, most)}`;
  const fields = [
    ...(ticker === undefined ? [] : [formatField('ticker', ticker, MAX_VALUE_LENGTH)]),
    ...(partition === undefined ? [] : [`partition=${partition}`]),
    ...main.map(([name, value]) => formatField(name, value, MAX_LENGTH)),
    ...rest.map(([name, value]) => formatField(name, value, maxLength)),
  ];
  const message = formatValue(line.message, MAX_LENGTH);
  const text = `${time} ${line.level.padEnd(5)} ${line.source}: ${message}`;
  const shown = wrapLines([text, ...fields].join('  '), terminal.stdout);
  // The colour is no part of the width.
  const [from, to] = [time.length + 1, time.length + 1 + line.level.length];
  const level = getLevelColor(line, terminal)(shown.slice(from, to));
  return `${shown.slice(0, from)}${level}${shown.slice(to)}`;
}

function getLevelColor({ level }: LogLine, { colors, stdout }: LogTextOptions['terminal']) {
  if (!stdout.isTTY) return String;
  if (level === 'ERROR') return colors.red;
  return level === 'WARN' ? colors.yellow : colors.dim;
}

function formatValue(value: unknown, most: number): string {
  return escapeLine(truncate(typeof value === 'string' ? value : JSON.stringify(value), most));
}

/** A line of a log stays one line, and sends the terminal no commands. */
function escapeLine(text: string): string {
  return escapeControls(text.replace(/\s+/g, ' '));
}

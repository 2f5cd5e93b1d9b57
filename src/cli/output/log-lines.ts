/**
 * Writes log lines: one readable line each on a terminal, rows with columns elsewhere.
 */

import { formatInSaoPaulo } from '../../catalog/partition.ts';
import type { OutputValue } from '../../query/engine.ts';
import type { LogLine } from '../../remote/log-line.ts';
import type { OutputOptions } from '../options.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { resolveFormat, write, writeRows } from './rows.ts';

interface LogsOutput extends OutputOptions {
  /** Whether lines come now and then, each to be written as it comes. */
  readonly follow?: boolean;
}

/**
 * Writes lines as they come, in whatever format: a line is asked for when the reader has taken those before.
 * @param withDay whether the day is shown before the time, to people
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
  await writeRows(terminal, format, {
    columns: LOG_COLUMNS,
    rows: createLogRows(lines),
    live: follow,
  });
}

const LOG_COLUMNS = [
  ...['time', 'level', 'function', 'request_id'],
  ...['ticker', 'partition', 'message', 'fields'],
];

async function* createLogRows(
  lines: AsyncIterable<LogLine>,
): AsyncIterable<readonly OutputValue[]> {
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
  /** Whether the day is shown before the time. */
  readonly withDay: boolean;
  readonly terminal: Pick<Terminal, 'verbose' | 'colors' | 'stdout'>;
}

/** What is said first, and in whole, of all that a line holds. */
const MAIN_FIELDS = ['kind', 'reason', 'hint'];
const MAX_VALUE_LENGTH = 80;

function formatLogLine(line: LogLine, { withDay, terminal }: LogTextOptions): string {
  const moment = formatInSaoPaulo(new Date(line.time));
  const time = withDay ? `${moment.slice(5, 10)} ${moment.slice(11, 19)}` : moment.slice(11, 19);
  const { ticker, partition } = line;
  const others = Object.entries(line.fields).filter(
    ([name]) => terminal.verbose || (name !== 'stack' && name !== 'messageId'),
  );
  const main = others.filter(([name]) => MAIN_FIELDS.includes(name));
  const rest = others.filter(([name]) => !MAIN_FIELDS.includes(name));
  const fields = [
    ...(ticker === undefined ? [] : [`ticker=${ticker}`]),
    ...(partition === undefined ? [] : [`partition=${partition}`]),
    ...main.map(([name, value]) => `${name}=${formatValue(value)}`),
    ...rest.map(
      ([name, value]) =>
        `${name}=${terminal.verbose ? formatValue(value) : truncate(formatValue(value))}`,
    ),
  ];
  const level = getLevelColor(line, terminal)(line.level.padEnd(5));
  return [
    `${time} ${level} ${line.source}: ${replaceControlCharacters(line.message)}`,
    ...fields,
  ].join('  ');
}

function getLevelColor({ level }: LogLine, { colors, stdout }: LogTextOptions['terminal']) {
  if (!stdout.isTTY) return String;
  if (level === 'ERROR') return colors.red;
  return level === 'WARN' ? colors.yellow : colors.dim;
}

function formatValue(value: unknown): string {
  return replaceControlCharacters(typeof value === 'string' ? value : JSON.stringify(value));
}

function truncate(text: string): string {
  return text.length <= MAX_VALUE_LENGTH ? text : `${text.slice(0, MAX_VALUE_LENGTH - 1)}…`;
}

/** A line of a log is one line, and sends the terminal no commands. */
function replaceControlCharacters(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}

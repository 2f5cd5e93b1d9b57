/** A line of the log as a person reads it on a terminal. */
import { isoInSaoPaulo } from '../catalog/partition.ts';
import type { LogLine } from '../operate/log-line.ts';
import type { Terminal } from './terminal.ts';

export interface LogTextOptions {
  /** Whether the day is shown before the time. */
  readonly withDay: boolean;
  readonly terminal: Pick<Terminal, 'verbose' | 'colors' | 'stdout'>;
}

/** What is said first, and in whole, of all that a line holds. */
const MAIN_FIELDS = ['kind', 'reason', 'hint'];
const LONGEST_VALUE = 80;

export function logLineText(line: LogLine, { withDay, terminal }: LogTextOptions): string {
  const moment = isoInSaoPaulo(new Date(line.time));
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
    ...main.map(([name, value]) => `${name}=${plain(value)}`),
    ...rest.map(
      ([name, value]) => `${name}=${terminal.verbose ? plain(value) : cut(plain(value))}`,
    ),
  ];
  const level = colored(line, terminal)(line.level.padEnd(5));
  return [`${time} ${level} ${line.source}: ${onOneLine(line.message)}`, ...fields].join('  ');
}

function colored({ level }: LogLine, { colors, stdout }: LogTextOptions['terminal']) {
  if (!stdout.isTTY) return String;
  if (level === 'ERROR') return colors.red;
  return level === 'WARN' ? colors.yellow : colors.dim;
}

function plain(value: unknown): string {
  return onOneLine(typeof value === 'string' ? value : JSON.stringify(value));
}

function cut(text: string): string {
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE - 1)}…`;
}

/** A line of a log is one line, and sends the terminal no commands. */
function onOneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}

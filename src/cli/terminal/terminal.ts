/**
 * The terminal: data goes to stdout, messages to stderr; its colors, its width, and text laid out for it.
 */
import pc from 'picocolors';
import { formatQuantity } from '../../text.ts';
import type { TerminalOptions } from '../option.ts';

export interface Terminal {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly colors: ReturnType<typeof pc.createColors>;
  /** Prints a message that `--quiet` suppresses. */
  notice(text: string): void;
  /** Prints a message that is shown with `--quiet`, too. */
  warn(text: string): void;
  /** Registers work elsewhere, such as a query in AWS, that is stopped before a broken pipe ends the process. */
  onBrokenPipe(stop: () => Promise<void>): void;
}

export function createTerminal(
  options: TerminalOptions,
  onBrokenPipe: Terminal['onBrokenPipe'],
): Terminal {
  const { stdout, stderr } = process;
  const noColor = (process.env['NO_COLOR'] ?? '') !== '';
  const colors = pc.createColors(options.color !== false && !noColor && stderr.isTTY === true);
  const quiet = options.quiet ?? false;
  return {
    stdout,
    stderr,
    quiet,
    verbose: options.verbose ?? false,
    colors,
    notice(text) {
      if (!quiet) stderr.write(`${text}\n`);
    },
    warn(text) {
      stderr.write(`${colors.yellow('!')} ${text}\n`);
    },
    onBrokenPipe,
  };
}

/** The width in columns: of the screen, else COLUMNS; undefined where there is no limit. */
export function getWidth(stream: NodeJS.WriteStream): number | undefined {
  if (stream.columns !== undefined) return stream.columns;
  const columns = Number(process.env['COLUMNS'] ?? '');
  return Number.isInteger(columns) && columns > 0 ? columns : undefined;
}

/** Prints that a request failed and is sent again: silence would look like a command that hangs. */
export function createRetryNotifier(
  terminal: Terminal,
): (what: string, error: Error, left: number, waitMs: number) => void {
  return (_, { message }, left, waitMs) =>
    terminal.notice(
      `${message}; trying again in ${(waitMs / 1000).toFixed(1)} s ` +
        `(${formatQuantity(left, 'try', 'tries')} left)`,
    );
}

/**
 * Breaks a text into lines at its spaces; a word longer than a line stays whole. Pure.
 * @param label begins the first line, such as `problem  `; the further lines are indented by its width
 */
export function wrapText(text: string, width: number, label = ''): string[] {
  const indent = ' '.repeat(label.length);
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(`${last === undefined ? label : indent}${word}`);
    }
  }
  return lines;
}

/** Cuts a text that is longer than `length`; an ellipsis shows it. Pure. */
export function truncate(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/**
 * The terminal: data goes to stdout, messages to stderr; its colors, width and line wrapping.
 */
import pc from 'picocolors';
import { formatQuantity } from '../../text.ts';

export interface Terminal {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly colors: ReturnType<typeof pc.createColors>;
  /** Says something in passing; `--quiet` keeps it. */
  notice(text: string): void;
  /** Says something that the person should know, `--quiet` or not. */
  warn(text: string): void;
}

export interface TerminalOptions {
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  /** False for `--no-color`; NO_COLOR and the kind of terminal are looked at anyway. */
  readonly color?: boolean;
}

export function createTerminal(options: TerminalOptions = {}): Terminal {
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
  };
}

/** How many columns there are to write on: of the screen, else as COLUMNS says; undefined for no bound. */
export function getWidth(stream: NodeJS.WriteStream): number | undefined {
  if (stream.columns !== undefined) return stream.columns;
  const said = Number(process.env['COLUMNS'] ?? '');
  return Number.isInteger(said) && said > 0 ? said : undefined;
}

/** Says that a request failed and is sent again: silence would look like a command that hangs. */
export function createRetryNotifier(
  terminal: Terminal,
): (what: string, error: Error, left: number, waitMs: number) => void {
  return (_, { message }, left, waitMs) =>
    terminal.notice(
      `${message}; trying again in ${(waitMs / 1000).toFixed(1)} s ` +
        `(${formatQuantity(left, 'try', 'tries')} left)`,
    );
}

/** Breaks a text at its spaces; a word longer than a line stays whole. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

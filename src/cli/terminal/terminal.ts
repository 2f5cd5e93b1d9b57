/**
 * The terminal: data goes to stdout, messages to stderr; its colors, its width, and text laid out for it.
 */
import pc from 'picocolors';
import { formatProse, type Locale } from '../../presentation/notation.ts';
import { escapeControls, formatQuantity, truncate } from '../../text.ts';
import { addLakeOptions } from '../command-line.ts';
import type { TerminalOptions } from '../option.ts';
import type { LakeOptions } from '../target.ts';

export interface Terminal {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Those of messages. */
  readonly colors: ReturnType<typeof pc.createColors>;
  /** Those of data; stdout may be a file where stderr is a screen. */
  readonly dataColors: ReturnType<typeof pc.createColors>;
  /** The notation of numbers and days that a person reads. */
  readonly locale: Locale;
  /** Whether tables are headed by the names of their columns. */
  readonly showsNames: boolean;
  /** Prints a message that `--quiet` suppresses. */
  notice(text: string): void;
  /** Prints a message that is shown with `--quiet`, too. */
  warn(text: string): void;
  /** A message as stderr shows it; each command in it acts on the lake that this one was asked about. */
  format(text: string): string;
  /** Registers work elsewhere, such as a query in AWS, that is stopped before a broken pipe ends the process. */
  onBrokenPipe(stop: () => Promise<void>): void;
}

export function createTerminal(
  options: TerminalOptions & LakeOptions,
  onBrokenPipe: Terminal['onBrokenPipe'],
  { stdout, stderr }: Pick<Terminal, 'stdout' | 'stderr'> = process,
): Terminal {
  const noColor = (process.env['NO_COLOR'] ?? '') !== '';
  const areColorsOn = options.color !== false && !noColor && process.env['TERM'] !== 'dumb';
  const createColors = (stream: NodeJS.WriteStream): Terminal['colors'] =>
    pc.createColors(areColorsOn && stream.isTTY === true);
  const colors = createColors(stderr);
  const quiet = options.quiet ?? false;
  const locale = options.locale ?? 'pt-BR';
  const format = (text: string): string => {
    // A screen is read by a person, a pipe perhaps by a program.
    const shown = stderr.isTTY ? formatProse(text, locale) : text;
    return formatMessage(addLakeOptions(shown, options), stderr);
  };
  return {
    stdout,
    stderr,
    quiet,
    verbose: options.verbose ?? false,
    colors,
    dataColors: createColors(stdout),
    locale,
    showsNames: options.names ?? false,
    notice(text) {
      if (!quiet) stderr.write(`${format(text)}\n`);
    },
    warn(text) {
      stderr.write(`${colors.yellow('!')}${format(`! ${text}`).slice(1)}\n`);
    },
    format,
    onBrokenPipe,
  };
}

/** Of a screen that does not say how wide it is, as one of `script` or of a serial line. */
const USUAL_WIDTH = 80;

/** The width in columns: of the screen, else COLUMNS; undefined where there is no limit. */
export function getWidth(stream: NodeJS.WriteStream): number | undefined {
  if (stream.columns !== undefined && stream.columns > 0) return stream.columns;
  const columns = Number(process.env['COLUMNS'] ?? '');
  if (Number.isInteger(columns) && columns > 0) return columns;
  return stream.isTTY ? USUAL_WIDTH : undefined;
}

/**
 * Terminals of Windows that show all of UTF-8: Windows Terminal, those of editors, ConEmu, and those of Unix shells.
 */
const UNICODE_CONSOLES = ['WT_SESSION', 'TERM_PROGRAM', 'ConEmuTask', 'TERM'] as const;

/**
 * Whether the characters of charts are shown as they are: the locale says UTF-8, by the first of its variables that is
 * set. The old console of Windows has fonts without them.
 */
export function supportsUnicode(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): boolean {
  if (platform === 'win32') return UNICODE_CONSOLES.some((name) => (env[name] ?? '') !== '');
  const locale = ['LC_ALL', 'LC_CTYPE', 'LANG'].map((name) => env[name] ?? '').find(Boolean);
  // macOS gives its terminal UTF-8, and no variable to programs that a desktop starts.
  if (locale === undefined) return platform === 'darwin';
  return /utf-?8/i.test(locale);
}

/** More is no message: a page in place of a word. */
const MAX_LINE_LENGTH = 4_000;

/** Narrower screens are not laid out for. */
const MIN_WIDTH = 20;

/**
 * A message as it is printed: control characters visible, endless lines cut, and on a screen lines broken between
 * words. A line that is indented by two spaces stays whole: it is a command to copy, or points at a place.
 */
function formatMessage(text: string, stream: NodeJS.WriteStream): string {
  const width = stream.isTTY ? (getWidth(stream) ?? 0) : 0;
  const lines = escapeControls(text)
    .split('\n')
    .map((line) => truncate(line, MAX_LINE_LENGTH));
  return lines.flatMap((line) => wrapLine(line, width)).join('\n');
}

function wrapLine(line: string, width: number): string[] {
  if (width < MIN_WIDTH || line.length <= width || line.startsWith('  ')) return [line];
  const mark = line.startsWith('! ') ? '! ' : '';
  return wrapText(line.slice(mark.length), width, mark);
}

/** Further lines of one that was broken are below its words. */
const CONTINUATION = '    ';

/** Lines of data for a screen: each that is too long is broken between words. In a file or a pipe each stays whole. */
export function wrapLines(text: string, stream: NodeJS.WriteStream): string {
  const width = stream.isTTY ? (getWidth(stream) ?? 0) : 0;
  if (width < MIN_WIDTH) return text;
  const wrap = (line: string): string => {
    if (line.length <= width) return line;
    const [indent = ''] = /^ */.exec(line) ?? [];
    const most = width - indent.length - CONTINUATION.length;
    return wrapText(line, most)
      .map((part, at) => `${indent}${at === 0 ? '' : CONTINUATION}${part}`)
      .join('\n');
  };
  return text.split('\n').map(wrap).join('\n');
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
 * Breaks a text into lines at its spaces; a word longer than a line stays whole, and an endless text is cut. Pure.
 * @param label begins the first line, such as `problem  `; the further lines are indented by its width
 */
export function wrapText(text: string, width: number, label = ''): string[] {
  const indent = ' '.repeat(label.length);
  const lines: string[] = [];
  for (const word of escapeControls(truncate(text, MAX_LINE_LENGTH)).split(/\s+/).filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(`${last === undefined ? label : indent}${word}`);
    }
  }
  return lines;
}

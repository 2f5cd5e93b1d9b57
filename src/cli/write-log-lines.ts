/** Lines of a log on stdout: for a person a line each, for programs the columns of each. */
import { isoInSaoPaulo } from '../catalog/partition.ts';
import type { LogLine } from '../operate/log-line.ts';
import type { OutputValue } from '../query/engine.ts';
import { logLineText } from './log-text.ts';
import type { OutputOptions } from './options.ts';
import { chosenFormat, write, writeRows } from './output.ts';
import type { Terminal } from './terminal.ts';

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
  if (chosenFormat(terminal, format) === 'table') {
    for await (const line of lines) {
      await write(terminal.stdout, `${logLineText(line, { withDay, terminal })}\n`);
    }
    return;
  }
  await writeRows(terminal, format, { columns: COLUMNS, rows: rowsOf(lines), live: follow });
}

const COLUMNS = [
  ...['time', 'level', 'function', 'request_id'],
  ...['ticker', 'partition', 'message', 'fields'],
];

async function* rowsOf(lines: AsyncIterable<LogLine>): AsyncIterable<readonly OutputValue[]> {
  for await (const line of lines) {
    yield [
      isoInSaoPaulo(new Date(line.time)),
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

/**
 * `--output FILE`: writes the answer to a file, which appears whole or not at all.
 */

import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { describeDiskError, isDiskFull } from '../../disk-errors.ts';
import { OutputError, PynvestError, UsageError } from '../../errors.ts';
import { formatQuantity } from '../../text.ts';
import { type RowFormat, type RowsOptions, rowFormats } from '../options.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { renderRows, resolveFormat, type TabularData, writeRows } from './rows.ts';

/** To put a file into the place of what stdout goes to would take it away from who reads it. */
const STDOUT_NAMES: readonly string[] = ['-', '/dev/stdout'];

interface Destination {
  readonly format: RowFormat;
  /** Undefined for stdout. */
  readonly path: string | undefined;
}

/** Where an answer goes and as what, settled before anything is asked. @throws UsageError */
export function parseDestination(terminal: Terminal, { format, output }: RowsOptions): Destination {
  if (output === undefined || STDOUT_NAMES.includes(output)) {
    if (format === 'parquet' && terminal.stdout.isTTY) {
      throw new UsageError('Parquet is no text for a terminal', {
        hint: 'Name a file: --output FILE.',
      });
    }
    return { format: resolveFormat(terminal, format), path: undefined };
  }
  if (output.trim() === '') throw new UsageError('--output wants the path of a file');
  const ending = extname(output).slice(1).toLowerCase();
  const ofTheName = rowFormats.find((each) => each === ending);
  if (format === undefined && ofTheName === undefined && ending !== '') {
    throw new UsageError(`--output ${output}: no format is called ${ending}`, {
      hint: `Name the file .${rowFormats.join(', .')}, or say --format.`,
    });
  }
  return { format: format ?? ofTheName ?? 'csv', path: output };
}

/**
 * Writes rows to where they go. A file of that name is replaced when all of the new one is on the disk, which
 * is then said: stdout shows nothing of it.
 * @throws OutputError where the file cannot be written
 */
export async function writeAnswer(
  terminal: Terminal,
  { format, path }: Destination,
  data: TabularData,
): Promise<void> {
  if (path === undefined) return writeRows(terminal, format, data);
  let count = 0;
  const rows = (async function* () {
    for await (const row of data.rows) {
      count += 1;
      yield row;
    }
  })();
  const parts = renderRows(format, { ...data, rows }, terminal, 0);
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory()) throw createOutputError(path, 'it is a folder');
  // A pipe or a device is written into: to put a file into its place would take it away.
  if (there !== undefined && !there.isFile()) return writeInto(path, path, parts);
  const target = there === undefined ? path : await realpath(path);
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.part`);
  const cleared = removeOnExit(temporary);
  try {
    await writeInto(path, temporary, parts);
    await rename(temporary, target).catch((error: Error) => {
      throw createOutputError(path, describeDiskError(error), error);
    });
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  } finally {
    cleared();
  }
  terminal.notice(`Wrote ${formatQuantity(count, 'row')} to ${path}`);
}

async function writeInto(
  named: string,
  path: string,
  parts: AsyncIterable<string | Uint8Array>,
): Promise<void> {
  try {
    const handle = await open(path, 'w');
    try {
      for await (const part of parts) await handle.writeFile(part);
      if ((await handle.stat()).isFile()) await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof PynvestError || !(error instanceof Error)) throw error;
    if (!('syscall' in error)) throw error;
    throw createOutputError(named, describeDiskError(error), error);
  }
}

/** Removes the file if the process ends before it has its name; answers how to call that off. */
function removeOnExit(temporary: string): () => void {
  const clear = (): void => rmSync(temporary, { force: true });
  const interrupted = (signal: NodeJS.Signals): void => {
    // Whoever else listens ends the process in its own way.
    if (process.listenerCount(signal) > 1) return;
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.on('exit', clear).on('SIGINT', interrupted).on('SIGTERM', interrupted);
  return () => {
    process.off('exit', clear).off('SIGINT', interrupted).off('SIGTERM', interrupted);
  };
}

function createOutputError(path: string, reason: string, cause?: unknown): OutputError {
  return new OutputError(`cannot write ${path}: ${reason}`, {
    hint: isDiskFull(cause)
      ? 'Make room, or name a file on another disk: --output FILE.'
      : 'Name a file in a folder that you may write: --output FILE.',
    cause,
  });
}

/**
 * `--output FILE`: writes the answer to a file, which appears whole or not at all.
 */

import { randomUUID } from 'node:crypto';
import { rmSync, type Stats, statSync } from 'node:fs';
import { open, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import {
  describeDiskError,
  getErrorCode,
  isDiskFull,
  OutputError,
  PynvestError,
  UsageError,
} from '../../errors.ts';
import { formatQuantity } from '../../text.ts';
import { endsOnInterrupt, getSignalStatus } from '../exit.ts';
import { notationOptions, type OptionValues, option, terminalOptions } from '../option.ts';
import type { Terminal } from '../terminal/terminal.ts';
import {
  countRows,
  getExtension,
  isBinaryFormat,
  type RowFormat,
  renderRows,
  resolveFormat,
  rowFormats,
  type TabularData,
  writeRows,
} from './rows.ts';

/** Of commands whose data are rows: these can go into a file, too. */
export const rowsOptions = {
  format: option(
    '--format <format>',
    "table on a terminal, else csv; of --output by the file's name",
    { choices: rowFormats, group: 'output' },
  ),
  output: option('-o, --output <file>', 'into this file, which appears whole or not at all', {
    group: 'output',
  }),
  ...notationOptions,
  ...terminalOptions,
};

type RowsOptions = OptionValues<typeof rowsOptions>;

/** The endings of the files that people open in other programs. */
const FILE_NAMES = [...new Set(rowFormats.filter((each) => each !== 'table').map(getExtension))]
  .map((ending) => `.${ending}`)
  .join(', ');

/** A file renamed onto one of these would replace what stdout is connected to. */
export const STDOUT_NAMES: readonly string[] = ['-', '/dev/stdout'];

export interface Destination {
  readonly format: RowFormat;
  /** Undefined for stdout. */
  readonly path: string | undefined;
}

/** Where the rows go and in which format, known before anything is asked. @throws UsageError */
export function parseDestination(terminal: Terminal, { format, output }: RowsOptions): Destination {
  if (output === undefined || STDOUT_NAMES.includes(output)) {
    if (format !== undefined && isBinaryFormat(format) && terminal.stdout.isTTY) {
      throw new UsageError(`${format} cannot be shown on a terminal`, {
        hint: 'Name a file: --output FILE.',
      });
    }
    return { format: resolveFormat(terminal, format), path: undefined };
  }
  if (output.trim() === '') throw new UsageError('--output takes the path of a file');
  const ending = extname(output).slice(1).toLowerCase();
  const formatOfName = rowFormats.find((each) => each === ending);
  if (format !== undefined && formatOfName !== undefined && !isNameFor(formatOfName, format)) {
    throw new UsageError(`--format ${format} into ${output}: its name says ${formatOfName}`, {
      hint: `Leave --format out, or name the file .${getExtension(format)}.`,
    });
  }
  if (format === undefined && formatOfName === undefined && ending !== '') {
    throw new UsageError(`--output ${output}: there is no format ${ending}`, {
      hint: `Name the file ${FILE_NAMES}, or pass --format.`,
    });
  }
  assertFilePlace(output);
  return { format: format ?? formatOfName ?? 'csv', path: output };
}

/**
 * Requires, before anything is asked, that a file may be at a path: in a folder, and not in the place of one.
 * @throws UsageError
 */
export function assertFilePlace(path: string): void {
  const refuse = (reason: string, hint: string): UsageError =>
    new UsageError(`cannot write ${path}: ${reason}`, { hint });
  const folder = findStats(dirname(path));
  if (folder === undefined) throw refuse('there is no such folder', OUTPUT_HINT);
  if (!folder.isDirectory())
    throw refuse('a part of the path is a file, not a folder', OUTPUT_HINT);
  if (findStats(path)?.isDirectory()) {
    throw refuse('it is a folder', 'Name a file in it: --output FILE.');
  }
}

/** Undefined where there is nothing; of what cannot be looked at, writing says why. */
function findStats(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    return getErrorCode(error) === 'ENOTDIR' ? findStats(dirname(path)) : undefined;
  }
}

function isNameFor(formatOfName: RowFormat, format: RowFormat): boolean {
  return [format, getExtension(format)].includes(formatOfName);
}

/**
 * Writes rows to their destination. An existing file is replaced once the new one is complete on the disk, which a
 * notice then confirms: stdout shows nothing of it.
 * @throws OutputError where the file cannot be written
 */
export async function writeAnswer(
  terminal: Terminal,
  { format, path }: Destination,
  data: TabularData,
): Promise<void> {
  if (path === undefined) return writeRows(terminal, format, data);
  const { rows, getCount } = countRows(data.rows, data.columns.length);
  if (!(await writeWhole(path, renderRows(format, { ...data, rows }, terminal, 0)))) return;
  const as = extname(path) === '' ? ` as ${format}` : '';
  terminal.notice(`Wrote ${formatQuantity(getCount(), 'row')} to ${path}${as}`);
}

/**
 * Writes a file that appears whole or not at all: one that exists is replaced once the new one is complete on the disk.
 * @returns whether it is a file: a pipe or a device is written to, and not replaced by a file
 * @throws OutputError where it cannot be written
 */
export async function writeWhole(
  path: string,
  parts: AsyncIterable<string | Uint8Array>,
): Promise<boolean> {
  const existing = await stat(path).catch(() => undefined);
  if (existing?.isDirectory()) throw createOutputError(path, 'it is a folder');
  if (existing !== undefined && !existing.isFile()) {
    await writeInto(path, path, parts);
    return false;
  }
  const target = existing === undefined ? await followLink(path) : await realpath(path);
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.part`);
  const keepOnExit = removeOnExit(temporary);
  try {
    await writeInto(path, temporary, parts, existing);
    await rename(temporary, target).catch((error: Error) => {
      throw createOutputError(path, describeDiskError(error), error);
    });
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  } finally {
    keepOnExit();
  }
  return true;
}

/** Where a link leads that leads to no file yet; any other path as it is. @throws OutputError for links in a circle */
async function followLink(path: string): Promise<string> {
  const passed = new Set<string>();
  for (let at = path; ; ) {
    const target = await readlink(at).catch(() => undefined);
    if (target === undefined) return at;
    if (passed.has(at)) throw createOutputError(path, 'its links lead in a circle');
    passed.add(at);
    at = resolve(dirname(at), target);
  }
}

/**
 * @param name the path in messages
 * @param replaced the file that this one replaces: it keeps its permissions and, where that is allowed, its owner
 */
async function writeInto(
  name: string,
  path: string,
  parts: AsyncIterable<string | Uint8Array>,
  replaced?: Stats,
): Promise<void> {
  try {
    // A private file is private from its first byte on.
    const handle = await open(path, 'w', replaced === undefined ? 0o666 : 0o600);
    try {
      if (replaced !== undefined) {
        await handle.chown(replaced.uid, replaced.gid).catch(() => undefined);
        await handle.chmod(replaced.mode & 0o7777);
      }
      for await (const part of parts) await handle.writeFile(part);
      if ((await handle.stat()).isFile()) await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof PynvestError || !(error instanceof Error)) throw error;
    if (!('syscall' in error)) throw error;
    throw createOutputError(name, describeDiskError(error), error);
  }
}

/** Removes the file if the process ends before it is renamed; returns what cancels that. */
function removeOnExit(temporary: string): () => void {
  const remove = (): void => rmSync(temporary, { force: true });
  const interrupt = (signal: NodeJS.Signals): void => {
    if (!endsOnInterrupt()) process.exit(getSignalStatus(signal));
  };
  process.on('exit', remove).on('SIGINT', interrupt).on('SIGTERM', interrupt);
  return () => {
    process.off('exit', remove).off('SIGINT', interrupt).off('SIGTERM', interrupt);
  };
}

const OUTPUT_HINT = 'Name a file in a writable folder: --output FILE.';

function createOutputError(path: string, reason: string, cause?: unknown): OutputError {
  return new OutputError(`cannot write ${path}: ${reason}`, {
    hint: isDiskFull(cause)
      ? 'Free some space, or name a file on another disk: --output FILE.'
      : OUTPUT_HINT,
    cause,
  });
}

/**
 * The person's file of successions, in the configuration folder: which ticker continues another, where B3's files do
 * not show it.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import envPaths from 'env-paths';
import { toTicker } from '../catalog/ticker.ts';
import { describeDiskError, getErrorCode, SettingsError } from '../errors.ts';
import type { Successions } from '../transform/lineage.ts';

/** Where it is; it need not exist. */
export function getSuccessionsPath(): string {
  return join(envPaths('pynvest', { suffix: '' }).config, 'successions.csv');
}

/** None where there is no file. @throws SettingsError if it cannot be read */
export async function readSuccessions(): Promise<Successions> {
  const path = getSuccessionsPath();
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (getErrorCode(error) === 'ENOENT') return new Map();
    throw createReadError(path, describeDiskError(error), error);
  }
  const parsed = parseSuccessions(text);
  if ('successions' in parsed) return parsed.successions;
  throw createReadError(path, `line ${parsed.wrongLine} is not a succession`);
}

/**
 * Parses the text of the file: a line such as `VVAR3,VIIA3`, or `VVAR3,` for a ticker that no other continues; `#`
 * begins a comment.
 * @returns the successions, or the number of the first line that is none
 */
export function parseSuccessions(
  text: string,
): { readonly successions: Successions } | { readonly wrongLine: number } {
  const successions = new Map<string, string | undefined>();
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    const statement = line.replace(/#.*/, '').trim();
    if (statement === '') continue;
    const [from = '', to = '', ...others] = statement
      .split(',')
      .map((part) => part.trim().toUpperCase());
    const isValid =
      others.length === 0 && statement.includes(',') && from !== to && !successions.has(from);
    // Two tickers cannot have the same successor: its sessions would count twice.
    const isTaken = to !== '' && [...successions.values()].includes(to);
    if (!isValid || isTaken || !isTicker(from) || !(to === '' || isTicker(to)))
      return { wrongLine: at + 1 };
    successions.set(from, to === '' ? undefined : to);
  }
  return { successions };
}

function isTicker(text: string): boolean {
  return toTicker(text) !== undefined;
}

function createReadError(path: string, reason: string, cause?: unknown): SettingsError {
  return new SettingsError(`${path} cannot be read: ${reason}`, {
    hint: 'Each line holds a ticker and the one that continues it, such as VVAR3,VIIA3; without the second one, no other continues it.',
    cause,
  });
}

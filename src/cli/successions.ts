/**
 * The person's file of successions, in the configuration folder: which ticker continues another, where B3's files do
 * not show it.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import envPaths from 'env-paths';
import { toTicker } from '../catalog/ticker.ts';
import { describeDiskError, getErrorCode, SettingsError } from '../errors.ts';
import { parseSuccessions, type Successions } from '../transform/lineage.ts';

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
  const parsed = parseSuccessions(text, (word) => toTicker(word) !== undefined);
  if ('successions' in parsed) return parsed.successions;
  throw createReadError(path, `line ${parsed.wrongLine} is not a succession`);
}

function createReadError(path: string, reason: string, cause?: unknown): SettingsError {
  return new SettingsError(`${path} cannot be read: ${reason}`, {
    hint: 'Each line holds a ticker and the one that continues it, such as VVAR3,VIIA3; without the second one, no other continues it.',
    cause,
  });
}

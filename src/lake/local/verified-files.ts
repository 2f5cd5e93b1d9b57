/**
 * The checksums of the files that a query is about to read: DuckDB answers from a damaged file as if nothing were
 * wrong. To verify hundreds of megabytes costs more than to find one asset in them, so `<root>/_checked/verified.txt`
 * has the state of the files that were verified: one that has kept its size and times is not read again for some weeks.
 * The record can be deleted at any time, and where it cannot be written, the next query verifies all of its files
 * again.
 */

import { type BigIntStats, closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { verifyChecksumOf } from '../parquet/checksum.ts';
import {
  formatState,
  getRecordPath,
  MIN_AGE_NS,
  readSealedText,
  sealText,
} from './checked-files.ts';
import { writeLakeFile } from './disk.ts';

const RECORD_NAME = 'verified.txt';

/** Increased when files are verified in another way. */
const FORMAT_VERSION = '1';

/** So much is verified in some milliseconds: less time than the record takes. */
const UNRECORDED_BYTES = 4_000_000;

/** After that long a file is verified again: a disk that damages one leaves its size and times. */
const VALID_MS = 30 * 86_400_000;

/** How much is read before other work of the process, such as a signal, has its turn. */
const BYTES_AT_ONCE = 32_000_000;

export interface VerifiedFiles {
  /**
   * Those of the files that are not as they were written. A file of another program has no checksum to verify, and one
   * that cannot be read, or not any more, is left to its reader, who names the reason.
   */
  findDamaged(paths: readonly string[]): Promise<ReadonlySet<string>>;
}

interface VerifiedFile {
  readonly state: string;
  /** In milliseconds since 1970. */
  readonly verifiedAt: number;
}

/** @param getTime in milliseconds since 1970 */
export function openVerifiedFiles(root: string, getTime: () => number = Date.now): VerifiedFiles {
  /** Of this process. */
  const verified = new Map<string, VerifiedFile>();
  let isRecordRead = false;

  const isVerified = (path: string, stats: BigIntStats): boolean => {
    const known = verified.get(path);
    if (known?.state !== formatState(stats)) return false;
    const age = getTime() - known.verifiedAt;
    return age >= 0 && age < VALID_MS;
  };

  return {
    async findDamaged(paths) {
      const listed = paths.flatMap((path) => {
        const stats = tryReadStats(path);
        return stats === undefined ? [] : [{ path, stats, bytes: Number(stats.size) }];
      });
      let unverified = listed.filter(({ path, stats }) => !isVerified(path, stats));
      if (!isRecordRead && sumBytes(unverified) > UNRECORDED_BYTES) {
        isRecordRead = true;
        for (const [path, known] of readRecord(root)) {
          if (!verified.has(path)) verified.set(path, known);
        }
        unverified = unverified.filter(({ path, stats }) => !isVerified(path, stats));
      }
      const damaged = new Set<string>();
      let bytesAtOnce = 0;
      for (const { path, stats, bytes } of unverified) {
        bytesAtOnce += bytes;
        if (bytesAtOnce > BYTES_AT_ONCE) {
          await setImmediate();
          bytesAtOnce = 0;
        }
        const verifiedAt = getTime();
        if (isDamaged(path)) damaged.add(path);
        else if (BigInt(verifiedAt) * 1_000_000n - stats.ctimeNs > MIN_AGE_NS) {
          verified.set(path, { state: formatState(stats), verifiedAt });
        }
      }
      if (sumBytes(unverified) > UNRECORDED_BYTES) await saveRecord(root, verified);
      return damaged;
    },
  };
}

function sumBytes(files: readonly { readonly bytes: number }[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

function tryReadStats(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

function isDamaged(path: string): boolean {
  let descriptor: number | undefined;
  try {
    const opened = openSync(path, 'r');
    descriptor = opened;
    const byteLength = fstatSync(opened).size;
    const read = (start: number, end: number): Buffer => {
      const bytes = Buffer.allocUnsafe(end - start);
      if (readSync(opened, bytes, 0, end - start, start) === end - start) return bytes;
      throw new Error(`${path} has become shorter`);
    };
    return verifyChecksumOf({ byteLength, read }) === 'invalid';
  } catch {
    return false;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** After a line with the version, one for each file: when it was verified, its state, and its path within the lake. */
function readRecord(root: string): ReadonlyMap<string, VerifiedFile> {
  const files = new Map<string, VerifiedFile>();
  const text = readSealedText(getRecordPath(root, RECORD_NAME)) ?? '';
  const [version, ...lines] = text.split('\n');
  if (version !== FORMAT_VERSION) return files;
  for (const line of lines) {
    const [verifiedAt = '', state = '', path = ''] = line.split('\t', 3);
    files.set(join(root, path), { state, verifiedAt: Number(verifiedAt) });
  }
  return files;
}

/** Writes down the files that exist. It only saves time, so a failure has no consequence. */
async function saveRecord(root: string, files: ReadonlyMap<string, VerifiedFile>): Promise<void> {
  const lines = [FORMAT_VERSION];
  for (const [path, { state, verifiedAt }] of files) {
    const name = relative(root, path);
    if (/[\t\n]/.test(name) || tryReadStats(path) === undefined) continue;
    lines.push([verifiedAt, state, name].join('\t'));
  }
  const text = sealText(lines.join('\n'));
  await writeLakeFile(root, getRecordPath(root, RECORD_NAME), text).catch(() => undefined);
}

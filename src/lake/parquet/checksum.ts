/**
 * The checksum of a Parquet file, in the metadata of its footer: a file that was damaged on a disk is recognized by
 * it before any of its counts and values are used. It covers every byte of the file, its own 64 digits as zeros.
 */

import { createHash } from 'node:crypto';
import type { KeyValue } from 'hyparquet';
import { BrokenFileError } from '../../errors.ts';

const CHECKSUM_KEY = 'pynvest.sha256';
const DIGITS = 64;
const ZEROS = '0'.repeat(DIGITS);

/**
 * Names the writer of a file that has a checksum, in the form `<name> version <version> (build <build>)`. It does not
 * have pynvest's own version: the same rows always give the same bytes.
 */
export const CREATED_BY = 'pynvest version 1.0 (build checksum)';

/** The metadata to write into a file, before `sealChecksum` replaces the zeros. */
export const checksumPlaceholder = { key: CHECKSUM_KEY, value: ZEROS } satisfies KeyValue;

/** Puts the checksum into a file that was written with the placeholder. Changes the bytes. */
export function sealChecksum(file: Uint8Array): void {
  const bytes = toBuffer(file);
  const at = findDigits(bytes);
  if (at === undefined) throw new Error('the file has no place for its checksum');
  bytes.write(computeChecksum(bytes, at), at, 'latin1');
}

/** Puts the checksum into a file that is written in pieces, of which the last one has the whole footer. */
export function createChecksumSealer(): {
  add(piece: Uint8Array): void;
  /** Changes the bytes. */
  sealLast(piece: Uint8Array): void;
} {
  const hash = createHash('sha256');
  return {
    add(piece) {
      hash.update(piece);
    },
    sealLast(piece) {
      const bytes = toBuffer(piece);
      const at = findDigits(bytes);
      if (at === undefined) throw new Error('the file has no place for its checksum');
      bytes.write(hash.update(bytes).digest('hex'), at, 'latin1');
    },
  };
}

/** `absent` if the file was written without one, as by another program. */
type ChecksumState = 'valid' | 'invalid' | 'absent';

export function verifyChecksum(file: Uint8Array): ChecksumState {
  const bytes = toBuffer(file);
  const at = findDigits(bytes);
  // The name of the writer tells that the key itself is damaged.
  if (at === undefined) return getFooter(bytes).includes(CREATED_BY) ? 'invalid' : 'absent';
  const found = bytes.toString('latin1', at, at + DIGITS);
  return found === computeChecksum(bytes, at) ? 'valid' : 'invalid';
}

/** @throws BrokenFileError naming `origin` if the file is not as it was written */
export function assertIntact(file: Uint8Array, origin: string): ChecksumState {
  const state = verifyChecksum(file);
  if (state === 'invalid') {
    throw new BrokenFileError(`${origin} is damaged: its checksum does not match its bytes`);
  }
  return state;
}

function computeChecksum(bytes: Buffer, digitsAt: number): string {
  return createHash('sha256')
    .update(bytes.subarray(0, digitsAt))
    .update(ZEROS)
    .update(bytes.subarray(digitsAt + DIGITS))
    .digest('hex');
}

/** Where the digits are: after the key, a byte for the next field and a byte for its length. */
function findDigits(bytes: Buffer): number | undefined {
  const footer = getFooter(bytes);
  const key = footer.lastIndexOf(CHECKSUM_KEY);
  if (key < 0) return undefined;
  return footer.byteOffset - bytes.byteOffset + key + CHECKSUM_KEY.length + 2;
}

/** The magic number and the length before it. */
const TRAILER_BYTES = 8;

/** The bytes of the footer, by its length at the end of the file; all bytes if that length is impossible. */
function getFooter(bytes: Buffer): Buffer {
  if (bytes.byteLength < TRAILER_BYTES) return bytes;
  const start =
    bytes.byteLength - TRAILER_BYTES - bytes.readUInt32LE(bytes.byteLength - TRAILER_BYTES);
  return start < 0 ? bytes : bytes.subarray(start);
}

function toBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

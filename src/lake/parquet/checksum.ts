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
  createChecksumSealer().sealLast(file);
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
      // The last key of the file: an earlier one would be a text in its rows.
      const at = findDigits(bytes);
      if (at === undefined) throw new Error('the file has no place for its checksum');
      bytes.write(hash.update(bytes).digest('hex'), at, 'latin1');
    },
  };
}

/** `absent` if the file was written without one, as by another program. */
type ChecksumState = 'valid' | 'invalid' | 'absent';

/** The bytes of a file, which need not be in memory. */
interface ByteSource {
  readonly byteLength: number;
  /** The bytes from `start` up to `end`. */
  read(start: number, end: number): Buffer;
}

export function verifyChecksum(file: Uint8Array): ChecksumState {
  const bytes = toBuffer(file);
  const { byteLength } = bytes;
  return verifyChecksumOf({ byteLength, read: (start, end) => bytes.subarray(start, end) });
}

/** How much of a file is hashed at once. */
const PIECE_BYTES = 1 << 20;

/** Reads a file without a checksum no further than its footer. */
export function verifyChecksumOf(source: ByteSource): ChecksumState {
  const footerAt = findFooter(source);
  const footer = source.read(footerAt, source.byteLength);
  const inFooter = findDigits(footer);
  if (inFooter === undefined) return isOurs(footer) ? 'invalid' : 'absent';
  const at = footerAt + inFooter;
  const hash = createHash('sha256');
  for (let start = 0; start < at; start += PIECE_BYTES) {
    hash.update(source.read(start, Math.min(start + PIECE_BYTES, at)));
  }
  hash.update(ZEROS).update(footer.subarray(inFooter + DIGITS));
  const found = footer.toString('latin1', inFooter, inFooter + DIGITS);
  if (found === hash.digest('hex')) return 'valid';
  return isOfAnother(footer) ? 'absent' : 'invalid';
}

/** @throws BrokenFileError naming `origin` if the file is not as it was written */
export function assertIntact(file: Uint8Array, origin: string): ChecksumState {
  const state = verifyChecksum(file);
  if (state === 'invalid') throw createDamagedError(origin);
  return state;
}

/** The error of a file that is not as it was written. */
export function createDamagedError(
  origin: string,
  options: { readonly hint?: string; readonly partition?: number | undefined } = {},
): BrokenFileError {
  const reason = 'its checksum does not match its bytes';
  return new BrokenFileError(`${origin} is damaged: ${reason}`, options);
}

/** Either half of the writer's name tells that the file is ours, also where a part of its footer is damaged. */
function isOurs(footer: Buffer): boolean {
  return WRITER_MARKS.some((mark) => footer.includes(mark));
}

const WRITER_MARKS = ['pynvest version', 'build checksum)'];

/**
 * Programs that keep the metadata of a file which they read, and write other bytes: pyarrow, and what is built on it.
 */
function isOfAnother(footer: Buffer): boolean {
  return !isOurs(footer) && footer.includes('parquet-cpp');
}

/** Where the digits are: after the key, a byte for the next field and a byte for its length. */
function findDigits(footer: Buffer): number | undefined {
  const key = footer.lastIndexOf(CHECKSUM_KEY);
  return key < 0 ? undefined : key + CHECKSUM_KEY.length + 2;
}

/** The magic number and the length before it. */
const TRAILER_BYTES = 8;

/** What is looked through at least, since the length of the footer may be damaged: ours is mostly shorter. */
const TAIL_BYTES = 1 << 16;

/** No footer of ours comes near it. */
const MAX_FOOTER_BYTES = 1 << 26;

/** Where the footer begins by its length at the end of the file, or before that. */
function findFooter({ byteLength, read }: ByteSource): number {
  const tail = Math.max(0, byteLength - TAIL_BYTES);
  if (byteLength < TRAILER_BYTES) return tail;
  const trailer = read(byteLength - TRAILER_BYTES, byteLength);
  const start = byteLength - TRAILER_BYTES - trailer.readUInt32LE(0);
  return start < 0 || byteLength - start > MAX_FOOTER_BYTES ? tail : Math.min(start, tail);
}

function toBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

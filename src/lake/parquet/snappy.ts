/**
 * Compression in the Snappy format: literals, and copies of what came at most 64 KB before. The library has one too,
 * which writes byte by byte into a buffer that grows; it took a third of the time of writing a file. Pure.
 */

const HASH_BITS = 13;
const HASH_SHIFT = 32 - HASH_BITS;
/** Any odd number with well-mixed bits will do. */
const HASH_FACTOR = 0x9e3779b1;

const MIN_MATCH = 4;
const MAX_OFFSET = 0xffff;
const MAX_COPY = 64;
/** Copies of this length or more need no more bytes in the long form. */
const MIN_LONG_COPY = 12;
const MAX_SHORT_OFFSET = 2048;
/** A literal of at most so many bytes has its length in the tag. */
const MAX_TAGGED_LITERAL = 60;

/** After every 32 positions without a match the steps become longer: what does not repeat is passed over quickly. */
const STEP_SHIFT = 5;

/** Where four bytes with a hash were last seen. */
const positions = new Int32Array(1 << HASH_BITS);

export function compressSnappy(input: Uint8Array): Uint8Array {
  const { length } = input;
  const view = new DataView(input.buffer, input.byteOffset, length);
  // A tag for each 60 bytes or fewer, and the length in front; a copy is never longer than what it replaces.
  const output = new Uint8Array(length + Math.ceil(length / 6) + 32);
  let size = writeVarint(output, length);
  positions.fill(-1);
  let literalStart = 0;
  let at = 0;
  let step = 1 << STEP_SHIFT;
  while (at + MIN_MATCH <= length) {
    const bytes = view.getUint32(at, true);
    const hash = Math.imul(bytes, HASH_FACTOR) >>> HASH_SHIFT;
    const candidate = positions[hash] ?? -1;
    positions[hash] = at;
    const isMatch =
      candidate >= 0 && at - candidate <= MAX_OFFSET && view.getUint32(candidate, true) === bytes;
    if (!isMatch) {
      at += step >>> STEP_SHIFT;
      step += 1;
      continue;
    }
    size = writeLiteral(output, size, input, literalStart, at);
    const offset = at - candidate;
    let end = at + MIN_MATCH;
    while (end < length && input[end] === input[end - offset]) end += 1;
    size = writeCopies(output, size, offset, end - at);
    at = end;
    literalStart = end;
    step = 1 << STEP_SHIFT;
  }
  size = writeLiteral(output, size, input, literalStart, length);
  return output.subarray(0, size);
}

function writeVarint(output: Uint8Array, value: number): number {
  let size = 0;
  let left = value;
  for (; left >= 0x80; left >>>= 7) {
    output[size] = (left & 0x7f) | 0x80;
    size += 1;
  }
  output[size] = left;
  return size + 1;
}

/** Returns the new size of the output, as the next function does. */
function writeLiteral(
  output: Uint8Array,
  start: number,
  input: Uint8Array,
  from: number,
  to: number,
): number {
  const length = to - from;
  if (length === 0) return start;
  let size = start;
  if (length <= MAX_TAGGED_LITERAL) {
    output[size] = (length - 1) << 2;
    size += 1;
  } else {
    const bytes = length <= 0x100 ? 1 : length <= 0x10000 ? 2 : length <= 0x1000000 ? 3 : 4;
    output[size] = (MAX_TAGGED_LITERAL - 1 + bytes) << 2;
    size += 1;
    for (let index = 0; index < bytes; index += 1) {
      output[size] = ((length - 1) >>> (8 * index)) & 0xff;
      size += 1;
    }
  }
  // For a few bytes a loop is quicker than a view of them.
  if (length > 32) output.set(input.subarray(from, to), size);
  else
    for (let index = 0; index < length; index += 1) output[size + index] = input[from + index] ?? 0;
  return size + length;
}

function writeCopies(output: Uint8Array, start: number, offset: number, length: number): number {
  let size = start;
  let left = length;
  while (left > 0) {
    // What remains has to be at least as long as the shortest copy.
    const count = left <= MAX_COPY ? left : Math.min(MAX_COPY, left - MIN_MATCH);
    if (count < MIN_LONG_COPY && offset < MAX_SHORT_OFFSET) {
      output[size] = 1 | ((count - MIN_MATCH) << 2) | ((offset >>> 8) << 5);
      output[size + 1] = offset & 0xff;
      size += 2;
    } else {
      output[size] = 2 | ((count - 1) << 2);
      output[size + 1] = offset & 0xff;
      output[size + 2] = offset >>> 8;
      size += 3;
    }
    left -= count;
  }
  return size;
}

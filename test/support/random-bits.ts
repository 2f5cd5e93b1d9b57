/** Bits to flip in the bytes of a file, the same ones in each run. */

/** The bytes, with one bit the other way. */
export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  const at = Math.floor(bit / 8);
  flipped[at] = (flipped[at] ?? 0) ^ (1 << (bit % 8));
  return flipped;
}

/** Whole numbers below `bound`, the same ones in each run; others with PYNVEST_TEST_SEED. */
export function* randomBelow(bound: number, count: number): Generator<number> {
  let state = Number(process.env['PYNVEST_TEST_SEED'] ?? 0x2026_1120);
  for (let at = 0; at < count; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield Math.floor((state / 2 ** 32) * bound);
  }
}

/** Whole numbers as runs of equal and of packed ones, as Parquet stores levels and positions in a dictionary. Pure. */

/** A page of positions in a dictionary: their width in bits, then runs. */
export function encodeIndices(
  indices: Uint32Array,
  count: number,
  dictionarySize: number,
): Uint8Array {
  const width = Math.ceil(Math.log2(dictionarySize));
  const runs = encodeRuns(indices, count, width);
  const page = new Uint8Array(1 + runs.byteLength);
  page[0] = width;
  page.set(runs, 1);
  return page;
}

/** Fewer equal values are packed with their neighbours. */
const MIN_RUN = 8;

/** The hybrid of repeated and of packed values: Parquet, "RLE/Bit-Packing Hybrid". */
export function encodeRuns(
  values: Uint32Array | Uint8Array,
  count: number,
  width: number,
): Uint8Array {
  const output = new Uint8Array(Math.ceil((count * width) / 8) + 6 * Math.ceil(count / 8) + 16);
  let size = 0;
  const writeVarint = (value: number): void => {
    let left = value;
    for (; left >= 0x80; left >>>= 7) {
      output[size] = (left & 0x7f) | 0x80;
      size += 1;
    }
    output[size] = left;
    size += 1;
  };
  const writePacked = (start: number, end: number): void => {
    if (end === start) return;
    writeVarint((((end - start) / 8) << 1) | 1);
    let buffer = 0;
    let bits = 0;
    for (let at = start; at < end; at += 1) {
      if (at < count) buffer |= (values[at] as number) << bits;
      bits += width;
      for (; bits >= 8; bits -= 8) {
        output[size] = buffer & 0xff;
        size += 1;
        buffer >>>= 8;
      }
    }
  };
  let packedStart = 0;
  let at = 0;
  while (at < count) {
    const value = values[at] as number;
    let end = at + 1;
    while (end < count && values[end] === value) end += 1;
    if (end - at < MIN_RUN) {
      at += MIN_RUN;
      continue;
    }
    writePacked(packedStart, at);
    writeVarint((end - at) << 1);
    for (let shift = 0; shift < width; shift += 8) {
      output[size] = (value >>> shift) & 0xff;
      size += 1;
    }
    at = end;
    packedStart = end;
  }
  writePacked(packedStart, at);
  return output.subarray(0, size);
}

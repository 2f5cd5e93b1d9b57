/** The values of a column chunk as pages: plain, or as a dictionary and positions in it, with their bounds. Pure. */
import type { Statistics } from 'hyparquet';
import type { ColumnType, TextCodes } from '../../catalog/column.ts';
import { encodeIndices } from './encode-runs.ts';

/** What a chunk of a column has beside its values. */
interface ChunkValues {
  /** The different values; undefined where a dictionary would not make the chunk smaller. */
  readonly dictionary: { readonly bytes: Uint8Array; readonly count: number } | undefined;
  /** The page without its levels. */
  readonly page: Uint8Array;
  /** One a row: 1 where it has a value. */
  readonly present: Uint8Array;
  readonly nulls: number;
  readonly min: Statistics['min_value'];
  readonly max: Statistics['max_value'];
}

export function encodeTexts(
  { values, codes }: TextCodes,
  encoded: readonly Uint8Array[],
  start: number,
  end: number,
): ChunkValues {
  const present = new Uint8Array(end - start);
  const positions = new Int32Array(values.length).fill(-1);
  const indices = new Uint32Array(end - start);
  const dictionary: number[] = [];
  let count = 0;
  for (let row = start; row < end; row += 1) {
    const code = codes[row] as number;
    let position = positions[code] as number;
    if (position < 0) {
      if (values[code] === null) continue;
      position = dictionary.length;
      positions[code] = position;
      dictionary.push(code);
    }
    present[row - start] = 1;
    indices[count] = position;
    count += 1;
  }
  const nulls = end - start - count;
  if (dictionary.length === 0) return { ...WITHOUT_VALUES, present, nulls };
  const texts = dictionary.map((code) => encoded[code] ?? new Uint8Array());
  const bytes = new Uint8Array(texts.reduce((sum, text) => sum + 4 + text.byteLength, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const text of texts) {
    view.setUint32(at, text.byteLength, true);
    bytes.set(text, at + 4);
    at += 4 + text.byteLength;
  }
  const sorted = [...texts].sort(Buffer.compare);
  return {
    dictionary: { bytes, count: dictionary.length },
    page: encodeIndices(indices, count, dictionary.length),
    present,
    nulls,
    min: sorted.at(0),
    max: sorted.at(-1),
  };
}

const WITHOUT_VALUES = {
  dictionary: undefined,
  page: new Uint8Array(),
  min: undefined,
  max: undefined,
} as const;

export function encodeNumbers(type: ColumnType, values: Float64Array): ChunkValues {
  const present = new Uint8Array(values.length);
  const filled = new Float64Array(values.length);
  let count = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row] as number;
    if (Number.isNaN(value)) continue;
    present[row] = 1;
    filled[count] = value;
    count += 1;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const nulls = values.length - count;
  if (count === 0) return { ...WITHOUT_VALUES, present, nulls };
  const numbers = filled.subarray(0, count);
  const dictionary = type === 'boolean' ? undefined : createNumberDictionary(numbers);
  const encoded =
    dictionary === undefined
      ? { dictionary: undefined, page: encodePlain(type, numbers) }
      : {
          dictionary: {
            bytes: encodePlain(type, dictionary.values),
            count: dictionary.values.length,
          },
          page: encodeIndices(dictionary.indices, count, dictionary.values.length),
        };
  return { ...encoded, present, nulls, ...toStatistics(type, min, max) };
}

/** The bounds as the library takes them. By the format, a bound of 0 is -0 below and +0 above. */
function toStatistics(
  type: ColumnType,
  min: number,
  max: number,
): Pick<ChunkValues, 'min' | 'max'> {
  if (type === 'bigint') return { min: BigInt(min), max: BigInt(max) };
  if (type === 'boolean') return { min: min === 1, max: max === 1 };
  if (type === 'date') return { min, max };
  return { min: min === 0 ? -0 : min, max: max === 0 ? 0 : max };
}

/** With more different values than this share of all, a dictionary would hardly save anything. */
const MAX_DISTINCT_SHARE = 0.5;

/** The different numbers, by their bits, in the order in which they occur. */
function createNumberDictionary(
  numbers: Float64Array,
): { readonly values: Float64Array; readonly indices: Uint32Array } | undefined {
  const most = Math.max(1, Math.floor(numbers.length * MAX_DISTINCT_SHARE));
  const words = new Int32Array(numbers.buffer, numbers.byteOffset, 2 * numbers.length);
  const size = 2 ** Math.ceil(Math.log2(2 * most + 1));
  const slots = new Int32Array(size);
  const values = new Float64Array(most);
  const valueWords = new Int32Array(values.buffer);
  const indices = new Uint32Array(numbers.length);
  let count = 0;
  for (let row = 0; row < numbers.length; row += 1) {
    const low = words[2 * row] as number;
    const high = words[2 * row + 1] as number;
    const hash = Math.imul(Math.imul(low, 0x9e3779b1) ^ high, 0x85ebca6b);
    let slot = (hash ^ (hash >>> 15)) & (size - 1);
    for (;;) {
      const index = (slots[slot] as number) - 1;
      if (index < 0) {
        if (count === most) return undefined;
        values[count] = numbers[row] as number;
        indices[row] = count;
        count += 1;
        slots[slot] = count;
        break;
      }
      if (valueWords[2 * index] === low && valueWords[2 * index + 1] === high) {
        indices[row] = index;
        break;
      }
      slot = (slot + 1) & (size - 1);
    }
  }
  return { values: values.subarray(0, count), indices };
}

function encodePlain(type: ColumnType, numbers: Float64Array): Uint8Array {
  if (type === 'boolean') {
    const bits = new Uint8Array(Math.ceil(numbers.length / 8));
    for (const [at, bit] of numbers.entries())
      bits[at >> 3] = (bits[at >> 3] ?? 0) | (bit << (at % 8));
    return bits;
  }
  const width = type === 'date' ? 4 : 8;
  const bytes = new Uint8Array(width * numbers.length);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < numbers.length; at += 1) {
    const number = numbers[at] as number;
    if (type === 'double') view.setFloat64(8 * at, number, true);
    else if (type === 'date') view.setInt32(4 * at, number, true);
    else {
      const high = Math.floor(number / 2 ** 32);
      view.setInt32(8 * at, number - high * 2 ** 32, true);
      view.setInt32(8 * at + 4, high, true);
    }
  }
  return bytes;
}

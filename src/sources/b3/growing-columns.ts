/**
 * Columns that grow row by row, without an object a row: texts of a fixed width, numbers, and their order. A year has
 * hundreds of thousands of rows. Pure.
 */
import type { TextCodes } from '../../catalog/column.ts';

/** What a column has room for at first. */
export const INITIAL_ROWS = 4_096;

/** Growing numbers; an absent one is NaN. */
export class NumberColumn {
  values = new Float64Array(INITIAL_ROWS);

  grow(capacity: number): void {
    const values = new Float64Array(capacity);
    values.set(this.values);
    this.values = values;
  }
}

/**
 * Growing texts of a fixed width, padded with blanks, each different one stored once. They are compared as bytes: a
 * string is made only of those that are new.
 */
export class TextColumn {
  codes = new Uint32Array(INITIAL_ROWS);
  readonly #width: number;
  readonly #values: (string | null)[] = [];
  #bytes: Uint8Array;
  /** Open addressing: a code plus one, or 0. */
  #slots = new Uint32Array(1_024);
  #codesByText: Map<string | null, number> | undefined;

  constructor(width: number) {
    this.#width = width;
    this.#bytes = new Uint8Array(width * 512);
  }

  grow(capacity: number): void {
    const codes = new Uint32Array(capacity);
    codes.set(this.codes);
    this.codes = codes;
  }

  /** Sets the text of a row to the bytes at `start`. */
  set(row: number, bytes: Uint8Array, start: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hash(bytes, start) & mask;
    for (;;) {
      const code = (this.#slots[slot] as number) - 1;
      if (code < 0) {
        const text = bytes.subarray(start, start + this.#width);
        const value = String.fromCharCode(...text).replace(/ +$/, '') || null;
        this.codes[row] = this.#add(text, slot, value);
        return;
      }
      if (this.#isEqual(code, bytes, start)) {
        this.codes[row] = code;
        return;
      }
      slot = (slot + 1) & mask;
    }
  }

  /** The same for a text that is known without its bytes, as those of the lake are. */
  setText(row: number, text: string | null): void {
    this.#codesByText ??= new Map(this.#values.map((value, code) => [value, code]));
    let code = this.#codesByText.get(text);
    if (code === undefined) {
      const bytes = new Uint8Array(this.#width).fill(32);
      // What does not fit was stored by another program, and equals no text of a file: zeros are in none.
      if (isEncodable(text ?? '', this.#width)) bytes.set(Buffer.from(text ?? '', 'latin1'));
      else bytes.fill(0);
      code = this.#add(bytes, this.#findFreeSlot(bytes), text);
    }
    this.codes[row] = code;
  }

  #findFreeSlot(bytes: Uint8Array): number {
    const mask = this.#slots.length - 1;
    let slot = this.#hash(bytes, 0) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    return slot;
  }

  /** The texts by their codes; one of blanks alone is null. */
  get values(): readonly (string | null)[] {
    return this.#values;
  }

  #hash(bytes: Uint8Array, start: number): number {
    let hash = 0;
    for (let at = start; at < start + this.#width; at += 1) {
      hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
    }
    return hash ^ (hash >>> 15);
  }

  #isEqual(code: number, bytes: Uint8Array, start: number): boolean {
    const known = code * this.#width;
    for (let at = 0; at < this.#width; at += 1) {
      if (this.#bytes[known + at] !== bytes[start + at]) return false;
    }
    return true;
  }

  #add(text: Uint8Array, slot: number, value: string | null): number {
    const code = this.#values.length;
    const width = this.#width;
    if ((code + 1) * width > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(text, code * width);
    this.#values.push(value);
    this.#codesByText?.set(value, code);
    this.#slots[slot] = code + 1;
    if (2 * (code + 1) > this.#slots.length) this.#rehash();
    return code;
  }

  #rehash(): void {
    this.#slots = new Uint32Array(4 * this.#slots.length);
    const mask = this.#slots.length - 1;
    for (let code = 0; code < this.#values.length; code += 1) {
      let slot = this.#hash(this.#bytes, code * this.#width) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = code + 1;
    }
  }
}

function isEncodable(text: string, width: number): boolean {
  return text.length <= width && !/[^\x20-\x7e\xa0-\xff]/.test(text);
}

/** For each row the rank of its text. */
export function rankTexts({ codes, values }: TextCodes, length: number): Uint32Array {
  const sorted = [...values.keys()].sort((a, b) => compare(values[a] ?? '', values[b] ?? ''));
  const ranks = new Uint32Array(values.length);
  for (const [rank, code] of sorted.entries()) ranks[code] = rank;
  const byRow = new Uint32Array(length);
  for (let row = 0; row < length; row += 1) byRow[row] = ranks[codes[row] as number] as number;
  return byRow;
}

/** For each row the rank of its number; absent ones come first. */
export function rankNumbers(values: Float64Array): Uint32Array {
  const codes = new Map<number, number>();
  const byRow = new Uint32Array(values.length);
  let last = Number.NaN;
  let code = -1;
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row] as number;
    // A file has the rows of a day one after another.
    if (code < 0 || !Object.is(value, last)) {
      code = codes.get(value) ?? codes.size;
      codes.set(value, code);
      last = value;
    }
    byRow[row] = code;
  }
  const sorted = [...codes.keys()].sort((a, b) =>
    Number.isNaN(a) ? -1 : Number.isNaN(b) ? 1 : a - b,
  );
  const ranks = new Uint32Array(sorted.length);
  for (const [rank, value] of sorted.entries()) ranks[codes.get(value) ?? 0] = rank;
  for (let row = 0; row < byRow.length; row += 1) {
    byRow[row] = ranks[byRow[row] as number] as number;
  }
  return byRow;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Counting sort: stable, and with few different ranks much faster than comparing. */
export function sortByRank(order: Uint32Array, ranks: Uint32Array): Uint32Array {
  let most = 0;
  for (let row = 0; row < ranks.length; row += 1) most = Math.max(most, ranks[row] as number);
  if (most === 0) return order;
  const starts = new Uint32Array(most + 2);
  for (let row = 0; row < ranks.length; row += 1) {
    const next = (ranks[row] as number) + 1;
    starts[next] = (starts[next] as number) + 1;
  }
  for (let rank = 0; rank <= most; rank += 1) {
    starts[rank + 1] = (starts[rank + 1] as number) + (starts[rank] as number);
  }
  const sorted = new Uint32Array(order.length);
  for (let index = 0; index < order.length; index += 1) {
    const row = order[index] as number;
    const rank = ranks[row] as number;
    const at = starts[rank] as number;
    sorted[at] = row;
    starts[rank] = at + 1;
  }
  return sorted;
}

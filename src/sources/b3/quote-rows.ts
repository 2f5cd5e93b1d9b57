/**
 * The quotes of one year as columns: read from several files, joined with those of the lake, sorted, each key once. Pure.
 */
import type { ColumnBatch, TextCodes, WritableColumnBatch } from '../../catalog/column.ts';

const INITIAL_ROWS = 4_096;

/** Growing numbers; an absent one is NaN. */
class NumberColumn {
  values = new Float64Array(INITIAL_ROWS);

  grow(capacity: number): void {
    const values = new Float64Array(capacity);
    values.set(this.values);
    this.values = values;
  }
}

/**
 * Growing texts of a fixed width, padded with blanks, each different one stored once. They are compared as bytes: a string
 * is made only of those that are new.
 */
class TextColumn {
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

/** The bytes of each text field in a file. */
const TEXT_WIDTHS = {
  codigo_ticker_ativo: 12,
  codigo_mercado: 3,
  codigo_bdi: 2,
  nome_resumido: 12,
  especificacao_papel: 10,
  moeda: 4,
  codigo_correcao: 1,
  codigo_isin: 12,
} as const;

const NUMBERS = [
  'dt_pregao',
  'prazo_termo',
  'vlr_abertura',
  'vlr_max',
  'vlr_min',
  'vlr_medio',
  'vlr_fechamento',
  'vlr_melhor_compra',
  'vlr_melhor_venda',
  'qtd_negocios',
  'qtd_titulos',
  'vlr_volume',
  'vlr_exercicio',
  'dt_vencimento',
  'fator_cotacao',
  'vlr_exercicio_pontos',
  'num_distribuicao',
] as const;

type NumberName = (typeof NUMBERS)[number];

/** The number of the lake among the files that rows come from. */
export const LAKE = 0;

/** Where a row comes from. */
export interface RowOrigin {
  /** The number of its file; `LAKE` for one of the lake. */
  readonly source: number;
  readonly line: number;
}

/** Two rows of one key that the files of one import have with different values. */
export interface RowConflict {
  readonly ticker: string;
  /** The day as a number of days since 1970. */
  readonly day: number;
  readonly first: RowOrigin;
  readonly second: RowOrigin;
}

export interface MergedRows {
  readonly batch: WritableColumnBatch;
  /** Rows whose key the lake did not have. */
  readonly added: number;
  /** Rows that the lake had with other values, which the files replace. */
  readonly changed: number;
}

/** Compared as they are by name; one object for all rows, because a year has hundreds of thousands of them. */
export class QuoteRows {
  length = 0;
  readonly texts = mapValues(TEXT_WIDTHS, (width) => new TextColumn(width));
  readonly numbers = Object.fromEntries(
    NUMBERS.map((name) => [name, new NumberColumn()]),
  ) as Readonly<Record<NumberName, NumberColumn>>;
  readonly #allTexts: readonly TextColumn[] = Object.values(this.texts);
  readonly #allNumbers: readonly NumberColumn[] = Object.values(this.numbers);
  #sources = new Uint16Array(INITIAL_ROWS);
  #lines = new Uint32Array(INITIAL_ROWS);

  /** Adds a row without values; returns its position. */
  add(source: number, line: number): number {
    const row = this.length;
    if (row === this.#sources.length) this.#grow(2 * row);
    this.#sources[row] = source;
    this.#lines[row] = line;
    this.length = row + 1;
    return row;
  }

  /** Adds the rows of the lake. */
  addBatch({ rowCount, texts, numbers }: ColumnBatch): void {
    const start = this.length;
    for (let row = 0; row < rowCount; row += 1) this.add(LAKE, row + 1);
    for (const [name, column] of entriesOf(this.texts)) {
      const values = texts[name];
      for (let row = 0; row < rowCount; row += 1)
        column.setText(start + row, values?.[row] ?? null);
    }
    for (const [name, column] of entriesOf(this.numbers)) {
      const values = numbers[name];
      if (values === undefined) column.values.fill(Number.NaN, start, this.length);
      else column.values.set(values, start);
    }
  }

  /** Forgets the rows from this position on. */
  truncate(length: number): void {
    this.length = length;
  }

  #grow(capacity: number): void {
    for (const column of [...this.#allTexts, ...this.#allNumbers]) column.grow(capacity);
    const sources = new Uint16Array(capacity);
    sources.set(this.#sources);
    this.#sources = sources;
    const lines = new Uint32Array(capacity);
    lines.set(this.#lines);
    this.#lines = lines;
  }

  /**
   * The rows by ticker, day, market and term, each key once: a row of a file replaces that of the lake. The same rows give
   * the same result, in whatever order they were added. They are moved out of here, because all markets of a year take half
   * a gigabyte: without a conflict, no row is left.
   */
  merge(): MergedRows | RowConflict {
    const order = this.#sort();
    const kept = new Uint32Array(order.length);
    let count = 0;
    let added = 0;
    let changed = 0;
    for (let at = 0; at < order.length; ) {
      const first = order[at] as number;
      let winner = first;
      let known = this.#sources[first] === LAKE ? first : -1;
      let end = at + 1;
      for (; end < order.length; end += 1) {
        const row = order[end] as number;
        if (!this.#haveSameKey(first, row)) break;
        const isFromLake = this.#sources[row] === LAKE;
        if (isFromLake) known = row;
        // Of two rows of the lake the second is of its newer file.
        if (this.#sources[winner] === LAKE) winner = row;
        else if (isFromLake) continue;
        else if (!this.#areEqual(winner, row)) return this.#describeConflict(winner, row);
      }
      if (known < 0) added += 1;
      else if (winner !== known && !this.#areEqual(winner, known)) changed += 1;
      kept[count] = winner;
      count += 1;
      at = end;
    }
    return { batch: this.#gather(kept.subarray(0, count)), added, changed };
  }

  /** Positions of the rows by ticker, day, market and term; equal ones in the order in which they were added. */
  #sort(): Uint32Array {
    const { codigo_ticker_ativo: tickers, codigo_mercado: markets } = this.texts;
    const { dt_pregao: days, prazo_termo: terms } = this.numbers;
    const { length } = this;
    let order: Uint32Array = new Uint32Array(length);
    for (let row = 0; row < length; row += 1) order[row] = row;
    for (const ranks of [
      rankNumbers(terms.values.subarray(0, length)),
      rankTexts(markets, length),
      rankNumbers(days.values.subarray(0, length)),
      rankTexts(tickers, length),
    ]) {
      order = sortByRank(order, ranks);
    }
    return order;
  }

  #haveSameKey(first: number, second: number): boolean {
    const { codigo_ticker_ativo: tickers, codigo_mercado: markets } = this.texts;
    const { dt_pregao: days, prazo_termo: terms } = this.numbers;
    return (
      tickers.codes[first] === tickers.codes[second] &&
      days.values[first] === days.values[second] &&
      markets.codes[first] === markets.codes[second] &&
      Object.is(terms.values[first], terms.values[second])
    );
  }

  #areEqual(first: number, second: number): boolean {
    for (const { codes } of this.#allTexts) {
      if (codes[first] !== codes[second]) return false;
    }
    for (const { values } of this.#allNumbers) {
      if (!Object.is(values[first], values[second])) return false;
    }
    return true;
  }

  #describeConflict(first: number, second: number): RowConflict {
    const { codigo_ticker_ativo: tickers } = this.texts;
    const originOf = (row: number): RowOrigin => ({
      source: this.#sources[row] ?? LAKE,
      line: this.#lines[row] ?? 0,
    });
    return {
      ticker: tickers.values[tickers.codes[first] ?? 0] ?? '',
      day: this.numbers.dt_pregao.values[first] ?? 0,
      first: originOf(first),
      second: originOf(second),
    };
  }

  #gather(rows: Uint32Array): WritableColumnBatch {
    this.length = 0;
    this.#sources = new Uint16Array(INITIAL_ROWS);
    this.#lines = new Uint32Array(INITIAL_ROWS);
    const texts = mapValues(this.texts, (column): TextCodes => {
      const { codes, values } = column;
      column.codes = new Uint32Array(INITIAL_ROWS);
      const gathered = new Uint32Array(rows.length);
      for (let at = 0; at < rows.length; at += 1)
        gathered[at] = codes[rows[at] as number] as number;
      return { values, codes: gathered };
    });
    const numbers = mapValues(this.numbers, (column) => {
      const { values } = column;
      column.values = new Float64Array(INITIAL_ROWS);
      const gathered = new Float64Array(rows.length);
      for (let at = 0; at < rows.length; at += 1) {
        gathered[at] = values[rows[at] as number] as number;
      }
      return gathered;
    });
    return { rowCount: rows.length, texts, numbers };
  }
}

function entriesOf<Name extends string, Value>(
  record: Readonly<Record<Name, Value>>,
): [Name, Value][] {
  return Object.entries(record) as [Name, Value][];
}

function mapValues<Name extends string, From, To>(
  record: Readonly<Record<Name, From>>,
  convert: (value: From) => To,
): Readonly<Record<Name, To>> {
  const entries = entriesOf(record).map(([name, value]) => [name, convert(value)] as const);
  return Object.fromEntries(entries) as Record<Name, To>;
}

/** For each row the rank of its text. */
function rankTexts({ codes, values }: TextCodes, length: number): Uint32Array {
  const sorted = [...values.keys()].sort((a, b) => compare(values[a] ?? '', values[b] ?? ''));
  const ranks = new Uint32Array(values.length);
  for (const [rank, code] of sorted.entries()) ranks[code] = rank;
  const byRow = new Uint32Array(length);
  for (let row = 0; row < length; row += 1) byRow[row] = ranks[codes[row] as number] as number;
  return byRow;
}

/** For each row the rank of its number; absent ones come first. */
function rankNumbers(values: Float64Array): Uint32Array {
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
function sortByRank(order: Uint32Array, ranks: Uint32Array): Uint32Array {
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

const DAYS_OF_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const DAY_MS = 86_400_000;

/** The number of days since 1970 of a day written AAAAMMDD; undefined where the calendar has no such day. */
export function toDayNumber(digits: number): number | undefined {
  const year = Math.floor(digits / 10_000);
  const month = Math.floor(digits / 100) % 100;
  const day = digits % 100;
  if (year < 1900 || day < 1 || day > (DAYS_OF_MONTHS[month - 1] ?? 0)) return undefined;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (month === 2 && day === 29 && !isLeap) return undefined;
  return Date.UTC(year, month - 1, day) / DAY_MS;
}

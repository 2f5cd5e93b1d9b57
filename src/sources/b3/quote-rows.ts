/**
 * The quotes of one year as columns: read from several files, joined with those of the lake, sorted, each key once.
 * Pure.
 */
import type { ColumnBatch, TextCodes, WritableColumnBatch } from '../../catalog/column.ts';
import {
  INITIAL_ROWS,
  NumberColumn,
  rankNumbers,
  rankTexts,
  sortByRank,
  TextColumn,
} from './growing-columns.ts';

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
interface RowOrigin {
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

interface MergedRows {
  readonly batch: WritableColumnBatch;
  /** Rows whose key the lake did not have. */
  readonly added: number;
  /** Rows that the lake had with other values, which the files replace. */
  readonly changed: number;
  /** By row, on which day its file was made, in days since 1970. */
  readonly made: Uint32Array;
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
  #made = new Uint32Array(INITIAL_ROWS);

  /**
   * Adds a row without values; returns its position.
   * @param made the day on which its file was made, in days since 1970
   */
  add(source: number, line: number, made: number): number {
    const row = this.length;
    if (row === this.#sources.length) this.#grow(2 * row);
    this.#sources[row] = source;
    this.#lines[row] = line;
    this.#made[row] = made;
    this.length = row + 1;
    return row;
  }

  /** Adds the rows of the lake. @param made by row, as for one */
  addBatch({ rowCount, texts, numbers }: ColumnBatch, made: Uint32Array): void {
    const start = this.length;
    for (let row = 0; row < rowCount; row += 1) this.add(LAKE, row + 1, made[row] ?? 0);
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
    const made = new Uint32Array(capacity);
    made.set(this.#made);
    this.#made = made;
  }

  /**
   * The rows by ticker, day, market and term, each key once: that of the file that was made last. Of two made on one
   * day, a file replaces the lake, and two files must agree. The same rows give the same result, in whatever order they
   * were added. They are moved out of here, because all markets of a year take half a gigabyte: without a conflict, no
   * row is left.
   */
  merge(): MergedRows | RowConflict {
    const order = this.#sort();
    const kept = new Uint32Array(order.length);
    let count = 0;
    let added = 0;
    let changed = 0;
    for (let at = 0; at < order.length; ) {
      const first = order[at] as number;
      let known = -1;
      let newest = 0;
      let end = at;
      for (; end < order.length; end += 1) {
        const row = order[end] as number;
        if (end > at && !this.#haveSameKey(first, row)) break;
        // Of two rows of the lake the second is of its newer file.
        if (this.#sources[row] === LAKE) known = row;
        newest = Math.max(newest, this.#made[row] as number);
      }
      let winner = known;
      for (let index = at; index < end; index += 1) {
        const row = order[index] as number;
        if (this.#sources[row] === LAKE || this.#made[row] !== newest) continue;
        if (winner === known) winner = row;
        else if (!this.#areEqual(winner, row)) return this.#describeConflict(winner, row);
      }
      if (known < 0) added += 1;
      else if (winner !== known && !this.#areEqual(winner, known)) changed += 1;
      kept[count] = winner;
      count += 1;
      at = end;
    }
    const made = kept.subarray(0, count).map((row) => this.#made[row] as number);
    return { batch: this.#gather(kept.subarray(0, count)), added, changed, made };
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
    this.#made = new Uint32Array(INITIAL_ROWS);
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

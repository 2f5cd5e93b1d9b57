/**
 * B3's files of historical prices (COTAHIST), parsed as they stream by. A file is a header (type 00), records of 245
 * bytes in ISO-8859-1 (01), and a trailer (99) with the count of them all. Every byte of every record is checked, of
 * the markets that are not kept too; a file that breaks a rule is refused with its line. Pure.
 *
 * Source of the layout: B3, "Layout do arquivo – cotações históricas".
 */
import { formatDayNumber } from '../../catalog/column.ts';
import { CASH_MARKET } from '../../catalog/datasets/b3.ts';
import { formatIsoDate, type Partition } from '../../catalog/partition.ts';
import { InvalidFileError } from '../../errors.ts';
import { quoteBriefly } from '../../text.ts';
import { type QuoteRows, toDayNumber } from './quote-rows.ts';

/** Without its line end. */
const RECORD_BYTES = 245;

/** A file of a year may be dated the last day but one of its sessions. */
const MAX_DAYS_AFTER_MADE = 1;

/** A field: where it begins, counted from 0, and its bytes. */
type Field = readonly [start: number, length: number];

const DAY: Field = [2, 8];
const BDI: Field = [10, 2];
const TICKER: Field = [12, 12];
const MARKET: Field = [24, 3];
const NAME: Field = [27, 12];
const SPECIFICATION: Field = [39, 10];
const TERM: Field = [49, 3];
const CURRENCY: Field = [52, 4];
const STRIKE: Field = [188, 13];
const CORRECTION: Field = [201, 1];
const EXPIRY: Field = [202, 8];
const FACTOR: Field = [210, 7];
const HIGH: Field = [69, 13];
const LOW: Field = [82, 13];
const CLOSE: Field = [108, 13];
const POINTS: Field = [217, 13];
const ISIN: Field = [230, 12];
const DISTRIBUTION: Field = [242, 3];

/** Of the header and the trailer: `COTAHIST.2024`, `BOVESPA `, and the day on which B3 made the file. */
const EDGE = /^(?:00|99)COTAHIST\.(\d{4})BOVESPA (\d{8})/;
/** Of the trailer: the count of all records, itself and the header included. */
const COUNT: Field = [31, 11];

/** The numbers of a record from its opening price to its points, one after another: 174 digits. */
const DIGITS_START = 56;
const DIGITS_END = 230;

const NUMBERS: readonly (readonly [name: string, field: Field])[] = [
  ['opening price', [56, 13]],
  ['highest price', HIGH],
  ['lowest price', LOW],
  ['mean price', [95, 13]],
  ['closing price', CLOSE],
  ['best bid', [121, 13]],
  ['best ask', [134, 13]],
  ['number of trades', [147, 5]],
  ['quantity', [152, 18]],
  ['volume', [170, 18]],
  ['strike price', STRIKE],
  ['quotation factor', FACTOR],
  ['strike in points', POINTS],
];

/** The year that the first bytes of a file name; undefined where they are no header. */
export function findYear(start: Uint8Array): number | undefined {
  const [, year] = EDGE.exec(decode(start, 0, Math.min(RECORD_BYTES, start.byteLength))) ?? [];
  return year === undefined ? undefined : Number(year);
}

/** Which markets are kept, such as `010`, the cash market. */
export type Markets = ReadonlySet<string> | 'all';

/** What was asked for, where a file must be that and no other. */
export interface ExpectedContents {
  readonly wholeYear?: number;
  readonly session?: Partition;
}

export interface CotahistSummary {
  /** The year that its header names. */
  readonly year: number;
  /** The day on which its header says that it was made. */
  readonly made: Partition;
  /** The newest session of its records, of all markets; undefined where it has none. */
  readonly lastSession: Partition | undefined;
  /** All records, header and trailer included. */
  readonly records: number;
  /** Those of the wanted markets. */
  readonly kept: number;
}

/**
 * Parses one file, whose bytes arrive in chunks of any length, into the rows of its year. If it is refused, they hold
 * what they held before.
 */
export class CotahistParser {
  readonly #origin: string;
  readonly #getRows: (year: number) => QuoteRows;
  readonly #source: number;
  readonly #markets: Uint8Array;
  readonly #expected: ExpectedContents;
  /** Those of the header's year, and how many there were before this file's. */
  #rows: QuoteRows | undefined;
  #firstRow = 0;
  /** The bytes of a record that a chunk ended in. */
  readonly #rest = new Uint8Array(2 * RECORD_BYTES);
  #restBytes = 0;
  #records = 0;
  #year = 0;
  /** The day on which the header says that the file was made: as eight digits, and as a number. */
  #made = '';
  #madeDay = 0;
  #ended = false;
  /** The eight digits of the last record's day as two words, and that day's number. */
  #dayWord1 = 0;
  #dayWord2 = 0;
  #day = 0;
  /** The eight digits of the last expiry that was checked, as two words. */
  #expiryWord1 = 0;
  #expiryWord2 = 0;
  /** YYYYMMDD; 0 before the first record. */
  #lastSession = 0;

  /**
   * @param origin the name of the file in messages
   * @param getRows the rows of the year that the header names
   * @param source its number among the files of one import, which `rows` remember
   */
  constructor(
    origin: string,
    getRows: (year: number) => QuoteRows,
    source: number,
    markets: Markets,
    expected: ExpectedContents = {},
  ) {
    this.#expected = expected;
    this.#origin = origin;
    this.#getRows = getRows;
    this.#source = source;
    this.#markets = new Uint8Array(1_000).fill(markets === 'all' ? 1 : 0);
    if (markets !== 'all') for (const market of markets) this.#markets[Number(market)] = 1;
  }

  /** @throws InvalidFileError with the file, its line and the reason */
  push(chunk: Uint8Array): void {
    try {
      this.#push(chunk);
    } catch (error) {
      this.#rows?.truncate(this.#firstRow);
      throw error;
    }
  }

  /** The file has ended. @throws InvalidFileError if it is cut short */
  end(): CotahistSummary {
    try {
      if (this.#restBytes > 0) this.#endLastLine();
      if (this.#records === 0) throw this.#refuse(1, 'the file is empty');
      if (!this.#ended) {
        throw this.#refuse(this.#records, 'the file ends without a trailer: it is cut short');
      }
      const { session } = this.#expected;
      if (session !== undefined && this.#lastSession === 0) {
        const fault = `it has no record of the session of ${formatIsoDate(session)}, which was asked for`;
        throw this.#refuse(this.#records, fault);
      }
    } catch (error) {
      this.#rows?.truncate(this.#firstRow);
      throw error;
    }
    const kept = (this.#rows?.length ?? 0) - this.#firstRow;
    return {
      ...{ year: this.#year, made: Number(this.#made) as Partition, records: this.#records, kept },
      lastSession: this.#lastSession === 0 ? undefined : (this.#lastSession as Partition),
    };
  }

  #push(chunk: Uint8Array): void {
    let at = 0;
    if (this.#restBytes > 0) {
      // Up to where the record in parts surely has its line end.
      const missing = Math.min(RECORD_BYTES + 2 - this.#restBytes, chunk.byteLength);
      this.#rest.set(chunk.subarray(0, missing), this.#restBytes);
      const bytes = this.#restBytes + missing;
      const parsed = this.#parseRecords(this.#rest, bytes);
      if (parsed === 0) {
        this.#restBytes = bytes;
        return;
      }
      at = parsed - this.#restBytes;
      this.#restBytes = 0;
    }
    const whole = at === 0 ? chunk : chunk.subarray(at);
    const parsed = this.#parseRecords(whole, whole.byteLength);
    this.#rest.set(whole.subarray(parsed));
    this.#restBytes = whole.byteLength - parsed;
  }

  /** A last line without a line end counts if it is complete. */
  #endLastLine(): void {
    const bytes = this.#restBytes;
    if (bytes !== RECORD_BYTES) throw this.#refuseLength(this.#rest, 0, bytes);
    this.#rest[bytes] = 10;
    this.#parseRecords(this.#rest, bytes + 1);
    this.#restBytes = 0;
  }

  /** Parses the complete records at the beginning of the bytes; returns where the first incomplete one begins. */
  #parseRecords(bytes: Uint8Array, length: number): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, length);
    let at = 0;
    for (;;) {
      // A line of 245 bytes ends with LF, or with CR and LF.
      if (at + RECORD_BYTES + 1 > length) break;
      const end = bytes[at + RECORD_BYTES];
      let next = at + RECORD_BYTES + 1;
      if (end === 13) {
        if (next === length) break;
        if (bytes[next] !== 10) throw this.#refuseLength(bytes, at, length);
        next += 1;
      } else if (end !== 10) {
        throw this.#refuseLength(bytes, at, length);
      }
      this.#records += 1;
      if (this.#ended) throw this.#refuse(this.#records, 'the trailer is not the last line');
      const type = view.getUint16(at);
      if (type === QUOTE_TYPE && this.#records > 1) this.#parseQuote(bytes, view, at);
      else this.#parseEdge(bytes, at);
      at = next;
    }
    return at;
  }

  #parseQuote(bytes: Uint8Array, view: DataView, at: number): void {
    if (hasFaultyBytes(view, at)) this.#findFault(bytes, at);
    const word1 = view.getInt32(at + DAY[0]);
    const word2 = view.getInt32(at + DAY[0] + 4);
    if (word1 !== this.#dayWord1 || word2 !== this.#dayWord2) {
      const digits = parseDigits(bytes, at + DAY[0], 8);
      const day = toDayNumber(digits);
      if (day === undefined) {
        throw this.#refuseField(bytes, at, 'the day', DAY, 'is not a day of the calendar');
      }
      if (Math.floor(digits / 10_000) !== this.#year) {
        const fault = `is not in ${this.#year}, the year of the header`;
        throw this.#refuseField(bytes, at, 'the day', DAY, fault);
      }
      if (day > this.#madeDay + MAX_DAYS_AFTER_MADE) {
        const fault = `is after ${this.#made}, the day on which the file was made`;
        throw this.#refuseField(bytes, at, 'the day', DAY, fault);
      }
      if (isWeekend(day)) {
        const fault = 'is a Saturday or a Sunday, on which B3 has no session';
        throw this.#refuseField(bytes, at, 'the day', DAY, fault);
      }
      if (isHoliday(digits)) {
        const fault = 'is a holiday, on which B3 has no session';
        throw this.#refuseField(bytes, at, 'the day', DAY, fault);
      }
      const { session } = this.#expected;
      if (session !== undefined && digits !== session) {
        const fault = `${formatIsoDate(session)} was asked for`;
        throw this.#refuse(
          this.#records,
          `it has the session of ${formatDayNumber(day)}: ${fault}`,
        );
      }
      this.#lastSession = Math.max(this.#lastSession, digits);
      this.#day = day;
      this.#dayWord1 = word1;
      this.#dayWord2 = word2;
    }
    if (view.getInt32(at + EXPIRY[0]) !== NO_EXPIRY_WORD1) this.#assertExpiry(bytes, view, at);
    this.#assertPrices(bytes, view, at);
    const isWanted = this.#markets[parseDigits(bytes, at + MARKET[0], 3)] === 1;
    if (isWanted && this.#rows !== undefined) this.#addRow(this.#rows, bytes, at);
  }

  /** The options of a series follow one another: their expiry is looked up in the calendar once. */
  #assertExpiry(bytes: Uint8Array, view: DataView, at: number): void {
    const word1 = view.getInt32(at + EXPIRY[0]);
    const word2 = view.getInt32(at + EXPIRY[0] + 4);
    if (word1 === this.#expiryWord1 && word2 === this.#expiryWord2) return;
    if (parseExpiry(bytes, at) === undefined) {
      throw this.#refuseField(bytes, at, 'the expiry', EXPIRY, 'is not a day');
    }
    this.#expiryWord1 = word1;
    this.#expiryWord2 = word2;
  }

  /**
   * Only what no session can have: a first or last price outside of lowest and highest may be a slip in a file of
   * decades ago, for which a whole year would be refused.
   */
  #assertPrices(bytes: Uint8Array, view: DataView, at: number): void {
    if (isBelow(view, at + HIGH[0], at + LOW[0])) {
      const text = quoteBriefly(decode(bytes, at + LOW[0], LOW[1]));
      throw this.#refuseField(bytes, at, 'the highest price', HIGH, `is below the lowest, ${text}`);
    }
    const isCash = parseDigits(bytes, at + MARKET[0], MARKET[1]) === CASH_MARKET_NUMBER;
    if (isCash && isZero(bytes, at, CLOSE)) {
      const fault = 'is zero, and the paper was traded';
      throw this.#refuseField(bytes, at, 'the closing price', CLOSE, fault);
    }
    const [first, last] = [at + FACTOR[0], at + FACTOR[0] + FACTOR[1] - 4];
    if (view.getInt32(last) === FOUR_ZEROS && view.getInt32(first) === FOUR_ZEROS) {
      const fault = 'is zero: prices for no units say nothing';
      throw this.#refuseField(bytes, at, 'the quotation factor', FACTOR, fault);
    }
  }

  #addRow(rows: QuoteRows, bytes: Uint8Array, at: number): void {
    const { numbers, texts } = rows;
    const row = rows.add(this.#source, this.#records, this.#madeDay);
    const quantity = parseDigits(bytes, at + 152, 18);
    if (quantity > Number.MAX_SAFE_INTEGER) {
      throw this.#refuseField(bytes, at, 'the quantity', [152, 18], 'is too large to be exact');
    }
    texts.codigo_ticker_ativo.set(row, bytes, at + TICKER[0]);
    texts.codigo_mercado.set(row, bytes, at + MARKET[0]);
    texts.codigo_bdi.set(row, bytes, at + BDI[0]);
    texts.nome_resumido.set(row, bytes, at + NAME[0]);
    texts.especificacao_papel.set(row, bytes, at + SPECIFICATION[0]);
    texts.moeda.set(row, bytes, at + CURRENCY[0]);
    texts.codigo_correcao.set(row, bytes, at + CORRECTION[0]);
    texts.codigo_isin.set(row, bytes, at + ISIN[0]);
    numbers.dt_pregao.values[row] = this.#day;
    numbers.prazo_termo.values[row] = parseOptional(bytes, at, TERM);
    numbers.vlr_abertura.values[row] = parseDigits(bytes, at + 56, 13) / 100;
    numbers.vlr_max.values[row] = parseDigits(bytes, at + 69, 13) / 100;
    numbers.vlr_min.values[row] = parseDigits(bytes, at + 82, 13) / 100;
    numbers.vlr_medio.values[row] = parseDigits(bytes, at + 95, 13) / 100;
    numbers.vlr_fechamento.values[row] = parseDigits(bytes, at + 108, 13) / 100;
    numbers.vlr_melhor_compra.values[row] = parseDigits(bytes, at + 121, 13) / 100;
    numbers.vlr_melhor_venda.values[row] = parseDigits(bytes, at + 134, 13) / 100;
    numbers.qtd_negocios.values[row] = parseDigits(bytes, at + 147, 5);
    numbers.qtd_titulos.values[row] = quantity;
    numbers.vlr_volume.values[row] = parseVolume(bytes, at + 170);
    numbers.vlr_exercicio.values[row] = parseDigits(bytes, at + STRIKE[0], 13) / 100;
    numbers.dt_vencimento.values[row] = parseExpiry(bytes, at) ?? Number.NaN;
    numbers.fator_cotacao.values[row] = parseDigits(bytes, at + FACTOR[0], FACTOR[1]);
    numbers.vlr_exercicio_pontos.values[row] = parseDigits(bytes, at + POINTS[0], 13) / 1e6;
    numbers.num_distribuicao.values[row] = parseOptional(bytes, at, DISTRIBUTION);
  }

  /** A record that has no quote: the header as the first line, and the trailer as the last. */
  #parseEdge(bytes: Uint8Array, at: number): void {
    const isFirst = this.#records === 1;
    const text = decode(bytes, at, RECORD_BYTES);
    const type = text.slice(0, 2);
    this.#assertOneLine(bytes, at);
    if (type !== '00' && type !== '01' && type !== '99') {
      throw this.#refuse(this.#records, `a record of the type ${quoteBriefly(type)}`);
    }
    if ((type === '00') !== isFirst) {
      const reason = isFirst ? 'the first line is not a header' : 'a second header';
      throw this.#refuse(this.#records, reason);
    }
    const foreign = findForeignByte(bytes, at, RECORD_BYTES);
    if (foreign !== undefined) throw this.#refuse(this.#records, foreign);
    const [, year, made = ''] = EDGE.exec(text) ?? [];
    const madeDay = toDayNumber(Number(made));
    if (year === undefined || madeDay === undefined) {
      const what = isFirst ? 'header' : 'trailer';
      throw this.#refuse(
        this.#records,
        `the ${what} is ${quoteBriefly(text.slice(0, 31))}, and not as "${type}COTAHIST.2024BOVESPA 20241230"`,
      );
    }
    if (isFirst) {
      this.#assertYear(Number(year));
      this.#year = Number(year);
      this.#made = made;
      this.#madeDay = madeDay;
      this.#rows = this.#getRows(this.#year);
      this.#firstRow = this.#rows.length;
      return;
    }
    if (Number(year) !== this.#year || made !== this.#made) {
      throw this.#refuse(
        this.#records,
        `the trailer is for ${year}, made on ${made}, and the header for ${this.#year}, made on ${this.#made}: a part of another file`,
      );
    }
    const count = text.slice(COUNT[0], COUNT[0] + COUNT[1]);
    if (!/^\d+$/.test(count) || Number(count) !== this.#records) {
      throw this.#refuse(
        this.#records,
        `the trailer counts ${quoteBriefly(count)} records, and the file has ${this.#records}`,
      );
    }
    this.#ended = true;
  }

  /** @throws InvalidFileError for the file of another year than the one that was asked for */
  #assertYear(year: number): void {
    const { wholeYear, session } = this.#expected;
    const expected = wholeYear ?? (session && Math.floor(session / 10_000));
    if (expected === undefined || expected === year) return;
    const asked = session === undefined ? String(expected) : formatIsoDate(session);
    throw this.#refuse(this.#records, `it is the file of ${year}: ${asked} was asked for`);
  }

  /** Says what is wrong; returns if a field is blank that may be. @throws InvalidFileError */
  #findFault(bytes: Uint8Array, at: number): void {
    this.#assertOneLine(bytes, at);
    const foreign =
      findForeignByte(bytes, at, RECORD_BYTES) ?? findForeignLetter(bytes, at, RECORD_BYTES);
    if (foreign !== undefined) throw this.#refuse(this.#records, foreign);
    const assertDigits = (name: string, field: Field, mayBeBlank = false): void => {
      const text = decode(bytes, at + field[0], field[1]);
      if (/^\d+$/.test(text) || (mayBeBlank && text.trim() === '')) return;
      throw this.#refuseField(bytes, at, `the ${name}`, field, 'is not a number');
    };
    if (bytes[at + TICKER[0]] === SPACE) {
      throw this.#refuseField(bytes, at, 'the ticker', TICKER, 'does not begin with a character');
    }
    assertDigits('day', DAY);
    assertDigits('market', MARKET);
    assertDigits('term', TERM, true);
    for (const [name, field] of NUMBERS) assertDigits(name, field);
    assertDigits('correction', CORRECTION, true);
    assertDigits('expiry', EXPIRY, true);
    assertDigits('distribution number', DISTRIBUTION, true);
  }

  /** Two short lines may have a line end where the one line of a record has it. @throws InvalidFileError */
  #assertOneLine(bytes: Uint8Array, at: number): void {
    // A line that is one byte short seems to end with LF alone.
    const isShort = bytes[at + RECORD_BYTES - 1] === 13;
    if (!isShort && !bytes.subarray(at, at + RECORD_BYTES).includes(10)) return;
    this.#records -= 1;
    throw this.#refuseLength(bytes, at, at + RECORD_BYTES + 1);
  }

  /** For a line that does not end after 245 bytes. */
  #refuseLength(bytes: Uint8Array, at: number, length: number): InvalidFileError {
    const line = bytes.subarray(at, length);
    const end = line.indexOf(10);
    const known = end < 0 ? line.byteLength : end - (line[end - 1] === 13 ? 1 : 0);
    const size = known > RECORD_BYTES ? `more than ${RECORD_BYTES}` : String(known);
    return this.#refuse(this.#records + 1, `the line has ${size} bytes instead of ${RECORD_BYTES}`);
  }

  #refuseField(bytes: Uint8Array, at: number, what: string, [start, length]: Field, fault: string) {
    const text = quoteBriefly(decode(bytes, at + start, length));
    const where = `bytes ${start + 1} to ${start + length}`;
    return this.#refuse(this.#records, `${what} ${text} ${fault} (${where})`);
  }

  #refuse(line: number, reason: string): InvalidFileError {
    return new InvalidFileError(this.#origin, reason, line);
  }
}

/** `0000` as a word. */
const FOUR_ZEROS = 0x30303030;

/** Whether the price of 13 digits at `one` is below that at `other`: text of digits is in the order of its numbers. */
function isBelow(view: DataView, one: number, other: number): boolean {
  for (let offset = 0; offset < 12; offset += 4) {
    const difference = view.getInt32(one + offset) - view.getInt32(other + offset);
    if (difference !== 0) return difference < 0;
  }
  return view.getUint8(one + 12) < view.getUint8(other + 12);
}

const SPACE = 32;

/** The code 010 as the number that the columns hold. */
const CASH_MARKET_NUMBER = Number(CASH_MARKET);

/** `01` as two bytes. */
const QUOTE_TYPE = 0x3031;

/** `9999`, the year of an expiry that there is none of. */
const NO_EXPIRY_WORD1 = 0x39393939;
const NO_EXPIRY = 99991231;

/**
 * Whether some byte of a record is not printable in ASCII, or something else than a digit is in a number. Four bytes
 * are looked at at a time: over the 750 MB of a year, that takes a fifth of the time of single ones. Some records that
 * have a blank where they may are found, too, and names with letters of ISO-8859-1.
 */
function hasFaultyBytes(view: DataView, at: number): boolean {
  let faults = 0;
  for (let word = at; word < at + DIGITS_START; word += 4) {
    faults |= findUnprintable(view.getInt32(word));
  }
  const lastWord = at + DIGITS_END - 4;
  for (let word = at + DIGITS_START; word < lastWord; word += 4) {
    faults |= findNonDigits(view.getInt32(word));
  }
  faults |= findNonDigits(view.getInt32(lastWord));
  faults |= findUnprintable(view.getInt32(at + ISIN[0]));
  faults |= findUnprintable(view.getInt32(at + ISIN[0] + 4));
  faults |= findUnprintable(view.getInt32(at + ISIN[0] + 8));
  // The distribution number with the last byte of the ISIN, and the market with the last of the ticker.
  faults |= findUnprintable(view.getInt32(at + DISTRIBUTION[0] - 1));
  faults |= findNonDigits((view.getInt32(at + DISTRIBUTION[0] - 1) & 0x00ffffff) | 0x30000000);
  faults |= findNonDigits((view.getInt32(at + MARKET[0] - 1) & 0x00ffffff) | 0x30000000);
  faults |= findNonDigits(view.getInt32(at + DAY[0]));
  faults |= findNonDigits(view.getInt32(at + DAY[0] + 4));
  // The term is blank, or a number.
  const term = view.getInt32(at + TERM[0] - 1) & 0x00ffffff;
  if (term !== BLANK_TERM) faults |= findNonDigits(term | 0x30000000);
  return (faults & HIGH_BITS) !== 0 || view.getUint8(at + TICKER[0]) === SPACE;
}

const BLANK_TERM = 0x202020;

/** The highest bits of four bytes. */
const HIGH_BITS = 0x80808080;

/**
 * Its high bits are not 0 if one of four bytes is below 0x20 or above 0x7e. What a faulty byte borrows from the next
 * one, or carries into it, changes a word that is faulty anyway.
 */
function findUnprintable(word: number): number {
  return word | (word + 0x01010101) | (word - 0x20202020);
}

/** Its high bits are not 0 if one of four bytes is not from 0x30 to 0x39: less 0x30, it is above 9. */
function findNonDigits(word: number): number {
  const digits = word ^ 0x30303030;
  return digits | (digits + 0x76767676);
}

function findForeignByte(bytes: Uint8Array, at: number, length: number): string | undefined {
  for (let index = 0; index < length; index += 1) {
    const byte = bytes[at + index] ?? 0;
    if (byte >= SPACE && (byte < 0x7f || byte > 0x9f)) continue;
    const hex = byte.toString(16).padStart(2, '0');
    return `the byte ${index + 1} is 0x${hex}, which is not text in ISO-8859-1`;
  }
  return undefined;
}

/**
 * Letters beyond ASCII are in names and specifications alone; 0xff is in no Portuguese word, but fills damaged bytes.
 */
function findForeignLetter(bytes: Uint8Array, at: number, length: number): string | undefined {
  const [first, end] = [NAME[0], SPECIFICATION[0] + SPECIFICATION[1]];
  for (let index = 0; index < length; index += 1) {
    const byte = bytes[at + index] ?? 0;
    if (byte < 0x80 || (index >= first && index < end && byte !== 0xff)) continue;
    return `the byte ${index + 1} is 0x${byte.toString(16)}, which this field cannot have`;
  }
  return undefined;
}

function decode(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

/** A number of digits that have been checked; exact up to 15 of them, and beyond where it is below 2^53. */
function parseDigits(bytes: Uint8Array, at: number, length: number): number {
  let number = 0;
  for (let index = at; index < at + length; index += 1) {
    number = number * 10 + ((bytes[index] as number) - 48);
  }
  return number;
}

/** @param day days since 1970-01-01, a Thursday */
function isWeekend(day: number): boolean {
  const weekday = (((day + 4) % 7) + 7) % 7;
  return weekday === 0 || weekday === 6;
}

/** New Year and Christmas, whatever the year. @param day YYYYMMDD */
function isHoliday(day: number): boolean {
  return day % 10_000 === 101 || day % 10_000 === 1225;
}

function isZero(bytes: Uint8Array, at: number, [start, length]: Field): boolean {
  for (let index = at + start + length - 1; index >= at + start; index -= 1) {
    if (bytes[index] !== 48) return false;
  }
  return true;
}

/** NaN where it is blank. */
function parseOptional(bytes: Uint8Array, at: number, [start, length]: Field): number {
  return bytes[at + start] === SPACE ? Number.NaN : parseDigits(bytes, at + start, length);
}

/** In hundredths; the nearest double also where the digits are too many for an exact integer. */
function parseVolume(bytes: Uint8Array, at: number): number {
  const cents = parseDigits(bytes, at, 18);
  if (cents <= Number.MAX_SAFE_INTEGER) return cents / 100;
  return Number(`${decode(bytes, at, 18)}e-2`);
}

/** The day as a number; NaN where there is none, undefined where the calendar has no such day. */
function parseExpiry(bytes: Uint8Array, at: number): number | undefined {
  const start = at + EXPIRY[0];
  if (bytes[start] === SPACE) return Number.NaN;
  const digits = parseDigits(bytes, start, 8);
  return digits === NO_EXPIRY || digits === 0 ? Number.NaN : toDayNumber(digits);
}

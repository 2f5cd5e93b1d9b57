/** Files of B3's historical prices (COTAHIST), made of records whose fields a test chooses. */

/** The fields of a record, each as its text is in the file; a number is padded with zeros. */
export interface RecordFields {
  readonly day: string;
  readonly bdi: string;
  readonly ticker: string;
  readonly market: string;
  readonly name: string;
  readonly specification: string;
  readonly term: string;
  readonly currency: string;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly mean: number;
  readonly close: number;
  readonly bid: number;
  readonly ask: number;
  readonly trades: number;
  readonly quantity: number;
  readonly volume: string;
  readonly strike: number;
  readonly correction: string;
  readonly expiry: string;
  readonly factor: number;
  readonly points: number;
  readonly isin: string;
  readonly distribution: string;
}

const sample: RecordFields = {
  day: '20241108',
  bdi: '02',
  ticker: 'TUCA3',
  market: '010',
  name: 'TUCANO S/A',
  specification: 'ON  ED  NM',
  term: '',
  currency: 'R$',
  open: 1010,
  high: 1050,
  low: 1000,
  mean: 1023,
  close: 1041,
  bid: 1040,
  ask: 1042,
  trades: 12,
  quantity: 3400,
  volume: '3478200',
  strike: 0,
  correction: '0',
  expiry: '99991231',
  factor: 1,
  points: 0,
  isin: 'BRTUCAACNOR1',
  distribution: '101',
};

/** A record of 245 characters, without its line end. */
export function formatRecord(fields: Partial<RecordFields> = {}): string {
  const all = { ...sample, ...fields };
  const zeros = (value: number | string, width: number): string =>
    String(value).padStart(width, '0');
  return [
    '01',
    all.day,
    all.bdi.padEnd(2),
    all.ticker.padEnd(12),
    all.market.padEnd(3),
    all.name.padEnd(12),
    all.specification.padEnd(10),
    all.term.padEnd(3),
    all.currency.padEnd(4),
    ...[all.open, all.high, all.low, all.mean, all.close, all.bid, all.ask].map((price) =>
      zeros(price, 13),
    ),
    zeros(all.trades, 5),
    zeros(all.quantity, 18),
    zeros(all.volume, 18),
    zeros(all.strike, 13),
    all.correction.padEnd(1),
    all.expiry.padEnd(8),
    zeros(all.factor, 7),
    zeros(all.points, 13),
    all.isin.padEnd(12),
    all.distribution.padEnd(3),
  ].join('');
}

export interface FileOptions {
  readonly year?: number;
  /** The day on which it was made, as YYYYMMDD. */
  readonly made?: string;
  readonly lineEnd?: string;
  readonly header?: string;
  readonly trailer?: string;
}

/** The bytes of a file with these records between its header and its trailer. */
export function formatCotahist(records: readonly string[], options: FileOptions = {}): Buffer {
  const { year = 2024, made = `${year}1230`, lineEnd = '\r\n' } = options;
  const count = String(records.length + 2).padStart(11, '0');
  const header = (options.header ?? `00COTAHIST.${year}BOVESPA ${made}`).padEnd(245);
  const trailer = (options.trailer ?? `99COTAHIST.${year}BOVESPA ${made}${count}`).padEnd(245);
  const lines = [header, ...records, trailer].map((line) => `${line}${lineEnd}`);
  return Buffer.from(lines.join(''), 'latin1');
}

/**
 * What B3 publishes of the demo's exchange: its yearly files of prices, zipped, and the events of each issuer. In the
 * forms of the real ones, for the imports that read those. Pure.
 */

import { zipSync } from 'fflate';
import { CASH_MARKET } from '../catalog/datasets/b3.ts';
import type { Partition } from '../catalog/partition.ts';
import { type DemoEvent, type DemoListing, type DemoSession, roundTo } from './exchange.ts';
import { formatPrinted } from './site-numbers.ts';

/** A record of a file has so many characters, without its line end. */
const RECORD_LENGTH = 245;

const LINE_END = '\r\n';
const LINE_LENGTH = RECORD_LENGTH + LINE_END.length;

/** The archive with the prices of a year; undefined of a year without any. */
export function createPriceArchive(
  listings: readonly DemoListing[],
  year: number,
): Uint8Array | undefined {
  const papers = listings
    .map((listing): Paper => {
      const { sessions } = listing;
      const first = sessions.findIndex(({ day }) => day > year * 10_000);
      const next = sessions.findIndex(({ day }) => day > (year + 1) * 10_000);
      const own = first < 0 ? [] : sessions.slice(first, next < 0 ? sessions.length : next);
      return { ...formatPaper(listing), sessions: own };
    })
    // A file has the records of a day in the order of their codes.
    .sort((a, b) => (a.code < b.code ? -1 : 1));
  const counts = new Map<Partition, number>();
  for (const { sessions } of papers) {
    for (const { day } of sessions) counts.set(day, (counts.get(day) ?? 0) + 1);
  }
  const days = [...counts.keys()].sort((a, b) => a - b);
  const newest = days.at(-1);
  if (newest === undefined) return undefined;
  /** Where the next record of a day begins. */
  const places = new Map<Partition, number>();
  let end = LINE_LENGTH;
  for (const day of days) {
    places.set(day, end);
    end += (counts.get(day) ?? 0) * LINE_LENGTH;
  }
  const edge = `COTAHIST.${year}BOVESPA ${newest}`;
  const count = String(end / LINE_LENGTH + 1).padStart(11, '0');
  const bytes = Buffer.alloc(end + LINE_LENGTH);
  bytes.write(formatLine(`00${edge}`), 'latin1');
  for (const { line, sessions } of papers) {
    for (const session of sessions) {
      const place = places.get(session.day) ?? 0;
      writeRecord(bytes, place, line, session);
      places.set(session.day, place + LINE_LENGTH);
    }
  }
  bytes.write(formatLine(`99${edge}${count}`), end, 'latin1');
  // It is sent to this machine itself: to compress it would take longer than all else.
  return zipSync({ [`COTAHIST_A${year}.TXT`]: bytes }, { level: 0 });
}

function formatLine(record: string): string {
  return record.padEnd(RECORD_LENGTH) + LINE_END;
}

interface PaperLine {
  /** With the code before the ticker that tells shares from units of funds. */
  readonly code: string;
  /** A record of the paper, with zeros where one differs from another. */
  readonly line: Uint8Array;
}

interface Paper extends PaperLine {
  /** Of the year. */
  readonly sessions: readonly DemoSession[];
}

/**
 * Where the fields of a session end in a record, and where the mark of a right and the prices begin. Source: B3, "Layout
 * do arquivo – cotações históricas".
 */
const DAY_END = 10;
const RIGHT = 43;
const PRICES = 56;
const [OPEN_END, HIGH_END, LOW_END, MEAN_END, CLOSE_END] = [69, 82, 95, 108, 121];
/** The best bid and the best ask. */
const [BID_END, ASK_END] = [134, 147];
const [TRADES_END, QUANTITY_END, VOLUME_END] = [152, 170, 188];
const DISTRIBUTION_END = RECORD_LENGTH;

const ZERO = '0'.charCodeAt(0);
const EX_RIGHT = Buffer.from('ED', 'latin1');

function formatPaper(listing: DemoListing): PaperLine {
  const { asset } = listing;
  const isFund = asset.kind === 'fiis';
  const code = `${isFund ? '12' : '02'}${asset.ticker.padEnd(12)}`;
  const name = toAscii(asset.values[isFund ? 'Nome' : 'Empresa'] ?? '')
    .slice(0, 12)
    .padEnd(12);
  const beforePrices = `${code}${CASH_MARKET}${name}${getShareClass(listing).padEnd(4)}${''.padEnd(9)}R$  `;
  const noAmount = ''.padEnd(13, '0');
  const line = formatLine(
    `01${''.padEnd(8, '0')}${beforePrices}${''.padEnd(VOLUME_END - PRICES, '0')}${noAmount}0999912310000001${noAmount}` +
      `${formatIsin(listing)}000`,
  );
  return { code, line: Buffer.from(line, 'latin1') };
}

/** Writes digits, not texts: of tens of thousands of records that takes a fourth of the time. */
function writeRecord(
  bytes: Uint8Array,
  place: number,
  line: Uint8Array,
  { day, open, high, low, close, quantity, trades, distribution, isEx }: DemoSession,
): void {
  const mean = roundTo((high + low + close) / 3, 2);
  bytes.set(line, place);
  if (isEx) bytes.set(EX_RIGHT, place + RIGHT);
  writeDigits(bytes, place + DAY_END, day);
  writeCents(bytes, place + OPEN_END, open);
  writeCents(bytes, place + HIGH_END, high);
  writeCents(bytes, place + LOW_END, low);
  writeCents(bytes, place + MEAN_END, mean);
  writeCents(bytes, place + CLOSE_END, close);
  writeCents(bytes, place + BID_END, low);
  writeCents(bytes, place + ASK_END, high);
  writeDigits(bytes, place + TRADES_END, trades);
  writeDigits(bytes, place + QUANTITY_END, quantity);
  writeCents(bytes, place + VOLUME_END, quantity * mean);
  writeDigits(bytes, place + DISTRIBUTION_END, distribution);
}

function writeCents(bytes: Uint8Array, end: number, amount: number): void {
  writeDigits(bytes, end, Math.round(amount * 100));
}

/** A whole number over the last zeros of its field. */
function writeDigits(bytes: Uint8Array, end: number, value: number): void {
  let rest = value;
  for (let at = end - 1; rest > 0; at -= 1) {
    const next = Math.floor(rest / 10);
    bytes[at] = ZERO + rest - next * 10;
    rest = next;
  }
}

/** Such as ON, PN, UNT or CI. */
function getShareClass({ asset }: DemoListing): string {
  return asset.kind === 'fiis' ? 'CI' : (asset.values['Tipo'] ?? 'ON').slice(0, 2);
}

const ISIN_PARTS: Readonly<Record<string, string>> = { ON: 'ACNOR', PN: 'ACNPR', CI: 'CTF00' };

function formatIsin(listing: DemoListing): string {
  const part = ISIN_PARTS[getShareClass(listing)] ?? 'ACNOR';
  return `BR${getIssuer(listing)}${part}1`;
}

function getIssuer({ asset }: DemoListing): string {
  return asset.ticker.slice(0, 4);
}

function toAscii(text: string): string {
  return text.normalize('NFD').replace(/[^\x20-\x7e]/g, '');
}

export function formatDay(day: Partition): string {
  const text = String(day);
  return `${text.slice(6)}/${text.slice(4, 6)}/${text.slice(0, 4)}`;
}

/** The answer of B3's company service about an issuer; of one that it does not know, an empty list. */
export function createIssuerAnswer(
  listings: readonly DemoListing[],
  issuer: string,
): readonly unknown[] {
  const own = listings.filter((listing) => getIssuer(listing) === issuer);
  const [first] = own;
  if (first === undefined) return [];
  const print = (listing: DemoListing, event: DemoEvent) => {
    const isin = formatIsin(listing);
    return {
      ...{ assetIssued: isin, isinCode: isin, label: event.type, remarks: '' },
      ...{ approvedOn: formatDay(event.comDay), lastDatePrior: formatDay(event.comDay) },
    };
  };
  const events = own.flatMap((listing) =>
    listing.events.map((event) => ({ event, printed: print(listing, event) })),
  );
  return [
    {
      ...{ code: issuer, tradingName: toAscii(first.asset.values['Empresa'] ?? issuer) },
      cashDividends: events.flatMap(({ event, printed }) =>
        event.amount === undefined
          ? []
          : [
              {
                ...printed,
                paymentDate: formatDay(event.paymentDay),
                rate: formatPrinted(event.amount, 11),
                relatedTo: '',
              },
            ],
      ),
      stockDividends: events.flatMap(({ event, printed }) =>
        event.factor === undefined ? [] : [{ ...printed, factor: formatPrinted(event.factor, 11) }],
      ),
      subscriptions: [],
    },
  ];
}

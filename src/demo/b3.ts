/**
 * What B3 publishes of the demo's exchange: its yearly files of prices, zipped, and the events of each issuer. In the
 * forms of the real ones, for the imports that read those. Pure.
 */

import { zipSync } from 'fflate';
import { CASH_MARKET } from '../catalog/datasets/b3.ts';
import type { Partition } from '../catalog/partition.ts';
import type { DemoEvent, DemoListing, DemoSession } from './exchange.ts';
import { formatPrinted } from './site-numbers.ts';

/** A record of a file has so many characters, without its line end. */
const RECORD_LENGTH = 245;

/** The archive with the prices of a year; undefined of a year without any. */
export function createPriceArchive(
  listings: readonly DemoListing[],
  year: number,
): Uint8Array | undefined {
  const records = listings.flatMap((listing) => {
    const sessions = listing.sessions.filter(
      ({ day }) => day > year * 10_000 && day < (year + 1) * 10_000,
    );
    const paper = formatPaper(listing);
    return sessions.map((session) => ({ day: session.day, text: formatRecord(paper, session) }));
  });
  const newest = records.reduce((last, { day }) => Math.max(last, day), 0);
  if (newest === 0) return undefined;
  records.sort((a, b) => a.day - b.day || (a.text < b.text ? -1 : 1));
  const edge = `COTAHIST.${year}BOVESPA ${newest}`;
  const count = String(records.length + 2).padStart(11, '0');
  const lines = [
    `00${edge}`.padEnd(RECORD_LENGTH),
    ...records.map(({ text }) => text),
    `99${edge}${count}`.padEnd(RECORD_LENGTH),
  ];
  const bytes = Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1');
  // It is sent to this machine itself: to compress it would take longer than all else.
  return zipSync({ [`COTAHIST_A${year}.TXT`]: bytes }, { level: 0 });
}

/** What the records of a paper have alike, as it is written in them. */
interface PaperFields {
  /** With the code of its market. */
  readonly ticker: string;
  readonly name: string;
  readonly shareClass: string;
  readonly isin: string;
}

function formatPaper(listing: DemoListing): PaperFields {
  const { asset } = listing;
  const isFund = asset.kind === 'fiis';
  return {
    ticker: `${isFund ? '12' : '02'}${asset.ticker.padEnd(12)}${CASH_MARKET}`,
    name: toAscii(asset.values[isFund ? 'Nome' : 'Empresa'] ?? '')
      .slice(0, 12)
      .padEnd(12),
    shareClass: getShareClass(listing).padEnd(4),
    isin: formatIsin(listing),
  };
}

/** A whole number, with zeros before it. */
function padDigits(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

/** An amount of two decimals, without its point. */
function padCents(value: number, width: number): string {
  return padDigits(Math.round(value * 100), width);
}

const NO_AMOUNT = padCents(0, 13);

/** Source of the fields: B3, "Layout do arquivo – cotações históricas". */
function formatRecord(paper: PaperFields, session: DemoSession): string {
  const { open, high, low, close, quantity, trades, distribution, isEx } = session;
  const mean = Number(((high + low + close) / 3).toFixed(2));
  const [highest, lowest] = [padCents(high, 13), padCents(low, 13)];
  const prices = [
    ...[padCents(open, 13), highest, lowest, padCents(mean, 13), padCents(close, 13)],
    // The best bid and the best ask.
    ...[lowest, highest],
  ];
  return (
    `01${session.day}${paper.ticker}${paper.name}${paper.shareClass}${isEx ? 'ED' : '  '}` +
    `       R$  ${prices.join('')}${padDigits(trades, 5)}${padDigits(quantity, 18)}` +
    `${padCents(quantity * mean, 18)}${NO_AMOUNT}0999912310000001${NO_AMOUNT}` +
    `${paper.isin}${padDigits(distribution, 3)}`
  );
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

/**
 * When the events of tickers and issuers were read from their sources last, by a note that an import leaves in the
 * lake: what an interrupted import need not ask for again, and up to when the lake knows the income of an asset.
 */

import { getTable } from '../catalog/dataset.ts';
import { companyEvents, dividends } from '../catalog/datasets/corporate-events.ts';
import { formatInSaoPaulo } from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import type { ImportNotes } from './imported-years.ts';

/** The issuer of a ticker, as B3's service and the ISINs name it. */
export function getIssuer(ticker: Ticker): string {
  return ticker.slice(0, 4);
}

/** An import that goes on after an interruption does not ask again for what it has read within these. */
const FRESH_MS = 12 * 60 * 60 * 1000;

interface ReadingWork {
  readonly notes: ImportNotes;
  readonly now: () => Date;
  /** Asks also for what was read in the last hours. */
  readonly again: boolean;
}

/** When the keys were read last, by the note that an import leaves in the lake. */
export class EventReadings {
  readonly #work: ReadingWork;
  readonly #times = new Map<string, string>();
  #storing: Promise<void> = Promise.resolve();

  constructor(work: ReadingWork) {
    this.#work = work;
  }

  async load(): Promise<void> {
    for (const [id, time] of await readTimes(this.#work.notes)) this.#times.set(id, time);
  }

  isFresh(table: string, key: string): boolean {
    const read = Date.parse(this.#times.get(`${table} ${key}`) ?? '');
    const age = this.#work.now().getTime() - read;
    return !this.#work.again && age >= 0 && age < FRESH_MS;
  }

  add(table: string, keys: readonly string[]): void {
    for (const key of keys) this.#times.set(`${table} ${key}`, this.#work.now().toISOString());
  }

  /** One after another: both sources come here. */
  store(): Promise<void> {
    this.#storing = this.#storing.then(async () => {
      const lines = [...this.#times].sort().map(([id, time]) => `${id},${time}\n`);
      await this.#work.notes.write(NOTE_NAME, lines.join(''));
    });
    return this.#storing;
  }
}

const NOTE_NAME = 'eventos.imported';

/** By table and key, ISO 8601. */
async function readTimes(notes: Pick<ImportNotes, 'read'>): Promise<ReadonlyMap<string, string>> {
  const times = new Map<string, string>();
  for (const line of ((await notes.read(NOTE_NAME)) ?? '').split('\n')) {
    const [id = '', time = ''] = line.split(',');
    if (!Number.isNaN(Date.parse(time))) times.set(id, time);
  }
  return times;
}

/**
 * Up to when the events of an asset are known, by all its tickers: the day in São Paulo, YYYY-MM-DD, on which its pages
 * of dividends were read last, or B3 was asked, whichever is earlier. Undefined where no import of this lake has noted
 * that its dividends were read.
 */
export async function createReadingFinder(
  notes: Pick<ImportNotes, 'read'>,
): Promise<(tickers: readonly Ticker[]) => string | undefined> {
  const times = await readTimes(notes);
  const [ofTickers, ofIssuers] = [dividends, companyEvents].map(
    (each) => getTable(each, 'sor').name,
  );
  const findNewest = (table: string | undefined, keys: readonly string[]): number =>
    Math.max(...keys.map((key) => Date.parse(times.get(`${table} ${key}`) ?? '') || 0));
  return (tickers) => {
    const dividendsRead = findNewest(ofTickers, tickers);
    if (dividendsRead <= 0) return undefined;
    const issuersRead = findNewest(ofIssuers, tickers.map(getIssuer));
    const known = issuersRead > 0 ? Math.min(dividendsRead, issuersRead) : dividendsRead;
    return formatInSaoPaulo(new Date(known)).slice(0, 10);
  };
}

/**
 * Since when the events of all these tickers have been read, as above; undefined if those of one never were. Of no
 * ticker it is the day of the newest reading.
 */
export async function findOldestReading(
  notes: Pick<ImportNotes, 'read'>,
  tickers: readonly Ticker[],
): Promise<string | undefined> {
  if (tickers.length === 0) {
    const newest = [...(await readTimes(notes)).values()].sort().at(-1);
    return newest && formatInSaoPaulo(new Date(newest)).slice(0, 10);
  }
  const findReading = await createReadingFinder(notes);
  const readings = tickers.map((ticker) => findReading([ticker]) ?? '').sort();
  return readings[0] || undefined;
}

/**
 * Imports the corporate events of assets: each page of the site and each answer of B3 becomes raw rows, which are
 * merged with those of the lake, some keys at a time. A key that fails, fails alone; a process that dies leaves whole
 * files, and a repetition brings the rest.
 */
import pMap from 'p-map';
import type { AssetKind } from '../catalog/asset.ts';
import type { Row } from '../catalog/column.ts';
import { type Dataset, getTable } from '../catalog/dataset.ts';
import { companyEvents, dividends } from '../catalog/datasets/corporate-events.ts';
import type { Partition } from '../catalog/partition.ts';
import { type Ticker, toTicker } from '../catalog/ticker.ts';
import { groupBy } from '../collections.ts';
import {
  SiteError,
  SiteUnreachableError,
  TickerNotFoundError,
  TransientSiteError,
} from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import { DEDUP_NAME } from '../lake/names.ts';
import type { CompanySource } from '../sources/b3/company-events.ts';
import type { Site } from '../sources/fundamentus/site.ts';
import { isSameRow } from '../transform/deduplicate.ts';
import {
  findEventPartition,
  mergeEventRows,
  toCompanyEventRows,
  toDividendRows,
} from '../transform/event-rows.ts';
import { SHORT_LIVED_CLASS, type TickerSessions } from '../transform/lineage.ts';
import { retryOnConflict } from './deduplicate-partition.ts';
import { EventReadings, getIssuer } from './event-readings.ts';
import type { ImportNotes } from './imported-years.ts';

/** An asset whose events are imported. */
export interface EventAsset {
  readonly ticker: Ticker;
  /** Undefined if nothing says it: then both pages of the site may be asked for. */
  readonly kind: AssetKind | undefined;
}

interface EventsImport {
  readonly assets: readonly EventAsset[];
  readonly lake: Lake;
  readonly notes: ImportNotes;
  readonly site: Pick<Site, 'dividends'>;
  readonly companies: CompanySource;
  /** Keys of a source that are read at once; its client has a bound of its own. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Asks also for what an import of the last hours has read. */
  readonly again: boolean;
  readonly onKey: (key: string, isRead: boolean) => void;
}

interface FailedKey {
  /** A ticker, or the code of an issuer. */
  readonly key: string;
  readonly reason: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
}

interface SourceReport {
  /** The table of its rows. */
  readonly table: string;
  /** The keys that were read. */
  readonly read: number;
  /** Those that an import of the last hours had read. */
  readonly skipped: number;
  /** Rows that the lake did not have. */
  readonly added: number;
  /** Rows that the source does not show any more. */
  readonly vanished: number;
  readonly failed: readonly FailedKey[];
}

export interface EventsReport {
  readonly sources: readonly SourceReport[];
  /** Tickers that neither source knows. */
  readonly unknown: readonly Ticker[];
  /** Tickers whose page was read, and has no dividend. */
  readonly withoutDividends: readonly Ticker[];
}

/** How a source is asked about a key. */
interface EventSource {
  readonly dataset: Dataset;
  readonly keys: readonly string[];
  /**
   * Undefined where the source does not know the key: nothing of it is stored, and nothing marked. @throws SiteError
   */
  read(key: string): Promise<Row[] | undefined>;
}

/** After so many refusals without one answer between them, a source is asked no more. */
const MAX_CONSECUTIVE_REFUSALS = 20;

/** The same of connections that were not made: each has been tried several times. */
const MAX_CONSECUTIVE_UNREACHABLE = 3;

/** Keys whose rows are merged at once: a process that is killed loses at most these. */
const KEYS_PER_MERGE = 100;

/** The keys that each source is asked for. */
export function getEventKeys(assets: readonly EventAsset[]): {
  readonly tickers: readonly Ticker[];
  readonly issuers: readonly string[];
} {
  const tickers = [...new Set(assets.map(({ ticker }) => ticker))].sort();
  return { tickers, issuers: [...new Set(tickers.map(getIssuer))] };
}

/**
 * The papers of the history that can have events, old tickers included; rights and receipts have none. The class of a
 * fund's paper is CI.
 */
export function findHistoryAssets(papers: readonly TickerSessions[]): EventAsset[] {
  return papers.flatMap(({ ticker: text, lastClass }): EventAsset[] => {
    const ticker = toTicker(text);
    if (ticker === undefined || ticker !== text || SHORT_LIVED_CLASS.test(lastClass)) return [];
    return [{ ticker, kind: lastClass === 'CI' ? 'fiis' : 'acoes' }];
  });
}

/**
 * When `signal` is aborted, what was read is stored before this rejects with its reason.
 * @throws LakeError where the lake cannot be written
 */
export async function importEvents(work: EventsImport): Promise<EventsReport> {
  const { tickers, issuers } = getEventKeys(work.assets);
  const kinds = new Map(work.assets.map(({ ticker, kind }) => [ticker, kind]));
  const unknownTickers = new Set<string>();
  const emptyTickers = new Set<string>();
  const unknownIssuers = new Set<string>();
  const sources: readonly EventSource[] = [
    {
      dataset: dividends,
      keys: tickers,
      async read(key) {
        const ticker = key as Ticker;
        const found = await readDividends(work, ticker, kinds.get(ticker));
        if (found === undefined) unknownTickers.add(ticker);
        if (found?.length === 0) emptyTickers.add(ticker);
        return found;
      },
    },
    {
      dataset: companyEvents,
      keys: issuers,
      async read(issuer) {
        const printed = await work.companies.events(issuer);
        if (printed === undefined) unknownIssuers.add(issuer);
        return printed && toCompanyEventRows(issuer, printed, work.now());
      },
    },
  ];
  const readings = new EventReadings(work);
  await readings.load();
  const imports = sources.map((source) => new SourceImport(source, work, readings));
  // Each ends by itself, so that nothing is still being written when the caller releases the lake.
  const ended = await Promise.allSettled(imports.map((each) => each.run()));
  for (const each of ended) if (each.status === 'rejected') throw each.reason;
  work.signal.throwIfAborted();
  return {
    sources: imports.map((each) => each.report()),
    unknown: tickers.filter(
      (ticker) => unknownTickers.has(ticker) && unknownIssuers.has(getIssuer(ticker)),
    ),
    withoutDividends: tickers.filter((ticker) => emptyTickers.has(ticker)),
  };
}

/** Undefined where the site knows no such ticker. */
async function readDividends(
  { site, now }: EventsImport,
  ticker: Ticker,
  kind: AssetKind | undefined,
): Promise<Row[] | undefined> {
  // Units of companies have the number of funds, too.
  const kinds: readonly AssetKind[] =
    kind !== undefined ? [kind] : /\D11$/.test(ticker) ? ['fiis', 'acoes'] : ['acoes'];
  let rows: Row[] | undefined;
  for (const each of kinds) {
    try {
      rows = toDividendRows(ticker, each, await site.dividends(ticker, each), now());
      if (rows.length > 0) return rows;
    } catch (error) {
      if (!(error instanceof TickerNotFoundError)) throw error;
    }
  }
  return rows;
}

/** The keys of each source that an import would ask for: without those that one of the last hours has read. */
export async function findKeysToAsk(
  work: Pick<EventsImport, 'assets' | 'notes' | 'now' | 'again'>,
): Promise<ReturnType<typeof getEventKeys>> {
  const { tickers, issuers } = getEventKeys(work.assets);
  const readings = new EventReadings(work);
  await readings.load();
  const isStale = (dataset: Dataset, key: string): boolean =>
    !readings.isFresh(getTable(dataset, 'sor').name, key);
  return {
    tickers: tickers.filter((ticker) => isStale(dividends, ticker)),
    issuers: issuers.filter((issuer) => isStale(companyEvents, issuer)),
  };
}

/** Asks one source for its keys, and merges what it answers into its table. */
class SourceImport {
  readonly #source: EventSource;
  readonly #work: EventsImport;
  readonly #readings: EventReadings;
  readonly #failed: FailedKey[] = [];
  #waiting = new Map<string, readonly Row[] | undefined>();
  #merging: Promise<void> = Promise.resolve();
  #fault: { readonly error: unknown } | undefined;
  #refusals = 0;
  #unreachable = 0;
  #counts = { read: 0, skipped: 0, added: 0, vanished: 0 };

  constructor(source: EventSource, work: EventsImport, readings: EventReadings) {
    this.#source = source;
    this.#work = work;
    this.#readings = readings;
  }

  get #table() {
    return getTable(this.#source.dataset, 'sor');
  }

  async run(): Promise<void> {
    const { name } = this.#table;
    const keys = this.#source.keys.filter((key) => !this.#readings.isFresh(name, key));
    this.#counts.skipped = this.#source.keys.length - keys.length;
    await pMap(keys, (key) => this.#readKey(key), { concurrency: this.#work.concurrency });
    this.#mergeWaiting();
    await this.#merging;
    if (this.#fault !== undefined) throw this.#fault.error;
  }

  report(): SourceReport {
    return { table: this.#table.name, ...this.#counts, failed: this.#failed };
  }

  async #readKey(key: string): Promise<void> {
    const { signal, onKey } = this.#work;
    if (signal.aborted || this.#fault !== undefined) return;
    const isUnreachable = this.#unreachable >= MAX_CONSECUTIVE_UNREACHABLE;
    if (isUnreachable || this.#refusals >= MAX_CONSECUTIVE_REFUSALS) {
      const why = isUnreachable ? 'could not be reached' : 'refused those before';
      this.#failed.push({ key, reason: `not asked: the source ${why}` });
      onKey(key, false);
      return;
    }
    try {
      const rows = await this.#source.read(key);
      this.#refusals = 0;
      this.#unreachable = 0;
      this.#waiting.set(key, rows);
      onKey(key, true);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof SiteError)) {
        this.#fault ??= { error };
        return;
      }
      this.#refusals = error instanceof TransientSiteError ? this.#refusals + 1 : 0;
      this.#unreachable = error instanceof SiteUnreachableError ? this.#unreachable + 1 : 0;
      this.#failed.push({ key, reason: error.message, hint: error.hint });
      onKey(key, false);
    }
    if (this.#waiting.size >= KEYS_PER_MERGE) this.#mergeWaiting();
  }

  /** One merge after another: two would read the same files. */
  #mergeWaiting(): void {
    const answers = this.#waiting;
    this.#waiting = new Map();
    if (answers.size === 0) return;
    this.#merging = this.#merging.then(async () => {
      if (this.#fault !== undefined) return;
      try {
        await this.#merge(answers);
        this.#counts.read += answers.size;
        this.#readings.add(this.#table.name, [...answers.keys()]);
        await this.#readings.store();
      } catch (error) {
        this.#fault = { error };
      }
    });
  }

  async #merge(answers: ReadonlyMap<string, readonly Row[] | undefined>): Promise<void> {
    const table = this.#table;
    const { lake } = this.#work;
    const known = [...answers].flatMap(([key, rows]) =>
      rows === undefined ? [] : [{ key, rows }],
    );
    if (known.length === 0) return;
    const answered = new Set(known.map(({ key }) => key));
    const freshByYear = groupBy(
      known.flatMap(({ rows }) => rows),
      findEventPartition,
    );
    const years = new Set([...(await lake.partitions(table)), ...freshByYear.keys()]);
    for (const year of [...years].sort((a, b) => a - b)) {
      await retryOnConflict(() => this.#mergeYear(year, freshByYear.get(year) ?? [], answered));
    }
  }

  async #mergeYear(
    partition: Partition,
    fresh: readonly Row[],
    answered: ReadonlySet<string>,
  ): Promise<void> {
    const table = this.#table;
    const { lake } = this.#work;
    const files = await lake.files(table, partition);
    const expected = files.find(({ name }) => name === DEDUP_NAME);
    const others = files.filter((file) => file !== expected);
    const read = (each: (typeof files)[number]) => lake.read(each, { rejectUnknownColumns: true });
    const stored = (await Promise.all(files.map(read))).flat();
    const merged = mergeEventRows(stored, fresh, answered, table);
    const isSame =
      stored.length === merged.length &&
      merged.every((row, at) => isSameRow(row, stored[at] ?? {}, table.columns));
    if (isSame && others.length === 0) {
      // A process may have died between its file and the entry in the catalog.
      if (files.length > 0) await lake.register?.(table, partition);
      return;
    }
    await lake.write({ table, partition, name: DEDUP_NAME }, merged, { expected });
    await lake.remove(others);
    this.#counts.added += merged.length - stored.length;
    const before = stored.filter(isAbsent).length;
    this.#counts.vanished += merged.filter(isAbsent).length - before;
  }
}

function isAbsent({ situacao }: Row): boolean {
  return situacao === 'ausente';
}

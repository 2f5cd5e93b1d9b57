/**
 * Imports B3's price files into the lake, a year at a time: all files of a year are parsed, merged with what the lake
 * has of it, and written as one file. A process that dies leaves the years before as they are, and a repetition changes
 * nothing.
 */
import { rm } from 'node:fs/promises';
import { type ColumnBatch, formatDayNumber, type WritableColumnBatch } from '../catalog/column.ts';
import { getTable } from '../catalog/dataset.ts';
import { history } from '../catalog/datasets/b3.ts';
import type { Partition } from '../catalog/partition.ts';
import { findLastTradingDay } from '../catalog/trading-days.ts';
import {
  BrokenFileError,
  InvalidFileError,
  type PynvestError,
  SiteError,
  TransientSiteError,
} from '../errors.ts';
import type { ColumnarLake } from '../lake/lake.ts';
import { DEDUP_NAME } from '../lake/names.ts';
import {
  CotahistParser,
  type CotahistSummary,
  findYear,
  type Markets,
} from '../sources/b3/cotahist.ts';
import {
  formatFileDates,
  type KeyColumns,
  listTexts,
  parseFileDates,
} from '../sources/b3/file-dates.ts';
import { fetchPriceFile, type PriceFile, readContents } from '../sources/b3/files.ts';
import { LAKE, QuoteRows, type RowConflict } from '../sources/b3/quote-rows.ts';
import type { HttpClient } from '../sources/http/client.ts';
import { type ImportNotes, noteWholeYear, readWholeMarkets } from './imported-years.ts';

interface HistoryImport {
  readonly files: readonly PriceFile[];
  readonly markets: Markets;
  readonly lake: ColumnarLake;
  readonly notes: ImportNotes;
  readonly client: HttpClient;
  /** Where fetched files are kept until they are imported. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Fetches also the years that an earlier import has completed. */
  readonly again: boolean;
  readonly events: {
    /** Some bytes of a file were fetched, or read where it is on this machine. */
    readonly onBytes: (bytes: number) => void;
    readonly onFile: (file: PriceFile, isImported: boolean) => void;
  };
}

interface YearResult {
  readonly year: number;
  /** Rows whose key the lake did not have. */
  readonly added: number;
  /** Rows that the lake had with other values. */
  readonly changed: number;
  /** All rows of the year, as they are in the lake now. */
  readonly rows: number;
}

interface FailedFile {
  readonly name: string;
  readonly error: PynvestError;
}

export interface HistoryReport {
  /** In order. */
  readonly years: readonly YearResult[];
  /** The files that were imported. */
  readonly files: number;
  /** All records of those, of other markets too. */
  readonly records: number;
  /** The years that were imported before, and were not fetched again. */
  readonly skipped: readonly number[];
  readonly failed: readonly FailedFile[];
  /** The files that were not asked for, because B3 did not answer for those before. */
  readonly notAsked: readonly string[];
}

/** After so many files in a row that B3 did not give, each asked for several times, no other is asked for. */
const MAX_CONSECUTIVE_REFUSALS = 2;

export const historyTable = getTable(history, 'sot');
const COLUMN_NAMES = historyTable.columns.map(({ name }) => name);

/**
 * A file that is refused, or cannot be fetched, fails alone; of a year whose files contradict each other nothing is
 * stored.
 * @throws LakeError if the lake cannot be written; the signal's reason once it is aborted
 */
export async function importHistory(work: HistoryImport): Promise<HistoryReport> {
  const years: YearResult[] = [];
  const failed: FailedFile[] = [];
  const skipped: number[] = [];
  const notAsked: string[] = [];
  const b3 = { refusals: 0 };
  let files = 0;
  let records = 0;
  for (const group of await groupByYear(work.files)) {
    const wanted: PriceFile[] = [];
    for (const file of group) {
      if (await isImported(work, file)) {
        skipped.push(file.wholeYear ?? 0);
        work.events.onFile(file, true);
      } else {
        wanted.push(file);
      }
    }
    const parsed = await parseFiles(work, wanted, b3);
    failed.push(...parsed.failed);
    notAsked.push(...parsed.notAsked);
    files += parsed.files;
    records += parsed.records;
    const stored = new Set<number>();
    for (const [year, rows] of [...parsed.rows].sort(([a], [b]) => a - b)) {
      work.signal.throwIfAborted();
      // Of a file without a wanted record, or of one that was refused, nothing is to be stored.
      if (rows.length === 0) continue;
      const result = await tryStoreYear(work, year, rows, parsed.sources);
      if ('error' in result) failed.push(result);
      else {
        years.push(result);
        stored.add(year);
      }
    }
    for (const year of parsed.completeYears) {
      if (!stored.has(year) || !isOver(work, year)) continue;
      await noteWholeYear(work.notes, year, work.markets);
    }
  }
  years.sort((a, b) => a.year - b.year);
  return { years, files, records, skipped, failed, notAsked };
}

/** The files by the year that their names have, or else their contents, so that each year is written once. */
async function groupByYear(files: readonly PriceFile[]): Promise<PriceFile[][]> {
  const groups = new Map<number, PriceFile[]>();
  for (const file of files) {
    // What has no year is refused with its reason when it is parsed.
    const year = file.year ?? (file.kind === 'local' ? await findFirstYear(file) : undefined) ?? 0;
    groups.set(year, [...(groups.get(year) ?? []), file]);
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}

async function findFirstYear({ location, name }: PriceFile): Promise<number | undefined> {
  try {
    for await (const { chunks } of readContents(location, name)) {
      for await (const chunk of chunks) return findYear(chunk);
    }
  } catch (error) {
    if (!(error instanceof InvalidFileError)) throw error;
  }
  return undefined;
}

interface ParsedFiles {
  readonly rows: ReadonlyMap<number, QuoteRows>;
  /** The names of the files by the numbers that rows remember. */
  readonly sources: readonly string[];
  /** How many files were read. */
  readonly files: number;
  /** Those that were asked for as a whole, and came as a whole. */
  readonly completeYears: readonly number[];
  readonly records: number;
  readonly failed: readonly FailedFile[];
  readonly notAsked: readonly string[];
}

/** @param b3 how many files in a row it has not given */
async function parseFiles(
  work: HistoryImport,
  files: readonly PriceFile[],
  b3: { refusals: number },
): Promise<ParsedFiles> {
  const rows = new Map<number, QuoteRows>();
  const getRows = (year: number): QuoteRows => {
    const known = rows.get(year) ?? new QuoteRows();
    rows.set(year, known);
    return known;
  };
  const sources: string[] = ['the lake'];
  const completeYears: number[] = [];
  let imported = 0;
  const failed: FailedFile[] = [];
  const notAsked: string[] = [];
  let records = 0;
  for (const file of files) {
    work.signal.throwIfAborted();
    if (file.kind === 'remote' && b3.refusals >= MAX_CONSECUTIVE_REFUSALS) {
      notAsked.push(file.name);
      continue;
    }
    const before = new Map([...rows].map(([year, { length }]) => [year, length]));
    try {
      const read = await withLocalFile(work, file, async (path, onBytes) => {
        const summaries: CotahistSummary[] = [];
        for await (const { name, chunks } of readContents(path, file.name, onBytes)) {
          const source = sources.push(name) - 1;
          const parser = new CotahistParser(name, getRows, source, work.markets, file);
          for await (const chunk of chunks) {
            work.signal.throwIfAborted();
            parser.push(chunk);
          }
          summaries.push(parser.end());
        }
        return summaries;
      });
      if (file.kind === 'remote') b3.refusals = 0;
      for (const summary of read) records += summary.records;
      imported += 1;
      if (file.wholeYear !== undefined && read.some(isWhole)) completeYears.push(file.wholeYear);
      work.events.onFile(file, true);
    } catch (error) {
      if (!(error instanceof InvalidFileError || error instanceof SiteError)) throw error;
      // Of an archive, the files before the one that is refused.
      for (const [year, each] of rows) each.truncate(before.get(year) ?? 0);
      if (file.kind === 'remote') {
        b3.refusals = error instanceof TransientSiteError ? b3.refusals + 1 : 0;
      }
      failed.push({ name: file.name, error });
      work.events.onFile(file, false);
    }
  }
  return { rows, sources, files: imported, completeYears, records, failed, notAsked };
}

/** Whether a file has its whole year: it was made after the last trading day, or has sessions up to that. */
function isWhole({ year, made, lastSession }: CotahistSummary): boolean {
  const lastDay = findLastTradingDay((year * 10_000 + 1231) as Partition);
  return made > lastDay || (lastSession !== undefined && lastSession >= lastDay);
}

/** Calls `read` with the path of the file, which is fetched where it is not on this machine. */
async function withLocalFile<T>(
  { client, folder, events }: HistoryImport,
  file: PriceFile,
  read: (path: string, onBytes?: (bytes: number) => void) => Promise<T>,
): Promise<T> {
  if (file.kind === 'local') return read(file.location, events.onBytes);
  const path = await fetchPriceFile(client, file, folder, events.onBytes);
  try {
    return await read(path);
  } finally {
    await rm(path, { force: true });
  }
}

async function tryStoreYear(
  work: HistoryImport,
  year: number,
  rows: QuoteRows,
  sources: readonly string[],
): Promise<YearResult | FailedFile> {
  try {
    return await storeYear(work, year, rows, sources);
  } catch (error) {
    if (!(error instanceof InvalidFileError || error instanceof BrokenFileError)) throw error;
    return { name: String(year), error };
  }
}

/**
 * Merges rows into the lake's file of a year. The new file is written before others of the year are removed.
 * @throws InvalidFileError if two rows of one key differ
 */
async function storeYear(
  { lake, notes }: HistoryImport,
  year: number,
  rows: QuoteRows,
  sources: readonly string[],
): Promise<YearResult> {
  const partition = year as Partition;
  const known = await lake.files(historyTable, partition);
  const madeNote = getMadeNoteName(year);
  const madeBefore = (await notes.read(madeNote)) ?? '';
  for (const file of known) {
    const batch = await lake.readColumns(file, COLUMN_NAMES, { rejectUnknownColumns: true });
    rows.addBatch(batch, parseFileDates(madeBefore, getStoredKeys(batch)));
  }
  const merged = rows.merge();
  if (!('batch' in merged)) throw createConflictError(merged, sources);
  const { batch, added, changed, made } = merged;
  const target = { table: historyTable, partition, name: DEDUP_NAME };
  const expected = known.find(({ name }) => name === DEDUP_NAME);
  const others = known.filter(({ name }) => name !== DEDUP_NAME);
  const isUnchanged = added + changed + others.length === 0;
  if (isUnchanged) {
    // An import may have died between the file and its entry in the catalog.
    if (known.length > 0) await lake.register?.(historyTable, partition);
  } else {
    await lake.writeColumns(target, batch, { expected });
    await lake.remove(others);
  }
  // An import that dies before this line is repeated, and then its rows are those of the lake.
  const madeNow = formatFileDates(getMergedKeys(batch), made);
  if (madeNow !== madeBefore) await notes.write(madeNote, madeNow);
  return { year, added, changed, rows: batch.rowCount };
}

function getStoredKeys({ rowCount, texts, numbers }: ColumnBatch): KeyColumns {
  return {
    ...{
      rowCount,
      tickers: texts['codigo_ticker_ativo'] ?? [],
      markets: texts['codigo_mercado'] ?? [],
    },
    days: numbers['dt_pregao'] ?? new Float64Array(rowCount),
    terms: numbers['prazo_termo'] ?? new Float64Array(rowCount).fill(Number.NaN),
  };
}

function getMergedKeys({ rowCount, texts, numbers }: WritableColumnBatch): KeyColumns {
  const list = (name: string): readonly (string | null)[] => {
    const column = texts[name] ?? [];
    return 'codes' in column ? listTexts(column) : column;
  };
  return {
    ...{ rowCount, tickers: list('codigo_ticker_ativo'), markets: list('codigo_mercado') },
    days: numbers['dt_pregao'] ?? new Float64Array(rowCount),
    terms: numbers['prazo_termo'] ?? new Float64Array(rowCount).fill(Number.NaN),
  };
}

function createConflictError(
  { ticker, day, first, second }: RowConflict,
  sources: readonly string[],
): InvalidFileError {
  const other = `${sources[first.source === LAKE ? LAKE : first.source]}, line ${first.line}`;
  return new InvalidFileError(
    sources[second.source] ?? '',
    `${ticker} on ${formatDayNumber(day)} has other values in ${other}: import the right one of the two files alone`,
    second.line,
  );
}

type ImportedYears = Pick<HistoryImport, 'lake' | 'notes' | 'markets' | 'now' | 'again'>;

/**
 * Whether an import would not fetch a file, because the lake has the whole year. It has that once a file of it was
 * whole, which B3 may publish some time after the year's end.
 */
export async function isImported(
  work: ImportedYears,
  { wholeYear }: Pick<PriceFile, 'wholeYear'>,
): Promise<boolean> {
  if (wholeYear === undefined || work.again || !isOver(work, wholeYear)) return false;
  const known = await readWholeMarkets(work.notes, wholeYear);
  const isCovered =
    known === 'all' ||
    (work.markets !== 'all' && [...work.markets].every((market) => known.has(market)));
  if (!isCovered) return false;
  return (await work.lake.files(historyTable, wholeYear as Partition)).length > 0;
}

function isOver({ now }: Pick<HistoryImport, 'now'>, year: number): boolean {
  return year < now().getUTCFullYear();
}

function getMadeNoteName(year: number): string {
  return `cotahist-${year}.made`;
}

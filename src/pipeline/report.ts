/** What a run did, as it is kept in the lake and printed with `--format json`. Pure. */
import { formatInSaoPaulo, formatIsoDate, type Partition } from '../catalog/partition.ts';
import type { ReportFile } from '../lake/lake.ts';
import type { DriftReport } from '../transform/drift.ts';
import type { UnparsedValue } from '../transform/layers.ts';
import type { FailedTicker } from './collect.ts';
import type { MissingTicker } from './missing-tickers.ts';

export interface RunReport {
  readonly command: 'run' | 'backfill';
  readonly partition: Partition;
  /** The partition as `YYYY-MM-DD`. */
  readonly date: string;
  readonly started_at: string;
  readonly seconds: number;
  readonly tickers: {
    readonly asked: number;
    readonly stored: number;
    readonly failed: readonly FailedTicker[];
    /** The texts of a listing, in place of a ticker, that are none. */
    readonly rejected: readonly string[];
    /** What the site lists and has no page of, as far as runs know. Of a run alone. */
    readonly missing?: readonly MissingTicker[];
  };
  /** Rows a table in the partition, by the table's name. */
  readonly rows: Readonly<Record<string, number>>;
  readonly unparsed: readonly UnparsedColumn[];
  /** Vanished columns only of a run over a kind's whole listing. */
  readonly drift: DriftReport;
  readonly bytes_written: number;
  /**
   * Which listing did not come, or lacks much beside what the lake has of the day or the day before; absent where none.
   */
  readonly listing_faults?: readonly string[];
  /** What kept the listings from coming, or the tables from following; absent where nothing did. */
  readonly error?: string;
  /** Earlier days that a run had left unfinished and that this one could not complete; absent where there are none. */
  readonly uncompleted_days?: readonly UnfinishedDay[];
  /** Where the run was stopped half-way: the tables do not follow yet, the next run makes them. */
  readonly interrupted?: true;
  /** Where the quotes were computed from B3's history; absent where the tables follow from the site's pages. */
  readonly origin?: 'b3';
}

/** The values of a column that did not parse: how many, and the first few. */
export interface UnparsedColumn {
  readonly column: string;
  readonly values: number;
  readonly examples: readonly { readonly ticker: string; readonly text: string }[];
}

const MAX_EXAMPLES = 5;

export interface ReportFacts {
  readonly command: RunReport['command'];
  readonly partition: Partition;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly asked?: number;
  readonly stored?: number;
  readonly failed?: readonly FailedTicker[];
  readonly rejected?: readonly string[];
  readonly missing?: readonly MissingTicker[];
  readonly listingFaults?: readonly string[];
  readonly rows: Readonly<Record<string, number>>;
  readonly unparsed: readonly UnparsedValue[];
  readonly drift?: DriftReport;
  readonly bytes: number;
  readonly error?: string;
  readonly interrupted?: boolean;
  readonly origin?: RunReport['origin'];
}

export function createReport(facts: ReportFacts): RunReport {
  return {
    command: facts.command,
    partition: facts.partition,
    date: formatIsoDate(facts.partition),
    started_at: formatInSaoPaulo(facts.startedAt),
    seconds: (facts.endedAt.getTime() - facts.startedAt.getTime()) / 1000,
    tickers: {
      asked: facts.asked ?? 0,
      stored: facts.stored ?? 0,
      failed: [...(facts.failed ?? [])].sort((a, b) => (a.ticker < b.ticker ? -1 : 1)),
      rejected: facts.rejected ?? [],
      ...(facts.missing === undefined ? {} : { missing: facts.missing }),
    },
    rows: facts.rows,
    unparsed: groupUnparsedByColumn(facts.unparsed),
    drift: facts.drift ?? { unknownLabels: [], vanishedColumns: [] },
    bytes_written: facts.bytes,
    ...(facts.listingFaults?.length ? { listing_faults: facts.listingFaults } : {}),
    ...(facts.error === undefined ? {} : { error: facts.error }),
    ...(facts.interrupted === true ? { interrupted: true } : {}),
    ...(facts.origin === undefined ? {} : { origin: facts.origin }),
  };
}

/** The first few texts that did not parse, and how many there were, column by column. */
export function groupUnparsedByColumn(unparsed: readonly UnparsedValue[]): UnparsedColumn[] {
  const columns = new Map<string, { ticker: string; text: string }[]>();
  for (const { column, ticker, text } of unparsed) {
    const values = columns.get(column) ?? [];
    values.push({ ticker, text });
    columns.set(column, values);
  }
  return [...columns].map(([column, values]) => ({
    column,
    values: values.length,
    examples: values.slice(0, MAX_EXAMPLES),
  }));
}

/** A day that could not be completed, or not even be looked at. */
export interface UnfinishedDay {
  /** `YYYY-MM-DD`; null where the lake's days cannot be listed. */
  readonly date: string | null;
  /** What is wrong, and what to do about it. */
  readonly reason: string;
}

/** A report as it is read from a lake, in which any part may be damaged. */
export interface StoredReport {
  readonly command: string;
  /** The day that it collected or rebuilt, `YYYY-MM-DD`. */
  readonly date: string;
  readonly started_at: string;
  readonly seconds: number;
  readonly asked: number;
  readonly stored: number;
  readonly failed: readonly Readonly<Record<'ticker' | 'kind' | 'reason', string>>[];
  /** Undefined in the report of a command that asks the site for nothing. */
  readonly missing: readonly MissingTicker[] | undefined;
  /** Whether it was stopped, such as by Ctrl-C, before it had asked for all of them. */
  readonly interrupted: boolean;
  /** Why the typed tables could not be updated; null where they were. */
  readonly error: string | null;
  /** Which listing was missing or incomplete, in words. */
  readonly listing_faults: readonly string[];
}

/** Undefined where the text is no report. */
export function parseReport(text: string): StoredReport | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(parsed) || !isObject(parsed['tickers'])) return undefined;
  const { command, date, started_at: startedAt, seconds, error, listing_faults: faults } = parsed;
  const { asked, stored, failed, missing } = parsed['tickers'];
  if (typeof command !== 'string' || typeof date !== 'string') return undefined;
  if (typeof startedAt !== 'string' || Number.isNaN(Date.parse(startedAt))) return undefined;
  if (![seconds, asked, stored].every((value) => typeof value === 'number')) return undefined;
  if (!Array.isArray(failed)) return undefined;
  return {
    command,
    date,
    started_at: startedAt,
    seconds: Number(seconds),
    asked: Number(asked),
    stored: Number(stored),
    failed: failed.filter(isObject).map(({ ticker, kind, reason }) => ({
      ticker: String(ticker),
      kind: String(kind),
      reason: String(reason),
    })),
    missing: Array.isArray(missing) ? missing.filter(isMissingTicker) : undefined,
    interrupted: parsed['interrupted'] === true,
    error: typeof error === 'string' ? error : null,
    listing_faults: Array.isArray(faults) ? faults.map(String) : [],
  };
}

/** What the newest of some reports knows; nothing where none of them can be read. @param files the newest first */
export function parseMissingTickers(files: readonly ReportFile[]): readonly MissingTicker[] {
  for (const { text } of files) {
    const missing = parseReport(text)?.missing;
    if (missing !== undefined) return missing;
  }
  return [];
}

function isMissingTicker(value: unknown): value is MissingTicker {
  if (!isObject(value)) return false;
  const { ticker, runs, asked_on: askedOn } = value;
  return typeof ticker === 'string' && Number.isSafeInteger(runs) && typeof askedOn === 'string';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The last run, from the reports that runs write into the lake. Pure.
 */
import type { ReportFile } from '../../lake/lake.ts';
import { isKnownAsMissing, parseMissingTickers } from '../../pipeline/missing-tickers.ts';

interface FailedTicker {
  readonly ticker: string;
  readonly kind: string;
  readonly reason: string;
}

/** As `status --format json` prints it. */
export interface LastRun {
  readonly command: string;
  /** The day that it collected or rebuilt, `YYYY-MM-DD`. */
  readonly date: string;
  readonly started_at: string;
  readonly seconds: number;
  readonly asked: number;
  readonly stored: number;
  readonly failed: readonly FailedTicker[];
  /** What the site lists and, as many runs have found, has no page of. */
  readonly without_page: readonly string[];
  /** Whether it was stopped, such as by Ctrl-C, before it had asked for all of them. */
  readonly interrupted: boolean;
  /** Why the typed tables could not be updated; null where they were. */
  readonly error: string | null;
  /** Which listing was missing or incomplete, in words. */
  readonly listing_faults: readonly string[];
}

export interface LastRunFacts {
  readonly run: LastRun | undefined;
  /** The runs that asked the site for pages, the newest first. */
  readonly collections: readonly LastRun[];
  /** The names of files newer than the last run's report that cannot be read. */
  readonly broken: readonly string[];
}

/** @param files the newest first */
export function findLastRun(files: readonly ReportFile[]): LastRunFacts {
  const broken: string[] = [];
  const runs: LastRun[] = [];
  for (const { name, text } of files) {
    const run = parseReport(text);
    if (run !== undefined) runs.push(run);
    else if (runs.length === 0) broken.push(name);
  }
  return { run: runs.at(0), collections: runs.filter(({ command }) => command === 'run'), broken };
}

function parseReport(text: string): LastRun | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(parsed) || !isObject(parsed['tickers'])) return undefined;
  const { command, date, started_at: startedAt, seconds, error, listing_faults: faults } = parsed;
  const { asked, stored, failed } = parsed['tickers'];
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
    without_page: parseMissingTickers([{ name: '', text }])
      .filter(isKnownAsMissing)
      .map(({ ticker }) => ticker),
    interrupted: parsed['interrupted'] === true,
    error: typeof error === 'string' ? error : null,
    listing_faults: Array.isArray(faults) ? faults.map(String) : [],
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

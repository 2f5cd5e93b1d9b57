/**
 * `pynvest import`: brings what other sources publish into the lake.
 */

import { tmpdir } from 'node:os';
import { CASH_MARKET } from '../../catalog/datasets/b3.ts';
import { formatIsoDate, getPartition, type Partition } from '../../catalog/partition.ts';
import { isWeekday } from '../../catalog/trading-days.ts';
import { formatErrorWithHint, LakeError, UsageError } from '../../errors.ts';
import { createMarkingLake } from '../../pipeline/adjustment-state.ts';
import {
  type HistoryReport,
  historyTable,
  importHistory,
  isImported,
} from '../../pipeline/import-history.ts';
import { formatNumber } from '../../presentation/notation.ts';
import type { Markets } from '../../sources/b3/cotahist.ts';
import {
  createDayFile,
  createYearFile,
  defaultB3Settings,
  estimateSize,
  FIRST_YEAR,
  findPriceFiles,
  type PriceFile,
} from '../../sources/b3/files.ts';
import { createHttpClient } from '../../sources/http/client.ts';
import { formatQuantity } from '../../text.ts';
import { defineCommand } from '../command.ts';
import { deriveWithSpinner, printDerived } from '../derive-adjustments.ts';
import { abortOnInterrupt, ExitStatus } from '../exit.ts';
import { assertNoDemo, type LakeHandle, openLake } from '../open-lake.ts';
import { argument, option } from '../option.ts';
import { type OutputFormat, outputOptions, resolveFormat, writeRows } from '../output/rows.ts';
import { parseDayOption } from '../selection.ts';
import { readSourceSettings, siteOptions } from '../site-settings.ts';
import { lakeOptions } from '../target.ts';
import { createByteProgress, formatBytes, formatSeconds } from '../terminal/progress.ts';
import { createRetryNotifier, type Terminal } from '../terminal/terminal.ts';

const { pause, timeout, retries } = siteOptions;
const b3Options = { pause, timeout, retries };

export const importCotahistCommand = defineCommand({
  name: 'cotahist',
  description: "B3's files of historical prices, of this machine or fetched from B3",
  args: {
    places: argument('[places...]', 'files, folders with files, or addresses; zipped or not'),
  },
  options: {
    ...outputOptions,
    ...lakeOptions,
    ...b3Options,
    year: option('--year <years>', `fetch whole years, such as 2024 or ${FIRST_YEAR}-2026`, {
      isList: true,
    }),
    date: option('--date <day>', 'fetch one session, such as 2026-11-19 or ontem'),
    market: option(
      '--market <code>',
      'a market by its code (default: 010, the cash market), or all',
      {
        repeatable: true,
      },
    ),
    again: option('--again', 'fetch also the years that are imported'),
    plan: option('--plan', 'say what would be fetched and read, and do nothing'),
  },

  async handler({ terminal, args, options }) {
    const markets = parseMarkets(options.market);
    const files = await findFiles(args.places, options);
    const settings = readSourceSettings(defaultB3Settings, options, b3Options);
    const handle = await openLake(terminal, options);
    await assertNoDemo(handle);
    const { lake, notes } = handle;
    const planned = await markImported(
      { lake, notes, markets, now: () => new Date(), again: options.again === true },
      files,
    );
    if (options.plan) return writePlan(terminal, options, planned);
    const signal = abortOnInterrupt(terminal);
    const client = createHttpClient(settings, signal, createRetryNotifier(terminal));
    const folder = await getDownloadFolder(handle);
    const progress = createByteProgress(
      terminal,
      'Prices',
      estimateTotal(listWanted(planned)).bytes,
    );
    const { report, derived } = await handle
      .withExclusiveAccess('pynvest import cotahist', async () => {
        const imported = await importHistory({
          ...{ files, markets, client, folder, signal },
          lake: createMarkingLake(handle.lake, handle.notes),
          notes: handle.notes,
          now: () => new Date(),
          again: options.again === true,
          events: {
            onBytes: (bytes) => progress.add(bytes),
            onFile: ({ name }, isImported) => {
              if (terminal.verbose) terminal.notice(`${name}: ${isImported ? 'read' : 'refused'}`);
            },
          },
        });
        progress.stop();
        return { report: imported, derived: await deriveWithSpinner(terminal, handle) };
      })
      .finally(() => progress.stop());
    printReport(terminal, report, await countStored(handle));
    printDerived(terminal, derived);
    await writeRows(terminal, options.format, {
      isReport: true,
      columns: ['year', 'added', 'changed', 'rows'],
      rows: report.years.map(({ year, added, changed, rows }) => [year, added, changed, rows]),
    });
    if (derived instanceof LakeError) return ExitStatus.doneInPart;
    if (report.failed.length === 0) return ExitStatus.done;
    const isDoneInPart = report.years.length + report.skipped.length > 0;
    return isDoneInPart ? ExitStatus.doneInPart : ExitStatus.failed;
  },
});

/** In the lake, what a dead import leaves is removed by the next writer. */
async function getDownloadFolder(handle: LakeHandle): Promise<string> {
  if (handle.kind === 'aws') return tmpdir();
  const { getTemporaryFolder } = await import('../../lake/local/disk.ts');
  return getTemporaryFolder(handle.root);
}

interface FileOptions {
  readonly year?: string;
  readonly date?: string;
}

/** @throws UsageError where no file is named */
async function findFiles(
  places: readonly string[],
  { year, date }: FileOptions,
): Promise<PriceFile[]> {
  if (places.length === 0 && year === undefined && date === undefined) {
    throw new UsageError('which files?', {
      hint: 'Name files or folders, or fetch them from B3: --year 2024, --date 2024-11-08.',
    });
  }
  const named = await Promise.all(places.map(findPriceFiles));
  const years = year === undefined ? [] : parseYears(year).map(createYearFile);
  const days = date === undefined ? [] : [createDayFile(parseSession(date))];
  return [...named.flat(), ...years, ...days];
}

/** A day on which there may have been a session. @throws UsageError */
function parseSession(text: string): Partition {
  const day = parseDayOption(text, '--date');
  const today = getPartition(new Date());
  if (day > today) {
    throw new UsageError(`--date ${formatIsoDate(day)} is in the future`, {
      hint: `Today is ${formatIsoDate(today)}; B3 publishes the file of a session in its evening.`,
    });
  }
  if (!isWeekday(day)) {
    throw new UsageError(`--date ${formatIsoDate(day)} is a Saturday or a Sunday`, {
      hint: 'B3 has sessions from Monday to Friday.',
    });
  }
  return day;
}

/** @throws UsageError */
function parseYears(text: string): number[] {
  const last = new Date().getUTCFullYear();
  const years = new Set<number>();
  for (const part of text.split(',')) {
    const [, from, to = from] = /^\s*(\d{4})(?:-(\d{4}))?\s*$/.exec(part) ?? [];
    const [first, end] = [Number(from), Number(to)];
    if (from === undefined || first > end || first < FIRST_YEAR || end > last) {
      throw new UsageError(
        `--year is ${JSON.stringify(text)}: it takes years from ${FIRST_YEAR} to ${last}`,
        {
          hint: `Such as 2024, 2020,2022 or ${FIRST_YEAR}-${last}.`,
        },
      );
    }
    for (let year = first; year <= end; year += 1) years.add(year);
  }
  return [...years].sort((a, b) => a - b);
}

/** @throws UsageError */
function parseMarkets(texts: readonly string[] = [CASH_MARKET]): Markets {
  const codes = texts.flatMap((text) => text.split(',')).map((code) => code.trim());
  const unknown = codes.find((code) => code !== 'all' && !/^\d{3}$/.test(code));
  if (unknown !== undefined) {
    throw new UsageError(
      `--market is ${JSON.stringify(unknown)}: it takes a code of three digits`,
      {
        hint: 'Such as 010 (cash), 020 (odd lots), 030 (term), 070 and 080 (options), or all.',
      },
    );
  }
  return codes.includes('all') ? 'all' : new Set(codes);
}

/** A file of a plan, and whether the lake has its rows. */
interface PlannedFile {
  readonly file: PriceFile;
  readonly isHere: boolean;
}

async function markImported(
  work: Parameters<typeof isImported>[0],
  files: readonly PriceFile[],
): Promise<PlannedFile[]> {
  return Promise.all(files.map(async (file) => ({ file, isHere: await isImported(work, file) })));
}

function listWanted(planned: readonly PlannedFile[]): PriceFile[] {
  return planned.filter(({ isHere }) => !isHere).map(({ file }) => file);
}

function estimateTotal(files: readonly PriceFile[]): { bytes: number; records: number } {
  const sizes = files.map(estimateSize);
  return {
    bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
    records: sizes.reduce((sum, { records }) => sum + records, 0),
  };
}

/** Of a machine and a connection in the middle: a plan names orders of magnitude. */
const RECORDS_PER_SECOND = 1_500_000;
const FETCHED_BYTES_PER_SECOND = 4_000_000;

/** Where the rows of a file are: for programs, and in the language of the headings of a table. */
const SOURCES = { remote: 'fetched', local: 'local', here: 'already here' } as const;
const TABLE_SOURCES = { remote: 'B3', local: 'local', here: 'já no lake' } as const;

async function writePlan(
  terminal: Terminal,
  { format }: { readonly format?: OutputFormat },
  planned: readonly PlannedFile[],
): Promise<ExitStatus> {
  const files = listWanted(planned);
  const { bytes, records } = estimateTotal(files);
  const remote = files.filter(({ kind }) => kind === 'remote');
  const seconds =
    records / RECORDS_PER_SECOND + estimateTotal(remote).bytes / FETCHED_BYTES_PER_SECOND;
  terminal.notice(
    `${formatQuantity(files.length, 'file')}, about ${formatBytes(bytes, terminal.locale)} with ${formatNumber(records, terminal.locale, 0)} records; ` +
      `${formatQuantity(remote.length, 'request')}; about ${formatSeconds(Math.ceil(seconds))}`,
  );
  noticeImported(
    terminal,
    planned.flatMap(({ file, isHere }) => (isHere ? (file.wholeYear ?? []) : [])),
  );
  const sources = resolveFormat(terminal, format) === 'table' ? TABLE_SOURCES : SOURCES;
  await writeRows(terminal, format, {
    isReport: true,
    columns: ['file', 'source', 'bytes', 'records'],
    rows: planned.map(({ file, isHere }) => {
      if (isHere) return [file.name, sources.here, 0, 0];
      const size = estimateSize(file);
      return [file.name, sources[file.kind], size.bytes, size.records];
    }),
  });
  return ExitStatus.done;
}

interface StoredHistory {
  readonly rows: number;
  readonly years: number;
}

/** What the lake has, of years that were imported before, too; undefined where a file of it cannot be read. */
async function countStored({ lake }: LakeHandle): Promise<StoredHistory | undefined> {
  try {
    const rows = [...(await lake.countRows(historyTable)).values()];
    return { rows: rows.reduce((sum, each) => sum + each, 0), years: rows.length };
  } catch (error) {
    // What was imported is stored, and is what the report is about.
    if (error instanceof LakeError) return undefined;
    throw error;
  }
}

function printReport(
  terminal: Terminal,
  report: HistoryReport,
  lake: StoredHistory | undefined,
): void {
  const { years, files, records, skipped, failed, notAsked } = report;
  const { locale } = terminal;
  for (const { name, error } of failed) {
    const text = formatErrorWithHint(error);
    terminal.warn(text.startsWith(name) ? text : `${name}: ${text}`);
  }
  if (notAsked.length > 0) {
    terminal.warn(
      `B3 was not asked for ${formatQuantity(notAsked.length, 'more file')}: the same command again fetches what is missing.`,
    );
  }
  noticeImported(terminal, skipped);
  if (files === 0) return;
  if (years.length === 0) {
    if (failed.length === 0) {
      terminal.notice(
        `${formatQuantity(files, 'file')} with ${formatNumber(records, locale, 0)} records: none is of the selected markets, and nothing was stored`,
      );
    }
    return;
  }
  const total = (name: 'added' | 'changed'): string =>
    formatNumber(
      years.reduce((sum, year) => sum + year[name], 0),
      locale,
      0,
    );
  const stored =
    lake &&
    `the lake has ${formatNumber(lake.rows, locale, 0)} rows of ${formatQuantity(lake.years, 'year')}`;
  terminal.notice(
    [
      `${formatQuantity(files, 'file')} with ${formatNumber(records, locale, 0)} records: ` +
        `${total('added')} rows added, ${total('changed')} changed`,
      ...(stored === undefined ? [] : [stored]),
    ].join('; '),
  );
}

function noticeImported(terminal: Terminal, years: readonly number[]): void {
  if (years.length === 0) return;
  const which = years.length === 1 ? years[0] : `${years[0]} to ${years.at(-1)}`;
  terminal.notice(
    `${formatQuantity(years.length, 'year')} already imported: ${which}; --again fetches them`,
  );
}

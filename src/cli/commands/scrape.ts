/**
 * `pynvest scrape`: indicators straight from the site, without a lake.
 */

import { type AssetKind, assetKinds, assets } from '../../catalog/asset.ts';
import type { Column, Row } from '../../catalog/column.ts';
import { partitionOf } from '../../catalog/partition.ts';
import { sorTables, sotTables, specTable } from '../../catalog/tables.ts';
import { parseTickers } from '../../catalog/ticker.ts';
import { SiteError, UsageError } from '../../errors.ts';
import { sharedIndicatorColumns } from '../../query/columns.ts';
import { createSite } from '../../sources/fundamentus/site.ts';
import { extractRow } from '../../transform/extract.ts';
import { prepare } from '../../transform/layers.ts';
import { abortOnInterrupt, ExitStatus, reportError } from '../exit.ts';
import type { RowsOptions, SiteOptions, WatchlistOptions } from '../options.ts';
import { parseDestination, writeAnswer } from '../output/file.ts';
import { moveColumnsFirst, PREFERRED_COLUMNS } from '../output/rows.ts';
import { readSiteSettings } from '../settings.ts';
import { createRetryNotifier, type Terminal } from '../terminal/terminal.ts';

interface ScrapeOptions extends RowsOptions, SiteOptions, WatchlistOptions {
  /** As the queries call it. */
  readonly ticker?: string;
  readonly raw?: boolean;
}

export async function scrape(
  terminal: Terminal,
  names: readonly string[],
  options: ScrapeOptions,
): Promise<ExitStatus> {
  const lists = [...names, ...(options.ticker === undefined ? [] : [options.ticker])];
  const named = lists.length === 0 ? [] : parseTickers(lists.join(','));
  const { addWatchedTickers } = await import('../watchlist.ts');
  const tickers = await addWatchedTickers(named, options);
  if (tickers.length === 0) {
    throw new UsageError('no ticker was named', { hint: 'Such as: pynvest scrape PETR4 HGLG11.' });
  }
  const destination = parseDestination(terminal, options);
  const settings = readSiteSettings(options);
  const signal = abortOnInterrupt(terminal);
  const site = createSite(settings, signal, createRetryNotifier(terminal));
  const partition = partitionOf(new Date());
  const outcomes = await Promise.allSettled(
    tickers.map(async (ticker) => {
      const page = await site.details(ticker);
      return { page, row: extractRow(page, partition, new Date()).row };
    }),
  );

  const found: { kind: AssetKind; ticker: string; row: Row }[] = [];
  let failures = 0;
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') {
      if (!(outcome.reason instanceof SiteError)) throw outcome.reason;
      failures += 1;
      reportError(outcome.reason, terminal);
      continue;
    }
    const { page, row } = outcome.value;
    if (options.raw) {
      found.push({ kind: page.kind, ticker: page.ticker, row });
      continue;
    }
    const prepared = prepare(row, assets[page.kind].dataset);
    found.push({ kind: page.kind, ticker: page.ticker, row: prepared.row });
    for (const { column, text } of prepared.unparsed) {
      terminal.warn(`${page.ticker}: ${column}: ${JSON.stringify(text)} does not parse`);
    }
  }
  if (found.length > 0) {
    const shown = getColumns(found, options.raw ? sorTables : sotTables);
    const columns = shown.map(({ name }) => name);
    const types = shown.map(({ type }) => type);
    const rows = found.map(({ ticker, row }) =>
      columns.map((column) => (column === specTable.tickerColumn ? ticker : (row[column] ?? null))),
    );
    const data = { columns, types, rows };
    const isMixed = columns.includes(specTable.tickerColumn);
    const inOrder =
      isMixed && destination.format === 'table'
        ? moveColumnsFirst(data, [...PREFERRED_COLUMNS, ...sharedIndicatorColumns], 1)
        : data;
    await writeAnswer(terminal, destination, inOrder);
  }
  if (failures === 0) return ExitStatus.done;
  return found.length > 0 ? ExitStatus.doneInPart : ExitStatus.failed;
}

/**
 * The columns of the kinds that came. Stocks and funds together have each other's as null, and the ticker
 * in front under the name that both have in the quotes.
 */
function getColumns(found: readonly { kind: AssetKind }[], tables: typeof sotTables): Column[] {
  const kinds = assetKinds.filter((kind) => found.some((each) => each.kind === kind));
  const ticker = specTable.columns.filter(({ name }) => name === specTable.tickerColumn);
  const columns = [
    ...(kinds.length > 1 ? ticker : []),
    ...kinds.flatMap((kind) => tables[kind].columns),
  ];
  return [...new Map(columns.map((column) => [column.name, column] as const)).values()];
}

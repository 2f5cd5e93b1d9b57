/**
 * `pynvest scrape`: indicators straight from the site, without a lake.
 */

import { assets } from '../../catalog/asset.ts';
import type { Row } from '../../catalog/column.ts';
import { type Dataset, getTable, type Layer } from '../../catalog/dataset.ts';
import { indicators } from '../../catalog/datasets.ts';
import { partitionOf } from '../../catalog/partition.ts';
import { parseTickers } from '../../catalog/ticker.ts';
import { SiteError, UsageError } from '../../errors.ts';
import { quotesTable, sharedIndicatorColumns } from '../../query/columns.ts';
import { createSite } from '../../sources/fundamentus/site.ts';
import { extractRow } from '../../transform/extract.ts';
import { prepare } from '../../transform/layers.ts';
import { defineCommand } from '../command.ts';
import { abortOnInterrupt, ExitStatus, reportError } from '../exit.ts';
import { argument, option } from '../option.ts';
import { parseDestination, rowsOptions, writeAnswer } from '../output/file.ts';
import { moveColumnsFirst, PREFERRED_COLUMNS, type TabularData } from '../output/rows.ts';
import { addWatchedTickers, watchlistOptions } from '../selection.ts';
import { readSiteSettings, siteOptions } from '../site-settings.ts';
import { ignoredTargetOption } from '../target.ts';
import { createRetryNotifier } from '../terminal/terminal.ts';

export const scrapeCommand = defineCommand({
  name: 'scrape',
  description: "assets' indicators from the site, without a lake",
  args: { ticker: argument('[ticker...]', 'such as PETR4 or HGLG11') },
  options: {
    ...rowsOptions,
    ...watchlistOptions,
    ...siteOptions,
    ...ignoredTargetOption,
    /** The name that the queries give it. */
    ticker: option('--ticker <list>', 'these, too, such as PETR4,HGLG11'),
    raw: option('--raw', 'as printed on the page, without types'),
  },

  async handler({ terminal, args, options }) {
    const lists = [...args.ticker, ...(options.ticker === undefined ? [] : [options.ticker])];
    const named = lists.length === 0 ? [] : parseTickers(lists.join(','));
    const tickers = await addWatchedTickers(named, options);
    if (tickers.length === 0) {
      throw new UsageError('no ticker was named', {
        hint: 'Such as: pynvest scrape PETR4 HGLG11.',
      });
    }
    const destination = parseDestination(terminal, options);
    const signal = abortOnInterrupt(terminal);
    const site = createSite(readSiteSettings(options), signal, createRetryNotifier(terminal));
    const partition = partitionOf(new Date());
    const outcomes = await Promise.allSettled(
      tickers.map(async (ticker) => {
        const page = await site.details(ticker);
        return { page, row: extractRow(page, partition, new Date()).row };
      }),
    );

    const found: ScrapedAsset[] = [];
    let failures = 0;
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') {
        if (!(outcome.reason instanceof SiteError)) throw outcome.reason;
        failures += 1;
        reportError(outcome.reason, terminal);
        continue;
      }
      const { page, row } = outcome.value;
      const { ticker } = page;
      const { dataset } = assets[page.kind];
      if (options.raw) {
        found.push({ dataset, ticker, row });
        continue;
      }
      const prepared = prepare(row, dataset);
      found.push({ dataset, ticker, row: prepared.row });
      for (const { column, text } of prepared.unparsed) {
        terminal.warn(`${ticker}: ${column}: ${JSON.stringify(text)} does not parse`);
      }
    }
    if (found.length > 0) {
      const data = createTable(found, options.raw ? 'sor' : 'sot');
      const isMixed = data.columns.includes(quotesTable.tickerColumn);
      const first = [...PREFERRED_COLUMNS, ...sharedIndicatorColumns];
      const isReordered = isMixed && destination.format === 'table';
      await writeAnswer(
        terminal,
        destination,
        isReordered ? moveColumnsFirst(data, first, 1) : data,
      );
    }
    if (failures === 0) return ExitStatus.done;
    return found.length > 0 ? ExitStatus.doneInPart : ExitStatus.failed;
  },
});

interface ScrapedAsset {
  readonly dataset: Dataset;
  readonly ticker: string;
  readonly row: Row;
}

/**
 * The columns of the data sets that were found. Stocks and funds together have each other's as null, and the ticker
 * first under its name in the quotes, which is the same for both.
 */
function createTable(found: readonly ScrapedAsset[], layer: Layer): TabularData {
  const datasets = indicators.filter((each) => found.some(({ dataset }) => dataset === each));
  const { tickerColumn } = quotesTable;
  const all = [
    ...(datasets.length > 1 ? quotesTable.columns.filter(({ name }) => name === tickerColumn) : []),
    ...datasets.flatMap((dataset) => getTable(dataset, layer).columns),
  ];
  const columns = [...new Map(all.map((column) => [column.name, column] as const)).values()];
  return {
    columns: columns.map(({ name }) => name),
    types: columns.map(({ type }) => type),
    rows: found.map(({ ticker, row }) =>
      columns.map(({ name }) => (name === tickerColumn ? ticker : (row[name] ?? null))),
    ),
  };
}

/**
 * `pynvest scrape`: indicators straight from the site, without a lake.
 */

import { assets } from '../../catalog/asset.ts';
import type { Row } from '../../catalog/column.ts';
import { type Dataset, getTable, type Layer } from '../../catalog/dataset.ts';
import { indicators } from '../../catalog/datasets.ts';
import { getPartition } from '../../catalog/partition.ts';
import { SiteError, TickerNotFoundError, UsageError } from '../../errors.ts';
import { assertCompletePage } from '../../pipeline/data-source.ts';
import {
  findColumn,
  getOwnName,
  indicatorResultColumns,
  parseColumns,
  quotesTable,
  type ResultColumn,
  sharedIndicatorColumns,
} from '../../query/columns.ts';
import { createSite } from '../../sources/fundamentus/site.ts';
import { quoteBriefly } from '../../text.ts';
import { extractRow } from '../../transform/extract.ts';
import { prepare } from '../../transform/layers.ts';
import { defineCommand } from '../command.ts';
import { abortOnInterrupt, ExitStatus, reportError } from '../exit.ts';
import { createListingReader, suggestTicker } from '../known-tickers.ts';
import { option } from '../option.ts';
import { parseDestination, rowsOptions, writeAnswer } from '../output/file.ts';
import { moveColumnsFirst, PREFERRED_COLUMNS, type TabularData } from '../output/rows.ts';
import {
  addWatchedTickers,
  parseNamedTickers,
  tickerArgument,
  tickerOptions,
  watchlistOptions,
} from '../selection.ts';
import { readSiteSettings, siteOptions } from '../site-settings.ts';
import { ignoredTargetOption } from '../target.ts';
import { createRetryNotifier } from '../terminal/terminal.ts';

export const scrapeCommand = defineCommand({
  name: 'scrape',
  description: "assets' indicators from the site, without a lake",
  args: tickerArgument,
  options: {
    ...rowsOptions,
    ...watchlistOptions,
    ...siteOptions,
    ...ignoredTargetOption,
    ...tickerOptions,
    columns: option('--columns <list>', 'only these columns, such as vlr_cot,vlr_ind_roe', {
      isList: true,
    }),
    raw: option('--raw', 'as printed on the page, without types'),
  },

  async handler({ terminal, args, options }) {
    const named = parseNamedTickers(args.ticker, options);
    const tickers = await addWatchedTickers(named, options);
    if (tickers.length === 0) {
      throw new UsageError('no ticker was named', {
        hint: 'Such as: pynvest scrape PETR4 HGLG11.',
      });
    }
    const columns =
      options.columns === undefined
        ? undefined
        : parseColumns(options.columns, indicatorResultColumns).map(({ name }) => name);
    const destination = parseDestination(terminal, options);
    const signal = abortOnInterrupt(terminal);
    const site = createSite(readSiteSettings(options), signal, createRetryNotifier(terminal));
    const partition = getPartition(new Date());
    const outcomes = await Promise.allSettled(
      tickers.map(async (ticker) => {
        const page = await site.details(ticker);
        const extracted = extractRow(page, partition, new Date());
        assertCompletePage(ticker, extracted);
        return { page, row: extracted.row };
      }),
    );

    const readListings = createListingReader(site);
    const found: ScrapedAsset[] = [];
    let failures = 0;
    for (const [at, outcome] of outcomes.entries()) {
      if (outcome.status === 'rejected') {
        if (!(outcome.reason instanceof SiteError)) throw outcome.reason;
        failures += 1;
        const ticker = tickers[at] ?? '';
        const isUnknown = outcome.reason instanceof TickerNotFoundError;
        const suggestion = isUnknown ? suggestTicker(ticker, await readListings()) : undefined;
        const { message, cause } = outcome.reason;
        const hint = suggestion ?? outcome.reason.hint;
        reportError(
          isUnknown ? new TickerNotFoundError(message, { hint, cause }) : outcome.reason,
          terminal,
        );
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
        terminal.warn(`${ticker}: ${column}: ${quoteBriefly(text)} does not parse`);
      }
    }
    if (found.length > 0) {
      const data = createTable(found, options.raw ? 'sor' : 'sot', columns);
      const isMixed = data.columns.includes(quotesTable.tickerColumn);
      const first = [...PREFERRED_COLUMNS, ...sharedIndicatorColumns];
      const isReordered = isMixed && destination.format === 'table' && columns === undefined;
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
 * first under its name in the quotes, which is the same for both. So have the columns of a person's choice.
 * @param selected the columns to return; all where it is undefined
 */
function createTable(
  found: readonly ScrapedAsset[],
  layer: Layer,
  selected: readonly string[] | undefined,
): TabularData {
  const datasets = indicators.filter((each) => found.some(({ dataset }) => dataset === each));
  const { tickerColumn } = quotesTable;
  const all = [
    ...(datasets.length > 1 || selected !== undefined
      ? quotesTable.columns.filter(({ name }) => name === tickerColumn)
      : []),
    ...datasets.flatMap((dataset) => getTable(dataset, layer).columns),
  ];
  const byName = new Map(all.map((column) => [column.name, column] as const));
  const names = selected === undefined ? [...byName.keys()] : [tickerColumn, ...selected];
  const columns = [...new Set(names)].map(
    (name): Pick<ResultColumn, 'name' | 'type'> =>
      byName.get(name) ?? findColumn(name, indicatorResultColumns) ?? { name, type: 'string' },
  );
  return {
    columns: columns.map(({ name }) => name),
    types: columns.map(({ type }) => type),
    rows: found.map(({ dataset, ticker, row }) =>
      columns.map(({ name }) =>
        name === tickerColumn ? ticker : (row[getOwnName(dataset, name) ?? name] ?? null),
      ),
    ),
  };
}

/** The data sets that pynvest knows: the one list that everything else follows. */

import { type Dataset, getTables, type Table } from './dataset.ts';
import { stocks } from './datasets/acoes.ts';
import { adjustments, events, history } from './datasets/b3.ts';
import { series } from './datasets/bcb.ts';
import { companyEvents, dividends } from './datasets/corporate-events.ts';
import { quotes } from './datasets/cotacoes.ts';
import { funds } from './datasets/fiis.ts';

/** The data sets of the indicators on the site's pages, one a kind of asset. */
export const indicators = [stocks, funds] as const;

export const datasets: readonly Dataset[] = [
  ...indicators,
  quotes,
  history,
  dividends,
  companyEvents,
  events,
  adjustments,
  series,
];

/** Those that a day's collection makes. */
export const dailyDatasets: readonly Dataset[] = datasets.filter(
  ({ partition }) => partition.grain === 'day',
);

export const tables: readonly Table[] = getTables(datasets);

/** The tables that a day's collection fills. */
export const dailyTables: readonly Table[] = getTables(dailyDatasets);

/** What the tables call the column of the ticker, each name once. */
export const tickerColumns: readonly string[] = [
  ...new Set(tables.map(({ tickerColumn }) => tickerColumn)),
];

/** The columns in which 0.35 means 35%; those of the quotes are named as in the typed tables. */
export const fractionColumns: ReadonlySet<string> = new Set(
  datasets.flatMap(({ typing }) => [...(typing?.fractions ?? [])]),
);

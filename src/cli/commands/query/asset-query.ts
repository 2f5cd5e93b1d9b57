/**
 * What the command lines of `query cotacoes` and `query indicadores` ask: their options, and what these mean.
 */

import { assets } from '../../../catalog/asset.ts';
import type { Dataset } from '../../../catalog/dataset.ts';
import { getPartition } from '../../../catalog/partition.ts';
import { type Ticker, toNamedTicker } from '../../../catalog/ticker.ts';
import { UsageError } from '../../../errors.ts';
import {
  getResultColumns,
  indicatorResultColumns,
  parseColumns,
  type ResultColumn,
} from '../../../query/columns.ts';
import { getReferencedColumns, parseSort, type Refinements } from '../../../query/refinements.ts';
import type { DayRange } from '../../../query/select.ts';
import { joinConditions } from '../../../query/where/condition.ts';
import { parseWhere } from '../../../query/where/parser.ts';
import { quoteShellWord } from '../../command-line.ts';
import { type OptionValues, option, parseWholeNumber } from '../../option.ts';
import { rowsOptions } from '../../output/file.ts';
import { PREFERRED_COLUMNS } from '../../output/rows.ts';
import {
  addWatchedTickers,
  daysOptions,
  kindOption,
  parseDays,
  parseKinds,
  parseNamedTickers,
  tickerOptions,
  watchlistOptions,
} from '../../selection.ts';
import { lakeOptions } from '../../target.ts';

/** @param examples for the help */
export function createQueryOptions(examples: { readonly columns: string }) {
  return {
    ...daysOptions,
    ...tickerOptions,
    ...kindOption,
    ...watchlistOptions,
    columns: option(
      '--columns <list>',
      `only these columns, by name or label, such as ${examples.columns}`,
      {
        isList: true,
      },
    ),
    where: option(
      '--where <condition>',
      'only rows such as "vlr_cot > 10 and pct_var_12m >= 35%": = != < <= > >=, between, in, like, is null, and, or, not; with --last, the newest of those rows; of several, all must hold',
      { repeatable: true },
    ),
    sort: option(
      '--sort <list>',
      'by these columns, such as vlr_cot:desc,codigo_ticker_ativo; empty values last',
      { isList: true },
    ),
    limit: option('--limit <n>', 'only the first n rows'),
    ...rowsOptions,
    ...lakeOptions,
  };
}

type QueryOptions = OptionValues<ReturnType<typeof createQueryOptions>>;

interface AssetQuery {
  readonly tickers: readonly Ticker[];
  readonly days: DayRange;
  readonly datasets: readonly Dataset[];
  readonly refinements: Refinements;
  /** Undefined for all. */
  readonly columns: readonly string[] | undefined;
  /** The columns to show first on a screen that cannot show all: those that the query refers to. */
  readonly firstColumns: readonly string[];
}

/**
 * @param words the tickers that are given without an option
 * @param notice is called about what is probably not meant as it is written
 * @throws UsageError
 */
export async function parseAssetQuery(
  words: readonly string[],
  options: QueryOptions,
  known: readonly ResultColumn[],
  notice: (text: string) => void,
): Promise<AssetQuery> {
  assertNoUnquotedValue(words, options);
  const warnings: string[] = [];
  const datasets = parseKinds(options.tipo).map((kind) => assets[kind].dataset);
  const own = known === indicatorResultColumns ? listColumns(datasets) : known;
  const query: AssetQuery = {
    tickers: await addWatchedTickers(parseNamedTickers(words, options), options),
    days: parseDays(options),
    datasets,
    ...parseRefinements(options, own, (text) => warnings.push(text)),
  };
  // An error would make them meaningless, so they come when there is none.
  for (const warning of warnings) notice(warning);
  return query;
}

/** The columns of some kinds of asset alone, each once: a column of another kind is none of theirs. */
function listColumns(datasets: readonly Dataset[]): readonly ResultColumn[] {
  const all = datasets.flatMap(getResultColumns);
  return [...new Map(all.map((column) => [column.name, column] as const)).values()];
}

/** Where the shell has split the value of an option, its rest arrives as words. @throws UsageError */
function assertNoUnquotedValue(words: readonly string[], { where, sort, columns }: QueryOptions) {
  const stray = words.find((word) => word.split(/[,;]/).some((part) => !toNamedTicker(part)));
  const option = where ? 'where' : sort ? 'sort' : columns ? 'columns' : undefined;
  if (stray === undefined || option === undefined) return;
  const value = { where: where?.at(-1), sort, columns }[option];
  throw new UsageError(`${JSON.stringify(stray)} is not a B3 ticker`, {
    hint: `Quote a value that contains spaces: --${option} ${quoteShellWord([value, ...words].join(' '))}`,
  });
}

/** `--columns`, `--where`, `--sort` and `--limit`. @throws UsageError */
export function parseRefinements(
  { columns, where = [], sort, limit }: Pick<QueryOptions, 'columns' | 'where' | 'sort' | 'limit'>,
  known: readonly ResultColumn[],
  notice?: (text: string) => void,
): Pick<AssetQuery, 'refinements' | 'columns' | 'firstColumns'> {
  const context = { today: getPartition(new Date()), ...(notice && { warn: notice }) };
  const refinements: Refinements = {
    where: joinConditions(where.map((condition) => parseWhere(condition, known, context))),
    sort: sort === undefined ? undefined : parseSort(sort, known),
    limit:
      limit === undefined
        ? undefined
        : parseWholeNumber('--limit', limit, { least: 1, most: 1_000_000_000, otherwise: 20 }),
  };
  return {
    refinements,
    columns:
      columns === undefined ? undefined : parseColumns(columns, known).map(({ name }) => name),
    firstColumns: [...getReferencedColumns(refinements), ...PREFERRED_COLUMNS],
  };
}

/**
 * The columns that a query can name, and the error for a name that is none of them. Pure.
 */

import { assets } from '../catalog/asset.ts';
import type { Column, ColumnType } from '../catalog/column.ts';
import { type Dataset, getTable } from '../catalog/dataset.ts';
import { stocks } from '../catalog/datasets/acoes.ts';
import { events, history } from '../catalog/datasets/b3.ts';
import { quotes } from '../catalog/datasets/cotacoes.ts';
import { funds } from '../catalog/datasets/fiis.ts';
import { datasets, indicators } from '../catalog/datasets.ts';
import { PARTITION_COLUMN } from '../catalog/partition.ts';
import { UsageError } from '../errors.ts';
import { findNearest } from '../suggest.ts';
import { removeAccents } from '../text.ts';
import { findByAlias, findNearAliases, findSharedColumn, sharedColumns } from './column-names.ts';

/** A column of a result: one of the catalog's, or the partition, the only `integer`. */
export interface ResultColumn extends Omit<Column, 'type'> {
  readonly type: ColumnType | 'integer';
}

export const partitionColumn: ResultColumn = {
  name: PARTITION_COLUMN,
  type: 'integer',
  description: 'Dia da coleta, AAAAMMDD como número inteiro',
};

export const quotesTable = getTable(quotes, 'spec');

export const quoteResultColumns: readonly ResultColumn[] = [
  partitionColumn,
  ...quotesTable.columns,
];

/** The columns of a data set; of indicators also the ticker under the name that the quotes have for it. */
export function getResultColumns(dataset: Dataset): readonly ResultColumn[] {
  if (dataset === quotes) return quoteResultColumns;
  if (!indicators.some((each) => each === dataset)) {
    const { spec, sot } = dataset.tables;
    const { partition, columns } = spec ?? sot ?? getTable(dataset, 'sor');
    return [
      { name: partition.column, type: 'integer', description: partition.description },
      ...columns,
    ];
  }
  const ticker = quotesTable.columns.filter(({ name }) => name === quotesTable.tickerColumn);
  return [partitionColumn, ...ticker, ...getTable(dataset, 'sot').columns];
}

/** The columns of all indicators, each once. */
export const indicatorResultColumns: readonly ResultColumn[] = [
  ...new Map(
    indicators.flatMap(getResultColumns).map((column) => [column.name, column] as const),
  ).values(),
];

/** The columns that stocks and funds share: in a result of both, these have a value in every row. */
export const sharedIndicatorColumns: readonly string[] = getTable(stocks, 'sot')
  .columns.map(({ name }) => name)
  .filter((name) => getTable(funds, 'sot').columns.some((column) => column.name === name));

/** Whether a data set has the column of a name that a person may use; a shared column is of both kinds of asset. */
function hasColumn(dataset: Dataset, name: string): boolean {
  return getOwnName(dataset, name) !== undefined;
}

/** What a data set itself calls the column of a name that a person may use. */
export function getOwnName(dataset: Dataset, name: string): string | undefined {
  return findColumn(name, getResultColumns(dataset))?.name;
}

/** The column of a data set that the site prints under the same label as another data set's column of this name. */
export function findCounterpart(name: string, dataset: Dataset): string | undefined {
  const all = Object.values(assets);
  const columns = all.flatMap((asset) => asset.columns);
  const label = columns.find((column) => column.name === name)?.label;
  if (typeof label !== 'string') return undefined;
  const other = all.find((asset) => asset.dataset === dataset);
  return other?.columns.find((column) => column.label === label)?.name;
}

/**
 * The column that a person means: by its name in any case, by the label of the site or by a usual short name. Where
 * columns of both kinds of asset are known, a name that they have in common is of the column that they share.
 */
export function findColumn(name: string, known: readonly ResultColumn[]): ResultColumn | undefined {
  const lower = name.trim().toLowerCase();
  const isKnown = (each: string): boolean => known.some((column) => column.name === each);
  const exact = known.find((column) => column.name === lower);
  if (exact !== undefined) return exact;
  const named = sharedColumns.find((column) => column.name === lower);
  const meant = (named ? Object.values(named.own) : findByAlias(name)).filter(isKnown);
  const shared = findSharedColumn(meant);
  return shared ?? known.find((column) => column.name === meant[0]);
}

/**
 * The column of a name that a person typed.
 * @param otherwise the hint if no column has a similar name
 * @throws UsageError if there is none, with the names that may be meant
 */
export function getColumn(
  name: string,
  known: readonly ResultColumn[],
  otherwise?: string,
): ResultColumn {
  const column = findColumn(name, known);
  if (column === undefined) throw createUnknownColumnsError([name], known, otherwise);
  return column;
}

/** The columns of these names, one for each. @throws UsageError listing every name that is no column */
export function getColumns(
  names: readonly string[],
  known: readonly ResultColumn[],
): readonly ResultColumn[] {
  const unknown = names.filter((name) => findColumn(name, known) === undefined);
  if (unknown.length > 0) throw createUnknownColumnsError([...new Set(unknown)], known);
  return names.map((name) => getColumn(name, known));
}

/** The columns of a list such as `vlr_cot, vlr_ind_roe`, each once. @throws UsageError */
export function parseColumns(
  list: string,
  known: readonly ResultColumn[],
): readonly ResultColumn[] {
  // Labels may have spaces; a list may be parted by them, too.
  const names = list
    .split(/[,;]/)
    .flatMap((part) => (findColumn(part, known) === undefined ? part.split(/\s/) : [part]))
    .filter((name) => name.trim() !== '');
  if (names.length === 0) throw new UsageError('the list of columns is empty');
  if (names.includes('*')) {
    throw new UsageError('* is not a column', {
      hint: 'Leave --columns out to get all of them.',
    });
  }
  return [...new Set(getColumns(names, known))];
}

function createUnknownColumnsError(
  names: readonly string[],
  known: readonly ResultColumn[],
  otherwise?: string,
): UsageError {
  const elsewhere = names.flatMap((name) => describeOwner(name, known) ?? []);
  const all = known.map((each) => each.name);
  const most = names.length === 1 ? 3 : 1;
  const byName = names.flatMap((name) => findNearest(name, all, most));
  const byMeaning = names.flatMap((name) => findByDescription(name, known).slice(0, most));
  const byShortName = names.flatMap((name) => findNearAliases(name, all).slice(0, most));
  const byWord = byShortName.length > 0 ? byShortName : byMeaning;
  const near = [...new Set(byName.length > 0 || otherwise !== undefined ? byName : byWord)];
  const list = names.map((name) => JSON.stringify(name)).join(', ');
  const suggestion = near.length === 0 ? '' : `Did you mean ${near.join(', ')}? `;
  return new UsageError(`there ${names.length === 1 ? 'is no column' : 'are no columns'} ${list}`, {
    hint:
      elsewhere.length > 0
        ? elsewhere.join('\n')
        : near.length === 0 && otherwise !== undefined
          ? otherwise
          : `${suggestion}\`pynvest columns\` lists them all.`,
  });
}

/** Which other question, or which other kind of asset, a column belongs to. */
function describeOwner(name: string, known: readonly ResultColumn[]): string | undefined {
  const owners = datasets.filter((dataset) => hasColumn(dataset, name));
  if (owners.length === 0) return undefined;
  const names = [...new Set(owners.flatMap((dataset) => getOwnName(dataset, name) ?? []))];
  const column = names[0] === name.toLowerCase() ? names[0] : `${name} (${names.join(', ')})`;
  const other = findOtherKind(known);
  if (other !== undefined && owners.every((dataset) => isIndicators(dataset))) {
    const counterpart = names.flatMap((each) => findCounterpart(each, other) ?? [])[0];
    return `${column} is a column of ${owners.map(describeKind).join(' and ')}; ${describeKind(other)} have ${counterpart ?? 'nothing like it'}.`;
  }
  return `${column} is a column of ${owners.map(({ id }) => id).join(', ')}: \`pynvest query ${findCommand(owners)}\` has it.`;
}

/** The question that has a column of these data sets; what no other has, SQL reads. */
function findCommand(owners: readonly Dataset[]): string {
  const commands: readonly (readonly [(dataset: Dataset) => boolean, string])[] = [
    [(dataset) => dataset === quotes, 'cotacoes'],
    [isIndicators, 'indicadores'],
    [(dataset) => dataset === history, 'historico'],
    [(dataset) => dataset === events, 'proventos'],
  ];
  return commands.find(([isOwner]) => owners.some(isOwner))?.[1] ?? 'sql';
}

function isIndicators(dataset: Dataset): boolean {
  return indicators.some((each) => each === dataset);
}

/** Stocks or funds, where the known columns are those of one of them. */
function findOtherKind(known: readonly ResultColumn[]): Dataset | undefined {
  const kinds = indicators.filter((dataset) => {
    const { tickerColumn } = getTable(dataset, 'sot');
    return known.some(({ name }) => name === tickerColumn);
  });
  return kinds.length === 1 ? kinds[0] : undefined;
}

/**
 * What is empty in rows of these data sets: a sentence for each column that only others have. A column that is of every
 * kind needs none.
 */
export function explainOwnColumns(
  names: readonly string[],
  of: readonly Dataset[],
): readonly string[] {
  return [...new Set(names)].flatMap((name) => {
    const lacking = of.filter((dataset) => !hasColumn(dataset, name));
    const owners = indicators.filter((dataset) => hasColumn(dataset, name));
    const [other] = lacking;
    if (other === undefined || owners.length === 0) return [];
    return `${name} is a column of ${owners.map(describeKind).join(' and ')}: it is empty for ${lacking.map(describeKind).join(' and ')}, which have ${findCounterpart(name, other) ?? 'nothing like it'}.`;
  });
}

/** In English, with the word that options take. */
function describeKind({ id }: Dataset): string {
  return id === stocks.id ? `stocks (${id})` : `funds (${id})`;
}

/** The columns with a word of their description that begins like this; first those that begin with it. */
function findByDescription(name: string, known: readonly ResultColumn[]): readonly string[] {
  const word = removeAccents(name);
  if (word.length < 4) return [];
  const found = known.flatMap((column) => {
    const at = ` ${removeAccents(column.description)}`.indexOf(` ${word}`);
    return at < 0 ? [] : [{ name: column.name, first: at === 0 }];
  });
  return [...found.filter(({ first }) => first), ...found.filter(({ first }) => !first)].map(
    (each) => each.name,
  );
}

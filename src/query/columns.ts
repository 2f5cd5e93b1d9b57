/**
 * The columns that a query may name, and the error for a name that none of them has. Pure.
 */

import { type AssetKind, assetKinds } from '../catalog/asset.ts';
import type { Column } from '../catalog/column.ts';
import { PARTITION_COLUMN } from '../catalog/partition.ts';
import { sotTables, specTable } from '../catalog/tables.ts';
import { UsageError } from '../errors.ts';
import { findNearest } from '../suggest.ts';
import { removeAccents } from '../text.ts';

/** The partition as a column: a day, written as a number such as 20261120. */
export const partitionColumn: Column = {
  name: PARTITION_COLUMN,
  type: 'bigint',
  description: 'Dia da coleta, AAAAMMDD como número inteiro',
};

export const quoteResultColumns: readonly Column[] = [partitionColumn, ...specTable.columns];

/** Of a kind of asset, and the name that the quotes have for the ticker. */
export function getIndicatorColumns(kind: AssetKind): readonly Column[] {
  const ticker = specTable.columns.filter(({ name }) => name === specTable.tickerColumn);
  return [partitionColumn, ...ticker, ...sotTables[kind].columns];
}

/** Of both kinds, each once. */
export const indicatorResultColumns: readonly Column[] = [
  ...new Map(
    assetKinds.flatMap(getIndicatorColumns).map((column) => [column.name, column] as const),
  ).values(),
];

/**
 * The column of a name that a person typed, in any case.
 * @param otherwise what to say where no column has a name like it
 * @throws UsageError where there is none, with the names that may be meant
 */
export function getColumn(name: string, known: readonly Column[], otherwise?: string): Column {
  const column = known.find((each) => each.name === name.toLowerCase());
  if (column === undefined) throw createUnknownColumnsError([name], known, otherwise);
  return column;
}

/** As many columns as names. @throws UsageError that tells of every name that no column has */
export function getColumns(names: readonly string[], known: readonly Column[]): Column[] {
  const isKnown = (name: string): boolean => known.some((each) => each.name === name.toLowerCase());
  const wrong = names.filter((name) => !isKnown(name));
  if (wrong.length > 0) throw createUnknownColumnsError([...new Set(wrong)], known);
  return names.map((name) => getColumn(name, known));
}

function createUnknownColumnsError(
  wrong: readonly string[],
  known: readonly Column[],
  otherwise?: string,
): UsageError {
  const all = known.map((each) => each.name);
  const most = wrong.length === 1 ? 3 : 1;
  const byName = wrong.flatMap((name) => findNearest(name, all, most));
  const byMeaning = wrong.flatMap((name) => findByDescription(name, known).slice(0, most));
  const near = [...new Set(byName.length > 0 || otherwise !== undefined ? byName : byMeaning)];
  const list = wrong.map((name) => JSON.stringify(name)).join(', ');
  const meant = near.length === 0 ? '' : `Did you mean ${near.join(', ')}? `;
  return new UsageError(`there ${wrong.length === 1 ? 'is no column' : 'are no columns'} ${list}`, {
    hint:
      near.length === 0 && otherwise !== undefined
        ? otherwise
        : `${meant}\`pynvest columns\` lists them all.`,
  });
}

/** The columns whose description has a word that begins so, those first in which it is the first. */
function findByDescription(name: string, known: readonly Column[]): readonly string[] {
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

/** The columns of a list such as `vlr_cot, vlr_ind_roe`, each once. @throws UsageError */
export function parseColumns(list: string, known: readonly Column[]): readonly Column[] {
  const names = list.split(/[,;\s]/).filter((name) => name !== '');
  if (names.length === 0) throw new UsageError('the list of columns is empty');
  if (names.includes('*')) {
    throw new UsageError('* is no column', { hint: 'Without a list of columns all of them come.' });
  }
  return [...new Set(getColumns(names, known))];
}

/** The name of the type of a column of an answer; the partition is the only one of 32 bits. */
export function getTypeName(name: string): string {
  if (name === PARTITION_COLUMN) return 'integer';
  const column = indicatorResultColumns.find((each) => each.name === name);
  return column?.type ?? 'string';
}

/** What stocks and funds both have: where they stand together, these are filled in every row. */
export const sharedIndicatorColumns: readonly string[] = sotTables.acoes.columns
  .map(({ name }) => name)
  .filter((name) => sotTables.fiis.columns.some((column) => column.name === name));

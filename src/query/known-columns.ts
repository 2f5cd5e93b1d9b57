/** The columns that a question may name, and what to say of a name that none of them has. Pure. */
import { type AssetKind, assetKinds } from '../catalog/asset.ts';
import type { Column } from '../catalog/column.ts';
import { PARTITION_COLUMN } from '../catalog/partition.ts';
import { sotTables, specTable } from '../catalog/tables.ts';
import { UsageError } from '../errors.ts';
import { folded, nearestTo } from '../suggest.ts';

/** The partition as a column: a day, written as a number such as 20261120. */
export const partitionColumn: Column = {
  name: PARTITION_COLUMN,
  type: 'bigint',
  description: 'Dia da coleta, AAAAMMDD como número inteiro',
};

export const quoteAnswerColumns: readonly Column[] = [partitionColumn, ...specTable.columns];

/** Of a kind of asset, and the name that the quotes have for the ticker. */
export function indicatorColumnsOf(kind: AssetKind): readonly Column[] {
  const ticker = specTable.columns.filter(({ name }) => name === specTable.tickerColumn);
  return [partitionColumn, ...ticker, ...sotTables[kind].columns];
}

/** Of both kinds, each once. */
export const indicatorAnswerColumns: readonly Column[] = [
  ...new Map(
    assetKinds.flatMap(indicatorColumnsOf).map((column) => [column.name, column] as const),
  ).values(),
];

/**
 * The column of a name that a person typed, in any case.
 * @param otherwise what to say where no column has a name like it
 * @throws UsageError where there is none, with the names that may be meant
 */
export function columnNamed(name: string, known: readonly Column[], otherwise?: string): Column {
  const column = known.find((each) => each.name === name.toLowerCase());
  if (column === undefined) throw noColumns([name], known, otherwise);
  return column;
}

/** As many columns as names. @throws UsageError that tells of every name that no column has */
export function columnsNamed(names: readonly string[], known: readonly Column[]): Column[] {
  const isKnown = (name: string): boolean => known.some((each) => each.name === name.toLowerCase());
  const wrong = names.filter((name) => !isKnown(name));
  if (wrong.length > 0) throw noColumns([...new Set(wrong)], known);
  return names.map((name) => columnNamed(name, known));
}

function noColumns(
  wrong: readonly string[],
  known: readonly Column[],
  otherwise?: string,
): UsageError {
  const all = known.map((each) => each.name);
  const most = wrong.length === 1 ? 3 : 1;
  const byName = wrong.flatMap((name) => nearestTo(name, all, most));
  const byMeaning = wrong.flatMap((name) => describedBy(name, known).slice(0, most));
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
function describedBy(name: string, known: readonly Column[]): readonly string[] {
  const word = folded(name);
  if (word.length < 4) return [];
  const found = known.flatMap((column) => {
    const at = ` ${folded(column.description)}`.indexOf(` ${word}`);
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
  return [...new Set(columnsNamed(names, known))];
}

/** The name of the type of a column of an answer; the partition is the only one of 32 bits. */
export function typeNameOf(name: string): string {
  if (name === PARTITION_COLUMN) return 'integer';
  const column = indicatorAnswerColumns.find((each) => each.name === name);
  return column?.type ?? 'string';
}

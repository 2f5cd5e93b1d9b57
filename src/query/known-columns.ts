/** The columns that a question may name, and what to say of a name that none of them has. Pure. */
import type { Column } from '../catalog/column.ts';
import { PARTITION_COLUMN } from '../catalog/partition.ts';
import { sotTables, specTable } from '../catalog/tables.ts';
import { UsageError } from '../errors.ts';
import { closestTo } from '../suggest.ts';

/** The partition as a column: a day, written as a number such as 20261120. */
export const partitionColumn: Column = {
  name: PARTITION_COLUMN,
  type: 'bigint',
  description: 'Dia da coleta, AAAAMMDD como número inteiro',
};

export const quoteAnswerColumns: readonly Column[] = [partitionColumn, ...specTable.columns];

/** Of both kinds, and the name that the quotes have for the ticker. */
export const indicatorAnswerColumns: readonly Column[] = [
  ...new Map(
    [
      partitionColumn,
      ...specTable.columns.filter(({ name }) => name === specTable.tickerColumn),
      ...sotTables.acoes.columns,
      ...sotTables.fiis.columns,
    ].map((column) => [column.name, column] as const),
  ).values(),
];

/**
 * The column of a name that a person typed, in any case.
 * @throws UsageError where there is none, with the name that may be meant
 */
export function columnNamed(
  name: string,
  known: readonly Column[],
  otherwise = 'Leave --columns out to see them all.',
): Column {
  const column = known.find((each) => each.name === name.toLowerCase());
  if (column !== undefined) return column;
  const near = closestTo(
    name,
    known.map((each) => each.name),
  );
  throw new UsageError(`there is no column ${JSON.stringify(name)}`, {
    hint: near === undefined ? otherwise : `Did you mean ${near}?`,
  });
}

/** The columns of a list such as `vlr_cot, vlr_ind_roe`, each once. @throws UsageError */
export function parseColumns(list: string, known: readonly Column[]): readonly Column[] {
  const names = list.split(',').flatMap((name) => name.trim() || []);
  if (names.length === 0) throw new UsageError('the list of columns is empty');
  return [...new Set(names.map((name) => columnNamed(name, known)))];
}

/** The name of the type of a column of an answer; the partition is the only one of 32 bits. */
export function typeNameOf(name: string): string {
  if (name === PARTITION_COLUMN) return 'integer';
  const column = indicatorAnswerColumns.find((each) => each.name === name);
  return column?.type ?? 'string';
}

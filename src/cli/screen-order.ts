/** The order of columns on a screen that cannot show them all. */
import { sotTables } from '../catalog/tables.ts';
import type { TabularData } from './output.ts';

/** What stocks and funds both have: where they stand together, these are filled in every row. */
export const OF_BOTH_KINDS: readonly string[] = sotTables.acoes.columns
  .map(({ name }) => name)
  .filter((name) => sotTables.fiis.columns.some((column) => column.name === name));

/**
 * The same rows, with these columns right behind those that stay in front: the day and the ticker unless
 * said otherwise. One that is not there is passed over.
 */
export function withColumnsFirst(
  data: TabularData,
  first: readonly string[],
  inFront = 2,
): TabularData {
  const { columns, types, rows } = data;
  const front = columns.slice(0, inFront);
  const order = [
    ...new Set([...front, ...first.filter((name) => columns.includes(name)), ...columns]),
  ];
  const positions = order.map((name) => columns.indexOf(name));
  return {
    ...data,
    columns: order,
    ...(types && { types: positions.map((position) => types[position] ?? '') }),
    rows: (async function* () {
      for await (const row of rows) yield positions.map((position) => row[position] ?? null);
    })(),
  };
}

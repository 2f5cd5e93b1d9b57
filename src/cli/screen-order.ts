/** The order of columns on a screen that cannot show them all. */
import type { TabularData } from './output.ts';

/** The day and the ticker stay in front. */
const IN_FRONT = 2;

/** The same rows, with these columns right behind the first two; one that is not there is passed over. */
export function withColumnsFirst(data: TabularData, first: readonly string[]): TabularData {
  const { columns, types, rows } = data;
  const front = columns.slice(0, IN_FRONT);
  const order = [
    ...new Set([...front, ...first.filter((name) => columns.includes(name)), ...columns]),
  ];
  const positions = order.map((name) => columns.indexOf(name));
  return {
    columns: order,
    ...(types && { types: positions.map((position) => types[position] ?? '') }),
    rows: (async function* () {
      for await (const row of rows) yield positions.map((position) => row[position] ?? null);
    })(),
  };
}

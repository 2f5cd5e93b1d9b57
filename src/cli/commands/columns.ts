/**
 * `pynvest columns`: the columns that a query can use.
 */

import { assetKinds } from '../../catalog/asset.ts';
import { getIndicatorColumns, quoteResultColumns, type ResultColumn } from '../../query/columns.ts';
import { ExitStatus } from '../exit.ts';
import type { ColumnSet, RowsOptions } from '../options.ts';
import { parseDestination, writeAnswer } from '../output/file.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** A row a column, in the order of the answers; of all three without `only`. */
export async function columns(
  terminal: Terminal,
  only: ColumnSet | undefined,
  options: RowsOptions,
): Promise<ExitStatus> {
  const destination = parseDestination(terminal, options);
  const places: readonly (readonly [ColumnSet, readonly ResultColumn[]])[] = [
    ...assetKinds.map((kind) => [kind, getIndicatorColumns(kind)] as const),
    ['cotacoes', quoteResultColumns],
  ];
  const every = places.filter(([place]) => only === undefined || place === only);
  const named = new Map(
    every.flatMap(([, each]) => each).map((each) => [each.name, each] as const),
  );
  const rows = [...named.values()].map(({ name, type, description }) => {
    const having = places.filter(([, each]) => each.some((column) => column.name === name));
    return [name, type, having.map(([place]) => place).join(' '), description];
  });
  const heading = ['column', 'type', 'of', 'description'];
  await writeAnswer(terminal, destination, { columns: heading, rows, wide: true });
  return ExitStatus.done;
}

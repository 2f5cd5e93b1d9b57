/** `pynvest columns`: what a question may name. */
import { assetKinds } from '../catalog/asset.ts';
import type { Column } from '../catalog/column.ts';
import {
  indicatorColumnsOf,
  partitionColumn,
  quoteAnswerColumns,
  typeNameOf,
} from '../query/known-columns.ts';
import type { ColumnsOf } from './columns-of.ts';
import { ExitStatus } from './exit.ts';
import type { RowsOptions } from './options.ts';
import { destinationOf, writeAnswer } from './output-file.ts';
import type { Terminal } from './terminal.ts';

/** A row a column, in the order of the answers; of all three without `only`. */
export async function columns(
  terminal: Terminal,
  only: ColumnsOf | undefined,
  options: RowsOptions,
): Promise<ExitStatus> {
  const destination = destinationOf(terminal, options);
  const places: readonly (readonly [ColumnsOf, readonly Column[]])[] = [
    ...assetKinds.map((kind) => [kind, indicatorColumnsOf(kind)] as const),
    ['cotacoes', quoteAnswerColumns],
  ];
  const every = places.filter(([place]) => only === undefined || place === only);
  const named = new Map(
    every.flatMap(([, each]) => each).map((each) => [each.name, each] as const),
  );
  const rows = [...named.values()].map(({ name, type, description }) => {
    const having = places.filter(([, each]) => each.some((column) => column.name === name));
    const typeName = name === partitionColumn.name ? typeNameOf(name) : type;
    return [name, typeName, having.map(([place]) => place).join(' '), description];
  });
  const heading = ['column', 'type', 'of', 'description'];
  await writeAnswer(terminal, destination, { columns: heading, rows, wide: true });
  return ExitStatus.done;
}

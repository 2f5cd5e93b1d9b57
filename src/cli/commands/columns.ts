/**
 * `pynvest columns`: the columns that a query can use.
 */

import { getIndicatorColumns, quoteResultColumns, type ResultColumn } from '../../query/columns.ts';
import { defineCommand } from '../command.ts';
import { ExitStatus } from '../exit.ts';
import { argument } from '../option.ts';
import { parseDestination, rowsOptions, writeAnswer } from '../output/file.ts';

const columnSets = ['acoes', 'fiis', 'cotacoes'] as const;

/** A row per column, in the order of the query results. */
export const columnsCommand = defineCommand({
  name: 'columns',
  description: 'the columns that a query can name: their types, and what they mean in Portuguese',
  args: { of: argument('[of]', 'only those of stocks, funds or quotes', { choices: columnSets }) },
  options: rowsOptions,

  async handler({ terminal, args, options }) {
    const destination = parseDestination(terminal, options);
    const sets = columnSets.map((set) => ({ set, columns: getColumns(set) }));
    const selected = sets.filter(({ set }) => args.of === undefined || set === args.of);
    const byName = new Map(
      selected.flatMap(({ columns }) => columns).map((column) => [column.name, column] as const),
    );
    const rows = [...byName.values()].map(({ name, type, description }) => {
      const having = sets.filter(({ columns }) => columns.some((column) => column.name === name));
      return [name, type, having.map(({ set }) => set).join(' '), description];
    });
    const heading = ['column', 'type', 'of', 'description'];
    await writeAnswer(terminal, destination, { columns: heading, rows, wide: true });
    return ExitStatus.done;
  },
});

function getColumns(set: (typeof columnSets)[number]): readonly ResultColumn[] {
  return set === 'cotacoes' ? quoteResultColumns : getIndicatorColumns(set);
}

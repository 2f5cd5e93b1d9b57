/**
 * `pynvest columns`: the columns that a query can use.
 */
import { datasets } from '../../catalog/datasets.ts';
import { UsageError } from '../../errors.ts';
import { getResultColumns } from '../../query/columns.ts';
import { removeAccents } from '../../text.ts';
import { defineCommand } from '../command.ts';
import { ExitStatus } from '../exit.ts';
import { argument } from '../option.ts';
import { parseDestination, rowsOptions, writeAnswer } from '../output/file.ts';
import { findKind } from '../selection.ts';

const ids = datasets.map(({ id }) => id);

/** A row per column, in the order of the query results. */
export const columnsCommand = defineCommand({
  name: 'columns',
  description: 'the columns that a query can name: their types, and what they mean in Portuguese',
  args: { of: argument('[of]', `${ids.slice(0, -1).join(', ')} or ${ids.at(-1)}; all without it`) },
  options: rowsOptions,

  async handler({ terminal, args, options }) {
    const destination = parseDestination(terminal, options);
    const wanted = args.of === undefined ? ids : parseDatasets(args.of);
    const sets = datasets.map((each) => ({ id: each.id, columns: getResultColumns(each) }));
    const selected = sets.filter(({ id }) => wanted.includes(id));
    const byName = new Map(
      selected.flatMap(({ columns }) => columns).map((column) => [column.name, column] as const),
    );
    const rows = [...byName.values()].map(({ name, type, description }) => {
      const having = sets.filter(({ columns }) => columns.some((column) => column.name === name));
      return [name, type, having.map(({ id }) => id).join(' '), description];
    });
    const heading = ['column', 'type', 'of', 'description'];
    await writeAnswer(terminal, destination, { columns: heading, rows, wide: true });
    return ExitStatus.done;
  },
});

/** A data set by its name, or by a word that `--tipo` takes. @throws UsageError */
function parseDatasets(text: string): readonly string[] {
  const word = removeAccents(text);
  const id = findKind(text) ?? ids.find((each) => each === word);
  if (id !== undefined) return [id];
  throw new UsageError(`${JSON.stringify(text)} has no columns`, {
    hint: `Use ${ids.join(', ')}.`,
  });
}

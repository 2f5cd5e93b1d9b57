/**
 * `pynvest columns`: the columns that a query can use.
 */
import { datasets } from '../../catalog/datasets.ts';
import { getHeadings } from '../../catalog/headings.ts';
import { UsageError } from '../../errors.ts';
import { listShortNames } from '../../query/column-names.ts';
import { findColumn, getResultColumns, type ResultColumn } from '../../query/columns.ts';
import { removeAccents } from '../../text.ts';
import { defineCommand } from '../command.ts';
import { ExitStatus } from '../exit.ts';
import { argument } from '../option.ts';
import { parseDestination, rowsOptions, writeAnswer } from '../output/file.ts';
import { findKind } from '../selection.ts';

const ids = datasets.map(({ id }) => id);
const sets = datasets.map((each) => ({ id: each.id, columns: getResultColumns(each) }));

/** A row per column, in the order of the query results. */
export const columnsCommand = defineCommand({
  name: 'columns',
  description:
    'the columns that a query can name: their types, what they mean in Portuguese, and their other names',
  args: {
    of: argument(
      '[of...]',
      `${ids.slice(0, -1).join(', ')} or ${ids.at(-1)}, or a column by any of its names; all without it`,
    ),
  },
  options: rowsOptions,
  examples: ['pynvest columns fiis', 'pynvest columns dy p/vp'],
  helpText: `
Options take a column by its name, by the label of the site or by a short name, without regard to accents and case. dy, p_vp, nome_ativo and nome_setor_segmento are each kind's own column.`,

  async handler({ terminal, args, options }) {
    const destination = parseDestination(terminal, options);
    const listed = args.of.length === 0 ? listDatasets(ids) : args.of.flatMap(findColumns);
    const unique = [...new Map(listed.map((column) => [column.name, column] as const)).values()];
    const rows = unique.map(({ name, type, description }) => {
      const owners = sets.filter(({ columns }) => columns.some((column) => column.name === name));
      const [label] = getHeadings([name]);
      const names = listShortNames(name).join(' ');
      const shown = [name, type, owners.map(({ id }) => id).join(' ')];
      return { shown, label: label ?? '', names, description };
    });
    const isTable = destination.format === 'table';
    await writeAnswer(terminal, destination, {
      columns: isTable
        ? ['column', 'label', 'type', 'of', 'description']
        : ['column', 'type', 'of', 'description', 'label', 'short_names'],
      rows: rows.map(({ shown: [name = '', ...rest], label, names, description }) =>
        isTable
          ? [name, label, ...rest, names === '' ? description : `${description} (${names})`]
          : [name, ...rest, description, label, names],
      ),
      wide: true,
    });
    return ExitStatus.done;
  },
});

function listDatasets(wanted: readonly string[]): readonly ResultColumn[] {
  return sets.filter(({ id }) => wanted.includes(id)).flatMap(({ columns }) => columns);
}

/**
 * The columns of a data set, by its name or a word that `--tipo` takes, or those of one name; of a shared column each
 * kind's.
 * @throws UsageError
 */
function findColumns(text: string): readonly ResultColumn[] {
  const word = removeAccents(text);
  const id = findKind(text) ?? ids.find((each) => each === word);
  if (id !== undefined) return listDatasets([id]);
  const found = sets.flatMap(({ columns }) => findColumn(text, columns) ?? []);
  if (found.length > 0) return found;
  throw new UsageError(`${JSON.stringify(text)} is neither a column nor a data set`, {
    hint: `Use ${ids.join(', ')}; \`pynvest columns\` lists all columns.`,
  });
}

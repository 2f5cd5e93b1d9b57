/** What may be meant by a column that the tables of a statement do not have. Pure. */
import type { Table } from '../catalog/dataset.ts';
import { indicators, tickerColumns } from '../catalog/datasets.ts';
import { findMisspelt } from '../suggest.ts';
import { findByAlias, findNearAliases } from './column-names.ts';
import { findColumn, findCounterpart, quotesTable, type ResultColumn } from './columns.ts';

/**
 * The names of columns of these tables: what each calls the ticker, the column of a short name or of the site's label,
 * that of the other kind of asset with the same label; else the most similar names.
 * @param sql where the column was typed: of `p/vp` the engines take `p` for a column
 */
export function suggestColumns(
  typed: string,
  tables: readonly Table[],
  sql = '',
): readonly string[] {
  const word = typed.split('.').at(-1) ?? typed;
  const words = [...findLabels(word, sql), word];
  const meant = words
    .map((each) => [...new Set(tables.flatMap((table) => findMeant(each, table) ?? []))])
    .find((found) => found.length > 0);
  if (meant !== undefined) return meant;
  const names = tables.flatMap(({ columns, partition }) => [
    ...columns.map(({ name }) => name),
    partition.column,
  ]);
  const misspelt = findMisspelt(word, [...new Set(names)]);
  if (misspelt.length > 0) return misspelt.slice(0, MOST_NAMES);
  const byLabel = findNearAliases(word, names).flatMap(findByAlias);
  return [...new Set(byLabel)].filter((name) => names.includes(name)).slice(0, MOST_NAMES);
}

const MOST_NAMES = 3;

/** The site's labels with a slash, such as P/VP, that begin with a word in a text. */
function findLabels(word: string, sql: string): readonly string[] {
  return [...sql.matchAll(/(\w+)\s*\/\s*(\w+)/g)].flatMap(([label, first]) =>
    first?.toLowerCase() === word.toLowerCase() ? [label] : [],
  );
}

function findMeant(typed: string, table: Table): string | undefined {
  const own: readonly ResultColumn[] = table.columns;
  if (own.some(({ name }) => name === typed.toLowerCase())) return undefined;
  const names = [typed.toLowerCase(), ...findByAlias(typed)];
  const isTicker = [quotesTable.tickerColumn, ...tickerColumns].some((name) =>
    names.includes(name),
  );
  if (isTicker) return table.tickerColumn;
  const dataset = indicators.find(({ tables: { sor, sot } }) => table === sor || table === sot);
  return (
    findColumn(typed, own)?.name ??
    (dataset && names.map((name) => findCounterpart(name, dataset)).find(Boolean))
  );
}

/**
 * Short names for SQL: views over the tables of the lake, the same in both engines. Pure.
 */

import { stocks } from '../catalog/acoes.ts';
import { adjustments, events, history } from '../catalog/b3.ts';
import { quotes } from '../catalog/cotacoes.ts';
import { type Dataset, getTable, type Layer, type Table } from '../catalog/dataset.ts';
import { funds } from '../catalog/fiis.ts';
import { adjustedPriceColumns, formatAdjustedPrices } from './history.ts';
import { quoteIdentifier } from './sql.ts';

export interface NamedView {
  readonly name: string;
  /** What its SELECT reads. */
  readonly tables: readonly Table[];
  /** @param nameOf the engine's name of a table */
  formatSelect(nameOf: (table: Table) => string): string;
}

/** In the database of quotes, as the tables of Spec are; a name without a database finds them, too. */
export const VIEWS_LAYER: Layer = 'spec';

function createShortName(name: string, dataset: Dataset, layer: Layer): NamedView {
  const table = getTable(dataset, layer);
  return { name, tables: [table], formatSelect: (nameOf) => `SELECT * FROM ${nameOf(table)}` };
}

export const namedViews: readonly NamedView[] = [
  createShortName('cotacoes', quotes, 'spec'),
  createShortName('acoes', stocks, 'sot'),
  createShortName('fiis', funds, 'sot'),
  createShortName('historico', history, 'sot'),
  createShortName('eventos', events, 'sot'),
  {
    name: 'cotacoes_ajustadas',
    tables: [getTable(history, 'sot'), getTable(adjustments, 'spec')],
    formatSelect(nameOf) {
      const columns = adjustedPriceColumns.map(({ name }) => quoteIdentifier(name)).join(', ');
      return `SELECT ${columns} FROM (\n${formatAdjustedPrices(nameOf, 'total')}\n) p`;
    },
  },
];

/** The views that a text of SQL may name, of those whose tables there are. */
export function findNamedViews(sql: string, tables: readonly Table[]): readonly NamedView[] {
  const words = new Set(sql.toLowerCase().match(/\w+/g));
  return namedViews.filter(
    (view) => words.has(view.name) && view.tables.every((table) => tables.includes(table)),
  );
}

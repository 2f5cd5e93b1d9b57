/**
 * Names that DuckDB resolves and Athena does not: which they are depends on the columns of the tables, so each is a
 * probe, a SELECT that shows it once it is prepared. Pure.
 */

import { getNodes, getText, isNode, type SyntaxNode, visitNodes } from './syntax-tree.ts';

export type NameProbe =
  /** A name that has to be a column of a FROM: DuckDB takes aliases of the same SELECT for columns as well. */
  | { readonly kind: 'column'; readonly name: string; readonly select: SyntaxNode }
  /** The names of all columns of a table, such as `t (a, b)`: DuckDB takes fewer. */
  | {
      readonly kind: 'column list';
      readonly table: string;
      readonly count: number;
      /** All columns of the table. */
      readonly select: SyntaxNode;
    };

/** The last part of the name of a column, in lower case; undefined for any other expression. */
export function getColumnName(node: SyntaxNode): string | undefined {
  if (node.class !== 'COLUMN_REF' || !Array.isArray(node.column_names)) return undefined;
  return getText(node.column_names.at(-1)).toLowerCase();
}

export function findNameProbes(tree: SyntaxNode): readonly NameProbe[] {
  const probes: NameProbe[] = [];
  const tables = findCommonTables(tree);
  visitNodes(tree, (node) => {
    if (node.type === 'SELECT_NODE') {
      probes.push(...findAliasUses(node, tables), ...findColumnLists(node, tables));
    }
    if (!isNode(node.cte_map)) return;
    for (const { key, value } of getNodes(node.cte_map.map)) {
      const { aliases, query } = isNode(value) ? value : {};
      const select = isNode(query) ? query.node : undefined;
      if (!Array.isArray(aliases) || aliases.length === 0 || !isNode(select)) continue;
      probes.push({
        ...{ kind: 'column list', table: getText(key), count: aliases.length },
        select: { ...select, cte_map: tables },
      });
    }
  });
  return probes;
}

/** The tables of all WITH of a text. */
function findCommonTables(tree: SyntaxNode): SyntaxNode {
  const tables = new Map<string, SyntaxNode>();
  visitNodes(tree, ({ cte_map: map }) => {
    if (isNode(map)) for (const each of getNodes(map.map)) tables.set(getText(each.key), each);
  });
  return { map: [...tables.values()] };
}

/** Uses of an alias of a SELECT in the same SELECT, where Athena sees columns only. */
function findAliasUses(select: SyntaxNode, tables: SyntaxNode): readonly NameProbe[] {
  const list = getNodes(select.select_list);
  const aliases = new Set(list.flatMap(({ alias }) => getText(alias).toLowerCase() || []));
  const names = new Set<string>();
  const { where_clause: where, group_expressions: groups, having } = select;
  for (const part of [list, where, groups, having]) {
    visitNodes(part, (node) => {
      const name = getColumnName(node);
      const isQualified = Array.isArray(node.column_names) && node.column_names.length > 1;
      if (name !== undefined && !isQualified && aliases.has(name)) names.add(name);
    });
  }
  return [...names].map((name) => {
    const column = { class: 'COLUMN_REF', type: 'COLUMN_REF', alias: '', column_names: [name] };
    return { kind: 'column', name, select: createProbe(select, column, tables) };
  });
}

/** The tables of the FROM of a SELECT that have names for their columns. */
function findColumnLists(select: SyntaxNode, tables: SyntaxNode): readonly NameProbe[] {
  const find = (table: unknown): readonly NameProbe[] => {
    if (!isNode(table)) return [];
    if (table.type === 'JOIN') return [...find(table.left), ...find(table.right)];
    const { column_name_alias: names } = table;
    if (!Array.isArray(names) || names.length === 0) return [];
    const from = { ...select, from_table: { ...table, column_name_alias: [] } };
    return [
      {
        ...{ kind: 'column list', table: getText(table.alias), count: names.length },
        select: createProbe(from, ALL_COLUMNS, tables),
      },
    ];
  };
  return find(select.from_table);
}

const ALL_COLUMNS: SyntaxNode = {
  ...{ class: 'STAR', type: 'STAR', alias: '', query_location: 0, relation_name: '' },
  ...{ exclude_list: [], replace_list: [], columns: false, expr: null },
  ...{ qualified_exclude_list: [], rename_list: [] },
};

/** The SELECT of one expression from the same tables. */
function createProbe(select: SyntaxNode, expression: SyntaxNode, tables: SyntaxNode): SyntaxNode {
  return {
    ...{ ...select, select_list: [{ query_location: 0, ...expression }], where_clause: null },
    ...{ group_expressions: [], group_sets: [], having: null, modifiers: [] },
    ...{ aggregate_handling: 'STANDARD_HANDLING', cte_map: tables },
  };
}

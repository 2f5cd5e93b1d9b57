/**
 * Names that DuckDB resolves and Athena does not: which they are depends on the columns of the tables, so each is a
 * probe, a SELECT that shows it once it is prepared. Pure.
 */

import {
  getColumnName,
  getNodes,
  getText,
  isNode,
  type SyntaxNode,
  visitNodes,
} from './syntax-tree.ts';

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

/** The tables of the WITHs around a place of a text, of each WITH, the outer ones first. */
type Scopes = readonly (readonly SyntaxNode[])[];

export function findNameProbes(tree: SyntaxNode): readonly NameProbe[] {
  const probes: NameProbe[] = [];
  const visit = (value: unknown, outer: Scopes): void => {
    if (Array.isArray(value)) for (const each of value) visit(each, outer);
    if (!isNode(value)) return;
    const { cte_map: map, ...rest } = value;
    const tables = isNode(map) ? getNodes(map.map) : [];
    for (const [at, { key, value: table }] of tables.entries()) {
      const { aliases, query } = isNode(table) ? table : {};
      if (!isNode(query) || !isNode(query.node)) continue;
      const { node } = query;
      const isRecursive = node.type === 'RECURSIVE_CTE_NODE';
      // A table sees those before it, and itself if it is recursive.
      const scopes = [...outer, tables.slice(0, isRecursive ? at + 1 : at)];
      visit(node, scopes);
      if (!Array.isArray(aliases) || aliases.length === 0) continue;
      const select = isRecursive && isNode(node.left) ? node.left : node;
      probes.push(createListProbe(getText(key), aliases, select, scopes));
    }
    const scopes = tables.length === 0 ? outer : [...outer, tables];
    if (value.type === 'SELECT_NODE') {
      probes.push(...findAliasUses(value, scopes), ...findColumnLists(value, scopes));
    }
    visit(Object.values(rest), scopes);
  };
  visit(tree, []);
  return probes;
}

/** @param select all columns of the table */
function createListProbe(
  table: string,
  names: readonly unknown[],
  select: SyntaxNode,
  scopes: Scopes,
): NameProbe {
  return {
    ...{ kind: 'column list', table, count: names.length },
    select: addTables(select, scopes),
  };
}

/** A SELECT below the WITHs that it sees, each around the next: an inner table may hide an outer one, and read it. */
function addTables(select: SyntaxNode, scopes: Scopes): SyntaxNode {
  return scopes.reduceRight((inner: SyntaxNode, tables): SyntaxNode => {
    if (tables.length === 0) return inner;
    const subquery = { node: inner, named_param_map: [] };
    return {
      ...{ type: 'SELECT_NODE', modifiers: [], cte_map: { map: tables } },
      ...{ select_list: [ALL_COLUMNS], where_clause: null, group_expressions: [], group_sets: [] },
      ...{ aggregate_handling: 'STANDARD_HANDLING', having: null, sample: null, qualify: null },
      from_table: {
        ...{ type: 'SUBQUERY', alias: '', sample: null, query_location: 0 },
        ...{ subquery, column_name_alias: [] },
      },
    };
  }, select);
}

/** Uses of an alias of a SELECT in the same SELECT, where Athena sees columns only. */
function findAliasUses(select: SyntaxNode, scopes: Scopes): readonly NameProbe[] {
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
    return { kind: 'column', name, select: createProbe(select, column, scopes) };
  });
}

/** The tables of the FROM of a SELECT that have names for their columns. */
function findColumnLists(select: SyntaxNode, scopes: Scopes): readonly NameProbe[] {
  const find = (table: unknown): readonly NameProbe[] => {
    if (!isNode(table)) return [];
    if (table.type === 'JOIN') return [...find(table.left), ...find(table.right)];
    const { column_name_alias: names } = table;
    if (!Array.isArray(names) || names.length === 0) return [];
    const from = { ...select, from_table: { ...table, column_name_alias: [] } };
    const all = createProbe(from, ALL_COLUMNS, []);
    return [createListProbe(getText(table.alias), names, all, scopes)];
  };
  return find(select.from_table);
}

const ALL_COLUMNS: SyntaxNode = {
  ...{ class: 'STAR', type: 'STAR', alias: '', query_location: 0, relation_name: '' },
  ...{ exclude_list: [], replace_list: [], columns: false, expr: null },
  ...{ qualified_exclude_list: [], rename_list: [] },
};

/** The SELECT of one expression from the same tables. */
function createProbe(select: SyntaxNode, expression: SyntaxNode, scopes: Scopes): SyntaxNode {
  const probe = {
    ...{ ...select, select_list: [{ query_location: 0, ...expression }], where_clause: null },
    ...{ group_expressions: [], group_sets: [], having: null, modifiers: [] },
    ...{ aggregate_handling: 'STANDARD_HANDLING', cte_map: { map: [] } },
  };
  return addTables(probe, scopes);
}

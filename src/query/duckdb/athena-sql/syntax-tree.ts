/**
 * The syntax tree of a SELECT, as DuckDB's parser serializes it. Pure.
 */

type Json =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly Json[]
  | { readonly [key: string]: Json };

/** A node of the tree: an expression, a SELECT, a table. Its properties depend on its class and type. */
export interface SyntaxNode {
  readonly class?: Json;
  readonly type?: Json;
  readonly alias?: Json;
  readonly query_location?: Json;
  readonly value?: Json;
  readonly id?: Json;
  readonly type_info?: Json;
  readonly child?: Json;
  readonly children?: Json;
  readonly function_name?: Json;
  readonly schema?: Json;
  readonly is_operator?: Json;
  readonly cast_type?: Json;
  readonly try_cast?: Json;
  readonly column_names?: Json;
  readonly select_list?: Json;
  readonly from_table?: Json;
  readonly where_clause?: Json;
  readonly group_expressions?: Json;
  readonly having?: Json;
  readonly modifiers?: Json;
  readonly orders?: Json;
  readonly expression?: Json;
  readonly aggregate_handling?: Json;
  readonly exclude_list?: Json;
  readonly replace_list?: Json;
  readonly rename_list?: Json;
  readonly columns?: Json;
  readonly qualify?: Json;
  readonly sample?: Json;
  readonly distinct_on_targets?: Json;
  readonly values?: Json;
  readonly column_name_alias?: Json;
  readonly expression_class?: Json;
  readonly return_type?: Json;
  readonly left?: Json;
  readonly right?: Json;
  readonly input?: Json;
  readonly lower?: Json;
  readonly upper?: Json;
  readonly name?: Json;
  readonly cte_map?: Json;
  readonly map?: Json;
  readonly scale?: Json;
  readonly width?: Json;
  readonly node?: Json;
  readonly statements?: Json;
  readonly key?: Json;
  readonly error?: Json;
  readonly error_message?: Json;
  readonly plans?: Json;
  readonly function?: Json;
  readonly [key: string]: Json;
}

/** No place in the text: DuckDB's value has more digits than a double holds. */
const NOWHERE = '18446744073709551615';
/** Marks a number that JSON.stringify would write otherwise: 1.0, or one that a double cannot hold. */
const EXACT = '\u0001';

/** A text in quotes, or a number with a fraction or many digits. */
const EXACT_NUMBERS = /"(?:[^"\\]|\\.)*"|-?\d+\.\d+(?:e[+-]?\d+)?|-?\d+e[+-]?\d+|-?\d{16,}/gi;

export function parseTree(json: string): unknown {
  return JSON.parse(
    json.replace(EXACT_NUMBERS, (found) => {
      if (found.startsWith('"')) return found;
      return found === NOWHERE ? '0' : JSON.stringify(`${EXACT}${found}`);
    }),
  );
}

export function formatTree(tree: unknown): string {
  return JSON.stringify(tree).replace(/"\\u0001([^"]+)"/g, '$1');
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function getText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function getNodes(value: unknown): readonly SyntaxNode[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The offset of an expression in the text; 0 if it has none. */
export function getOffset(node: SyntaxNode): number {
  const { query_location: offset } = node;
  return typeof offset === 'number' ? offset : 0;
}

/** The last part of the name of a column, in lower case; undefined for any other expression. */
export function getColumnName(node: SyntaxNode): string | undefined {
  if (node.class !== 'COLUMN_REF' || !Array.isArray(node.column_names)) return undefined;
  return getText(node.column_names.at(-1)).toLowerCase();
}

/** The tree with every node replaced, the inner ones first. */
export function mapNodes<T extends Json>(tree: T, replace: (node: SyntaxNode) => SyntaxNode): T {
  const map = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(map);
    if (!isNode(value)) return value;
    const entries = Object.entries(value).map(([key, inner]) => [key, map(inner)] as const);
    return replace(Object.fromEntries(entries));
  };
  return map(tree) as T;
}

/** Visits every node, the outer ones first. */
export function visitNodes(tree: unknown, visit: (node: SyntaxNode) => void): void {
  if (Array.isArray(tree)) for (const each of tree) visitNodes(each, visit);
  if (!isNode(tree)) return;
  visit(tree);
  for (const inner of Object.values(tree)) visitNodes(inner, visit);
}

/** The same text for expressions that differ only in their places. */
export function getShape(node: SyntaxNode): string {
  return JSON.stringify(node, (key, value: unknown) =>
    key === 'query_location' || key === 'alias' ? undefined : value,
  );
}

export function isFunction(node: SyntaxNode): boolean {
  return node.class === 'FUNCTION';
}

export function createCall(
  name: string,
  children: readonly SyntaxNode[],
  like?: SyntaxNode,
): SyntaxNode {
  return {
    ...{ class: 'FUNCTION', type: 'FUNCTION', alias: like?.alias ?? '' },
    ...{ query_location: like?.query_location ?? 0, function_name: name, schema: '', children },
    ...{ filter: null, order_bys: { type: 'ORDER_MODIFIER', orders: [] }, distinct: false },
    ...{ is_operator: false, export_state: false, catalog: '' },
  };
}

export function createOperation(
  operator: string,
  left: SyntaxNode,
  right: SyntaxNode,
  like: SyntaxNode,
): SyntaxNode {
  return { ...createCall(operator, [left, right], like), is_operator: true };
}

export function createCast(child: SyntaxNode, type: SyntaxNode, like: SyntaxNode): SyntaxNode {
  const { alias = '' } = like;
  return {
    ...{ class: 'CAST', type: 'OPERATOR_CAST', alias, query_location: like.query_location ?? 0 },
    ...{ child: { ...child, alias: '' }, cast_type: type, try_cast: false },
  };
}

export function createType(id: string): SyntaxNode {
  return { id, type_info: null };
}

export function createText(value: string): SyntaxNode {
  return {
    ...{ class: 'CONSTANT', type: 'VALUE_CONSTANT', alias: '', query_location: 0 },
    value: { type: createType('VARCHAR'), is_null: false, value },
  };
}

export function createNumber(value: number): SyntaxNode {
  return {
    ...{ class: 'CONSTANT', type: 'VALUE_CONSTANT', alias: '', query_location: 0 },
    value: { type: createType('INTEGER'), is_null: false, value },
  };
}

/** The text of a constant; undefined for any other expression. */
export function getConstantText(node: SyntaxNode | undefined): string | undefined {
  if (node?.class !== 'CONSTANT' || !isNode(node.value)) return undefined;
  const { type, value } = node.value;
  return isNode(type) && type.id === 'VARCHAR' && typeof value === 'string' ? value : undefined;
}

export function createDecimalType(width: number, scale: number): SyntaxNode {
  const info = { type: 'DECIMAL_TYPE_INFO', alias: '', extension_info: null, width, scale };
  return { id: 'DECIMAL', type_info: info };
}

/** A number as DuckDB wrote it. */
export function getNumberText(value: Json): string {
  return String(value).replace(EXACT, '');
}

/** Whether an expression is a number other than zero. */
export function isNonZero(node: SyntaxNode): boolean {
  if (node.class !== 'CONSTANT' || !isNode(node.value)) return false;
  return Number(getNumberText(node.value.value)) !== 0;
}

/** The calls of these names in a schema. */
export function qualifyCalls(
  tree: SyntaxNode,
  names: ReadonlySet<string>,
  schema: string,
): SyntaxNode {
  return mapNodes(tree, (node) => {
    const isCalled =
      isFunction(node) &&
      node.is_operator !== true &&
      node.schema === '' &&
      names.has(getText(node.function_name));
    return isCalled ? { ...node, schema } : node;
  });
}

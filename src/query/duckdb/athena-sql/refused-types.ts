/**
 * The types that DuckDB's binder finds in a text, and what Athena refuses by them. Pure.
 */

import { createDifference } from './refused-syntax.ts';
import {
  createType,
  getColumnName,
  getNodes,
  getOffset,
  getText,
  isNode,
  type SyntaxNode,
  visitNodes,
} from './syntax-tree.ts';

/** The types of the operands of an expression. */
export type Operands = readonly SyntaxNode[];

export const WHOLE = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT'];
export const TIMES = [
  'TIMESTAMP',
  'TIMESTAMP WITH TIME ZONE',
  'TIMESTAMP_MS',
  'TIMESTAMP_S',
  'TIMESTAMP_NS',
];

/** What an expression is called in the tree and in the plan alike. */
export function getKind(node: SyntaxNode): string {
  if (node.class === 'CAST' || node.expression_class === 'BOUND_CAST') return 'cast';
  if (node.class === 'FUNCTION') return getText(node.function_name);
  if (node.expression_class === 'BOUND_FUNCTION') return getText(node.name);
  return getText(node.type);
}

/** Whether the binder added a cast that the text does not have. */
function isImplicit(node: SyntaxNode, casts: ReadonlySet<number>, start: number): boolean {
  if (node.expression_class !== 'BOUND_CAST') return false;
  const offset = getOffset(node);
  if (offset < start) return false;
  if (!casts.has(offset)) return true;
  // Over a cast of the text, at the same place.
  return (
    isNode(node.child) &&
    node.child.expression_class === 'BOUND_CAST' &&
    getOffset(node.child) === offset
  );
}

/** Whether the binder casts a column of a whole SELECT, for a UNION with another: both have no place in the text. */
function isOfUnion({ expression_class: kind, query_location: place, child }: SyntaxNode): boolean {
  const isCast = kind === 'BOUND_CAST' && place === undefined;
  return (
    isCast &&
    isNode(child) &&
    child.expression_class === 'BOUND_REF' &&
    child.query_location === undefined
  );
}

/** Their type is not written. */
const CONDITIONS = ['BOUND_COMPARISON', 'BOUND_CONJUNCTION', 'BOUND_BETWEEN'];

function getType(node: unknown): SyntaxNode | undefined {
  if (!isNode(node)) return undefined;
  if (isNode(node.return_type)) return node.return_type;
  if (CONDITIONS.includes(getText(node.expression_class))) return createType('BOOLEAN');
  return isNode(node.value) && isNode(node.value.type) ? node.value.type : undefined;
}

function getTypeName(node: unknown): string {
  return getText(getType(node)?.id);
}

/**
 * The types of the operands of each function and cast that the text itself has, before the binder's own casts.
 * @param casts the offsets of the casts of the text
 * @returns by kind and offset, as `getKind` and `getOffset` give them
 */
export function readOperandTypes(
  plan: unknown,
  casts: ReadonlySet<number>,
  start: number,
): ReadonlyMap<string, Operands> {
  const strip = (node: SyntaxNode): SyntaxNode => {
    let inner = node;
    while (isImplicit(inner, casts, start) && isNode(inner.child)) inner = inner.child;
    return inner;
  };
  const types = new Map<string, Operands>();
  visitNodes(plan, (node) => {
    const isCast = node.expression_class === 'BOUND_CAST' && !isImplicit(node, casts, start);
    if (!isCast && node.expression_class !== 'BOUND_FUNCTION') return;
    if (getOffset(node) < start) return;
    const operands = isCast ? (isNode(node.child) ? [node.child] : []) : getNodes(node.children);
    types.set(
      `${getKind(node)} ${getOffset(node)}`,
      operands.map((each) => getType(strip(each)) ?? createType('')),
    );
  });
  return types;
}

/**
 * @param tree the text that was bound
 * @param casts the offsets of its casts
 * @param start the offset of the person's text
 * @throws QueryError if Athena takes no such types, or gives another result that cannot be made here
 */
export function assertTypes(
  tree: SyntaxNode,
  plan: unknown,
  casts: ReadonlySet<number>,
  start: number,
): void {
  const names = new Map<number, string>();
  visitNodes(tree, (node) => {
    const name = getColumnName(node);
    if (name !== undefined) names.set(getOffset(node), name);
  });
  visitNodes(plan, (node) => {
    assertCast(node, casts, start);
    assertOperands(node);
    assertColumn(node, names, start);
  });
}

const TEXT_HINT = 'Write CAST(x AS varchar).';
const HINTS: Readonly<Record<string, string>> = {
  DATE: "Write DATE '2026-11-19', or CAST(x AS date).",
  TIMESTAMP: "Write TIMESTAMP '2026-11-19 10:00:00', or CAST(x AS timestamp).",
  VARCHAR: TEXT_HINT,
};

/** Athena has no casts between texts and other types but those of the text. @throws QueryError */
function assertCast(node: SyntaxNode, casts: ReadonlySet<number>, start: number): void {
  // The casts of macros are TRY_CAST.
  if (!(isImplicit(node, casts, start) || isOfUnion(node)) || node.try_cast === true) return;
  const [from, to] = [getTypeName(node.child), getTypeName(node)];
  const isMixed = ['VARCHAR', 'BOOLEAN'].some((each) => (from === each) !== (to === each));
  if (!isMixed || ['', 'NULL'].includes(from) || to === '') return;
  throw createDifference(
    `Athena does not take ${describeType(from)} for ${describeType(to)}`,
    HINTS[to] ?? `Write CAST(x AS ${to.toLowerCase()}), or a number without quotes.`,
  );
}

function describeType(name: string): string {
  if (name === 'VARCHAR') return 'a text';
  if (name === 'DATE') return 'a day';
  if (name === 'BOOLEAN') return 'a boolean';
  return WHOLE.includes(name) || ['DOUBLE', 'DECIMAL', 'FLOAT'].includes(name)
    ? 'a number'
    : `a ${name.toLowerCase()}`;
}

/** @throws QueryError if an operation has other operands in Athena, or another result that cannot be made here */
function assertOperands(node: SyntaxNode): void {
  const name = getText(node.name);
  const names = getNodes(node.children).map(getTypeName);
  const [left = '', right = ''] = names;
  if (node.expression_class === 'BOUND_AGGREGATE') {
    if (name === 'sum' && left === 'BOOLEAN')
      throw createDifference('Athena has no sum of booleans', 'Use count_if.');
    if (name === 'avg' && left === 'DECIMAL') {
      throw createDifference(
        'Athena rounds the average of decimals to their digits',
        'Write avg(CAST(x AS double)).',
      );
    }
  }
  if (node.expression_class !== 'BOUND_FUNCTION') return;
  if (name === '-' && left === 'DATE' && right === 'DATE') {
    throw createDifference(
      'a day minus a day is an interval in Athena, and a number in the local lake',
      "Write date_diff('day', earlier, later).",
    );
  }
  if (name === '-' && TIMES.includes(left) && TIMES.includes(right)) {
    throw createDifference(
      'Athena prints the time between two times otherwise',
      "Write date_diff('second', earlier, later).",
    );
  }
  if (
    ['+', '-'].includes(name) &&
    (left === 'DATE' || right === 'DATE') &&
    [left, right].some((each) => WHOLE.includes(each))
  ) {
    throw createDifference('Athena adds no number to a day', "Write date_add('day', 1, x).");
  }
  if (['||', 'concat'].includes(name) && names.includes('VARCHAR')) {
    const other = names.find((each) => !['VARCHAR', 'NULL', ''].includes(each));
    if (other !== undefined) {
      throw createDifference(`Athena does not take ${describeType(other)} for a text`, TEXT_HINT);
    }
  }
}

/** DuckDB takes the name of a table for a row of it. @throws QueryError */
function assertColumn(node: SyntaxNode, names: ReadonlyMap<number, string>, start: number): void {
  if (node.expression_class !== 'BOUND_FUNCTION' || node.name !== 'struct_pack') return;
  const [offset, name] = [getOffset(node), names.get(getOffset(node))];
  if (offset < start || name === undefined) return;
  throw createDifference(
    `there is no column ${name}: Athena does not take a table for a value`,
    `Name its columns, or ${name}.*.`,
  );
}

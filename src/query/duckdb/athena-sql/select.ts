/**
 * The first step: functions under their names in DuckDB, and unnamed columns. Pure.
 */

import { assertFunction, ISO_CLOCK, ISO_INSTANT, translateCall } from './functions.ts';
import { createDifference } from './refused-syntax.ts';
import {
  createCall,
  createCast,
  createText,
  createType,
  getColumnName,
  getNodes,
  getNumberText,
  getOffset,
  getShape,
  getText,
  isFunction,
  isNode,
  mapNodes,
  type SyntaxNode,
  visitNodes,
} from './syntax-tree.ts';

/** The name of a column that Athena leaves unnamed; it is printed by its place, as `_col1`. */
export const UNNAMED = '\u0002unnamed';

/**
 * @param sql the text of the tree
 * @throws QueryError for what Athena would refuse
 */
export function translateSelects(tree: SyntaxNode, sql: string): SyntaxNode {
  const readers = new Set<unknown>();
  visitNodes(tree, (node) => {
    const { type, function: called } = node;
    // Of files, which Athena never reads.
    if (
      type === 'TABLE_FUNCTION' &&
      isNode(called) &&
      READERS.test(getText(called.function_name))
    ) {
      readers.add(called);
    }
    if (readers.has(node)) return;
    if (node.type === 'SELECT_NODE') assertSelect(node);
    if ((isFunction(node) || node.class === 'WINDOW') && node.is_operator !== true)
      assertCall(node, sql);
    if (isFunction(node) && node.is_operator === true) assertOperator(getText(node.function_name));
    if (node.class === 'STAR') assertStar(node);
    if (node.type === 'OPERATOR_TRY') assertTriable(node);
    const { condition } = node;
    if (node.type === 'JOIN' && isNode(condition) && condition.class === 'CONSTANT') {
      throw createDifference(
        'Athena takes only a condition after ON',
        'Write CROSS JOIN, or ON true.',
      );
    }
  });
  const translated = mapNodes(tree, (node) => {
    if (node.type === 'SELECT_NODE') return nameColumns(expandGroups(node));
    if (node.class === 'CONSTANT') return translateConstant(node);
    if (node.type === 'ARRAY_EXTRACT')
      return createCall('athena_item', getNodes(node.children), node);
    // Over some rows, or a window, too.
    if (isCorrelation(node)) return createCall('athena_finite', [{ ...node, alias: '' }], node);
    if (isFunction(node) && isParsed(node)) return translateParsed(node);
    return isFunction(node) && node.is_operator !== true ? translateCall(node) : node;
  });
  return translateZones(translated);
}

/** Of values that are all the same, Athena's is null. */
function isCorrelation(node: SyntaxNode): boolean {
  const isCall = isFunction(node) || node.class === 'WINDOW';
  return isCall && getText(node.function_name).toLowerCase() === 'corr';
}

/** The table functions that read files, or describe the database. */
const READERS = /^(read_|parquet_|duckdb_|pragma_|glob$|sniff_csv$)/;

/** Whether the parser made the call of other syntax, such as `substring(x FROM 2)`. */
function isParsed(node: SyntaxNode): boolean {
  return node.schema === 'main' && node.is_operator !== true;
}

function translateParsed(node: SyntaxNode): SyntaxNode {
  if (node.function_name === 'date_part') return { ...node, schema: '' };
  return node.function_name === 'substring'
    ? { ...node, function_name: 'athena_substr', schema: '' }
    : node;
}

function assertCall(node: SyntaxNode, sql: string): void {
  const name = getText(node.function_name).toLowerCase();
  const typed = /^"?([\w]+)"?/.exec(sql.slice(getOffset(node)))?.[1]?.toLowerCase();
  if (typed === name && name !== 'array') assertFunction(name);
}

/** DuckDB's TRY takes nothing whose result may differ at each call, as it takes of the errors of our own. @throws QueryError */
function assertTriable(node: SyntaxNode): void {
  visitNodes(node, (inner) => {
    if (inner.type === 'ARRAY_EXTRACT') {
      throw createDifference('the local lake does not try an element', 'Write element_at(x, 1).');
    }
    const name = isFunction(inner) ? getText(inner.function_name).toLowerCase() : '';
    if (UNTRIABLE.includes(name)) throw createDifference(`the local lake does not try ${name}`);
  });
}

const UNTRIABLE = ['codepoint', 'format', 'rand', 'random'];

const OPERATORS = ['+', '-', '*', '/', '%', '||', '~~', '!~~', '->'];

function assertOperator(name: string): void {
  if (name === '~~*' || name === '!~~*') {
    throw createDifference('Athena has no ILIKE', 'Write lower(x) LIKE …');
  }
  if (!OPERATORS.includes(name)) throw createDifference(`Athena has no operator ${name}`);
}

function assertStar(node: SyntaxNode): void {
  const isPlain = [node.exclude_list, node.replace_list, node.rename_list].every(
    (list) => !Array.isArray(list) || list.length === 0,
  );
  if (!isPlain || node.columns === true) {
    throw createDifference(
      'Athena has no EXCLUDE, REPLACE or COLUMNS after *',
      'Name the columns.',
    );
  }
}

function assertSelect(select: SyntaxNode): void {
  if (isNode(select.qualify)) {
    throw createDifference(
      'Athena has no QUALIFY',
      'Put the window into a subquery, and use WHERE.',
    );
  }
  if (select.aggregate_handling === 'FORCE_AGGREGATES') {
    throw createDifference(
      'Athena has no GROUP BY ALL',
      'Name the columns, or their places: GROUP BY 1, 2.',
    );
  }
  if (isNode(select.sample)) throw createDifference('the local lake takes no sample');
  for (const modifier of getNodes(select.modifiers)) {
    if (modifier.type !== 'DISTINCT_MODIFIER') continue;
    if (getNodes(modifier.distinct_on_targets).length > 0) {
      throw createDifference('Athena has no DISTINCT ON', 'Use row_number() in a subquery.');
    }
    assertDistinctOrder(select);
  }
}

function assertDistinctOrder(select: SyntaxNode): void {
  const list = getNodes(select.select_list);
  if (list.some((each) => each.class === 'STAR')) return;
  const names = list.flatMap((each) => [getText(each.alias), getColumnName(each) ?? '']);
  const shapes = new Set(list.map(getShape));
  for (const modifier of getNodes(select.modifiers)) {
    for (const { expression } of getNodes(modifier.orders)) {
      if (!isNode(expression) || expression.class === 'CONSTANT') continue;
      const isListed =
        shapes.has(getShape(expression)) ||
        names.some((name) => name !== '' && name.toLowerCase() === getColumnName(expression));
      if (!isListed) {
        throw createDifference('with SELECT DISTINCT, Athena sorts only by columns of the SELECT');
      }
    }
  }
}

/** Expressions without a name in Athena, which DuckDB reads as columns. */
const CLOCKS = ['current_date', 'current_timestamp', 'localtimestamp'];

function nameColumns(select: SyntaxNode): SyntaxNode {
  const list = getNodes(select.select_list).map((item) => {
    const isColumn = item.class === 'COLUMN_REF' && !CLOCKS.includes(getColumnName(item) ?? '');
    const isNamed = getText(item.alias) !== '' || isColumn || item.class === 'STAR';
    return isNamed ? item : { ...item, alias: UNNAMED };
  });
  const { from_table: from } = select;
  const isValues = isNode(from) && from.type === 'EXPRESSION_LIST';
  const first = isValues && Array.isArray(from.values) ? from.values[0] : undefined;
  if (!isValues || !Array.isArray(first) || from.alias !== 'valueslist')
    return { ...select, select_list: list };
  const names = first.map((_, at) => `${UNNAMED}${at}`);
  return { ...select, select_list: list, from_table: { ...from, expected_names: names } };
}

/** `GROUP BY 1` as the expression itself, which the binder would find at the place of the 1. */
function expandGroups(select: SyntaxNode): SyntaxNode {
  const list = getNodes(select.select_list);
  const groups = getNodes(select.group_expressions).map((group) => {
    const place = group.class === 'CONSTANT' && isNode(group.value) ? Number(group.value.value) : 0;
    const before = list.slice(0, place);
    const item = before.at(-1);
    const isPlaced = item !== undefined && !before.some((each) => each.class === 'STAR');
    return isPlaced ? { ...item, alias: '' } : group;
  });
  return { ...select, group_expressions: groups };
}

/** A double is written with an exponent, which DuckDB's own printer leaves out: 1.0 would be a decimal. */
function translateConstant(node: SyntaxNode): SyntaxNode {
  const { value } = node;
  if (!isNode(value) || !isNode(value.type) || value.type.id !== 'DOUBLE') return node;
  return createCast(createText(getNumberText(value.value)), createType('DOUBLE'), node);
}

/** The functions that read the clock of an instant in its time zone; DuckDB's instants have none. */
const CLOCK_READERS = [
  ...[
    'date_format',
    'date_part',
    'year',
    'quarter',
    'month',
    'week',
    'day',
    'hour',
    'minute',
    'second',
  ],
  ...['millisecond', 'isodow', 'dayofyear', 'isoyear', 'last_day'],
];

/**
 * Instants with a time zone are read at once, on the clock of their zone, or compared as instants.
 * @throws QueryError if one would be printed, or kept
 */
function translateZones(tree: SyntaxNode): SyntaxNode {
  const read = new Set<string>();
  visitNodes(tree, (node) => {
    const { cast_type: type, child } = node;
    const isReader = isFunction(node) && CLOCK_READERS.includes(getText(node.function_name));
    const isDate = node.class === 'CAST' && isNode(type) && type.id === 'DATE' && isNode(child);
    for (const each of [...(isReader ? getNodes(node.children) : []), ...(isDate ? [child] : [])]) {
      if (isNode(each)) read.add(JSON.stringify(each));
    }
    for (const item of getNodes(node.select_list))
      if (item.function_name === ISO_INSTANT) throw createZoneError();
  });
  return mapNodes(tree, (node) => {
    if (node.function_name === 'timezone' && !read.has(JSON.stringify(node)))
      throw createZoneError();
    if (node.function_name !== ISO_INSTANT) return node;
    return read.has(JSON.stringify(node))
      ? { ...node, function_name: ISO_CLOCK }
      : createCast(
          getNodes(node.children)[0] ?? node,
          createType('TIMESTAMP WITH TIME ZONE'),
          node,
        );
  });
}

function createZoneError(): Error {
  return createDifference(
    'the local lake has no instants with a time zone, which Athena has',
    "Use one at once: date_format(at_timezone(t, 'America/Sao_Paulo'), '%Y-%m-%d'), hour(…), CAST(… AS date).",
  );
}

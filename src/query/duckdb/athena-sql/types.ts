/**
 * The second step, with the types that DuckDB's binder finds: what Athena computes otherwise of them is written as
 * DuckDB computes the same. Pure.
 */

import { ISO_CLOCK } from './functions.ts';
import { createDifference } from './refused-syntax.ts';
import {
  assertTypes,
  getKind,
  type Operands,
  readOperandTypes,
  TIMES,
  WHOLE,
} from './refused-types.ts';
import {
  createCall,
  createCast,
  createDecimalType,
  createNumber,
  createText,
  createType,
  getNodes,
  getOffset,
  getShape,
  getText,
  isNode,
  isNonZero,
  type SyntaxNode,
  visitNodes,
} from './syntax-tree.ts';

/**
 * @param plan the bound plan of the same text
 * @param start the offset of the person's text: before it are the expressions of macros
 * @throws QueryError if Athena takes no such types
 */
export function translateTypes(tree: SyntaxNode, plan: unknown, start: number): SyntaxNode {
  const casts = new Set<number>();
  visitNodes(tree, (node) => {
    if (node.class === 'CAST') casts.add(getOffset(node));
  });
  assertTypes(tree, plan, casts, start);
  const types = readOperandTypes(plan, casts, start);
  const shapes = new Map<string, Operands>();
  visitNodes(tree, (node) => {
    const found = types.get(`${getKind(node)} ${getOffset(node)}`);
    if (found !== undefined) shapes.set(getShape(node), found);
  });
  const find = (node: SyntaxNode): Operands | undefined =>
    types.get(`${getKind(node)} ${getOffset(node)}`) ?? shapes.get(getShape(node));
  return translate(tree, find);
}

function translate(tree: SyntaxNode, find: (node: SyntaxNode) => Operands | undefined): SyntaxNode {
  const map = (value: SyntaxNode[string]): SyntaxNode[string] => {
    if (Array.isArray(value)) return value.map(map);
    if (!isNode(value)) return value;
    const operands = find(value);
    const node = Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, map(inner)] as const),
    );
    if (value.type === 'OPERATOR_TRY') assertTriable(node);
    if (operands === undefined) return node;
    assertNoQuotient(node);
    return translateTyped(node, operands);
  };
  return map(tree) as SyntaxNode;
}

/** DuckDB evaluates the errors of our own apart from TRY. @throws QueryError */
function assertTriable(node: SyntaxNode): void {
  if (/athena_(divisor|divide_decimals)/.test(getShape(node))) {
    throw createDifference('the local lake does not try a division', 'Write x / nullif(y, 0).');
  }
}

/** DuckDB takes a quotient of decimals for a double, until it is written as a decimal. @throws QueryError */
function assertNoQuotient(node: SyntaxNode): void {
  if (getKind(node) !== '/' && getKind(node) !== 'cast') return;
  if (/athena_divide_decimals/.test(getShape(node))) {
    throw createDifference(
      'the local lake neither divides nor casts a quotient of decimals',
      'CAST them AS double before.',
    );
  }
}

const SHORT_INTERVALS = ['to_hours', 'to_minutes', 'to_seconds', 'to_milliseconds'];

function translateTyped(node: SyntaxNode, operands: Operands): SyntaxNode {
  const names = operands.map(({ id }) => getText(id));
  const [left = '', right = ''] = names;
  const children = getNodes(node.children);
  switch (getKind(node)) {
    case 'cast':
      return translateCast(node, left);
    case '+':
    case '-': {
      if (!names.includes('DATE') || !names.includes('INTERVAL')) return node;
      if (children.some((each) => SHORT_INTERVALS.includes(getText(each.function_name)))) {
        throw createDifference(
          'Athena adds only days, weeks, months and years to a day',
          'CAST it AS timestamp.',
        );
      }
      return createCast(node, createType('DATE'), node);
    }
    case '/':
      return translateDivision(node, operands);
    case '%':
      return WHOLE.includes(left) && WHOLE.includes(right) ? guardDivisor(node, children) : node;
    case 'date_trunc':
      return right === 'DATE' ? createCast(node, createType('DATE'), node) : node;
    case 'generate_series':
      return left === 'DATE' ? createCall('athena_dates', [{ ...node, alias: '' }], node) : node;
    default:
      return node;
  }
}

const DATE_TEXT = '\\d{1,4}-\\d{1,2}-\\d{1,2}';
const NUMBER_TEXT = '(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?';

/**
 * The texts that Athena casts, of those that DuckDB casts as well. A cast of any other fails, with the words of `kind`,
 * which errors.ts reads.
 */
const CAST_TEXTS: readonly {
  readonly types: readonly string[];
  readonly pattern: string;
  readonly kind: string;
}[] = [
  { types: WHOLE, pattern: '[+-]?[0-9]+', kind: 'not a whole number' },
  {
    types: ['DOUBLE', 'FLOAT'],
    pattern: `\\s*[+-]?(NaN|Infinity|${NUMBER_TEXT})\\s*`,
    kind: 'not a number',
  },
  { types: ['DECIMAL'], pattern: `[+-]?${NUMBER_TEXT}`, kind: 'not a number' },
  { types: ['BOOLEAN'], pattern: '(?i)t|true|1|f|false|0', kind: 'not a boolean' },
  { types: ['DATE'], pattern: `\\s*${DATE_TEXT}\\s*`, kind: 'not a day (YYYY-MM-DD)' },
  {
    types: TIMES.filter((type) => type !== 'TIMESTAMP WITH TIME ZONE'),
    pattern: `\\s*${DATE_TEXT}( \\d{1,2}:\\d{2}(:\\d{2}(\\.\\d+)?)?)?( ?(UTC|Z|[+-]00(:?00)?))?\\s*`,
    kind: 'not a time (YYYY-MM-DD HH:MM:SS)',
  },
];

function translateCast(node: SyntaxNode, from: string): SyntaxNode {
  const { cast_type: type, child } = node;
  if (!isNode(type) || !isNode(child)) return node;
  const to = getText(type.id);
  const wrap = (name: string, ...others: readonly SyntaxNode[]): SyntaxNode => ({
    ...node,
    child: createCall(name, [child, ...others]),
  });
  // A from_iso8601_timestamp is a time, but still a text in the plan. Of a cast to the type that its value has already,
  // the plan has the cast inside alone.
  const isText = from === 'VARCHAR' && child.function_name !== ISO_CLOCK && !isOtherCast(child);
  if (isText) {
    const known = CAST_TEXTS.find(({ types }) => types.includes(to));
    if (known === undefined) return node;
    return wrap('athena_checked_text', createText(known.pattern), createText(known.kind));
  }
  if (WHOLE.includes(to) && ['DOUBLE', 'FLOAT', 'DECIMAL'].includes(from)) return wrap('round');
  if (to === 'VARCHAR') {
    if (from === 'DOUBLE') return wrap('athena_print_double');
    if (TIMES.includes(from)) {
      throw createDifference(
        'the local lake does not print a time as Athena does',
        "Write date_format(x, '%Y-%m-%d %H:%i:%s').",
      );
    }
  }
  return node;
}

function isOtherCast({ class: kind, cast_type: type }: SyntaxNode): boolean {
  return kind === 'CAST' && isNode(type) && type.id !== 'VARCHAR';
}

function guardDivisor(node: SyntaxNode, [x, y]: readonly SyntaxNode[]): SyntaxNode {
  if (x === undefined || y === undefined || isNonZero(y)) return node;
  return { ...node, children: [x, createCall('athena_divisor', [y])] };
}

function translateDivision(node: SyntaxNode, operands: Operands): SyntaxNode {
  const children = getNodes(node.children);
  const [x, y] = children;
  const names = operands.map(({ id }) => getText(id));
  if (x === undefined || y === undefined) return node;
  if (names.every((name) => WHOLE.includes(name))) return guardDivisor(node, children);
  if (names.some((name) => ['DOUBLE', 'FLOAT'].includes(name))) {
    return isNonZero(y) ? node : createCall('athena_divide', [x, y], node);
  }
  const [left, right] = operands.map(getScale);
  if (left === undefined || right === undefined) return node;
  const scale = Math.max(left, right);
  // Both with as many digits as the quotient has, as text: their digits are divided as whole numbers.
  const digits = (each: SyntaxNode): SyntaxNode =>
    createCast(createCast(each, createDecimalType(38, scale), each), createType('VARCHAR'), each);
  const quotient = createCall('athena_divide_decimals', [
    digits(x),
    digits(y),
    createNumber(scale),
  ]);
  return createCast(quotient, createDecimalType(38, scale), node);
}

/** The digits after the point of a decimal, as which Athena takes whole numbers beside one. */
function getScale(type: SyntaxNode): number | undefined {
  const name = getText(type.id);
  if (WHOLE.includes(name)) return 0;
  const { type_info: info } = type;
  return name === 'DECIMAL' && isNode(info) ? Number(info.scale ?? 0) : undefined;
}

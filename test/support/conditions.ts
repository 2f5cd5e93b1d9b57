/** Conditions of any kind, as they may be asked for, written out, and judged without a database. */
import fc from 'fast-check';
import type { Row } from '../../src/catalog/column.ts';
import { PARTITION_COLUMN } from '../../src/catalog/partition.ts';
import type { ResultColumn } from '../../src/query/columns.ts';
import type { Condition, Operand } from '../../src/query/where/condition.ts';

const texts = fc.oneof(
  fc.constantFrom('PETR4', 'Banc%', "D'água", '', '?', '"', '--', '_'),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
);
const numbers = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value)),
);
const days = fc
  .date({ min: new Date('1990-01-01'), max: new Date('2040-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

function operands(column: ResultColumn): fc.Arbitrary<Operand> {
  switch (column.type) {
    case 'integer':
      return days.map((day) => ({ type: 'integer', text: day.replaceAll('-', '') }));
    case 'string':
      return texts.map((text) => ({ type: 'string', text }));
    case 'double':
      return numbers.map((value) => ({ type: 'double', text: String(value) }));
    case 'bigint':
      return fc.maxSafeInteger().map((value) => ({ type: 'bigint', text: String(value) }));
    case 'date':
      return days.map((text) => ({ type: 'date', text }));
    case 'boolean':
      return fc.constantFrom('true', 'false').map((text) => ({ type: 'boolean', text }));
  }
}

function tests(column: ResultColumn, known: readonly ResultColumn[]): fc.Arbitrary<Condition> {
  const alike = known.filter(
    ({ name, type }) => type === column.type && ![name, column.name].includes(PARTITION_COLUMN),
  );
  const values = operands(column);
  const either = fc.oneof(
    { arbitrary: values, weight: 4 },
    ...(alike.length > 0
      ? [{ arbitrary: fc.constantFrom(...alike).map((other) => ({ column: other })), weight: 1 }]
      : []),
  );
  const operator = fc.constantFrom('=' as const, '<>', '<', '<=', '>', '>=');
  return fc.oneof(
    fc.record({
      kind: fc.constant('compare' as const),
      column: fc.constant(column),
      operator,
      value: either,
    }),
    fc.record({
      kind: fc.constant('between' as const),
      column: fc.constant(column),
      low: either,
      high: either,
    }),
    fc.record({
      kind: fc.constant('in' as const),
      column: fc.constant(column),
      values: fc.array(values, { minLength: 1, maxLength: 4 }),
    }),
    fc.constant({ kind: 'null' as const, column }),
    ...(column.type === 'string'
      ? [texts.map((pattern) => ({ kind: 'like' as const, column, pattern }))]
      : []),
  );
}

/** Any condition over these columns, a few parentheses deep. */
export function conditions(known: readonly ResultColumn[]): fc.Arbitrary<Condition> {
  const single = fc.constantFrom(...known).chain((column) => tests(column, known));
  return fc.letrec<{ condition: Condition }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      single,
      fc.record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        parts: fc.array(tie('condition'), { minLength: 2, maxLength: 3 }),
      }),
      tie('condition').map((part) => ({ kind: 'not' as const, part })),
    ),
  })).condition;
}

/** The text of a condition, each part of it in parentheses. */
export function written(condition: Condition): string {
  const operand = (value: Operand): string => {
    if ('column' in value) return value.column.name;
    return ['string', 'boolean'].includes(value.type)
      ? `'${value.text.replaceAll("'", "''")}'`
      : value.text;
  };
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.parts.map((part) => `(${written(part)})`).join(` ${condition.kind} `);
    case 'not':
      return `not (${written(condition.part)})`;
    case 'compare':
      return `${condition.column.name} ${condition.operator} ${operand(condition.value)}`;
    case 'between':
      return `${condition.column.name} between ${operand(condition.low)} and ${operand(condition.high)}`;
    case 'in':
      return `${condition.column.name} in (${condition.values.map(operand).join(', ')})`;
    case 'like':
      return `${condition.column.name} like '${condition.pattern.replaceAll("'", "''")}'`;
    case 'null':
      return `${condition.column.name} is null`;
  }
}

/** Whether a condition holds for a row, by SQL's logic of three values: undefined where that is unknown. */
export function judged(condition: Condition, row: Row): boolean | undefined {
  /** Of true and false, false is the smaller one. */
  const cellOf = ({ name }: ResultColumn): string | number | null => {
    const cell = row[name] ?? null;
    return typeof cell === 'boolean' ? Number(cell) : cell;
  };
  const value = (operand: Operand): string | number | null => {
    if ('column' in operand) return cellOf(operand.column);
    if (operand.type === 'boolean') return Number(operand.text === 'true');
    return ['string', 'date'].includes(operand.type) ? operand.text : Number(operand.text);
  };
  const compared = (
    left: string | number | null,
    right: string | number | null,
    holds: (order: number) => boolean,
  ): boolean | undefined =>
    left === null || right === null
      ? undefined
      : holds(left === right ? 0 : inOrder(left, right) ? -1 : 1);
  switch (condition.kind) {
    case 'and':
      return all(condition.parts.map((part) => judged(part, row)));
    case 'or':
      return not(all(condition.parts.map((part) => not(judged(part, row)))));
    case 'not':
      return not(judged(condition.part, row));
    case 'compare':
      return compared(cellOf(condition.column), value(condition.value), HOLDS[condition.operator]);
    case 'between': {
      const own = cellOf(condition.column);
      return all([
        compared(own, value(condition.low), HOLDS['>=']),
        compared(own, value(condition.high), HOLDS['<=']),
      ]);
    }
    case 'in': {
      const own = cellOf(condition.column);
      const equal = condition.values.map((each) => compared(own, value(each), HOLDS['=']));
      return not(all(equal.map(not)));
    }
    case 'like': {
      const own = cellOf(condition.column);
      return own === null ? undefined : pattern(condition.pattern).test(String(own));
    }
    case 'null':
      return (row[condition.column.name] ?? null) === null;
  }
}

const HOLDS = {
  '=': (order: number) => order === 0,
  '<>': (order: number) => order !== 0,
  '<': (order: number) => order < 0,
  '<=': (order: number) => order <= 0,
  '>': (order: number) => order > 0,
  '>=': (order: number) => order >= 0,
} as const;

function all(values: readonly (boolean | undefined)[]): boolean | undefined {
  if (values.includes(false)) return false;
  return values.includes(undefined) ? undefined : true;
}

function not(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}

/** Texts by their bytes, as both engines order them. */
function inOrder(left: string | number, right: string | number): boolean {
  if (typeof left === 'number' && typeof right === 'number') return left < right;
  return Buffer.compare(Buffer.from(String(left)), Buffer.from(String(right))) < 0;
}

function pattern(like: string): RegExp {
  const parts = [...like].map((character) =>
    character === '%'
      ? '[^]*'
      : character === '_'
        ? '[^]'
        : character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&'),
  );
  return new RegExp(`^${parts.join('')}$`, 'u');
}

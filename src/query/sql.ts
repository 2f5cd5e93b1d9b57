/**
 * How texts, names and conditions are written in SQL that DuckDB and Athena read alike; every value of a condition
 * is a parameter. Pure.
 */
import type { Column, ColumnType } from '../catalog/column.ts';
import type { Condition, Operand } from './where/condition.ts';

/** A text as an SQL literal. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as an SQL identifier. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export interface SqlFragment {
  readonly sql: string;
  readonly parameters: readonly string[];
}

/** How a table gives a column: by its name, or as null where it lacks it. */
export type ColumnExpression = (column: Column) => string;

export const sqlTypes: Readonly<Record<ColumnType | 'integer', string>> = {
  string: 'varchar',
  double: 'double',
  integer: 'integer',
  bigint: 'bigint',
  date: 'date',
};

/** Parameters are text to both engines, so each is cast to what it is compared with. */
export function formatCondition(condition: Condition, expressionOf: ColumnExpression): SqlFragment {
  const parameters: string[] = [];
  const operand = (value: Operand): string => {
    if ('column' in value) return expressionOf(value.column);
    parameters.push(value.text);
    return `CAST(? AS ${sqlTypes[value.type]})`;
  };
  const render = (part: Condition): string => {
    switch (part.kind) {
      case 'and':
      case 'or':
        return `(${part.parts.map(render).join(` ${part.kind.toUpperCase()} `)})`;
      case 'not':
        return `(NOT ${render(part.part)})`;
      case 'compare':
        return `(${expressionOf(part.column)} ${part.operator} ${operand(part.value)})`;
      case 'between':
        return `(${expressionOf(part.column)} BETWEEN ${operand(part.low)} AND ${operand(part.high)})`;
      case 'in':
        return `(${expressionOf(part.column)} IN (${part.values.map(operand).join(', ')}))`;
      case 'like':
        return `(${expressionOf(part.column)} LIKE ${operand({ type: 'string', text: part.pattern })})`;
      case 'null':
        return `(${expressionOf(part.column)} IS NULL)`;
    }
  };
  const sql = render(condition);
  return { sql, parameters };
}

/** Every column by its own name. */
export const quoteColumn: ColumnExpression = ({ name }) => quoteIdentifier(name);

/**
 * Literals, identifiers and conditions as SQL that DuckDB and Athena read alike; every value of a condition is a
 * parameter. Pure.
 */
import { removeAccents } from '../text.ts';
import type { ResultColumn } from './columns.ts';
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

/** The lines that are not empty. */
export function joinLines(...lines: readonly string[]): string {
  return lines.filter((line) => line !== '').join('\n');
}

/** SQL without parameters. */
export function toFragment(sql: string): SqlFragment {
  return { sql, parameters: [] };
}

/** All conditions as a WHERE; empty without any. */
export function formatWhere(conditions: readonly SqlFragment[]): string {
  return conditions.length === 0 ? '' : `WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}`;
}

/** The SQL of a column. */
export type ColumnFormatter = (column: ResultColumn) => string;

export const sqlTypes: Readonly<Record<ResultColumn['type'], string>> = {
  string: 'varchar',
  double: 'double',
  integer: 'integer',
  bigint: 'bigint',
  date: 'date',
  boolean: 'boolean',
};

/** Both engines take parameters as text, so each is cast to the type that it is compared with. */
export function formatCondition(condition: Condition, formatColumn: ColumnFormatter): SqlFragment {
  const parameters: string[] = [];
  const operand = (value: Operand): string => {
    if ('column' in value) return formatColumn(value.column);
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
        return `(${formatColumn(part.column)} ${part.operator} ${operand(part.value)})`;
      case 'between':
        return `(${formatColumn(part.column)} BETWEEN ${operand(part.low)} AND ${operand(part.high)})`;
      case 'in':
        return `(${formatColumn(part.column)} IN (${part.values.map(operand).join(', ')}))`;
      case 'like':
        return `(${foldText(formatColumn(part.column))} LIKE ${operand({ type: 'string', text: removeAccents(part.pattern) })})`;
      case 'null':
        return `(${formatColumn(part.column)} IS NULL)`;
    }
  };
  const sql = render(condition);
  return { sql, parameters };
}

/** The letters of ISO-8859-1 that have accents, in which the site's pages are written, and the accents alone. */
const ACCENTED = Array.from({ length: 0x100 - 0xe0 }, (_, at) => String.fromCodePoint(0xe0 + at))
  .filter((letter) => removeAccents(letter) !== letter)
  .join('');
const ACCENTS = '\u0300\u0301\u0302\u0303\u0308\u030a\u0327';

/** As `removeAccents`, by functions that both engines have; accents without a counterpart are removed. */
function foldText(sql: string): string {
  return `translate(lower(${sql}), '${ACCENTED}${ACCENTS}', '${removeAccents(ACCENTED)}')`;
}

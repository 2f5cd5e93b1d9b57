/**
 * The right-hand sides of conditions, parsed by the type of the column on the left. Pure.
 */

import { tickerColumns } from '../../catalog/datasets.ts';
import { getMeasure, type Measure } from '../../catalog/measure.ts';
import { formatIsoDate, suggestIsoDate, toPartition } from '../../catalog/partition.ts';
import { toTicker } from '../../catalog/ticker.ts';
import { UsageError } from '../../errors.ts';
import type { ResultColumn } from '../columns.ts';
import { quoteLiteral } from '../sql.ts';
import type { Operand } from './condition.ts';
import type { Token } from './lexer.ts';

type ValueType = ResultColumn['type'];

const NUMBER_HINT = 'Write it with a decimal point and no thousands separators: 1234.5.';
const DAY = {
  name: 'a day',
  hint: 'Write a day that exists as YYYY-MM-DD, such as 2026-11-19.',
};

/** What a value of a type is called, and how it is written. The partition is an integer that means a day. */
const TYPE_DESCRIPTIONS: Readonly<
  Record<ValueType, { readonly name: string; readonly hint: string }>
> = {
  string: { name: 'a text', hint: "Write texts in quotes: 'Bancos'." },
  double: { name: 'a number', hint: `${NUMBER_HINT} 35% is 0.35.` },
  bigint: { name: 'a whole number', hint: NUMBER_HINT },
  date: DAY,
  integer: DAY,
  boolean: { name: 'true or false', hint: "Write 'true' or 'false', in quotes." },
};

/** @throws UsageError if the two columns cannot be compared */
export function toColumnOperand(column: ResultColumn, left: ResultColumn): Operand {
  if (column.type === left.type || (isNumber(column) && isNumber(left))) return { column };
  const { name: leftType } = TYPE_DESCRIPTIONS[left.type];
  const { name: type } = TYPE_DESCRIPTIONS[column.type];
  throw new UsageError(
    `${left.name} is ${leftType} and ${column.name} is ${type === leftType ? 'of another type' : type}: ` +
      'they cannot be compared',
  );
}

function isNumber({ type }: ResultColumn): boolean {
  return type === 'double' || type === 'bigint';
}

/** Athena's limit for a parameter, its quotes included; a local lake has the same limit. */
const MAX_PARAMETER_LENGTH = 1_024;

/** @throws UsageError if the text is too long for a parameter */
export function toParameter(text: string): string {
  const { length } = quoteLiteral(text);
  if (length <= MAX_PARAMETER_LENGTH) return text;
  throw new UsageError(
    `a text can have ${MAX_PARAMETER_LENGTH} characters, its quotes included; ` +
      `${JSON.stringify(`${text.slice(0, 20)}…`)} has ${length}`,
  );
}

/** The token as a value of the column's type. @throws UsageError if it is not one */
export function parseLiteral(column: ResultColumn, token: Token): Operand {
  const value = LITERAL_PARSERS[column.type](token);
  if (value !== undefined) return value;
  const { name: type } = TYPE_DESCRIPTIONS[column.type];
  throw new UsageError(`${column.name} is ${type}, and ${token.source} is not`, {
    hint: getFormatHint(column, token),
  });
}

type LiteralParser = (token: Token) => Operand | undefined;

const LITERAL_PARSERS: Readonly<Record<ValueType, LiteralParser>> = {
  string: ({ kind, value }) =>
    kind === 'text' ? { type: 'string', text: toParameter(value) } : undefined,
  double: parseNumber,
  bigint: (token) => {
    if (token.kind !== 'number' || token.value.endsWith('%')) return undefined;
    const isExact = /^-?\d+$/.test(token.value) && Number.isSafeInteger(Number(token.value));
    return isExact ? { type: 'bigint', text: token.value } : parseNumber(token);
  },
  date: (token) => {
    const day = parseDay(token);
    return day === undefined ? undefined : { type: 'date', text: formatIsoDate(day) };
  },
  boolean: ({ kind, value }) =>
    kind === 'text' && /^(true|false)$/i.test(value)
      ? { type: 'boolean', text: value.toLowerCase() }
      : undefined,
  integer: (token) => {
    const day = parseDay(token);
    return day === undefined ? undefined : { type: 'integer', text: String(day) };
  },
};

/** `35%` is 0.35: percentages of the site are stored as fractions. */
function parseNumber({ kind, value }: Token): Operand | undefined {
  if (kind !== 'number') return undefined;
  const number = value.endsWith('%') ? parsePercentage(value.slice(0, -1)) : Number(value);
  return Number.isFinite(number) ? { type: 'double', text: String(number) } : undefined;
}

/** Moves the decimal point: a division would make 0.06899999999999999 of 6.9%. */
function parsePercentage(text: string): number {
  const [digits = '', exponent = '0'] = text.toLowerCase().split('e');
  return Number(`${digits}e${Number(exponent) - 2}`);
}

/** A day written as a date, in quotes or without, or as a number such as 20261119. */
function parseDay({ kind, value }: Token) {
  return ['date', 'text', 'number'].includes(kind) ? toPartition(value) : undefined;
}

/** How to write the token as a value of the column. */
export function getFormatHint(
  { type }: ResultColumn,
  { kind, value, source: written }: Token,
): string {
  const { hint } = TYPE_DESCRIPTIONS[type];
  if (type === 'string') return `Write texts in quotes: '${written}'.`;
  if (type === 'date' || type === 'integer') {
    const iso = suggestIsoDate(value);
    return iso === undefined ? hint : `Write ${iso} instead of ${written}.`;
  }
  const isQuoted = kind === 'text' && /^-?\d+(\.\d+)?%?$/.test(value);
  return isQuoted ? `Write numbers without quotes: ${value}.` : hint;
}

const FRACTIONS: readonly Measure[] = ['fraction', 'variation'];

/**
 * A warning about a value that is valid but probably a mistake: 35 in a column of fractions, 05 that may be part of
 * 0,05, a ticker in lower case.
 */
export function findLikelyMistake(
  column: ResultColumn,
  { kind, value, source: written }: Token,
): string | undefined {
  const ticker =
    kind === 'text' && tickerColumns.includes(column.name) ? toTicker(value) : undefined;
  if (ticker !== undefined && ticker !== value) {
    return `Tickers are stored in capitals: write '${ticker}' instead of ${written}.`;
  }
  if (kind !== 'number') return undefined;
  if (/^-?0\d/.test(value)) {
    return `Write a fraction with a decimal point, 0.05: ${value} means ${Number.parseFloat(value)}.`;
  }
  const isFraction = value.endsWith('%') || Math.abs(Number(value)) < 2;
  if (isFraction || !FRACTIONS.includes(getMeasure(column.name))) return undefined;
  return `${column.name} holds fractions: ${value} means ${Number(`${value}e2`)}%. For ${value}% write ${value}%.`;
}

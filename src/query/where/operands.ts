/**
 * The right-hand sides of conditions, parsed by the type of the column on the left. Pure.
 */

import { tickerColumns } from '../../catalog/datasets.ts';
import { getMeasure, type Measure } from '../../catalog/measure.ts';
import { findDays, formatIsoDate, type Partition } from '../../catalog/partition.ts';
import { toTicker } from '../../catalog/ticker.ts';
import { UsageError } from '../../errors.ts';
import type { ResultColumn } from '../columns.ts';
import { quoteLiteral } from '../sql.ts';
import type { Operand } from './condition.ts';
import { DAY_HINT, type Token } from './lexer.ts';

type ValueType = ResultColumn['type'];

const NUMBER_HINT = 'Write it with a decimal point and no thousands separators: 1234.5.';
const DAY = { name: 'a day', hint: DAY_HINT };

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

/** Types of columns whose values are days: a day may be written as the days of a month or a year. */
type DayType = 'date' | 'integer';

export function isOfDays({ type }: ResultColumn): boolean {
  return type === 'date' || type === 'integer';
}

/** What a value stands for: its lowest and its highest, one and the same but for a month or a year. */
export interface Span {
  readonly first: Operand;
  readonly last: Operand;
}

/**
 * The token as a value of the column's type.
 * @param today what `hoje` and `30d` are counted from
 * @throws UsageError if it is not one
 */
export function parseLiteral(column: ResultColumn, token: Token, today: Partition): Span {
  if (column.type === 'date' || column.type === 'integer') {
    const days = parseDays(token, today);
    if (days === undefined) throw createTypeError(column, token);
    const first = toDayOperand(column.type, days.first);
    return {
      first,
      last: days.first === days.last ? first : toDayOperand(column.type, days.last),
    };
  }
  const value = LITERAL_PARSERS[column.type](token);
  if (value === undefined) throw createTypeError(column, token);
  return { first: value, last: value };
}

function createTypeError(column: ResultColumn, token: Token): UsageError {
  const { name: type } = TYPE_DESCRIPTIONS[column.type];
  return new UsageError(`${column.name} is ${type}, and ${token.source} is not`, {
    hint: getFormatHint(column, token),
  });
}

function toDayOperand(type: DayType, day: Partition): Operand {
  return { type, text: type === 'date' ? formatIsoDate(day) : String(day) };
}

type LiteralParser = (token: Token) => Operand | undefined;

const LITERAL_PARSERS: Readonly<Record<Exclude<ValueType, DayType>, LiteralParser>> = {
  string: ({ kind, value }) =>
    kind === 'text' ? { type: 'string', text: toParameter(value) } : undefined,
  double: parseNumber,
  bigint: (token) => {
    if (token.kind !== 'number' || token.value.endsWith('%')) return undefined;
    const isExact = /^-?\d+$/.test(token.value) && Number.isSafeInteger(Number(token.value));
    return isExact ? { type: 'bigint', text: token.value } : parseNumber(token);
  },
  boolean: ({ kind, value }) =>
    kind === 'text' && /^(true|false)$/i.test(value)
      ? { type: 'boolean', text: value.toLowerCase() }
      : undefined,
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

/** Days in any notation, in quotes or without, or as a number such as 20261119. */
function parseDays({ kind, value }: Token, today: Partition) {
  return kind === 'symbol' || kind === 'end' ? undefined : findDays(value, today);
}

/** How to write the token as a value of the column. */
export function getFormatHint(
  { type }: ResultColumn,
  { kind, value, source: written }: Token,
): string {
  const { hint } = TYPE_DESCRIPTIONS[type];
  if (type === 'string') return `Write texts in quotes: '${written}'.`;
  if (type === 'date' || type === 'integer') return hint;
  const isQuoted = kind === 'text' && /^-?\d+(\.\d+)?%?$/.test(value);
  return isQuoted ? `Write numbers without quotes: ${value}.` : hint;
}

const FRACTIONS: readonly Measure[] = ['fraction', 'variation'];

/**
 * A warning about a value that is valid but probably a mistake: 35 in a column of fractions, 05 that may be part of
 * 0,05, 1.500 that may be a thousand and a half, a ticker in lower case.
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
  if (value.endsWith('%')) return undefined;
  if (FRACTIONS.includes(getMeasure(column.name))) {
    if (Math.abs(Number(value)) < 2) return undefined;
    return `${column.name} holds fractions: ${value} means ${Number(`${value}e2`)}%. For ${value}% write ${value}%.`;
  }
  if (!/^-?[1-9]\d{0,2}\.\d{3}$/.test(value)) return undefined;
  return `The point of ${value} begins its decimals: for thousands write ${value.replace('.', '')}.`;
}

/** A warning about a range that nothing is in. */
export function findReversedRange(
  { name }: ResultColumn,
  low: Operand,
  high: Operand,
): string | undefined {
  if ('column' in low || 'column' in high) return undefined;
  const isNumeric = low.type === 'double' || low.type === 'bigint';
  const isReversed = isNumeric ? Number(low.text) > Number(high.text) : low.text > high.text;
  return isReversed
    ? `${name}: between takes the lowest value first, and nothing is between these two.`
    : undefined;
}

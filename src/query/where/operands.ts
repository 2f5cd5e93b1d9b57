/**
 * The right-hand sides of conditions, parsed by the type of the column on the left. Pure.
 */

import type { Column, ColumnType } from '../../catalog/column.ts';
import { fractionColumns } from '../../catalog/datasets.ts';
import { isoDate, PARTITION_COLUMN, suggestIsoDate, toPartition } from '../../catalog/partition.ts';
import { tickerColumns } from '../../catalog/tables.ts';
import { toTicker } from '../../catalog/ticker.ts';
import { UsageError } from '../../errors.ts';
import { quoteLiteral } from '../sql.ts';
import type { Operand } from './condition.ts';
import type { Token } from './lexer.ts';

/** @throws UsageError where the two cannot be compared */
export function toColumnOperand(column: Column, left: Column): Operand {
  const alike =
    column.type === left.type ||
    (isNumber(column) && isNumber(left) && ![column.name, left.name].includes(PARTITION_COLUMN));
  if (alike) return { column };
  const [it, other] = [left, column].map((each) => KIND_DESCRIPTIONS[getKind(each)].is);
  throw new UsageError(
    `${left.name} is ${it} and ${column.name} ${it === other ? 'of another kind' : other}: they do not compare`,
  );
}

/** What Athena takes as one parameter, the quotes of a text among them: neither lake takes more. */
const MAX_PARAMETER_LENGTH = 1_024;

/** The text, which both lakes take as a parameter. @throws UsageError where it is too long for that */
export function toParameter(text: string): string {
  if (quoteLiteral(text).length <= MAX_PARAMETER_LENGTH) return text;
  throw new UsageError(
    `a text has at most ${MAX_PARAMETER_LENGTH} characters, its quotes among them; ` +
      `${JSON.stringify(`${text.slice(0, 20)}…`)} has ${quoteLiteral(text).length}`,
  );
}

/** The value that a token is in this column. @throws UsageError where it is none of its type */
export function parseLiteral(column: Column, token: Token): Operand {
  const value =
    column.name === PARTITION_COLUMN
      ? parsePartitionLiteral(token)
      : LITERAL_PARSERS[column.type](token);
  if (value !== undefined) return value;
  const { is } = KIND_DESCRIPTIONS[getKind(column)];
  throw new UsageError(`${column.name} is ${is}, and ${token.source} is none`, {
    hint: getFormatHint(column, token),
  });
}

/** How what stands there would be a value of the column. */
export function getFormatHint(column: Column, { kind, value, source: written }: Token): string {
  const wanted = getKind(column);
  if (wanted === 'string') return `Texts stand in quotes: '${written}'.`;
  if (wanted === 'date') {
    const iso = suggestIsoDate(value);
    return iso === undefined ? KIND_DESCRIPTIONS.date.wants : `For ${written} write ${iso}.`;
  }
  const isQuoted = kind === 'text' && /^-?\d+(\.\d+)?%?$/.test(value);
  return isQuoted ? `Numbers stand without quotes: ${value}.` : KIND_DESCRIPTIONS[wanted].wants;
}

/** What is hardly meant as it is written: 35 where 0.35 is stored, 05 of 0,05, a ticker in small letters. */
export function findLikelyMistake(
  column: Column,
  { kind, value, source: written }: Token,
): string | undefined {
  const ticker =
    kind === 'text' && tickerColumns.includes(column.name) ? toTicker(value) : undefined;
  if (ticker !== undefined && ticker !== value) {
    return `Tickers are stored in capitals: for ${written} write '${ticker}'.`;
  }
  if (kind !== 'number') return undefined;
  if (/^-?0\d/.test(value)) {
    return `A fraction is written with a point, 0.05: ${value} there is ${Number.parseFloat(value)}.`;
  }
  if (value.endsWith('%') || !fractionColumns.has(column.name) || Math.abs(Number(value)) < 2)
    return undefined;
  return `${column.name} holds fractions: ${value} there is ${Number(`${value}e2`)}%. For ${value}% write ${value}%.`;
}

/** The partition is a number that stands for a day. */
function getKind({ name, type }: Column): ColumnType {
  return name === PARTITION_COLUMN ? 'date' : type;
}

const LITERAL_PARSERS: Readonly<Record<ColumnType, (token: Token) => Operand | undefined>> = {
  string: ({ kind, value }) =>
    kind === 'text' ? { type: 'string', text: toParameter(value) } : undefined,
  double: parseNumberLiteral,
  bigint: (token) => {
    if (token.kind !== 'number' || token.value.endsWith('%')) return undefined;
    const whole = /^-?\d+$/.test(token.value) && Number.isSafeInteger(Number(token.value));
    return whole ? { type: 'bigint', text: token.value } : parseNumberLiteral(token);
  },
  date: (token) => {
    const iso = parseDayLiteral(token);
    return iso === undefined ? undefined : { type: 'date', text: iso };
  },
};

/** `35%` is 0.35: what the site prints with a % is a fraction here. */
function parseNumberLiteral({ kind, value }: Token): Operand | undefined {
  if (kind !== 'number') return undefined;
  const number = value.endsWith('%') ? percentToFraction(value.slice(0, -1)) : Number(value);
  return Number.isFinite(number) ? { type: 'double', text: String(number) } : undefined;
}

/** By its digits: a division would make 0.06899999999999999 of 6.9%. */
function percentToFraction(text: string): number {
  const [digits = '', exponent = '0'] = text.toLowerCase().split('e');
  return Number(`${digits}e${Number(exponent) - 2}`);
}

/** A day is written as one, or as the number that the column holds. */
function parsePartitionLiteral(token: Token): Operand | undefined {
  const partition = ['date', 'text', 'number'].includes(token.kind)
    ? toPartition(token.value)
    : undefined;
  return partition === undefined ? undefined : { type: 'integer', text: String(partition) };
}

function parseDayLiteral({ kind, value }: Token): string | undefined {
  const partition = ['date', 'text', 'number'].includes(kind) ? toPartition(value) : undefined;
  return partition === undefined ? undefined : isoDate(partition);
}

function isNumber({ type }: Column): boolean {
  return type === 'double' || type === 'bigint';
}

const NUMBER_HINT = 'Write it with a point and no thousands: 1234.5.';
const KIND_DESCRIPTIONS: Readonly<
  Record<ColumnType, { readonly is: string; readonly wants: string }>
> = {
  string: { is: 'a text', wants: "Texts stand in quotes: 'Bancos'." },
  double: { is: 'a number', wants: `${NUMBER_HINT} 35% is 0.35.` },
  bigint: { is: 'a whole number', wants: NUMBER_HINT },
  date: { is: 'a day', wants: 'Write a day that exists as YYYY-MM-DD, such as 2026-11-20.' },
};

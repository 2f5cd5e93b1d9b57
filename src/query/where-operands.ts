/** The right-hand sides of conditions, typed by the column on the left. Pure. */
import { fractionColumns } from '../catalog/asset.ts';
import type { Column, ColumnType } from '../catalog/column.ts';
import { isoDate, isoMeant, PARTITION_COLUMN, toPartition } from '../catalog/partition.ts';
import { tickerColumns } from '../catalog/tables.ts';
import { toTicker } from '../catalog/ticker.ts';
import { UsageError } from '../errors.ts';
import type { Operand } from './condition.ts';
import { literal } from './sql-names.ts';
import type { Token } from './where-tokens.ts';

/** @throws UsageError where the two cannot be compared */
export function columnAsOperand(column: Column, left: Column): Operand {
  const alike =
    column.type === left.type ||
    (isNumber(column) && isNumber(left) && ![column.name, left.name].includes(PARTITION_COLUMN));
  if (alike) return { column };
  const [it, other] = [left, column].map((each) => WANTED[kindOf(each)].is);
  throw new UsageError(
    `${left.name} is ${it} and ${column.name} ${it === other ? 'of another kind' : other}: they do not compare`,
  );
}

/** What Athena takes as one parameter, the quotes of a text among them: neither lake takes more. */
const LONGEST_PARAMETER = 1_024;

/** The text, which both lakes take as a parameter. @throws UsageError where it is too long for that */
export function bindable(text: string): string {
  if (literal(text).length <= LONGEST_PARAMETER) return text;
  throw new UsageError(
    `a text has at most ${LONGEST_PARAMETER} characters, its quotes among them; ` +
      `${JSON.stringify(`${text.slice(0, 20)}…`)} has ${literal(text).length}`,
  );
}

/** The value that a token is in this column. @throws UsageError where it is none of its type */
export function literalFor(column: Column, token: Token): Operand {
  const value =
    column.name === PARTITION_COLUMN ? partitionValue(token) : VALUES[column.type](token);
  if (value !== undefined) return value;
  const { is } = WANTED[kindOf(column)];
  throw new UsageError(`${column.name} is ${is}, and ${token.written} is none`, {
    hint: howToWrite(column, token),
  });
}

/** How what stands there would be a value of the column. */
export function howToWrite(column: Column, { kind, value, written }: Token): string {
  const wanted = kindOf(column);
  if (wanted === 'string') return `Texts stand in quotes: '${written}'.`;
  if (wanted === 'date') {
    const iso = isoMeant(value);
    return iso === undefined ? WANTED.date.wants : `For ${written} write ${iso}.`;
  }
  const isQuoted = kind === 'text' && /^-?\d+(\.\d+)?%?$/.test(value);
  return isQuoted ? `Numbers stand without quotes: ${value}.` : WANTED[wanted].wants;
}

/** What is hardly meant as it is written: 35 where 0.35 is stored, 05 of 0,05, a ticker in small letters. */
export function doubtAbout(column: Column, { kind, value, written }: Token): string | undefined {
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
function kindOf({ name, type }: Column): ColumnType {
  return name === PARTITION_COLUMN ? 'date' : type;
}

const VALUES: Readonly<Record<ColumnType, (token: Token) => Operand | undefined>> = {
  string: ({ kind, value }) =>
    kind === 'text' ? { type: 'string', text: bindable(value) } : undefined,
  double: numberValue,
  bigint: (token) => {
    if (token.kind !== 'number' || token.value.endsWith('%')) return undefined;
    const whole = /^-?\d+$/.test(token.value) && Number.isSafeInteger(Number(token.value));
    return whole ? { type: 'bigint', text: token.value } : numberValue(token);
  },
  date: (token) => {
    const iso = dayOf(token);
    return iso === undefined ? undefined : { type: 'date', text: iso };
  },
};

/** `35%` is 0.35: what the site prints with a % is a fraction here. */
function numberValue({ kind, value }: Token): Operand | undefined {
  if (kind !== 'number') return undefined;
  const number = value.endsWith('%') ? hundredth(value.slice(0, -1)) : Number(value);
  return Number.isFinite(number) ? { type: 'double', text: String(number) } : undefined;
}

/** By its digits: a division would make 0.06899999999999999 of 6.9%. */
function hundredth(text: string): number {
  const [digits = '', exponent = '0'] = text.toLowerCase().split('e');
  return Number(`${digits}e${Number(exponent) - 2}`);
}

/** A day is written as one, or as the number that the column holds. */
function partitionValue(token: Token): Operand | undefined {
  const partition = ['date', 'text', 'number'].includes(token.kind)
    ? toPartition(token.value)
    : undefined;
  return partition === undefined ? undefined : { type: 'integer', text: String(partition) };
}

function dayOf({ kind, value }: Token): string | undefined {
  const partition = ['date', 'text', 'number'].includes(kind) ? toPartition(value) : undefined;
  return partition === undefined ? undefined : isoDate(partition);
}

function isNumber({ type }: Column): boolean {
  return type === 'double' || type === 'bigint';
}

const NUMBER = 'Write it with a point and no thousands: 1234.5.';
const WANTED: Readonly<Record<ColumnType, { readonly is: string; readonly wants: string }>> = {
  string: { is: 'a text', wants: "Texts stand in quotes: 'Bancos'." },
  double: { is: 'a number', wants: `${NUMBER} 35% is 0.35.` },
  bigint: { is: 'a whole number', wants: NUMBER },
  date: { is: 'a day', wants: 'Write a day that exists as YYYY-MM-DD, such as 2026-11-20.' },
};

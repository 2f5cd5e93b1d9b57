/** Parses a source's text to a typed value, or reports that the type cannot hold it. Pure. */
import type { Cell, ColumnType } from '../catalog/column.ts';
import type { Typing } from '../catalog/dataset.ts';

/** A value, perhaps absent, or text that the type cannot hold. Nothing is ever guessed. */
export type ParsedValue =
  | { readonly ok: true; readonly value: Cell }
  | { readonly ok: false; readonly text: string };

/** How a source writes numbers and dates. */
interface Notation {
  /** Sign, whole part, fraction, `%`. */
  readonly number: RegExp;
  readonly groupMark: string;
  /** With the groups `day`, `month` and `year`. */
  readonly date: RegExp;
}

const notations: Readonly<Record<Typing['notation'], Notation>> = {
  brazilian: {
    // Points group thousands, a comma starts the fraction, `%` may follow. No group of thousands begins with zero:
    // 0.970 is in another notation, and reading it as 970 would be a guess.
    number: /^([+-]?)([1-9]\d{0,2}(?:\.\d{3})+|\d+)(?:,(\d+))? ?(%?)$/,
    groupMark: '.',
    date: /^(?<day>\d{2})\/(?<month>\d{2})\/(?<year>\d{4})$/,
  },
  iso: {
    number: /^([+-]?)(\d+)(?:\.(\d+))? ?(%?)$/,
    groupMark: '',
    date: /^(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})$/,
  },
};

const MINUS_SIGN = '\u2212';
/** How an absent value is printed, with either minus sign. */
const ABSENT: ReadonlySet<string> = new Set(['', '-', MINUS_SIGN]);

/** Whether the page has no value there; null means that the page lacks the label. */
export function isAbsent(text: string | null): boolean {
  return text === null || ABSENT.has(text);
}

/**
 * The value of `text` as a column of type `type`.
 *
 * "" and "-" are how the site prints an absent value, and null is how SoR holds one whose label the
 * page lacks. Whatever is printed with % becomes a fraction: `-0,66%` is -0.0066. A date becomes
 * `YYYY-MM-DD`. An integer beyond 2^53 is refused, for it would not be stored exactly.
 */
export function parseValue(
  text: string | null,
  type: ColumnType,
  notation: Typing['notation'] = 'brazilian',
): ParsedValue {
  if (text === null || isAbsent(text)) return { ok: true, value: null };
  const value = parsers[type](text, notations[notation]);
  return value === undefined ? { ok: false, text } : { ok: true, value };
}

/**
 * The value of `text` in a column. A fraction is printed with %: a number without it is refused, for whether the
 * source means 35 or 0.35 would be a guess. Zero is zero in any unit.
 */
export function parseCell(
  text: string | null,
  { type, isFraction }: { readonly type: ColumnType; readonly isFraction: boolean },
  notation?: Typing['notation'],
): ParsedValue {
  const parsed = parseValue(text, type, notation);
  if (!isFraction || text === null || text.endsWith('%')) return parsed;
  return parsed.ok && parsed.value ? { ok: false, text } : parsed;
}

type Parser = (text: string, notation: Notation) => string | number | boolean | undefined;

const parsers: Readonly<Record<ColumnType, Parser>> = {
  string: (text) => text,
  double: parseDouble,
  bigint: parseInteger,
  date: parseDate,
  boolean: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
};

function parseDouble(text: string, notation: Notation): number | undefined {
  return parseNumber(text, notation)?.value;
}

interface ParsedNumber {
  readonly value: number;
  /** The digits behind the decimal mark. */
  readonly fraction: string;
}

function parseNumber(text: string, { number, groupMark }: Notation): ParsedNumber | undefined {
  const match = number.exec(text.replace(MINUS_SIGN, '-'));
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = '0', percent] = match;
  const digits = groupMark === '' ? whole : whole.replaceAll(groupMark, '');
  // The exponent shifts the decimal point in the text, so that the nearest double is found once:
  // dividing by 100 afterwards would round twice (0.57 / 100 is not 0.0057).
  const value = Number(`${sign}${digits}.${fraction}e${percent ? -2 : 0}`);
  if (!Number.isFinite(value)) return undefined;
  return { value: value === 0 ? 0 : value, fraction }; // "-0,00%" is zero, not minus zero
}

function parseInteger(text: string, notation: Notation): number | undefined {
  if (text.endsWith('%')) return undefined;
  const number = parseNumber(text, notation);
  if (number === undefined || /[1-9]/.test(number.fraction)) return undefined;
  return Number.isSafeInteger(number.value) ? number.value : undefined;
}

function parseDate(text: string, notation: Notation): string | undefined {
  const { day, month, year } = notation.date.exec(text)?.groups ?? {};
  if (!day || !month || !year) return undefined;
  const iso = `${year}-${month}-${day}`;
  const date = new Date(`${iso}T00:00:00Z`);
  // Date takes 31 February for 3 March: a day exists where it comes back unchanged.
  const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(iso);
  return exists && year !== '0000' ? iso : undefined;
}

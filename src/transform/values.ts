/** The site's printed text to a typed value, or the plain statement that it is none. Pure. */
import type { Cell, ColumnType, IndicatorColumn } from '../catalog/column.ts';

/** A value, perhaps absent, or text that the type cannot hold. Nothing is ever guessed. */
export type ParsedValue =
  | { readonly ok: true; readonly value: Cell }
  | { readonly ok: false; readonly text: string };

/**
 * Brazilian notation: points group thousands, a comma starts the fraction, `%` may follow. No group of
 * thousands begins with zero: 0.970 is in another notation, and reading it as 970 would be a guess.
 */
const NUMBER = /^([+-]?)([1-9]\d{0,2}(?:\.\d{3})+|\d+)(?:,(\d+))? ?(%?)$/;
const DATE = /^(\d{2})\/(\d{2})\/(\d{4})$/;
const MINUS_SIGN = '\u2212';
/** How an absent value is printed, whichever minus is taken for it. */
const ABSENT: ReadonlySet<string> = new Set(['', '-', MINUS_SIGN]);

/** Whether the page has no value there; null stands for a label that the page lacks. */
export function isAbsent(text: string | null): boolean {
  return text === null || ABSENT.has(text);
}

/**
 * The value of `text` as a column of type `type`.
 *
 * "" and "-" are how the site prints an absent value, and null is how SoR holds one whose label the
 * page lacks. Whatever is printed with % becomes a fraction: `-0,66%` is -0.0066. A date becomes
 * `YYYY-MM-DD`. An integer beyond 2^53 is refused, for it would not arrive exactly.
 */
export function parseValue(text: string | null, type: ColumnType): ParsedValue {
  if (text === null || isAbsent(text)) return { ok: true, value: null };
  const value = parsers[type](text);
  return value === undefined ? { ok: false, text } : { ok: true, value };
}

/**
 * The value of `text` under the label of `column`. A fraction is printed with %: a number without it is
 * refused, for whether the page means 35 or 0.35 would be a guess. Zero is zero in any unit.
 */
export function parseIndicator(
  text: string | null,
  column: Pick<IndicatorColumn, 'type' | 'fraction'>,
): ParsedValue {
  const parsed = parseValue(text, column.type);
  if (!column.fraction || text === null || text.endsWith('%')) return parsed;
  return parsed.ok && parsed.value ? { ok: false, text } : parsed;
}

const parsers: Readonly<Record<ColumnType, (text: string) => string | number | undefined>> = {
  string: (text) => text,
  double: parseDouble,
  bigint: parseInteger,
  date: parseDate,
};

function parseDouble(text: string): number | undefined {
  const match = NUMBER.exec(text.replace(MINUS_SIGN, '-'));
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = '0', percent] = match;
  // The exponent shifts the decimal point in the text, so that the nearest double is found once:
  // dividing by 100 afterwards would round twice (0.57 / 100 is not 0.0057).
  const value = Number(`${sign}${whole.replaceAll('.', '')}.${fraction}e${percent ? -2 : 0}`);
  if (!Number.isFinite(value)) return undefined;
  return value === 0 ? 0 : value; // "-0,00%" is zero, not minus zero
}

function parseInteger(text: string): number | undefined {
  if (text.endsWith('%')) return undefined;
  const value = parseDouble(text);
  return Number.isSafeInteger(value) && !/,\d*[1-9]/.test(text) ? value : undefined;
}

function parseDate(text: string): string | undefined {
  const [, day, month, year] = DATE.exec(text) ?? [];
  if (!day || !month || !year) return undefined;
  const iso = `${year}-${month}-${day}`;
  const date = new Date(`${iso}T00:00:00Z`);
  // Date takes 31 February for 3 March: a day exists when it comes back as it went in.
  const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(iso);
  return exists && year !== '0000' ? iso : undefined;
}

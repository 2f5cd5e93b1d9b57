/**
 * Values as people read them: `19/11/2026`, `+1,41%`, `195,1 bi`. For screens and reports alone: csv, json and Parquet
 * have every value as it is stored. Pure.
 */
import type { Measure } from '../catalog/measure.ts';

export const locales = ['pt-BR', 'en'] as const;

/** `pt-BR`: 19/11/2026 and 1.234,56; `en`: 2026-11-19 and 1,234.56. */
export type Locale = (typeof locales)[number];

/** How the language of a locale abbreviates a thousand, a million, a billion and a trillion. */
const SCALES: Readonly<Record<Locale, readonly (readonly [number, string])[]>> = {
  'pt-BR': [
    [1e12, ' tri'],
    [1e9, ' bi'],
    [1e6, ' mi'],
    [1e3, ' mil'],
  ],
  en: [
    [1e12, 'T'],
    [1e9, 'B'],
    [1e6, 'M'],
    [1e3, 'K'],
  ],
};

const formats = new Map<string, Intl.NumberFormat>();

/** A number with thousands apart, and at least and at most so many decimals. Half is rounded away from zero. */
export function formatNumber(value: number, locale: Locale, fewest = 2, most = fewest): string {
  const key = `${locale} ${fewest} ${most}`;
  let format = formats.get(key);
  if (format === undefined) {
    const digits = { minimumFractionDigits: fewest, maximumFractionDigits: most };
    format = new Intl.NumberFormat(locale, digits);
    formats.set(key, format);
  }
  const text = format.format(value);
  // What rounds to zero has no sign.
  return /[1-9]/.test(text) ? text : text.replace(/^-/, '');
}

/** A fraction with two decimals as a percentage: 0.0141 is `1,41%`, or `+1,41%` if its sign matters. */
export function formatPercentage(value: number, locale: Locale, isSigned = false): string {
  const text = formatNumber(toHundredths(value), locale);
  return `${isSigned && value > 0 && /[1-9]/.test(text) ? '+' : ''}${text}%`;
}

/** Times 100 without the error of a product: 0.0715 is 7.15, not 7.1499999999999995. */
function toHundredths(value: number): number {
  const [digits = '', exponent = '0'] = String(value).split('e');
  return Number(`${digits}e${Number(exponent) + 2}`);
}

/** An amount in its largest unit, with one decimal: `195,1 bi`, `12,4 mi`, `980`. */
export function formatAmount(value: number, locale: Locale): string {
  const size = Math.abs(value);
  // 999,950 would round to 1,000.0 thousand, which is a million.
  const scale = SCALES[locale].find(([unit]) => Math.round(size / (unit / 10_000)) >= 10_000);
  if (scale === undefined) return formatNumber(value, locale, 0, 2);
  return `${formatNumber(value / scale[0], locale, 1)}${scale[1]}`;
}

/** A day: `19/11/2026`, or `2026-11-19` in English. What is no day is returned as it is. */
export function formatDay(day: string, locale: Locale): string {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day) ?? [];
  if (year === undefined) return day;
  return locale === 'pt-BR' ? `${date}/${month}/${year}` : day;
}

/** A day of a year that is known: `19/11`, or `11-19` in English. */
export function formatDayOfYear(day: string, locale: Locale): string {
  const text = formatDay(day, locale);
  return locale === 'pt-BR' ? text.slice(0, 'DD/MM'.length) : text.slice('YYYY-'.length);
}

/** A year or a month, of which some days may be missing. */
interface Period {
  readonly label: string;
  /** The first day that counts, YYYY-MM-DD, where that is not the period's own. */
  readonly since?: string;
  /** The last day that counts, where that is not the period's own. */
  readonly until?: string;
}

/**
 * `2025`, or of a part `2026 (to 19/11)`.
 * @param words those before the first and the last day
 */
export function formatPeriod(
  { label, since, until }: Period,
  locale: Locale,
  words: { readonly since: string; readonly until: string },
): string {
  const parts = [
    ...(since === undefined ? [] : [`${words.since} ${formatDayOfYear(since, locale)}`]),
    ...(until === undefined ? [] : [`${words.until} ${formatDayOfYear(until, locale)}`]),
  ];
  return parts.length === 0 ? label : `${label} (${parts.join(' ')})`;
}

/** The decimals of a price: two or, far below a real, those of three digits: 0.00421 of a price after many splits. */
export function choosePriceDecimals(price: number): number {
  const size = Math.abs(price);
  return size >= 0.1 || size === 0 ? 2 : Math.min(10, 2 - Math.floor(Math.log10(size)));
}

function formatPrice(value: number, locale: Locale): string {
  return formatNumber(value, locale, 2, choosePriceDecimals(value));
}

/** The number of a day, such as 20261119. */
function formatDayCode(value: number, locale: Locale): string {
  return formatDay(String(value).replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3'), locale);
}

/** A whole number with thousands apart; four digits are not parted, as no year is. */
function groupDigits(digits: string, locale: Locale): string {
  if (digits.length < 5) return digits;
  return digits.replace(/\B(?=(?:\d{3})+$)/g, locale === 'pt-BR' ? '.' : ',');
}

/** A day of a sentence: no part of a path, a time, or a value that is quoted or follows an option. */
const DAY_IN_TEXT = /(?<![\w/=."'-]|--[a-z-]+ )\d{4}-\d{2}-\d{2}(?![\w/"'-]|\.\w)/g;

/** What sentences count. Other numbers, such as of a process, are names. */
const COUNTED = [
  ...['amounts', 'artifacts', 'assets', 'bytes', 'columns', 'days', 'events', 'files', 'issuers'],
  ...['keys', 'labels', 'messages', 'names', 'notes', 'objects', 'pages', 'papers', 'partitions'],
  ...['payments', 'problems', 'quotes', 'reports', 'requests', 'rows', 'sessions', 'starts'],
  ...['tables', 'tickers', 'tries', 'values', 'versions', 'years'],
];
const ADJECTIVES = [
  ...['duplicate', 'incomplete', 'intermediate', 'known', 'more', 'old', 'older', 'other'],
  'trading',
];

const COUNT_IN_TEXT = new RegExp(
  `(?<![\\w/=.,"'-])\\d{4,}(?= (?:of \\d+ )?(?:(?:${ADJECTIVES.join('|')}) )?(?:${COUNTED.join('|')})\\b)`,
  'g',
);

const MEASURED_IN_TEXT = /(?<![\w/=.,"'-])\d+\.\d+(?= (?:s|kB|MB|GB)\b)/g;

/**
 * A message with its days, counts and sizes in a locale's notation: `the last day is 18/11/2026`, `12.345 rows`,
 * `0,6 s`. Commands between backticks, and lines that are indented by two spaces, stay as they are typed.
 */
export function formatProse(text: string, locale: Locale): string {
  return text
    .split('\n')
    .map((line) => (line.startsWith('  ') ? line : formatSentences(line, locale)))
    .join('\n');
}

function formatSentences(line: string, locale: Locale): string {
  return line
    .split('`')
    .map((part, at) =>
      at % 2 === 1
        ? part
        : part
            .replace(DAY_IN_TEXT, (day) => formatDay(day, locale))
            .replace(MEASURED_IN_TEXT, (digits) => formatExact(digits, locale))
            .replace(COUNT_IN_TEXT, (digits) => formatNumber(Number(digits), locale, 0)),
    )
    .join('`');
}

/** The digits of a decimal that every double keeps: what arithmetic adds behind them is no digit of the result. */
const EXACT_DIGITS = 15;

/**
 * A number of which nothing is known in a locale's notation, with all digits that are exact. What is no number is
 * returned as it is.
 */
export function formatExact(value: number | bigint | string, locale: Locale): string {
  const text = typeof value === 'number' ? Number(value.toPrecision(EXACT_DIGITS)) : value;
  const [, sign, whole, decimals, exponent] =
    /^([-+]?)(\d+)(?:\.(\d+))?(e[-+]?\d+)?$/.exec(String(text)) ?? [];
  if (whole === undefined) return String(value);
  const fraction = decimals === undefined ? '' : `${locale === 'pt-BR' ? ',' : '.'}${decimals}`;
  return `${sign}${groupDigits(whole, locale)}${fraction}${exponent ?? ''}`;
}

const MEASURES: Readonly<Record<Measure, (value: number, locale: Locale) => string>> = {
  variation: (value, locale) => formatPercentage(value, locale, true),
  fraction: (value, locale) => formatPercentage(value, locale),
  price: formatPrice,
  payment: (value, locale) => formatNumber(value, locale, 2, 8),
  amount: formatAmount,
  count: (value, locale) => formatNumber(value, locale, 0, 2),
  ratio: (value, locale) => formatNumber(value, locale),
  factor: (value, locale) => formatNumber(value, locale, 0, 10),
  day: formatDayCode,
  code: (value) => String(value),
};

/** A number as its measure is read. A number that is none is a dash. */
export function formatMeasure(value: number, measure: Measure, locale: Locale): string {
  return Number.isFinite(value) ? MEASURES[measure](value, locale) : '-';
}

/**
 * Values as people read them: `29/11/2026`, `+1,41%`, `195,1 bi`. For screens and reports alone: csv, json and Parquet
 * have every value as it is stored. Pure.
 */
import type { Measure } from '../catalog/measure.ts';

export const locales = ['pt-BR', 'en'] as const;

/** `pt-BR`: 29/11/2026 and 1.234,56; `en`: 2026-11-29 and 1,234.56. */
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

/** A day: `29/11/2026`, or `2026-11-29` in English. What is no day is returned as it is. */
export function formatDay(day: string, locale: Locale): string {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day) ?? [];
  if (year === undefined) return day;
  return locale === 'pt-BR' ? `${date}/${month}/${year}` : day;
}

const MEASURES: Readonly<Record<Measure, (value: number, locale: Locale) => string>> = {
  variation: (value, locale) => formatPercentage(value, locale, true),
  fraction: (value, locale) => formatPercentage(value, locale),
  price: (value, locale) => formatNumber(value, locale),
  payment: (value, locale) => formatNumber(value, locale, 2, 8),
  amount: formatAmount,
  count: (value, locale) => formatNumber(value, locale, 0, 2),
  ratio: (value, locale) => formatNumber(value, locale),
  factor: (value, locale) => formatNumber(value, locale, 0, 10),
  code: (value) => String(value),
};

/** A number as its measure is read. A number that is none is a dash. */
export function formatMeasure(value: number, measure: Measure, locale: Locale): string {
  return Number.isFinite(value) ? MEASURES[measure](value, locale) : '-';
}

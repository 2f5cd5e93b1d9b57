/** How it is written: what to say where a condition cannot be read on, by what people type out of habit. Pure. */

/** Other languages' words and signs for what there is here. */
const WORDS: Readonly<Record<string, string>> = {
  ...{ '=>': '>=', '=<': '<=', '≥': '>=', '≤': '<=', '≠': '!=' },
  ...{ '&&': 'and', '&': 'and', e: 'and', '||': 'or', '|': 'or', ou: 'or' },
  ...{ '!': 'not', não: 'not', nao: 'not', entre: 'between', em: 'in' },
};

const LIKE = "Part of a text: like 'Banc%' for its beginning, like '%anc%' for anywhere in it.";
const ARITHMETIC = 'There is no arithmetic here: `pynvest query sql` calculates.';
const QUOTED_TEXT = "Texts stand in straight quotes: 'Bancos'.";
const PLAIN_COLUMN = 'Columns stand as they are, without quotes: vlr_cot.';
const SAID: Readonly<Record<string, string>> = {
  ...{ ilike: LIKE, contains: LIKE, startswith: LIKE, regexp: LIKE, rlike: LIKE, '~': LIKE },
  ...{ '*': ARITHMETIC, '/': ARITHMETIC, '+': ARITHMETIC, '-': ARITHMETIC, '−': ARITHMETIC },
  ...{ '‘': QUOTED_TEXT, '’': QUOTED_TEXT, '“': QUOTED_TEXT, '”': QUOTED_TEXT },
  ...{ '`': PLAIN_COLUMN, '[': PLAIN_COLUMN },
  ...{ null: 'A value that is absent: is null. One that is there: is not null.' },
  ...{ order: '--sort vlr_cot:desc sorts.', limit: '--limit 20 limits.' },
  ...{ where: 'Leave the word where out.', '.': 'Columns stand without a table: vlr_cot.' },
  ...{ $: 'Numbers stand without a currency: 10.5.', ';': 'Leave the ; out.' },
  '%': "A % stands behind a number, 35%, or in a text in quotes: 'Banc%'.",
};

const NUMBER = 'Numbers are written with a point and no thousands: 1234.5.';
export const ANY_VALUE = "Numbers are written 1.5 or 35%, texts 'Bancos', days 2026-11-20.";
export const SUCH_AS = 'Such as: vlr_cot > 10 and pct_var_12m >= 35%.';
export const JOINED = 'Conditions are joined by and, or: vlr_cot > 10 and pct_var_12m >= 35%.';
export const COLUMN_FIRST = 'A column comes first: vlr_cot > 10.';
export const NO_FUNCTIONS = 'Functions are for `pynvest query sql`.';
export const SHELL =
  'The whole condition stands in quotes, --where "vlr_cot > 10": without them a shell takes > and < for files.';

/** What is written here for a word or a sign that means something elsewhere. */
export function hintAtWord(written: string): string | undefined {
  const word = written.toLowerCase();
  const here = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  if (here !== undefined) return `For ${written} write ${here}.`;
  return Object.hasOwn(SAID, word) ? SAID[word] : undefined;
}

/** For text that begins no word, no value and no sign that a condition has. */
export function hintAtText(rest: string): string {
  if (/^\.?\d/.test(rest)) return hintAtNumber(rest) ?? NUMBER;
  const sign = /^(?:&&|\|\|)/.exec(rest)?.[0] ?? [...rest][0];
  return hintAtWord(sign ?? '') ?? ANY_VALUE;
}

/** For a number with commas, or with points between its thousands; undefined where `rest` begins with none. */
export function hintAtNumber(rest: string): string | undefined {
  const written = /^-?\d+(?:[.,]\d+)+/.exec(rest)?.[0];
  if (written === undefined) return undefined;
  const plain = plainNumber(written);
  return plain === undefined ? NUMBER : `For ${written} write ${plain}.`;
}

/** Undefined where it could be two numbers: 1,000 is a thousand to some and one to others. */
function plainNumber(written: string): string | undefined {
  if (/^-?\d{1,3}(?:\.\d{3})+,\d+$/.test(written)) {
    return written.replaceAll('.', '').replace(',', '.');
  }
  if (/^-?\d{1,3}(?:\.\d{3}){2,}$/.test(written)) return written.replaceAll('.', '');
  if (/^-?\d{1,3}(?:,\d{3}){2,}$/.test(written)) return written.replaceAll(',', '');
  if (/^-?\d+,\d+$/.test(written) && !/^-?[1-9]\d{0,2},\d{3}$/.test(written)) {
    return written.replace(',', '.');
  }
  return undefined;
}

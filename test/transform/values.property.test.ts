import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ColumnType } from '../../src/catalog/column.ts';
import { type ParsedValue, parseCell, parseValue } from '../../src/transform/values.ts';
import { anyCharacter } from '../support/characters.ts';

const TYPES: readonly ColumnType[] = ['string', 'double', 'bigint', 'date'];

/** -0 and 0 are the same number to a person. */
function unsigned(value: number): number {
  return value === 0 ? 0 : value;
}

function parsed(value: number): ParsedValue {
  return { ok: true, value: unsigned(value) };
}

const digits = (min: number, max: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: min, maxLength: max });
const sign = fc.constantFrom('', '-');
const whole = fc.nat(Number.MAX_SAFE_INTEGER);

/** A number's text in Brazilian notation, and the same in the notation of JavaScript. */
const decimal = fc.record({ sign, whole, fraction: digits(0, 12) }).map((parts) => {
  const comma = parts.fraction === '' ? '' : `,${parts.fraction}`;
  const point = parts.fraction === '' ? '' : `.${parts.fraction}`;
  return {
    printed: `${parts.sign}${parts.whole.toLocaleString('pt-BR')}${comma}`,
    plain: `${parts.sign}${parts.whole}${point}`,
  };
});

/** Text that looks much like a value, and text that looks like anything. */
const anyText = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'0123456789.,-+% /'), maxLength: 14 }),
  fc.string({ unit: anyCharacter }),
  fc.string({ unit: 'grapheme' }),
  decimal.map(({ printed }) => printed),
  fc.tuple(decimal, fc.string({ maxLength: 2 })).map(([{ printed }, tail]) => printed + tail),
  fc.constantFrom('__proto__', 'constructor', 'toString'),
);

describe('reading a value', () => {
  it('gives back any whole number from its text in Brazilian notation', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const text = value.toLocaleString('pt-BR');
        expect(parseValue(text, 'bigint')).toStrictEqual(parsed(value));
        expect(parseValue(text, 'double')).toStrictEqual(parsed(value));
        expect(parseValue(`${text},00`, 'bigint')).toStrictEqual(parsed(value));
        expect(parseValue(String(value), 'bigint')).toStrictEqual(parsed(value));
      }),
    );
  });

  it('gives back any double from its text in Brazilian notation', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = value.toLocaleString('pt-BR', { maximumSignificantDigits: 17 });
        expect(parseValue(text, 'double')).toStrictEqual(parsed(value));
      }),
    );
  });

  it('finds the double nearest to a decimal text', () => {
    fc.assert(
      fc.property(decimal, ({ printed, plain }) => {
        expect(parseValue(printed, 'double')).toStrictEqual(parsed(Number(plain)));
      }),
    );
  });

  it('finds the double nearest to a percentage as a fraction', () => {
    fc.assert(
      fc.property(decimal, ({ printed, plain }) => {
        expect(parseValue(`${printed}%`, 'double')).toStrictEqual(parsed(Number(`${plain}e-2`)));
      }),
    );
  });

  it('takes a number for a fraction with % alone, and zero always', () => {
    fc.assert(
      fc.property(decimal, fc.constantFrom('', '%', ' %'), ({ printed }, percent) => {
        const text = printed + percent;
        const value = parseValue(text, 'double');
        const refused = { ok: false, text };
        const isZero = /^[-0.,]*$/.test(printed);
        const asFraction = parseCell(text, { type: 'double', isFraction: true });
        const asOther = parseCell(text, { type: 'double', isFraction: false });
        expect(asFraction).toStrictEqual(isZero || percent !== '' ? value : refused);
        expect(asOther).toStrictEqual(value);
      }),
    );
  });

  it('takes a percentage of two decimals as hundredths of hundredths, exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: -99_999, max: 99_999 }), (hundredths) => {
        const text = `${(hundredths / 100).toFixed(2).replace('.', ',')}%`;
        expect(parseValue(text, 'double')).toStrictEqual(parsed(hundredths / 10_000));
      }),
    );
  });

  it('changes the sign of the value with the sign of the text, whichever minus it is', () => {
    const positive = decimal.map(({ printed }) => printed.replace('-', ''));
    fc.assert(
      fc.property(positive, fc.constantFrom('', '%'), (text, percent) => {
        const up = parseValue(text + percent, 'double');
        const down = parseValue(`-${text}${percent}`, 'double');
        if (!up.ok || typeof up.value !== 'number') throw new Error(`${text} is a number`);
        expect(down).toStrictEqual(parsed(-up.value));
        expect(parseValue(`\u2212${text}${percent}`, 'double')).toStrictEqual(down);
      }),
    );
  });

  it('takes a whole number only where the text is one', () => {
    fc.assert(
      fc.property(whole, digits(1, 8), (value, fraction) => {
        const text = `${value.toLocaleString('pt-BR')},${fraction}`;
        expect(parseValue(text, 'bigint').ok).toBe(/^0+$/.test(fraction));
      }),
    );
  });

  it('gives back any day from its text', () => {
    const days = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(days, (date) => {
        const iso = date.toISOString().slice(0, 10);
        const text = iso.split('-').reverse().join('/');
        expect(parseValue(text, 'date')).toStrictEqual({ ok: true, value: iso });
      }),
    );
  });

  it('takes three numbers for a day only where the calendar has it', () => {
    const two = (value: number): string => String(value).padStart(2, '0');
    const years = fc.integer({ min: 1900, max: 2100 });
    fc.assert(
      fc.property(fc.nat(33), fc.nat(14), years, (day, month, year) => {
        const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate();
        const exists = month >= 1 && month <= 12 && day >= 1 && day <= lastDay;
        expect(parseValue(`${two(day)}/${two(month)}/${year}`, 'date').ok).toBe(exists);
      }),
    );
  });

  it('never throws, and gives a value of the type or the same text and no value', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom(...TYPES), (text, type) => {
        const result = parseValue(text, type);
        if (!result.ok) expect(result).toStrictEqual({ ok: false, text });
        else expect(result.value).toSatisfy((value) => isOfType(value, type));
      }),
      { numRuns: 500 },
    );
  });
});

function isOfType(value: unknown, type: ColumnType): boolean {
  if (value === null) return true;
  if (type === 'string') return typeof value === 'string';
  if (type === 'date') return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value);
  if (Object.is(value, -0)) return false;
  return type === 'bigint' ? Number.isSafeInteger(value) : Number.isFinite(value);
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTicker, parseTickers, toNamedTicker, toTicker } from '../../src/catalog/ticker.ts';
import { UsageError } from '../../src/errors.ts';
import { anyCharacter } from '../support/characters.ts';

describe('a ticker', () => {
  it.each([
    ['PETR4', 'PETR4'],
    ['B3SA3', 'B3SA3'],
    ['HGLG11', 'HGLG11'],
    ['MRSA3B', 'MRSA3B'],
    ['TAEE11', 'TAEE11'],
    ['petr4', 'PETR4'],
    ['  Hglg11\t', 'HGLG11'],
    ['mrsa3b\n', 'MRSA3B'],
    ['PETR4F', 'PETR4F'],
    ['CTBA11B', 'CTBA11B'],
  ])('is read from %j as %s', (text, ticker) => {
    expect(toTicker(text)).toBe(ticker);
    expect(parseTicker(text)).toBe(ticker);
  });

  it.each([
    '',
    ' ',
    'PETR',
    'PET4',
    'PETRO4',
    'PETR444',
    'PETR4X',
    'PETR4SA',
    '3PET4',
    'PE TR4',
    'PETR4 VALE3',
    'PETR4,VALE3',
    '../PETR4',
    'PETR4/..',
    '..\\PETR4',
    '/etc/passwd',
    'PETR4&x=1',
    'PETR4?x',
    'PETR4#',
    'PETR%34',
    "PETR4'",
    "PETR4' OR '1'='1",
    'PETR4;--',
    'PETR4"',
    'PETR4\u0000',
    'PETR4\nX',
    'PÉTR4',
    'PETR٤',
    'PETR４',
    '<b>',
    '__proto__',
  ])('is not %j', (text) => {
    expect(toTicker(text)).toBeUndefined();
    expect(() => parseTicker(text)).toThrow(UsageError);
  });

  it.each([
    ['PETR4.SA', 'PETR4'],
    ['petr4.sa', 'PETR4'],
    ['PETR4F', 'PETR4'],
    ['HGLG11F', 'HGLG11'],
    ['MRSA3B', 'MRSA3B'],
    ['PETR4.SX', undefined],
    ['.SA', undefined],
    ['F', undefined],
  ])('that a person names %s is %s', (text, ticker) => {
    expect(toNamedTicker(text)).toBe(ticker);
    if (ticker !== undefined) expect(parseTickers(`VALE3,${text}`)).toEqual(['VALE3', ticker]);
  });

  it('that is none is named in the error, with what to write instead', () => {
    expect(() => parseTicker('../x')).toThrow('"../x"');
    const hints: unknown[] = [];
    try {
      parseTicker('../x');
    } catch (error) {
      hints.push(error instanceof UsageError ? error.hint : error);
    }
    expect(hints).toEqual([expect.stringContaining('PETR4')]);
  });

  it.each([
    ['$petr4', 'PETR4'],
    ['BVMF:PETR4', 'PETR4'],
    ["'PETR4'", 'PETR4'],
    ['PETR4X', 'PETR4'],
  ])('as %s is refused, with the one that is meant', (text, ticker) => {
    expect(() => parseTicker(text)).toThrow(
      expect.objectContaining({ hint: `Did you mean ${ticker}?` }),
    );
  });

  it('is not guessed among two', () => {
    expect(() => parseTicker('PETR4/VALE3')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('`pynvest tickers` lists them.') }),
    );
  });

  it('is safe in a URL, a path and SQL, whatever the text was', () => {
    const nearly = fc.string({ unit: fc.constantFrom(...'PETRhglb3411ıſ ./\\\'"%;&?#-\n\0') });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: anyCharacter }), nearly), (text) => {
        const ticker = toTicker(text);
        if (ticker !== undefined) expect(ticker).toMatch(/^[A-Z0-9]{5,7}$/);
      }),
    );
  });

  it('reads its own text as itself', () => {
    const tickers = fc.stringMatching(/^[A-Z][A-Z0-9]{3}[0-9]{1,2}[BFQT]?$/);
    fc.assert(fc.property(tickers, (text) => toTicker(text) === text));
    fc.assert(fc.property(tickers, (text) => toTicker(` ${text.toLowerCase()} `) === text));
  });
});

describe('a list of tickers', () => {
  it('is read in the order given, each once', () => {
    expect(parseTickers(' vale3,PETR4 ,,VALE3,hglg11,')).toEqual(['VALE3', 'PETR4', 'HGLG11']);
  });

  it('is parted by semicolons and spaces, too', () => {
    expect(parseTickers('vale3;PETR4 HGLG11; B3SA3\n')).toEqual([
      'VALE3',
      'PETR4',
      'HGLG11',
      'B3SA3',
    ]);
  });

  it.each(['', ' ', ',', ' , ,', ' ; '])('that names none (%j) is refused', (list) => {
    expect(() => parseTickers(list)).toThrow(UsageError);
  });

  it('with one bad ticker is refused whole, and names it', () => {
    expect(() => parseTickers('PETR4,vale,HGLG11')).toThrow('"vale"');
  });
});

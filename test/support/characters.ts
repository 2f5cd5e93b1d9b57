/**
 * Any character of Unicode, as the unit of `fc.string`: the same texts as of its unit 'binary', which costs each
 * process a second and a hundred megabytes, because it tabulates them all.
 */
import fc from 'fast-check';

const [FIRST_SURROGATE, SURROGATES, LAST] = [0xd800, 0x800, 0x10ffff];

export const anyCharacter: fc.Arbitrary<string> = fc
  .integer({ min: 0, max: LAST - SURROGATES })
  .map(
    (at) => String.fromCodePoint(at < FIRST_SURROGATE ? at : at + SURROGATES),
    (character) => {
      const code = typeof character === 'string' ? (character.codePointAt(0) ?? -1) : -1;
      // Thrown where it is none of these: fast-check asks so.
      if (code < 0 || character !== String.fromCodePoint(code)) throw new Error('no character');
      return code < FIRST_SURROGATE ? code : code - SURROGATES;
    },
  );

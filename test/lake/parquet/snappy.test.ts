/** What is compressed comes back, from the library's own decompressor. */
import { randomBytes } from 'node:crypto';
import { snappyUncompress } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { compressSnappy } from '../../../src/lake/parquet/snappy.ts';

function roundTrip(input: Uint8Array): number {
  const compressed = compressSnappy(input);
  const output = new Uint8Array(input.length);
  snappyUncompress(compressed, output);
  expect(Buffer.compare(output, input)).toBe(0);
  return compressed.length;
}

const repeated = (text: string, length: number): Buffer => Buffer.alloc(length, text);

describe('compressSnappy', () => {
  test.each([0, 1, 3, 4, 5, 15, 59, 60, 61, 62, 256, 257, 65_535, 65_536, 65_537, 300_000])(
    'gives back %i bytes, whether they repeat or not',
    (length) => {
      roundTrip(randomBytes(length));
      for (const text of ['a', 'ab', 'abc', 'PETR4;', `${'x'.repeat(63)}y`]) {
        roundTrip(repeated(text, length));
      }
    },
  );

  test('gives back copies of every length, near and far', () => {
    for (let length = 4; length <= 200; length += 1) {
      const text = randomBytes(length);
      for (const gap of [0, 1, 100, 2040, 2050, 65_000, 65_600]) {
        roundTrip(Buffer.concat([text, randomBytes(gap), text, randomBytes(3)]));
      }
    }
  });

  test('makes what repeats smaller, and what does not hardly larger', () => {
    expect(roundTrip(repeated('1.234,56', 100_000))).toBeLessThan(6000);
    expect(roundTrip(randomBytes(100_000))).toBeLessThan(100_100);
  });

  test('takes bytes in the middle of a buffer', () => {
    const buffer = Buffer.concat([randomBytes(7), repeated('VALE3', 999)]);
    roundTrip(buffer.subarray(7));
  });
});

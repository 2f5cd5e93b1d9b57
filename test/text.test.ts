import { expect, test } from 'vitest';
import { formatQuantity, joinSentences } from '../src/text.ts';

test.each([
  [formatQuantity(1, 'day'), '1 day'],
  [formatQuantity(0, 'day'), '0 days'],
  [formatQuantity(2, 'day'), '2 days'],
  [formatQuantity(1, 'try', 'tries'), '1 try'],
  [formatQuantity(4, 'try', 'tries'), '4 tries'],
  [joinSentences('the disk is full', 'Make room.'), 'the disk is full. Make room.'],
  [joinSentences('failed: it is full. Make room.', 'Run.'), 'failed: it is full. Make room. Run.'],
  [joinSentences('it is full', ''), 'it is full'],
])('%s', (text, expected) => {
  expect(text).toBe(expected);
});

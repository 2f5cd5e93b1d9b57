import { expect, test } from 'vitest';
import { formatQuantity } from '../src/text.ts';

test.each([
  [formatQuantity(1, 'day'), '1 day'],
  [formatQuantity(0, 'day'), '0 days'],
  [formatQuantity(2, 'day'), '2 days'],
  [formatQuantity(1, 'try', 'tries'), '1 try'],
  [formatQuantity(4, 'try', 'tries'), '4 tries'],
])('%s', (text, expected) => {
  expect(text).toBe(expected);
});

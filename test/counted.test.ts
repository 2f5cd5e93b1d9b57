import { expect, test } from 'vitest';
import { counted } from '../src/counted.ts';

test.each([
  [counted(1, 'day'), '1 day'],
  [counted(0, 'day'), '0 days'],
  [counted(2, 'day'), '2 days'],
  [counted(1, 'try', 'tries'), '1 try'],
  [counted(4, 'try', 'tries'), '4 tries'],
])('%s', (text, expected) => {
  expect(text).toBe(expected);
});

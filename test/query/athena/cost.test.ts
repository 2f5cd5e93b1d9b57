import { expect, test } from 'vitest';
import { addQuery, formatCost, noCost } from '../../../src/query/athena/cost.ts';

const MB = 1024 ** 2;

test.each([
  [
    'a small query is billed as ten megabytes',
    'us-east-1',
    3_000,
    'Athena read 2.9 kB in 1.4 s, under US$ 0.0001',
  ],
  ['a query without a file', 'us-east-1', 0, 'Athena read 0 bytes in 1.4 s, under US$ 0.0001'],
  ['a larger one', 'us-east-1', 200 * MB, 'Athena read 200.0 MB in 1.4 s, about US$ 0.0010'],
  [
    'in São Paulo, which is dearer',
    'sa-east-1',
    200 * MB,
    'Athena read 200.0 MB in 1.4 s, about US$ 0.0017',
  ],
  ['a terabyte', 'eu-west-1', 1024 ** 4, 'Athena read 1.0 TB in 1.4 s, about US$ 5.0000'],
])('%s', (_, region, bytesRead, text) => {
  expect(formatCost(addQuery(noCost, region, { bytesRead, milliseconds: 1_400 }))).toBe(text);
});

test('several queries are counted together, each with its minimum', () => {
  let spent = noCost;
  for (let asked = 0; asked < 30; asked += 1) {
    spent = addQuery(spent, 'us-east-1', { bytesRead: MB, milliseconds: 100 });
  }
  expect(formatCost(spent)).toBe('Athena read 30.0 MB in 3.0 s by 30 queries, about US$ 0.0014');
});

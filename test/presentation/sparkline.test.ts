import { expect, test } from 'vitest';
import { formatSparkline } from '../../src/presentation/sparkline.ts';

test.each<[readonly (number | null)[], number, string, string]>([
  [[1, 2, 3, 4, 5, 6, 7, 8], 20, '▁▂▃▄▅▆▇█', '__.-=*##'],
  [[8, 1, 8], 20, '█▁█', '#_#'],
  [[5, 5, 5], 20, '▅▅▅', '==='],
  [[1, null, 2], 20, '▁ █', '_ #'],
  [[1, 9, 2, 8, 3, 7], 3, '█▅▁', '#=_'],
  [[], 20, '', ''],
  [[1, 2], 0, '', ''],
])('%j in %d columns', (values, width, blocks, ascii) => {
  expect(formatSparkline(values, width, true)).toBe(blocks);
  expect(formatSparkline(values, width, false)).toBe(ascii);
});

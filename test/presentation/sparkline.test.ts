import { expect, test } from 'vitest';
import { breakLine, formatSparkline } from '../../src/presentation/sparkline.ts';

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

test('a line is broken where nothing is known, also in few columns, and ends with its newest value', () => {
  const points = [1, 9, 2, 8, 3, 7].map((value, at) => ({ day: `2024-01-0${at + 1}`, value }));
  const gaps = [{ first: '2024-01-03', last: '2024-01-03' }];
  const later = points.filter(({ day }) => day !== '2024-01-03');
  expect(breakLine(points, { gaps })).not.toContain(undefined);
  const line = breakLine(later, { gaps });
  expect(line).toEqual([1, 9, undefined, 8, 3, 7]);
  expect(formatSparkline(line, 20, true)).toBe('▁█ █▃▇');
  expect(formatSparkline(line, 3, true)).toBe('█ ▁');
  const parted = breakLine(
    [points[0], { day: '2024-02-20', value: 5 }].flatMap((each) => each ?? []),
    {
      isDaily: true,
    },
  );
  expect(parted).toEqual([1, undefined, 5]);
  expect(formatSparkline(parted, 1, true)).toBe('▅');
});

/** Bars of characters, a line each. Pure. */
import { ASCII, type ChartStyle, joinLines, MIN_WIDTH, UNICODE, wrapParts } from './chart-style.ts';

export interface BarGroup {
  /** What the bars are of, such as a year. */
  readonly label: string;
  /** One of each series, not negative; undefined where it is not known. */
  readonly values: readonly (number | undefined)[];
}

/** In place of a number that is not known. */
const UNKNOWN = 'not known';

/** Eighths of a cell, from none to seven. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/**
 * Horizontal bars, a line each: a group has one of each series.
 * @param formatValue the number at the end of a bar
 */
export function formatBarChart(
  title: string,
  names: readonly string[],
  groups: readonly BarGroup[],
  style: ChartStyle & { readonly formatValue: (value: number) => string },
): string {
  const { marks } = style.isUnicode ? UNICODE : ASCII;
  const width = Math.max(style.width, MIN_WIDTH);
  const labelWidth = Math.max(0, ...groups.map(({ label }) => label.length));
  const heads = names.map((name, at) => `${marks[at] ?? ''} ${name}`);
  const headWidth = names.length === 1 ? 0 : Math.max(...heads.map(({ length }) => length)) + 2;
  const texts = groups.map(({ values }) =>
    values.map((value) => (value === undefined ? UNKNOWN : style.formatValue(value))),
  );
  const room =
    width -
    labelWidth -
    2 -
    headWidth -
    1 -
    Math.max(0, ...texts.flat().map((text) => text.length));
  const highest = Math.max(0, ...groups.flatMap(({ values }) => values.map((value) => value ?? 0)));
  const lines = groups.flatMap(({ label, values }, groupAt) =>
    values.map((value = 0, at) => {
      const paint = style.paints[at] ?? ((text: string) => text);
      const size = highest === 0 ? 0 : (value / highest) * Math.max(1, room);
      const bar = style.isUnicode
        ? formatBlocks(size)
        : (marks[at] ?? '*').repeat(value > 0 ? Math.max(1, Math.round(size)) : 0);
      const head = headWidth === 0 ? '' : (heads[at] ?? '').padEnd(headWidth);
      const painted = bar === '' ? '' : `${paint(bar)} `;
      return `${(at === 0 ? label : '').padEnd(labelWidth)}  ${head}${painted}${texts[groupAt]?.[at]}`;
    }),
  );
  return joinLines([...wrapParts(title.split(' '), width, ' ', ''), ...lines]);
}

/** A bar of blocks; what is more than nothing has an eighth at least. */
function formatBlocks(size: number): string {
  const eighths = size > 0 ? Math.max(1, Math.round(size * EIGHTHS.length)) : 0;
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}

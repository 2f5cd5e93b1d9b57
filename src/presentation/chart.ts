/**
 * Charts of characters: lines over days, and bars. Every line fits a width; where there is no UTF-8, every character is
 * ASCII; colors are the caller's, and a chart is read without them: each series has a mark of its own. Pure.
 */
import { isParted, type LineParts } from './gap.ts';
import {
  formatDay,
  formatDayOfYear,
  formatMeasure,
  formatNumber,
  type Locale,
} from './notation.ts';

export interface ChartPoint {
  /** YYYY-MM-DD */
  readonly day: string;
  readonly value: number;
}

export interface ChartSeries extends LineParts {
  readonly name: string;
  /** At least one, the oldest first. */
  readonly points: readonly ChartPoint[];
}

export interface ChartStyle {
  /** In columns, at least 40. */
  readonly width: number;
  readonly isUnicode: boolean;
  readonly locale: Locale;
  /** A color for each series, in their order; none without colors. */
  readonly paints: readonly Paint[];
}

type Paint = (text: string) => string;

/** So many series can be told apart. */
export const MAX_SERIES = 8;

/** Narrower terminals are not drawn for: lines are then longer than the screen. */
const MIN_WIDTH = 40;

/** Rows of a plot, at most. */
const MAX_ROWS = 15;

interface Characters {
  readonly marks: string;
  readonly highest: string;
  readonly lowest: string;
  readonly corner: string;
  readonly horizontal: string;
  readonly vertical: string;
  readonly tick: string;
  readonly dayTick: string;
}

const UNICODE: Characters = {
  ...{ marks: '●■◆★○□◇☆', highest: '▲', lowest: '▼' },
  ...{ corner: '└', horizontal: '─', vertical: '│', tick: '┤', dayTick: '┬' },
};

const ASCII: Characters = {
  ...{ marks: '*o+x#@%&', highest: '^', lowest: 'v' },
  ...{ corner: '+', horizontal: '-', vertical: '|', tick: '+', dayTick: '+' },
};

/** A cell of Braille has two columns of four dots; the bits of each column, from top to bottom. */
const DOTS: readonly (readonly number[])[] = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
];
const BRAILLE = 0x2800;

interface Cell {
  character: string;
  /** The dots of a Braille character; 0 where a mark is. */
  dots: number;
  series: number | undefined;
}

/**
 * Lines over days. The highest, the lowest and the last value of each series are marked in the plot, and named with their
 * days below it.
 * @param series at most `MAX_SERIES`, with points on at least two days together
 */
export function formatLineChart(
  title: string,
  series: readonly ChartSeries[],
  style: ChartStyle,
): string {
  const characters = style.isUnicode ? UNICODE : ASCII;
  const width = Math.max(style.width, MIN_WIDTH);
  const values = series.flatMap(({ points }) => points.map(({ value }) => value));
  const axis = chooseValueAxis(Math.min(...values), Math.max(...values));
  const labels = axis.ticks.map((tick) => formatNumber(tick, style.locale, axis.decimals));
  const labelWidth = Math.max(...labels.map(({ length }) => length));
  const plotWidth = width - labelWidth - 2;
  const days = findDayRange(series);
  const cells = drawLines(series, { axis, days, width: plotWidth }, style, characters);
  const lines = cells.map((row, at) => {
    const tick = at % axis.rowsPerTick === 0 ? labels[at / axis.rowsPerTick] : undefined;
    const edge = tick === undefined ? characters.vertical : characters.tick;
    return `${(tick ?? '').padStart(labelWidth)} ${edge}${paintRow(row, style.paints)}`;
  });
  const indent = ' '.repeat(labelWidth + 1);
  const [ruler, dayLabels] = formatDayAxis(days, plotWidth, style.locale, characters);
  return joinLines([
    ...wrapParts(title.split(' '), width, ' ', ''),
    ...lines,
    `${indent}${characters.corner}${ruler}`,
    `${indent} ${dayLabels}`,
    ...series.flatMap((each, at) => formatLegend(each, at, { ...style, width }, characters)),
  ]);
}

interface ValueAxis {
  /** The highest first. */
  readonly ticks: readonly number[];
  readonly rowsPerTick: number;
  readonly decimals: number;
}

/** Ticks at round numbers around all values: each is exactly on a row. */
function chooseValueAxis(lowest: number, highest: number): ValueAxis {
  const span = highest - lowest || Math.abs(highest) || 1;
  const exponent = Math.floor(Math.log10(span)) - 1;
  for (let power = exponent; ; power += 1) {
    for (const digit of [1, 2, 5]) {
      const stepOf = (count: number): number => Number(`${count * digit}e${power}`);
      const first = Math.floor(lowest / stepOf(1) + ROUNDING);
      const last = Math.max(Math.ceil(highest / stepOf(1) - ROUNDING), first + 1);
      if (last - first > MAX_TICKS) continue;
      const ticks = Array.from({ length: last - first + 1 }, (_, at) => stepOf(last - at));
      const rowsPerTick = Math.floor((MAX_ROWS - 1) / (last - first));
      return { ticks, rowsPerTick, decimals: Math.max(0, -power) };
    }
  }
}

/** Ticks are at least two rows apart. */
const MAX_TICKS = 7;

/** A quotient such as 2.9999999999999996 is 3. */
const ROUNDING = 1e-9;

const DAY_MS = 86_400_000;

interface DayRange {
  readonly first: number;
  readonly last: number;
}

function toDayNumber(day: string): number {
  return Date.parse(day) / DAY_MS;
}

function toDay(number: number): string {
  return new Date(number * DAY_MS).toISOString().slice(0, 10);
}

function findDayRange(series: readonly ChartSeries[]): DayRange {
  const firsts = series.map(({ points }) => toDayNumber(points.at(0)?.day ?? ''));
  const lasts = series.map(({ points }) => toDayNumber(points.at(-1)?.day ?? ''));
  return { first: Math.min(...firsts), last: Math.max(...lasts) };
}

interface Plot {
  readonly axis: ValueAxis;
  readonly days: DayRange;
  readonly width: number;
}

/** Where the plot has something: dots of Braille, or cells where there are none. */
interface Grid {
  readonly cells: Cell[][];
  readonly dotsPerColumn: number;
  readonly dotsPerRow: number;
}

function drawLines(
  series: readonly ChartSeries[],
  { axis, days, width }: Plot,
  { isUnicode }: ChartStyle,
  { marks, highest, lowest }: Characters,
): Cell[][] {
  const rows = (axis.ticks.length - 1) * axis.rowsPerTick + 1;
  const cells = Array.from({ length: rows }, () =>
    Array.from({ length: width }, (): Cell => ({ character: ' ', dots: 0, series: undefined })),
  );
  const grid: Grid = {
    cells,
    dotsPerColumn: isUnicode ? 2 : 1,
    dotsPerRow: isUnicode ? 4 : 1,
  };
  const [top = 0, bottom = 0] = [axis.ticks.at(0), axis.ticks.at(-1)];
  const locate = ({ day, value }: ChartPoint): Position => ({
    x: scale(toDayNumber(day), days.first, days.last, width * grid.dotsPerColumn - 1),
    // The value of a tick is in the middle of its row.
    y: Math.round(
      ((top - value) / (top - bottom)) * (rows - 1) * grid.dotsPerRow + (grid.dotsPerRow - 1) / 2,
    ),
  });
  series.forEach((each, at) => {
    const positions = each.points.map(locate);
    positions.forEach((to, index) => {
      const [before, point] = [each.points[index - 1], each.points[index]];
      const isBroken = before && point && isParted(before.day, point.day, each);
      const from = isBroken ? to : (positions[index - 1] ?? to);
      drawLine(grid, from, to, { series: at, character: marks[at] ?? '*' });
    });
  });
  // Marks come after all lines, and hide parts of them.
  const mark = (point: ChartPoint | undefined, at: number, character = ''): void => {
    if (point === undefined) return;
    const { x, y } = locate(point);
    const cell = cells[Math.floor(y / grid.dotsPerRow)]?.[Math.floor(x / grid.dotsPerColumn)];
    if (cell !== undefined) Object.assign(cell, { character, dots: 0, series: at });
  };
  series.forEach(({ points }, at) => {
    // A line of Braille does not show whose it is without colors.
    if (series.length > 1 && isUnicode) {
      for (const point of spreadPoints(points, days, width, at / series.length)) {
        mark(point, at, marks[at]);
      }
    }
  });
  series.forEach(({ points }, at) => {
    const { high, low } = findExtremes(points);
    mark(high, at, highest);
    mark(low, at, lowest);
    mark(points.at(-1), at, marks[at]);
  });
  return cells;
}

interface Position {
  readonly x: number;
  readonly y: number;
}

function scale(value: number, first: number, last: number, most: number): number {
  return first === last ? 0 : Math.round(((value - first) / (last - first)) * most);
}

function drawLine(
  { cells, dotsPerColumn, dotsPerRow }: Grid,
  from: Position,
  to: Position,
  { series, character }: Pick<Cell, 'series' | 'character'>,
): void {
  const steps = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y), 1);
  for (let step = 0; step <= steps; step += 1) {
    const x = Math.round(from.x + ((to.x - from.x) * step) / steps);
    const y = Math.round(from.y + ((to.y - from.y) * step) / steps);
    const cell = cells[Math.floor(y / dotsPerRow)]?.[Math.floor(x / dotsPerColumn)];
    if (cell === undefined) continue;
    cell.series = series;
    if (dotsPerRow === 1) {
      cell.character = character;
    } else {
      cell.dots |= DOTS[x % dotsPerColumn]?.[y % dotsPerRow] ?? 0;
      cell.character = String.fromCodePoint(BRAILLE + cell.dots);
    }
  }
}

/** Columns from one mark of a line to its next. */
const MARK_DISTANCE = 14;

/** Some points of a line at equal distances, those of each series elsewhere. */
function spreadPoints(
  points: readonly ChartPoint[],
  { first, last }: DayRange,
  width: number,
  offset: number,
): ChartPoint[] {
  const found: ChartPoint[] = [];
  let next = Math.round(MARK_DISTANCE * offset) + 1;
  for (const point of points) {
    const column = scale(toDayNumber(point.day), first, last, width - 1);
    if (column < next) continue;
    found.push(point);
    next += MARK_DISTANCE * (Math.floor((column - next) / MARK_DISTANCE) + 1);
  }
  return found;
}

function findExtremes(points: readonly ChartPoint[]): {
  readonly high: ChartPoint | undefined;
  readonly low: ChartPoint | undefined;
} {
  let [high, low] = [points[0], points[0]];
  for (const point of points) {
    if (high === undefined || point.value > high.value) high = point;
    if (low === undefined || point.value < low.value) low = point;
  }
  return { high, low };
}

/** Neighbours of one color are painted together. */
function paintRow(row: readonly Cell[], paints: readonly Paint[]): string {
  let text = '';
  let run = '';
  let series: number | undefined;
  const end = (): void => {
    const paint = series === undefined ? undefined : paints[series];
    text += paint === undefined || run.trim() === '' ? run : paint(run);
    run = '';
  };
  const filled = row.findLastIndex(({ character }) => character !== ' ');
  for (const cell of row.slice(0, filled + 1)) {
    if (cell.series !== series) end();
    series = cell.series;
    run += cell.character;
  }
  end();
  return text;
}

/** The time from one label to the next: the first step whose labels have room is taken. */
const DAY_STEPS: readonly { readonly days?: number; readonly months?: number }[] = [
  ...[{ days: 1 }, { days: 2 }, { days: 7 }, { days: 14 }],
  ...[1, 3, 6, 12, 24, 60, 120, 240, 600].map((months) => ({ months })),
];

/** The line below the plot with its ticks, and their days. */
function formatDayAxis(
  range: DayRange,
  width: number,
  locale: Locale,
  { horizontal, dayTick }: Characters,
): readonly [string, string] {
  const column = (day: number): number => scale(day, range.first, range.last, width - 1);
  const ruler = Array.from({ length: width }, () => horizontal);
  let labels = '';
  for (const step of DAY_STEPS) {
    const ticks = listTicks(range, step);
    const texts = ticks.map((day) => formatTick(toDay(day), step, locale));
    const isCrowded = ticks.some((day, at) => {
      const before = ticks[at - 1];
      return before !== undefined && column(day) - column(before) < (texts[at]?.length ?? 0) + 2;
    });
    if (isCrowded) continue;
    for (const [at, day] of ticks.entries()) {
      const text = texts[at] ?? '';
      const middle = column(day) - Math.floor((text.length - 1) / 2);
      const start = Math.min(Math.max(middle, 0), width - text.length);
      // Moved away from the edge, a label may be where its neighbour is.
      if (labels !== '' && start <= labels.length) continue;
      ruler[column(day)] = dayTick;
      labels = labels.padEnd(start) + text;
    }
    break;
  }
  return [ruler.join(''), labels];
}

/** The days at which a step of the calendar begins. */
function listTicks(
  { first, last }: DayRange,
  { days, months = 0 }: { readonly days?: number; readonly months?: number },
): number[] {
  const found: number[] = [];
  if (days !== undefined) {
    // Weeks begin on Monday: day 4 of the count was one.
    const start = days < 7 ? first : first + ((((4 - first) % 7) + 7) % 7);
    for (let day = start; day <= last; day += days) found.push(day);
    return found;
  }
  const [year = 0, month = 1] = toDay(first).split('-').map(Number);
  let index = Math.ceil((year * 12 + month - 1) / months) * months;
  for (;;) {
    const day = Date.UTC(Math.floor(index / 12), index % 12, 1) / DAY_MS;
    if (day > last) return found;
    if (day >= first) found.push(day);
    index += months;
  }
}

function formatTick(
  day: string,
  { months }: { readonly days?: number; readonly months?: number },
  locale: Locale,
): string {
  if (months === undefined) return formatDayOfYear(day, locale);
  if (months % 12 === 0) return day.slice(0, 'YYYY'.length);
  const [year, month] = day.split('-');
  return locale === 'pt-BR' ? `${month}/${year}` : `${year}-${month}`;
}

/** `● PETR4  last 38,50 on 27/11/2026  ▲ high …  ▼ low …`, in as many lines as it takes. */
function formatLegend(
  { name, points }: ChartSeries,
  at: number,
  { width, locale, paints }: ChartStyle,
  { marks, highest, lowest }: Characters,
): string[] {
  const { high, low } = findExtremes(points);
  const last = points.at(-1);
  const paint = paints[at] ?? ((text) => text);
  const format = (point: ChartPoint | undefined): string =>
    point === undefined
      ? ''
      : `${formatMeasure(point.value, 'price', locale)} on ${formatDay(point.day, locale)}`;
  const mark = marks[at] ?? '';
  const lines = wrapParts(
    [
      `${mark} ${name}`,
      `last ${format(last)}`,
      `${highest} high ${format(high)}`,
      `${lowest} low ${format(low)}`,
    ],
    width,
    '  ',
    '  ',
  );
  return lines.map((line, index) =>
    index === 0 ? `${paint(mark)}${line.slice(mark.length)}` : line,
  );
}

/** Parts in lines between which they are broken, the further ones indented. */
function wrapParts(
  parts: readonly string[],
  width: number,
  separator: string,
  indent: string,
): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + separator.length + part.length <= width) {
      lines[lines.length - 1] = `${last}${separator}${part}`;
    } else {
      lines.push(`${last === undefined ? '' : indent}${part}`);
    }
  }
  return lines;
}

function joinLines(lines: readonly string[]): string {
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

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

/**
 * Series as if each had been 100 on the first day by which all of them have a value, from that day on. One without a value
 * of that very day had its last one before it.
 * @returns undefined where one of them ends before another begins
 */
export function indexSeries(
  series: readonly ChartSeries[],
): { readonly first: string; readonly series: readonly ChartSeries[] } | undefined {
  const firsts = series.map(({ points }) => points[0]?.day ?? '').sort();
  const first = firsts.at(-1) ?? '';
  if (series.some(({ points }) => (points.at(-1)?.day ?? '') < first)) return undefined;
  return {
    first,
    series: series.map(({ points, ...rest }) => {
      const base = points.findLast(({ day }) => day <= first)?.value ?? 1;
      const later = points.filter(({ day }) => day > first);
      return {
        ...rest,
        points: [
          { day: first, value: 100 },
          ...later.map(({ day, value }) => ({ day, value: (value / base) * 100 })),
        ],
      };
    }),
  };
}

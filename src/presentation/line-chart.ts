/** Lines over days, of dots of Braille where there is UTF-8. Pure. */

import {
  ASCII,
  type Characters,
  type ChartStyle,
  joinLines,
  MIN_WIDTH,
  type Paint,
  UNICODE,
  wrapParts,
} from './chart-style.ts';
import { type DayRange, formatDayAxis, scale, toDayNumber } from './day-axis.ts';
import { isParted, type LineParts } from './gap.ts';
import { formatDay, formatMeasure, formatNumber } from './notation.ts';

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

/** Rows of a plot, at most. */
const MAX_ROWS = 15;

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
 * Lines over days. The highest, the lowest and the last value of each series are marked in the plot, and named with
 * their days below it.
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

/**
 * Series as if each had been 100 on the first day by which all of them have a value, from that day on. One without a
 * value of that very day had its last one before it.
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

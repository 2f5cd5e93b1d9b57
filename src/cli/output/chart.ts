/**
 * `--chart`: an answer as lines or bars on stdout, in place of its rows.
 */

import { QueryError, UsageError } from '../../errors.ts';
import { type BarGroup, formatBarChart } from '../../presentation/bar-chart.ts';
import { type ChartStyle, MAX_SERIES } from '../../presentation/chart-style.ts';
import { type ChartSeries, formatLineChart, indexSeries } from '../../presentation/line-chart.ts';
import { formatDay, formatMeasure } from '../../presentation/notation.ts';
import { option } from '../option.ts';
import { getWidth, supportsUnicode, type Terminal } from '../terminal/terminal.ts';
import { write } from './rows.ts';

export const chartOptions = {
  chart: option('--chart', 'a chart in place of the rows, as wide as the terminal'),
};

/** Of a pipe or a file, which has no width. */
const DEFAULT_WIDTH = 80;

/** Whether a chart is asked for. @throws UsageError where rows are, too */
export function parseChart({
  chart = false,
  format,
  output,
}: {
  readonly chart?: boolean;
  readonly format?: string;
  readonly output?: string;
}): boolean {
  if (!chart) return false;
  const other =
    format !== undefined ? `--format ${format}` : output !== undefined ? '--output' : undefined;
  if (other === undefined) return true;
  throw new UsageError(`--chart draws on the terminal, and ${other} asks for rows`, {
    hint: 'Leave one of them out.',
  });
}

/** @throws UsageError where so many lines cannot be told apart */
export function assertChartable(names: readonly string[], command: string): void {
  if (names.length === 0) {
    throw new UsageError('--chart needs the tickers to draw', {
      hint: `Name some: \`pynvest ${command} PETR4 --chart\`.`,
    });
  }
  if (names.length <= MAX_SERIES) return;
  throw new UsageError(`--chart draws at most ${MAX_SERIES} lines, and these are ${names.length}`, {
    hint: 'Name fewer.',
  });
}

interface LineChart {
  /** What the values are, such as `adjusted close`. */
  readonly subject: string;
  /** Of the values, such as `R$`; indices have none. */
  readonly unit?: string;
  readonly series: readonly ChartSeries[];
  /** Whether a single series is drawn from 100 on, too. */
  readonly isIndexed?: boolean;
}

/**
 * Writes lines to stdout: the values of one series, or several from 100 on.
 * @throws QueryError where there are not enough days
 */
export async function writeLineChart(terminal: Terminal, chart: LineChart): Promise<void> {
  const { subject, isIndexed = chart.series.length > 1 } = chart;
  const { locale } = terminal;
  const style = createStyle(terminal);
  let { series } = chart;
  const title = `${series.map(({ name }) => name).join(', ')}: ${subject}`;
  let scale = chart.unit;
  if (isIndexed && series.length > 0) {
    const indexed = indexSeries(series);
    if (indexed === undefined) {
      throw new QueryError('the assets have no day in common, so they cannot be compared', {
        hint: 'Draw one of them at a time.',
      });
    }
    series = indexed.series;
    scale = `${formatDay(indexed.first, locale)} = 100`;
  }
  const days = new Set(series.flatMap(({ points }) => points.map(({ day }) => day)));
  if (days.size < 2) {
    const found = days.size === 0 ? 'none' : `only ${formatDay([...days][0] ?? '', locale)}`;
    throw new QueryError(`a line needs values of two days, and there is ${found}`, {
      hint: 'Ask for more days: --from, --to.',
    });
  }
  await write(
    terminal.stdout,
    formatLineChart(scale === undefined ? title : `${title}, ${scale}`, series, style),
  );
}

interface BarChart {
  readonly title: string;
  readonly names: readonly string[];
  readonly groups: readonly BarGroup[];
}

/** Writes bars of payments to stdout. */
export async function writeBarChart(terminal: Terminal, chart: BarChart): Promise<void> {
  const { title, names, groups } = chart;
  const style = createStyle(terminal);
  const formatValue = (value: number): string => formatMeasure(value, 'payment', terminal.locale);
  await write(terminal.stdout, formatBarChart(title, names, groups, { ...style, formatValue }));
}

function createStyle({ stdout, dataColors, locale }: Terminal): ChartStyle {
  const { cyan, yellow, magenta, green, blue, red, cyanBright, yellowBright } = dataColors;
  return {
    width: stdout.isTTY ? (getWidth(stdout) ?? DEFAULT_WIDTH) : DEFAULT_WIDTH,
    isUnicode: supportsUnicode(),
    locale,
    paints: dataColors.isColorSupported
      ? [cyan, yellow, magenta, green, blue, red, cyanBright, yellowBright]
      : [],
  };
}

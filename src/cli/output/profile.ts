/**
 * One asset on a screen: its indicators in groups, each beside the median of its sector, in two columns where there is
 * room. Pure.
 */
import type { PriceCourse } from '../../analysis/price-course.ts';
import type { AssetProfile, ProfileItem, ProfileSection } from '../../analysis/profile.ts';
import { getMeasure } from '../../catalog/measure.ts';
import { formatIsoDate } from '../../catalog/partition.ts';
import {
  formatDay,
  formatMeasure,
  formatPercentage,
  type Locale,
} from '../../presentation/notation.ts';
import { breakLine, formatSparkline } from '../../presentation/sparkline.ts';
import { escapeControls, formatQuantity, truncate } from '../../text.ts';
import { wrapText } from '../terminal/terminal.ts';

type Paint = (text: string) => string;

interface ProfileScreen {
  readonly width: number;
  readonly locale: Locale;
  readonly isUnicode: boolean;
  /** Whether a figure is called by the name of its column. */
  readonly showsNames: boolean;
  readonly paint: {
    readonly title: Paint;
    readonly rise: Paint;
    readonly fall: Paint;
    readonly median: Paint;
  };
}

/** Two columns of figures need so much. */
const MIN_WIDTH_OF_TWO = 76;
const GAP = 4;
/** Wider lines part a figure from its label. */
const MAX_COLUMN_WIDTH = 52;
const MEDIAN_WIDTH = 10;

export function formatProfile(
  profile: AssetProfile,
  course: PriceCourse | undefined,
  screen: ProfileScreen,
): string {
  const { width } = screen;
  const isWide = width >= MIN_WIDTH_OF_TWO;
  const room = Math.min(MAX_COLUMN_WIDTH, isWide ? Math.floor((width - GAP) / 2) : width);
  const blocks = profile.sections.map((section) => formatSection(section, room, screen));
  const body = isWide
    ? [EMPTY, ...joinColumns(blocks, room)]
    : blocks.flatMap((block) => [EMPTY, ...block]);
  const lines = [...formatHead(profile, course, screen), ...body.map(({ text }) => text)];
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

/** A line, and how many characters of it a screen shows. */
interface Line {
  readonly text: string;
  readonly length: number;
}

function formatHead(
  { ticker, name, sector, sectorSize, kind, day }: AssetProfile,
  course: PriceCourse | undefined,
  { width, locale, isUnicode, paint }: ProfileScreen,
): string[] {
  const peers = kind === 'acoes' ? 'empresa' : 'fundo';
  // Of assets that are not traded any more, as the one on the screen is then.
  const none = kind === 'acoes' ? 'nenhuma empresa negociada' : 'nenhum fundo negociado';
  const size = sectorSize === 0 ? none : formatQuantity(sectorSize, peers);
  const about = [
    formatDay(formatIsoDate(day), locale),
    ...(sector === null ? [] : [`${sector} (${size})`]),
  ];
  const [first = '', ...rest] = wrapText(`${ticker}  ${name ?? ''}`, width);
  return [
    ...[first, ...rest].map(paint.title),
    ...wrapText(about.join(', '), width),
    ...(course === undefined ? [] : formatCourse(course, { width, locale, isUnicode, paint })),
  ];
}

/** The prices as a line of blocks, with the change from the first to the last. */
function formatCourse(
  { points, source }: PriceCourse,
  {
    width,
    locale,
    isUnicode,
    paint,
  }: Pick<ProfileScreen, 'width' | 'locale' | 'isUnicode' | 'paint'>,
): string[] {
  const [first, last] = [points.at(0), points.at(-1)];
  if (first === undefined || last === undefined) return [];
  const change = last.price / first.price - 1;
  const shown = formatPercentage(change, locale, true);
  const label = source === 'b3' ? 'Preço ajustado' : 'Cotações coletadas';
  const head = `${label} desde ${formatDay(first.day, locale)}  `;
  const room = Math.max(10, Math.min(60, width - head.length - shown.length - 2));
  const closes = points.map(({ day, price }) => ({ day, value: price }));
  const line = formatSparkline(breakLine(closes, { isDaily: true }), room, isUnicode);
  const sign = change < 0 ? paint.fall : paint.rise;
  const isOneLine = head.length + line.length + 2 + shown.length <= width;
  return isOneLine ? [`${head}${line}  ${sign(shown)}`] : [`${head}${sign(shown)}`, line];
}

function formatSection(
  { title, items }: ProfileSection,
  width: number,
  screen: ProfileScreen,
): Line[] {
  const hasMedian = items.some(({ median }) => median !== null);
  const heading = hasMedian ? title.padEnd(width - MEDIAN.length) + MEDIAN : title;
  return [
    { text: screen.paint.title(heading), length: heading.length },
    ...items.map((item) => formatItem(item, width, screen)),
  ];
}

const MEDIAN = 'mediana';

function formatItem(item: ProfileItem, width: number, screen: ProfileScreen): Line {
  const { column, label, value, median } = item;
  const shown = formatValue(column, value, screen.locale);
  const beside = median === null ? '' : formatValue(column, median, screen.locale);
  const name = screen.showsNames ? column : label;
  const edge = width - MEDIAN_WIDTH;
  // A long label without a median takes the place of one.
  const fits = name.length + 1 + shown.length <= edge;
  const end = fits || beside !== '' ? edge : width;
  const cut = truncate(name, Math.max(1, end - shown.length - 1));
  const padding = ' '.repeat(Math.max(1, end - cut.length - shown.length));
  const after = beside === '' ? '' : beside.padStart(width - end);
  const isVariation = getMeasure(column) === 'variation' && typeof value === 'number';
  const paint =
    isVariation && value !== 0 ? (value < 0 ? screen.paint.fall : screen.paint.rise) : same;
  const length = cut.length + padding.length + shown.length + after.length;
  return {
    text: `${cut}${padding}${paint(shown)}${after === '' ? '' : screen.paint.median(after)}`,
    length,
  };
}

const same: Paint = (text) => text;

function formatValue(column: string, value: ProfileItem['value'], locale: Locale): string {
  if (value === null) return '-';
  if (typeof value === 'number' || typeof value === 'bigint') {
    return formatMeasure(Number(value), getMeasure(column), locale);
  }
  return escapeControls(formatDay(String(value), locale));
}

/** The blocks in their order in two columns of about the same height, with an empty line between two of them. */
function joinColumns(blocks: readonly (readonly Line[])[], width: number): Line[] {
  const heights = blocks.map((block) => block.length + 1);
  const total = heights.reduce((sum, height) => sum + height, 0);
  let [count, height] = [0, 0];
  // The first column ends where the taller of the two is the least tall.
  while (count < blocks.length) {
    const next = height + (heights[count] ?? 0);
    if (Math.max(next, total - next) > Math.max(height, total - height)) break;
    height = next;
    count += 1;
  }
  const stack = (part: readonly (readonly Line[])[]): Line[] =>
    part.flatMap((block, at) => (at === 0 ? block : [EMPTY, ...block]));
  const [left, right] = [stack(blocks.slice(0, count)), stack(blocks.slice(count))];
  return Array.from({ length: Math.max(left.length, right.length) }, (_, at) => {
    const [own, other] = [left[at] ?? EMPTY, right[at] ?? EMPTY];
    const padding = ' '.repeat(width - own.length + GAP);
    return { text: `${own.text}${padding}${other.text}`, length: width + GAP + other.length };
  });
}

const EMPTY: Line = { text: '', length: 0 };

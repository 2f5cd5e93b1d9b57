/** A series as a line of blocks, one line high. Pure. */
import { isParted, type LineParts } from './gap.ts';

const BLOCKS = '▁▂▃▄▅▆▇█';

/** Where there are no blocks: from low to high. */
const ASCII = '_.-=*#';

/** In place of a value: nothing is known between the values before and behind it. */
const LINE_BREAK = undefined;

type SparklineValue = number | null | typeof LINE_BREAK;

/** The values of points, the oldest first, with a break wherever no line joins them. */
export function breakLine(
  points: readonly { readonly day: string; readonly value: number }[],
  parts: LineParts,
): SparklineValue[] {
  return points.flatMap(({ day, value }, at): SparklineValue[] => {
    const before = points[at - 1];
    const isBroken = before !== undefined && isParted(before.day, day, parts);
    return isBroken ? [LINE_BREAK, value] : [value];
  });
}

/**
 * The values from left to right, each as high as it is between the lowest and the highest. Of more values than `width`,
 * each place shows the last of its part of the series, so that the line ends with the newest value; an absent value is
 * a space, and so is a place with a break.
 */
export function formatSparkline(
  values: readonly SparklineValue[],
  width: number,
  isUnicode: boolean,
): string {
  const steps = isUnicode ? BLOCKS : ASCII;
  const count = Math.min(values.length, Math.max(0, Math.floor(width)));
  const shown = Array.from({ length: count }, (_, at) => {
    const [start, end] = [at, at + 1].map((place) => Math.ceil((place * values.length) / count));
    const isBroken = end !== values.length && values.slice(start, end).includes(LINE_BREAK);
    return isBroken ? null : (values[(end ?? 0) - 1] ?? null);
  });
  const numbers = shown.flatMap((value) => (isPresent(value) ? value : []));
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  return shown
    .map((value) => {
      if (!isPresent(value)) return ' ';
      // A series that does not move is in the middle.
      const height = high === low ? 0.5 : (value - low) / (high - low);
      return steps[Math.min(steps.length - 1, Math.floor(height * steps.length))];
    })
    .join('');
}

function isPresent(value: number | null): value is number {
  return value !== null && Number.isFinite(value);
}

/** A series as a line of blocks, one line high. Pure. */

const BLOCKS = '▁▂▃▄▅▆▇█';

/** Where there are no blocks: from low to high. */
const ASCII = '_.-=*#';

/**
 * The values from left to right, each as high as it is between the lowest and the highest. Of more values than `width`, each
 * place shows the last of its part of the series, so that the line ends with the newest value; an absent value is a space.
 */
export function formatSparkline(
  values: readonly (number | null)[],
  width: number,
  isUnicode: boolean,
): string {
  const steps = isUnicode ? BLOCKS : ASCII;
  const count = Math.min(values.length, Math.max(0, Math.floor(width)));
  const shown = Array.from({ length: count }, (_, at) => {
    const end = Math.ceil(((at + 1) * values.length) / count);
    return values[end - 1] ?? null;
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

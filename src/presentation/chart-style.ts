/**
 * Charts of characters: every line fits a width; where there is no UTF-8, every character is ASCII; colors are the
 * caller's, and a chart is read without them: each series has a mark of its own. Pure.
 */
import type { Locale } from './notation.ts';

export interface ChartStyle {
  /** In columns, at least 40. */
  readonly width: number;
  readonly isUnicode: boolean;
  readonly locale: Locale;
  /** A color for each series, in their order; none without colors. */
  readonly paints: readonly Paint[];
}

export type Paint = (text: string) => string;

/** So many series can be told apart. */
export const MAX_SERIES = 8;

/** Narrower terminals are not drawn for: lines are then longer than the screen. */
export const MIN_WIDTH = 40;

export interface Characters {
  readonly marks: string;
  readonly highest: string;
  readonly lowest: string;
  readonly corner: string;
  readonly horizontal: string;
  readonly vertical: string;
  readonly tick: string;
  readonly dayTick: string;
}

export const UNICODE: Characters = {
  ...{ marks: '●■◆★○□◇☆', highest: '▲', lowest: '▼' },
  ...{ corner: '└', horizontal: '─', vertical: '│', tick: '┤', dayTick: '┬' },
};

export const ASCII: Characters = {
  ...{ marks: '*o+x#@%&', highest: '^', lowest: 'v' },
  ...{ corner: '+', horizontal: '-', vertical: '|', tick: '+', dayTick: '+' },
};

/** Parts in lines between which they are broken, the further ones indented. */
export function wrapParts(
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

export function joinLines(lines: readonly string[]): string {
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

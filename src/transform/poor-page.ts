/** Pages that say too little to take a row's place. Pure. */
import { counted } from '../counted.ts';
import type { RecordedPage } from './record.ts';
import { isAbsent } from './values.ts';

/** Every page of the site has far more known labels, with a value or without. */
const LEAST_LABELS = 20;

/**
 * Every page says far more than this, also that of a paper that nobody trades: beside its five texts of
 * what it is (ticker, name, kind, sector, …) it prints a price and its date, the band of 52 weeks, the volume,
 * how many there are and what they are worth, and 0,00% where nothing moved. Of the saved pages and the demo's
 * the poorest has 41 values. What only says what it is, its numbers blank, is no news of the day. The bound is
 * low on purpose: a page that is refused cannot be had again once the day is over.
 */
const LEAST_VALUES = 8;

/**
 * Why a page must not take the place of a row, in words that follow its ticker: it has next to no known
 * labels, or its labels stand there without values ("" and "-" are none). Undefined where it may.
 */
export function whyTooPoor({ row, columnsSeen }: RecordedPage): string | undefined {
  const labels = columnsSeen.size;
  if (labels < LEAST_LABELS) return `the page has only ${counted(labels, 'known label')}`;
  const values = [...columnsSeen].filter((column) => !isAbsent(row[column] ?? null)).length;
  if (values < LEAST_VALUES)
    return `the page has ${labels} known labels and only ${counted(values, 'value')}`;
  return undefined;
}

/** Where a line over days ends and begins anew. Pure. */

/** Days of which nothing is known, YYYY-MM-DD. */
export interface Gap {
  readonly first: string;
  readonly last: string;
}

/** What parts the points of a line. */
export interface LineParts {
  /** Whether the points are of sessions: then nothing is known where there is none for weeks. */
  readonly isDaily?: boolean;
  readonly gaps?: readonly Gap[];
}

/** In calendar days: no holidays are as long. */
const LONGEST_PAUSE = 15;
const DAY_MS = 86_400_000;

/** Whether no line joins the points of two days, YYYY-MM-DD, of which one follows the other. */
export function isParted(
  before: string,
  day: string,
  { isDaily = false, gaps = [] }: LineParts,
): boolean {
  if (isDaily && Date.parse(day) - Date.parse(before) > LONGEST_PAUSE * DAY_MS) return true;
  return gaps.some(({ first, last }) => before < first && last < day);
}

/**
 * Numbers of single precision. Pure.
 */

/** The number of fewest digits that is this number of single precision: 46.48, and not 46.47999954223633. */
export function toShortestDecimal(value: number): number {
  if (!Number.isFinite(value)) return value;
  for (let digits = 1; digits < 9; digits += 1) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return shorter;
  }
  return Number(value.toPrecision(9));
}

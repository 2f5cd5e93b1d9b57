/** Decimal numbers as sources print them, exact: `digits / divisor`, such as 1334 / 10000. Pure. */

export interface Decimal {
  readonly digits: bigint;
  /** Greater than zero. What is printed is exact to half of `1 / divisor`. */
  readonly divisor: bigint;
}

/** Points group thousands and a comma begins the fraction; no group of thousands begins with zero. */
const DECIMAL = /^([1-9]\d{0,2}(?:\.\d{3})+|\d+)(?:,(\d+))?$/;

/** More digits than any amount or factor has. */
const MAX_LENGTH = 40;

/** A number of zero or more in the Brazilian notation; undefined if the text is none. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = text.length <= MAX_LENGTH ? DECIMAL.exec(text) : null;
  if (match === null) return undefined;
  const [, whole = '', fraction = ''] = match;
  const digits = BigInt(`${whole.replaceAll('.', '')}${fraction}`);
  return { digits, divisor: 10n ** BigInt(fraction.length) };
}

export const ZERO: Decimal = { digits: 0n, divisor: 1n };

export function add(a: Decimal, b: Decimal): Decimal {
  // The least common divisor: sums of many amounts stay short.
  const divisor = (a.divisor / findCommonFactor(a.divisor, b.divisor)) * b.divisor;
  const digits = a.digits * (divisor / a.divisor) + b.digits * (divisor / b.divisor);
  return { digits, divisor };
}

function findCommonFactor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : findCommonFactor(b, a % b);
}

/** @param b at most `a` */
export function subtract(a: Decimal, { digits, divisor }: Decimal): Decimal {
  return add(a, { digits: -digits, divisor });
}

export function multiply({ digits, divisor }: Decimal, by: bigint): Decimal {
  return { digits: digits * by, divisor };
}

export function divide({ digits, divisor }: Decimal, by: bigint): Decimal {
  return { digits, divisor: divisor * by };
}

/** The double nearest to the number where the divisor is a power of ten; else one of the two nearest. */
export function toNumber({ digits, divisor }: Decimal): number {
  const power = /^10*$/.test(String(divisor)) ? String(divisor).length - 1 : undefined;
  return power === undefined ? Number(digits) / Number(divisor) : Number(`${digits}e-${power}`);
}

/** Negative if `a` is less than `b`. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const difference = a.digits * b.divisor - b.digits * a.divisor;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Whether two prints can be of the same number, each rounded to its last digit. */
export function isSameRounded(a: Decimal, b: Decimal): boolean {
  return 2n * getDistance(a, b) <= a.divisor + b.divisor;
}

/** The same where the less exact of them may be cut off after its last digit. */
export function isSameCutOff(a: Decimal, b: Decimal): boolean {
  const distance = getDistance(a, b);
  return distance < a.divisor || distance < b.divisor;
}

/** The difference of the numbers, times both divisors. */
function getDistance(a: Decimal, b: Decimal): bigint {
  const difference = a.digits * b.divisor - b.digits * a.divisor;
  return difference < 0n ? -difference : difference;
}

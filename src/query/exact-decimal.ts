/** Decimals as values of an answer, the same from every engine. Pure. */

/** A number where one holds every digit of the printed decimal, else its text. Zeros at the end are no digits of it. */
export function exactDecimal(text: string): number | string {
  const significant = text
    .replace(/^-?0*\.?0*/, '')
    .replace('.', '')
    .replace(/0+$/, '');
  return significant.length <= 15 ? Number(text) : text;
}
